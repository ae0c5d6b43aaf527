package dev.sluice.vsock;

import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What lies at a path, without following a symbolic link, or behind a descriptor.
 *
 * @param mode type and permissions, as in {@code struct stat}
 * @param uid the owner
 * @param device of the file system
 * @param inode number of the file
 * @param links how many names it has
 */
record SocketFile(int mode, int uid, long device, long inode, int links) {
    /** {@return null when there is nothing} */
    static SocketFile at(final Path path) throws IOException {
        try {
            return read(path, LinkOption.NOFOLLOW_LINKS);
        } catch (final NoSuchFileException e) {
            return null;
        }
    }

    /** {@return what a descriptor of a file stands for, also when no path leads there any more} */
    static SocketFile of(final int fd) throws IOException {
        return read(Path.of("/proc/self/fd/" + fd));
    }

    private static SocketFile read(final Path path, final LinkOption... options) throws IOException {
        final Map<String, Object> found = Files.readAttributes(path, "unix:mode,uid,dev,ino,nlink", options);
        return new SocketFile(
            (Integer) found.get("mode"), (Integer) found.get("uid"), (Long) found.get("dev"), (Long) found.get("ino"),
            (Integer) found.get("nlink"));
    }

    boolean isSocket() {
        return (mode & Linux.S_IFMT) == Linux.S_IFSOCK;
    }

    /** {@return whether it is a plain file of a user's, with no name but the one} */
    boolean isOnlyFileOf(final int user) {
        return (mode & Linux.S_IFMT) == Linux.S_IFREG && uid == user && links == 1;
    }

    boolean isSameFile(final SocketFile other) {
        return other != null && device == other.device && inode == other.inode;
    }
}
