package dev.sluice.cli;

import dev.sluice.client.CopyOptions;
import dev.sluice.client.CopyResult;
import dev.sluice.client.FileOperationException;
import dev.sluice.client.SandboxException;
import dev.sluice.client.SandboxFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Supplier;

/** Copies from this machine to a sandbox. */
final class Uploader implements FileCopier {
    private static final Set<String> ABSENT = Set.of("ENOENT", "ENOTDIR", "");

    private final SandboxFiles files;
    private final Supplier<CopyOptions.Builder> options;
    private final boolean keepLink;

    /**
     * A copier.
     *
     * @param files    of the sandbox
     * @param options  makes builders that have been told how to copy
     * @param keepLink whether a source that is a link is copied itself
     */
    Uploader(final SandboxFiles files, final Supplier<CopyOptions.Builder> options, final boolean keepLink) {
        this.files = files;
        this.options = options;
        this.keepLink = keepLink;
    }

    @Override
    public void checkDestination(final CopyOperand destination, final boolean several) throws IOException, InterruptedException {
        final CopyPlace.Found found = look(destination.given());
        if (several && found != CopyPlace.Found.DIRECTORY) {
            throw new IOException("several files need a directory to be copied to: " + destination.given());
        }
        if (found == CopyPlace.Found.NOTHING) {
            checkParent(destination.given().withoutSlashes().parent());
        }
    }

    private void checkParent(final SandboxPath parent) throws IOException, InterruptedException {
        try {
            files.stat(parent.bytes());
        } catch (final FileOperationException e) {
            if (e.errnoName().equals("ENOENT")) {
                throw new IOException("no such directory in the sandbox: " + parent.withoutSlashes(), e);
            }
            throw e;
        }
    }

    @Override
    public CopyResult copy(final CopyOperand source, final CopyOperand destination) throws IOException, InterruptedException {
        final Path given = ((CopyOperand.Host) source).path();
        if (!Files.exists(given, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(source.toString());
        }
        final Path path = keepLink && !source.given().endsInSlash() ? given : given.toRealPath();
        final boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        if (source.given().endsInSlash() && !directory) {
            throw new IOException("not a directory: " + source);
        }
        final SandboxPath target = destination.given();
        return switch (CopyPlace.of(look(target), target, source.given(), directory)) {
            case AT -> files.copyToSandbox(path, target.withoutSlashes().bytes(), options.get().build());
            case WITHIN -> files.copyToSandbox(path, target.resolve(source.given().name()).bytes(), options.get().build());
        };
    }

    private CopyPlace.Found look(final SandboxPath path) throws SandboxException, InterruptedException {
        try {
            return files.stat(path.withoutSlashes().bytes()).isDirectory() ? CopyPlace.Found.DIRECTORY : CopyPlace.Found.OTHER;
        } catch (final FileOperationException e) {
            if (ABSENT.contains(e.errnoName())) {
                return CopyPlace.Found.NOTHING;
            }
            throw e;
        }
    }
}
