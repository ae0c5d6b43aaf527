package dev.sluice.ffi;

/**
 * The calls of {@link Syscalls} that decide who a process is and what it may use. What is promised there holds here too.
 *
 * <p><b>Threads.</b> In Linux identity belongs to a thread. The calls here that change it change the calling thread's alone, unlike those
 * of the C library, and what that thread starts has it: they are for threads that do nothing else and then end.
 */
public interface IdentitySyscalls {
    /**
     * setresuid(2) of the calling thread alone.
     *
     * @param real user id, unsigned; -1 to leave it
     * @param effective user id, unsigned; -1 to leave it
     * @param saved user id, unsigned; -1 to leave it
     * @return 0, or -errno
     */
    int setresuid(int real, int effective, int saved);

    /**
     * setresgid(2) of the calling thread alone.
     *
     * @param real group id, unsigned; -1 to leave it
     * @param effective group id, unsigned; -1 to leave it
     * @param saved group id, unsigned; -1 to leave it
     * @return 0, or -errno
     */
    int setresgid(int real, int effective, int saved);

    /**
     * setgroups(2) of the calling thread alone.
     *
     * @param count how many groups
     * @param groupsAddress an array of {@code gid_t}
     * @return 0, or -errno
     */
    int setgroups(long count, long groupsAddress);

    /**
     * prlimit(2).
     *
     * @param pid the process, 0 for this one
     * @param resource a number of {@code RLIMIT_}
     * @param newLimitAddress a {@code struct rlimit}, or 0
     * @param oldLimitAddress where a {@code struct rlimit} is stored, or 0
     * @return 0, or -errno
     */
    int prlimit(int pid, int resource, long newLimitAddress, long oldLimitAddress);

    /**
     * fchown(2).
     *
     * @param fd the descriptor
     * @param uid the new owner, unsigned; -1 to leave it
     * @param gid the new group, unsigned; -1 to leave it
     * @return 0, or -errno
     */
    int fchown(int fd, int uid, int gid);

    /**
     * mknodat(2).
     *
     * @param directoryFd what a relative path is relative to, or {@code AT_FDCWD}
     * @param pathAddress a C string
     * @param mode type and permissions, less those of the umask
     * @param device of a device file, else 0
     * @return 0, or -errno
     */
    int mknodat(int directoryFd, long pathAddress, int mode, long device);
}
