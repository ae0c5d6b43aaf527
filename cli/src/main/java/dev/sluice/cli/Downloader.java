package dev.sluice.cli;

import dev.sluice.client.CopyOptions;
import dev.sluice.client.CopyResult;
import dev.sluice.client.FileInfo;
import dev.sluice.client.SandboxFiles;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Supplier;

/** Copies from a sandbox to this machine. */
final class Downloader implements FileCopier {
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
    Downloader(final SandboxFiles files, final Supplier<CopyOptions.Builder> options, final boolean keepLink) {
        this.files = files;
        this.options = options;
        this.keepLink = keepLink;
    }

    @Override
    public void checkDestination(final CopyOperand destination, final boolean several) throws IOException {
        final Path path = ((CopyOperand.Host) destination).path();
        if (several && !Files.isDirectory(path)) {
            throw new IOException("several files need a directory to be copied to: " + destination.given());
        }
        final Path parent = path.toAbsolutePath().getParent();
        if (!Files.exists(path) && parent != null && !Files.isDirectory(parent)) {
            throw new NoSuchFileException(destination.given().withoutSlashes().parent().toString());
        }
    }

    @Override
    public CopyResult copy(final CopyOperand source, final CopyOperand destination) throws IOException, InterruptedException {
        final SandboxPath given = source.given();
        final boolean follow = !keepLink || given.endsInSlash();
        final ByteString bare = given.withoutSlashes().bytes();
        final FileInfo info = follow ? files.stat(bare) : files.linkStat(bare);
        if (given.endsInSlash() && !info.isDirectory()) {
            throw new IOException("not a directory: " + given);
        }
        // Where it comes to lie depends on what it is now: the sandbox is not to have it become something else.
        final CopyOptions chosen = options.get().followSource(follow).sourceKind(info.kind()).build();
        final Path target = ((CopyOperand.Host) destination).path();
        final CopyPlace.Found found = !Files.exists(target) ? CopyPlace.Found.NOTHING
            : Files.isDirectory(target) ? CopyPlace.Found.DIRECTORY : CopyPlace.Found.OTHER;
        return switch (CopyPlace.of(found, destination.given(), given, info.isDirectory())) {
            case AT -> files.copyToHost(bare, info.isSymbolicLink() ? target : named(target, destination), chosen);
            case WITHIN -> files.copyToHost(bare, target.resolve(name(given)), chosen);
        };
    }

    /**
     * What the caller has named, through links: these are theirs, which none below it is. What is no file or directory is not written to.
     */
    private static Path named(final Path target, final CopyOperand destination) throws IOException {
        if (!Files.exists(target)) {
            if (Files.isSymbolicLink(target)) {
                throw new IOException("a link to nothing is not written through: " + destination.given());
            }
            return target;
        }
        if (Files.readAttributes(target, BasicFileAttributes.class).isOther()) {
            throw new IOException("there is a special file: " + destination.given());
        }
        return target.toRealPath();
    }

    /** The name is the caller's choice: it is a part of what they wrote, not of what the sandbox answered. */
    private static Path name(final SandboxPath given) {
        return HostPath.of("SRC", new String(given.name().toByteArray(), StandardCharsets.ISO_8859_1)).getFileName();
    }
}
