package dev.sluice.ffi;

/**
 * The calls of {@link Posix} that work relative to a directory, apart only because there are many. Names are C strings that the caller
 * keeps allocated, so that a program that works in one directory makes each name once.
 */
abstract class PosixFiles extends PosixSockets {
    PosixFiles(final Syscalls calls) {
        super(calls);
    }

    /**
     * openat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param flags {@code O_} flags; {@link Abi} has those that differ between architectures
     * @param mode permissions of a file that is created
     * @return a descriptor, or -errno
     */
    public int openat(final int directoryFd, final long pathAddress, final int flags, final int mode) {
        int result;
        do {
            result = calls.openat(directoryFd, pathAddress, flags, mode);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * mkdirat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param mode permissions, less those of the umask
     * @return 0, or -errno
     */
    public int mkdirat(final int directoryFd, final long pathAddress, final int mode) {
        int result;
        do {
            result = calls.mkdirat(directoryFd, pathAddress, mode);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * renameat(2) within one directory. Replaces what has the new name.
     *
     * @param directoryFd what relative paths are relative to, or {@code AT_FDCWD}
     * @param oldPathAddress a C string
     * @param newPathAddress a C string
     * @return 0, or -errno
     */
    public int renameat(final int directoryFd, final long oldPathAddress, final long newPathAddress) {
        int result;
        do {
            result = calls.renameat(directoryFd, oldPathAddress, directoryFd, newPathAddress);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * statx(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}; the file itself with {@code AT_EMPTY_PATH}
     * @param pathAddress a C string, empty with {@code AT_EMPTY_PATH}
     * @param flags {@code AT_} flags
     * @param mask {@code STATX_} flags: what is wanted
     * @param bufferAddress where the {@code struct statx} is stored
     * @return 0, or -errno
     */
    public int statx(final int directoryFd, final long pathAddress, final int flags, final int mask, final long bufferAddress) {
        int result;
        do {
            result = calls.statx(directoryFd, pathAddress, flags, mask, bufferAddress);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * pread(2).
     *
     * @param fd the descriptor
     * @param address where the bytes go
     * @param length how many at most
     * @param offset where in the file, in bytes
     * @return bytes read, 0 at end of file, or -errno
     */
    public long pread(final int fd, final long address, final long length, final long offset) {
        long result;
        do {
            result = calls.pread(fd, address, length, offset);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * pwrite(2).
     *
     * @param fd the descriptor
     * @param address the bytes
     * @param length how many
     * @param offset where in the file, in bytes
     * @return bytes written, or -errno
     */
    public long pwrite(final int fd, final long address, final long length, final long offset) {
        long result;
        do {
            result = calls.pwrite(fd, address, length, offset);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * preadv2(2).
     *
     * @param fd the descriptor
     * @param iovecAddress an array of {@code struct iovec}
     * @param count of its elements
     * @param offset where in the file, in bytes
     * @param flags {@code RWF_} flags
     * @return bytes read, 0 at end of file, or -errno ({@code -EAGAIN} with {@code RWF_NOWAIT} for what is not in memory)
     */
    public long preadv2(final int fd, final long iovecAddress, final int count, final long offset, final int flags) {
        long result;
        do {
            result = calls.preadv2(fd, iovecAddress, count, offset, flags);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * openat2(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param howAddress a {@code struct open_how}
     * @param howLength its length in bytes
     * @return a descriptor, or -errno ({@code -ENOSYS} before Linux 5.6)
     */
    public int openat2(final int directoryFd, final long pathAddress, final long howAddress, final long howLength) {
        int result;
        do {
            result = calls.openat2(directoryFd, pathAddress, howAddress, howLength);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * unlinkat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param flags {@code AT_REMOVEDIR} for a directory, else 0
     * @return 0, or -errno
     */
    public int unlinkat(final int directoryFd, final long pathAddress, final int flags) {
        int result;
        do {
            result = calls.unlinkat(directoryFd, pathAddress, flags);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * symlinkat(2).
     *
     * @param targetAddress what the link says, a C string
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param linkPathAddress where the link is, a C string
     * @return 0, or -errno
     */
    public int symlinkat(final long targetAddress, final int directoryFd, final long linkPathAddress) {
        int result;
        do {
            result = calls.symlinkat(targetAddress, directoryFd, linkPathAddress);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * readlinkat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string; empty for what {@code directoryFd} itself is
     * @param address where the bytes go, without a NUL
     * @param length how many at most
     * @return bytes stored, or -errno
     */
    public long readlinkat(final int directoryFd, final long pathAddress, final long address, final long length) {
        long result;
        do {
            result = calls.readlinkat(directoryFd, pathAddress, address, length);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * fchmodat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param mode permissions
     * @param flags 0: symbolic links are followed
     * @return 0, or -errno
     */
    public int fchmodat(final int directoryFd, final long pathAddress, final int mode, final int flags) {
        int result;
        do {
            result = calls.fchmodat(directoryFd, pathAddress, mode, flags);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * fchownat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param uid the new owner, -1 for as it is
     * @param gid the new group, -1 for as it is
     * @param flags {@code AT_} flags
     * @return 0, or -errno
     */
    public int fchownat(final int directoryFd, final long pathAddress, final int uid, final int gid, final int flags) {
        int result;
        do {
            result = calls.fchownat(directoryFd, pathAddress, uid, gid, flags);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * utimensat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param timesAddress two of {@code struct timespec}: last access, last change
     * @param flags {@code AT_} flags
     * @return 0, or -errno
     */
    public int utimensat(final int directoryFd, final long pathAddress, final long timesAddress, final int flags) {
        int result;
        do {
            result = calls.utimensat(directoryFd, pathAddress, timesAddress, flags);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * getdents64(2).
     *
     * @param fd a directory
     * @param address where entries, {@code struct linux_dirent64}, go
     * @param length how many bytes at most
     * @return bytes stored, 0 at the end, or -errno
     */
    public long getdents64(final int fd, final long address, final long length) {
        long result;
        do {
            result = calls.getdents64(fd, address, length);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * fsync(2).
     *
     * @param fd the descriptor
     * @return 0, or -errno
     */
    public int fsync(final int fd) {
        int result;
        do {
            result = calls.fsync(fd);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * renameat(2) between two directories. Replaces what has the new name.
     *
     * @param oldDirectoryFd what a relative old path is relative to, or {@code AT_FDCWD}
     * @param oldPathAddress a C string
     * @param newDirectoryFd what a relative new path is relative to, or {@code AT_FDCWD}
     * @param newPathAddress a C string
     * @return 0, or -errno
     */
    public int renameat(final int oldDirectoryFd, final long oldPathAddress, final int newDirectoryFd, final long newPathAddress) {
        int result;
        do {
            result = calls.renameat(oldDirectoryFd, oldPathAddress, newDirectoryFd, newPathAddress);
        } while (result == -Errno.EINTR);
        return result;
    }
}
