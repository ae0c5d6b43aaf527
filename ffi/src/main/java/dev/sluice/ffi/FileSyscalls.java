package dev.sluice.ffi;

/**
 * The calls of {@link Syscalls} on files by name and at offsets, apart only because there are many. What holds there holds here.
 */
public interface FileSyscalls {
    /**
     * pread(2).
     *
     * @param fd the descriptor
     * @param address where the bytes go
     * @param length how many at most
     * @param offset where in the file, in bytes
     * @return bytes read, 0 at end of file, or -errno
     */
    long pread(int fd, long address, long length, long offset);

    /**
     * pwrite(2).
     *
     * @param fd the descriptor
     * @param address the bytes
     * @param length how many
     * @param offset where in the file, in bytes
     * @return bytes written, or -errno
     */
    long pwrite(int fd, long address, long length, long offset);

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
    long preadv2(int fd, long iovecAddress, int count, long offset, int flags);

    /**
     * openat2(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param howAddress a {@code struct open_how}
     * @param howLength its length in bytes
     * @return a descriptor, or -errno ({@code -ENOSYS} before Linux 5.6)
     */
    int openat2(int directoryFd, long pathAddress, long howAddress, long howLength);

    /**
     * unlinkat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param flags {@code AT_REMOVEDIR} for a directory, else 0
     * @return 0, or -errno
     */
    int unlinkat(int directoryFd, long pathAddress, int flags);

    /**
     * symlinkat(2).
     *
     * @param targetAddress what the link says, a C string
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param linkPathAddress where the link is, a C string
     * @return 0, or -errno
     */
    int symlinkat(long targetAddress, int directoryFd, long linkPathAddress);

    /**
     * readlinkat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string; empty for what {@code directoryFd} itself is
     * @param address where the bytes go, without a NUL
     * @param length how many at most
     * @return bytes stored, or -errno
     */
    long readlinkat(int directoryFd, long pathAddress, long address, long length);

    /**
     * fchmodat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param mode permissions
     * @param flags 0: symbolic links are followed
     * @return 0, or -errno
     */
    int fchmodat(int directoryFd, long pathAddress, int mode, int flags);

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
    int fchownat(int directoryFd, long pathAddress, int uid, int gid, int flags);

    /**
     * utimensat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param timesAddress two of {@code struct timespec}: last access, last change
     * @param flags {@code AT_} flags
     * @return 0, or -errno
     */
    int utimensat(int directoryFd, long pathAddress, long timesAddress, int flags);

    /**
     * getdents64(2).
     *
     * @param fd a directory
     * @param address where entries, {@code struct linux_dirent64}, go
     * @param length how many bytes at most
     * @return bytes stored, 0 at the end, or -errno
     */
    long getdents64(int fd, long address, long length);

    /**
     * fsync(2).
     *
     * @param fd the descriptor
     * @return 0, or -errno
     */
    int fsync(int fd);
}
