package dev.sluice.vsock;

import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What lies at a path, without following a symbolic link.
 *
 * @param mode type and permissions, as in {@code struct stat}
 * @param uid the owner
 * @param device of the file system
 * @param inode number of the file
 */
record SocketFile(int mode, int uid, long device, long inode) {
    /** {@return null when there is nothing} */
    static SocketFile at(final Path path) throws IOException {
        try {
            final Map<String, Object> found = Files.readAttributes(path, "unix:mode,uid,dev,ino", LinkOption.NOFOLLOW_LINKS);
            return new SocketFile(
                (Integer) found.get("mode"), (Integer) found.get("uid"), (Long) found.get("dev"), (Long) found.get("ino"));
        } catch (final NoSuchFileException e) {
            return null;
        }
    }

    boolean isSocket() {
        return (mode & Linux.S_IFMT) == Linux.S_IFSOCK;
    }

    boolean isSameFile(final SocketFile other) {
        return other != null && device == other.device && inode == other.inode;
    }
}
