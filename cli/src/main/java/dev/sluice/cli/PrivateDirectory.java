package dev.sluice.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that only this user can enter, for sockets; removed with what is in it. */
final class PrivateDirectory implements AutoCloseable {
    private final Path path;

    private PrivateDirectory(final Path path) {
        this.path = path;
    }

    /** Makes one, with mode 0700. */
    static PrivateDirectory create() throws IOException {
        return new PrivateDirectory(Files.createTempDirectory("sluice"));
    }

    Path resolve(final String name) {
        return path.resolve(name);
    }

    /** Removes the directory and the files in it. Idempotent. */
    @Override
    public synchronized void close() throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (final Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(path);
    }
}
