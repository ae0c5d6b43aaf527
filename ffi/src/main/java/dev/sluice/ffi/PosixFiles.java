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
}
