package dev.sluice.simulator;

/** The guest's end of its console port. */
interface GuestChannel {
    /** The guest of a Linux virtio port reads at most a page at a time. */
    int READ_MOST = 4096;
    /** The guest of a Linux virtio port writes at most this much at a time. */
    int WRITE_MOST = 32 * 1024;

    /**
     * Reads.
     *
     * @param target room for {@link #READ_MOST} bytes
     * @return how many came, 0 at the end, -errno
     */
    int read(byte[] target);

    /**
     * Writes.
     *
     * @param length at most {@link #WRITE_MOST}
     * @return how many were taken, -errno
     */
    int write(byte[] source, int offset, int length);

    /** @return whether nothing is on its way, in either direction */
    boolean isDrained();

    /** @return whether the relay has taken anything from it; before that it may be turned away for want of descriptors or memory */
    boolean isServed();

    /** The guest dies. */
    void close();
}
