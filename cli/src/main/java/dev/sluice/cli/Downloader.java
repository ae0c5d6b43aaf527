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

/** Copies from a sandbox to this machine. */
final class Downloader implements FileCopier {
    private final SandboxFiles files;
    private final CopyOptions options;
    private final boolean keepLink;

    /**
     * A copier.
     *
     * @param files    of the sandbox
     * @param options  how to copy
     * @param keepLink whether a source that is a link is copied itself
     */
    Downloader(final SandboxFiles files, final CopyOptions options, final boolean keepLink) {
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
        final ByteString path = follow ? realPath(bare) : bare;
        final Path target = ((CopyOperand.Host) destination).path();
        final CopyPlace.Found found = !Files.exists(target) ? CopyPlace.Found.NOTHING
            : Files.isDirectory(target) ? CopyPlace.Found.DIRECTORY : CopyPlace.Found.OTHER;
        return switch (CopyPlace.of(found, destination.given(), given, info.isDirectory())) {
            case AT -> files.copyToHost(path, target, options);
            case WITHIN -> files.copyToHost(path, target.resolve(name(given)), options);
        };
    }

    /** The name is the caller's choice: it is a part of what they wrote, not of what the sandbox answered. */
    private static Path name(final SandboxPath given) {
        return HostPath.of("SRC", new String(given.name().toByteArray(), StandardCharsets.ISO_8859_1)).getFileName();
    }

    /** What a link leads to, where it is one. */
    private ByteString realPath(final ByteString path) throws IOException, InterruptedException {
        return files.linkStat(path).isSymbolicLink() ? files.realPath(path) : path;
    }
}
