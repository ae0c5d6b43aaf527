package dev.sluice.port;

/** Why a port has ended: the negative results of {@link PortReader#poll} and {@link PortWriter#write}. An ended port stays ended. */
public final class PortStatus {
    /** The peer closed its end or died. */
    public static final int CLOSED = -1;
    /** The peer broke the rules of the shared ring; {@link Port#detail} says how. */
    public static final int BROKEN = -2;
    /** A system call on the port failed. */
    public static final int FAILED = -3;

    private PortStatus() {
    }

    /**
     * Names a status for logs.
     *
     * @param status one of the constants of this class
     * @return a lower-case word
     */
    public static String describe(final int status) {
        return switch (status) {
            case CLOSED -> "closed";
            case BROKEN -> "broken";
            case FAILED -> "failed";
            default -> "status " + status;
        };
    }
}
