package dev.sluice.agent.files;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;

/**
 * Opens regular files and directories, and never anything else: to open a pipe wakes its other end, to open a device may do anything. What
 * a path leads to is looked at through a descriptor that opens nothing (O_PATH), and then that very file is opened, through
 * {@code /proc/self/fd}; what is not there is made under a name that nothing has (O_EXCL).
 *
 * <p>Any number of threads.
 */
final class GuardedOpen {
    /** Nobody's lease on a file is waited for, and no terminal could become ours. */
    static final int CAREFUL = Linux.O_NONBLOCK | Linux.O_NOCTTY;

    /** MAXSYMLINKS of the kernel. */
    private static final int MAX_LINKS = 40;
    /** How often it is looked again at what others make and remove meanwhile. */
    private static final int ATTEMPTS = 100;
    /** S_ISVTX and S_IWOTH of sys/stat.h: in such a directory anybody can make links. */
    private static final int SHARED_DIRECTORY = 01002;
    /** S_ISVTX of sys/stat.h: who may write a directory may not remove what is another's. */
    private static final int STICKY = 01000;
    /** S_IWGRP and S_IWOTH. */
    private static final int OTHERS_WRITE = 0022;

    private final FileRoot root;
    private final FileSystem system;

    GuardedOpen(final FileRoot root) {
        this.root = root;
        this.system = root.system();
    }

    /**
     * Something that is there, opened for nothing but looking (O_PATH).
     *
     * @param fd     owned
     * @param status what it is
     */
    record Found(FileSystem system, int fd, FileStatus status) implements AutoCloseable {
        /** Refuses what is neither a regular file nor a directory. */
        void check() throws FileException {
            if (status.isLink()) {
                // Only where links are not followed.
                throw new FileException(Errno.ELOOP);
            }
            if (!status.isRegular() && !status.isDirectory()) {
                throw new FileException("not a regular file: " + status.describe());
            }
        }

        /** Opens it indeed. @return a descriptor, the caller's */
        int open(final int flags) throws FileException {
            check();
            return system.reopen(fd, flags | CAREFUL);
        }

        @Override
        public void close() {
            system.closeQuietly(fd);
        }
    }

    /**
     * Looks at what there is.
     *
     * @param path  which
     * @param flags nothing, or O_NOFOLLOW
     * @return what was found, to be closed
     */
    Found find(final ByteString path, final int flags) throws FileException {
        final int fd = root.open(path, Linux.O_PATH | flags, 0);
        try {
            return new Found(system, fd, system.status(fd));
        } catch (final FileException e) {
            system.closeQuietly(fd);
            throw e;
        }
    }

    /**
     * Opens what a path leads to, or makes it.
     *
     * @param path  which
     * @param flags {@code O_} flags; with O_CREAT what is not there is made
     * @param mode  permissions of a file that is made
     * @return a descriptor, the caller's
     */
    int open(final ByteString path, final int flags, final int mode) throws FileException {
        if ((flags & Linux.O_EXCL) != 0) {
            // Opens nothing that is there.
            return root.open(path, flags | CAREFUL, mode);
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (Found found = find(path, flags & Abi.O_NOFOLLOW)) {
                if ((flags & Linux.O_CREAT) != 0) {
                    refuseOthersFile(found);
                }
                return found.open(flags & ~(Linux.O_CREAT | Abi.O_NOFOLLOW));
            } catch (final FileException e) {
                if (e.errno() != Errno.ENOENT || (flags & Linux.O_CREAT) == 0) {
                    throw e;
                }
            }
            try (Place place = missing(path)) {
                final int making = flags & ~Linux.O_TRUNC | Linux.O_EXCL | Abi.O_NOFOLLOW | CAREFUL;
                return system.openat(place.directory(), place.name(), making, mode);
            } catch (final FileException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
        }
        throw new FileException(Errno.EEXIST);
    }

    /**
     * Where something lies that was found.
     *
     * @param found by its path
     * @return the place, to be closed, or null when it is not where the kernel says: renamed meanwhile, or without a name
     */
    Place placeOf(final Found found) throws FileException {
        Place place = null;
        boolean same = false;
        try {
            place = root.place(root.nameOf(found.fd()));
            same = !place.slash() && place.status().isSame(found.status());
        } catch (final FileException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
                throw e;
            }
        } finally {
            if (!same && place != null) {
                place.close();
            }
        }
        return same ? place : null;
    }

    /**
     * What fs.protected_regular of the kernel is about (proc_sys_fs(5)), which does not see that we would have made the file: whoever
     * expects to make one in a directory that others may write is not to write into one that another has put there.
     *
     * @param found what is there already
     */
    void refuseOthersFile(final Found found) throws FileException {
        final FileStatus file = found.status();
        if (!file.isRegular() || file.uid() == Linux.geteuid()) {
            return;
        }
        try (Place place = placeOf(found)) {
            final FileStatus directory = place == null ? null : system.status(place.directory());
            // One that is moved about has whatever directory its owner likes.
            if (directory == null
                || (directory.mode() & STICKY) != 0 && (directory.mode() & OTHERS_WRITE) != 0 && file.uid() != directory.uid()) {
                throw new FileException(Errno.EACCES);
            }
        }
    }

    /**
     * Where a file is to be made whose path leads to nothing: a link to nothing is followed, as the kernel would.
     *
     * @param path that leads to nothing
     * @return the place, to be closed by the caller; by now something may be there
     */
    Place missing(final ByteString path) throws FileException {
        ByteString wanted = path;
        for (int links = 0; links < MAX_LINKS; links++) {
            final Place place = root.place(wanted);
            final ByteString target;
            try {
                if (place.slash()) {
                    throw new FileException(Errno.EISDIR);
                }
                target = linkText(place);
            } catch (final FileException e) {
                place.close();
                throw e;
            }
            if (target == null) {
                return place;
            }
            place.close();
            final boolean absolute = !target.isEmpty() && target.byteAt(0) == '/';
            wanted = absolute ? target : PathParts.join(PathParts.of(wanted).parent(), target);
        }
        throw new FileException(Errno.ELOOP);
    }

    /** @return null where there is no link */
    private ByteString linkText(final Place place) throws FileException {
        final int fd;
        try {
            fd = system.openat(place.directory(), place.name(), Linux.O_PATH | Abi.O_NOFOLLOW, 0);
        } catch (final FileException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
        try {
            final FileStatus status = system.status(fd);
            if (!status.isLink()) {
                return null;
            }
            refuseOthersLink(system.status(place.directory()), status);
            return system.readlinkat(fd, ByteString.EMPTY);
        } finally {
            system.closeQuietly(fd);
        }
    }

    /** What fs.protected_symlinks of the kernel is about (proc_sys_fs(5)), which does not see us follow this one. */
    private static void refuseOthersLink(final FileStatus directory, final FileStatus link) throws FileException {
        final boolean shared = (directory.mode() & SHARED_DIRECTORY) == SHARED_DIRECTORY;
        if (shared && link.uid() != directory.uid() && link.uid() != Linux.geteuid()) {
            throw new FileException(Errno.EACCES);
        }
    }
}
