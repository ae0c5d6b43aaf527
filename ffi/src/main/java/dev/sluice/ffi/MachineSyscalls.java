package dev.sluice.ffi;

/**
 * The calls of {@link Syscalls} that change the machine, or the namespaces that stand for one: for the first process of a guest. What is
 * promised there holds here too.
 */
public interface MachineSyscalls {
    /**
     * mount(2).
     *
     * @param sourceAddress a C string, or 0
     * @param targetAddress a C string
     * @param typeAddress a C string, or 0
     * @param flags {@code MS_} flags
     * @param dataAddress a C string, or 0
     * @return 0, or -errno
     */
    int mount(long sourceAddress, long targetAddress, long typeAddress, long flags, long dataAddress);

    /**
     * umount2(2).
     *
     * @param targetAddress a C string
     * @param flags {@code MNT_} and {@code UMOUNT_} flags
     * @return 0, or -errno
     */
    int umount2(long targetAddress, int flags);

    /**
     * sethostname(2).
     *
     * @param nameAddress the bytes, which need no NUL at their end
     * @param length how many
     * @return 0, or -errno
     */
    int sethostname(long nameAddress, long length);

    /**
     * sync(2). Waits until what is in memory of all file systems has been written.
     *
     * @return 0
     */
    int sync();

    /**
     * reboot(2). Ends the machine, without {@link #sync}; in a PID namespace other than the first, ends that.
     *
     * @param action an {@code RB_} action
     * @return -errno, if it returns
     */
    int reboot(int action);
}
