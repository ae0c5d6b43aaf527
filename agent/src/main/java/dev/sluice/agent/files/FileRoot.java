package dev.sluice.agent.files;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.open_how;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where paths lead: into the whole file system, or into one directory that takes the place of {@code /} and that no path leaves.
 *
 * <p>A confined path is resolved by one call of openat2(2) with RESOLVE_IN_ROOT: absolute paths and links, {@code ..} and whatever is
 * renamed meanwhile stay within the directory, and the magic links of /proc are refused. Everything else is done on what that call
 * has opened: a file's own descriptor, or a directory's descriptor and one name in it.
 *
 * <p>Any number of threads. Every call may block.
 */
public final class FileRoot implements AutoCloseable {
    private static final int WHOLE_SYSTEM = Linux.AT_FDCWD;
    private static final long CONFINED = Linux.RESOLVE_IN_ROOT | Linux.RESOLVE_NO_MAGICLINKS;
    /** openat2 gives up when something on the way is renamed while it follows {@code ..}; how often that is tried again. */
    private static final int ATTEMPTS = 1000;

    private final FileSystem system;
    private final int rootFd;

    private FileRoot(final FileSystem system, final int rootFd) {
        this.system = system;
        this.rootFd = rootFd;
    }

    /**
     * Paths as every other program of this process's file system has them.
     *
     * @param system the calls
     * @return the root, which needs no closing
     */
    public static FileRoot wholeSystem(final FileSystem system) {
        return new FileRoot(system, WHOLE_SYSTEM);
    }

    /**
     * Paths within one directory.
     *
     * @param system the calls
     * @param directory its path
     * @return the root, to be closed by the caller after the last use
     * @throws IOException if there is no such directory, or the system has no openat2
     */
    public static FileRoot confinedTo(final FileSystem system, final ByteString directory) throws IOException {
        int fd = -1;
        try {
            fd = system.openat(WHOLE_SYSTEM, directory, Linux.O_PATH | Abi.O_DIRECTORY, 0);
            final FileRoot root = new FileRoot(system, fd);
            system.closeQuietly(root.open(PathParts.ROOT, Linux.O_PATH, 0));
            return root;
        } catch (final FileException e) {
            system.closeQuietly(fd);
            final boolean old = fd >= 0 && e.errno() == Errno.ENOSYS;
            throw new IOException("files cannot be confined to " + directory + ": " + (old
                ? "this kernel has no openat2 (Linux 5.6): use a newer one, or leave the file root out" : e.getMessage()), e);
        }
    }

    /** {@return whether paths are confined} */
    public boolean isConfined() {
        return rootFd != WHOLE_SYSTEM;
    }

    FileSystem system() {
        return system;
    }

    /**
     * Opens what a path leads to.
     *
     * @param path relative to the root, also when it is absolute
     * @param flags {@code O_} flags; O_CLOEXEC is always set
     * @param mode of a file that is made
     * @return a descriptor, the caller's
     * @throws FileException if the call fails
     */
    int open(final ByteString path, final int flags, final int mode) throws FileException {
        if (!isConfined()) {
            return system.openat(WHOLE_SYSTEM, path, flags, mode);
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment how = arena.allocate(open_how.layout());
            open_how.flags(how, (long) flags | Linux.O_CLOEXEC);
            open_how.mode(how, (flags & Linux.O_CREAT) == 0 ? 0 : mode & FileStatus.PERMISSIONS);
            open_how.resolve(how, CONFINED);
            final MemorySegment string = FileSystem.string(arena, path);
            int result = -Errno.EAGAIN;
            for (int attempt = 0; attempt < ATTEMPTS && result == -Errno.EAGAIN; attempt++) {
                result = system.posix().openat2(rootFd, string.address(), how.address(), how.byteSize());
            }
            return FileSystem.checked(result);
        }
    }

    /**
     * Opens the directory that a path's last name is in, to be worked on by that name.
     *
     * @param path relative to the root
     * @return the place, to be closed by the caller
     * @throws FileException if there is no such directory
     */
    Place place(final ByteString path) throws FileException {
        if (path.isEmpty()) {
            throw new FileException(Errno.ENOENT);
        }
        final PathParts parts = PathParts.of(path);
        return new Place(system, open(parts.parent(), Linux.O_PATH | Abi.O_DIRECTORY, 0), parts.name(), parts.slash());
    }

    /**
     * What a file is called within this root. Of one that has been removed, or never had a name, it is no path of it.
     *
     * @param fd of the file
     * @return an absolute path
     * @throws FileException if it has been moved out of the root, or the name is too long
     */
    ByteString nameOf(final int fd) throws FileException {
        final ByteString path = system.nameOf(fd);
        if (!isConfined()) {
            return path;
        }
        final ByteString root = system.nameOf(rootFd);
        if (path.equals(root)) {
            return PathParts.ROOT;
        }
        if (root.equals(PathParts.ROOT)) {
            return path;
        }
        final int length = root.length();
        final boolean within = path.length() > length && path.substring(0, length).equals(root) && path.byteAt(length) == '/';
        if (!within) {
            throw new FileException(Errno.ENOENT);
        }
        return path.substring(length, path.length());
    }

    @Override
    public void close() {
        if (isConfined()) {
            system.closeQuietly(rootFd);
        }
    }
}
