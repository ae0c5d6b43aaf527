package dev.sluice.simulator.kernel;

/**
 * How often the kernel makes use of its right to be awkward: each figure says in how many calls it happens once on average, 0 never. All of
 * it is allowed by the manual pages; none of it may change what the program does in the end.
 *
 * @param interrupted calls that fail with EINTR
 * @param shortRead reads that return less than there is
 * @param shortWrite writes that take less than there is room for
 * @param refused reads, writes and accepts that fail with EAGAIN although they could do something; an event follows at once
 * @param spuriousWakeUp waits that end with no event before their time
 * @param spuriousEvent waits that report an event that has been reported before
 * @param noDescriptor calls that make descriptors at which a time begins when they fail for want of descriptors or memory
 * @param aborted accepts that fail because the connection has gone again
 * @param notWatched additions to an epoll instance that fail for want of memory
 */
public record FaultProfile(
    int interrupted, int shortRead, int shortWrite, int refused, int spuriousWakeUp, int spuriousEvent, int noDescriptor, int aborted,
    int notWatched) {
    /** A kernel at its best behaviour. */
    public static final FaultProfile NONE = new FaultProfile(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * Draws a profile; each kind of fault is absent in half of them.
     *
     * @param random source of chance
     * @return the profile
     */
    public static FaultProfile draw(final SimRandom random) {
        return new FaultProfile(
            figure(random, 3, 200), figure(random, 2, 50), figure(random, 2, 50), figure(random, 3, 100), figure(random, 3, 100),
            figure(random, 3, 100), figure(random, 4, 60), figure(random, 4, 60), figure(random, 20, 200));
    }

    private static int figure(final SimRandom random, final int most, final int least) {
        return random.chance(2) ? 0 : (int) random.spread(most, least);
    }
}
