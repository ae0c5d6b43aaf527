package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;

/**
 * Which socket a path leads to. The files are real ones, empty, so that programs can rename and remove them by other means than system
 * calls; the socket is found by the file's identity, as inodes have it.
 */
final class SocketPaths {
    private final Map<Object, SimSocket> bound = new HashMap<>();

    int bind(final String path, final SimSocket socket) {
        try {
            Files.createFile(Path.of(path));
            bound.put(identity(path), socket);
            return 0;
        } catch (final FileAlreadyExistsException e) {
            return -Errno.EADDRINUSE;
        } catch (final NoSuchFileException e) {
            return -Errno.ENOENT;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return null when there is no such file; a socket nobody can connect to when the file is no socket */
    SimSocket find(final String path) {
        try {
            final SimSocket found = bound.get(identity(path));
            return found == null ? new SimSocket(0) : found;
        } catch (final NoSuchFileException e) {
            return null;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object identity(final String path) throws IOException {
        return Files.readAttributes(Path.of(path), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
    }
}
