package dev.sluice.simulator;

/**
 * One death at one exact point, for sweeps over all points.
 *
 * @param victim who dies
 * @param at after how many bytes or calls, as the victim says
 */
record Kill(Victim victim, long at) {
    /** Who can die where. */
    enum Victim {
        /** Nobody dies. */
        NOBODY,
        /** The guest, after it has written so many bytes to its first port. */
        GUEST_WRITING,
        /** The guest, after it has read so many bytes from its first port. */
        GUEST_READING,
        /** The first client, after it has sent so many bytes. */
        CLIENT_SENDING,
        /** The first client, after it has received so many bytes. */
        CLIENT_RECEIVING,
        /** The relay, in this system call. */
        RELAY
    }

    static final Kill NONE = new Kill(Victim.NOBODY, 0);

    /** How many of so many bytes the victim may still move, before it dies. */
    int allowed(final Victim who, final long moved, final int wanted) {
        return who == victim ? (int) Math.min(wanted, Math.max(0, at - moved)) : wanted;
    }

    boolean isDue(final Victim who, final long moved) {
        return who == victim && moved >= at;
    }
}
