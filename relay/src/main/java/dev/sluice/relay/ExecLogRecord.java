package dev.sluice.relay;

/**
 * What lies in the ring between the relay's loop and its log writer: records of Agrona's ring buffer with these types and this content.
 *
 * <pre>
 *    0                 8                                16          20          24
 *   +-----------------+--------------------------------+-----------+-----------+---------------
 *   | session number  | time in ms since 1970 | length | what      | credit    | DATA: bytes
 *   |                 |               48 bits |     16 |           |           | GAP and the like: count, 8 bytes
 *   +-----------------+--------------------------------+-----------+-----------+---------------
 *
 *   what:   source (8 bits) | slot of the session's credit (16 bits, from bit 8 on)
 *   credit: bytes on the wire that are accounted for once this record is
 * </pre>
 *
 * Native byte order: the ring never leaves the process.
 */
final class ExecLogRecord {
    /** Bytes of one source. The length may be less than the record has room for, when the guest was lost inside a frame. */
    static final int DATA = 1;
    /** Bytes that are missing because the ring was full. */
    static final int GAP = 2;
    /** The session has ended: nothing more of it comes. */
    static final int END = 3;
    /** A guest has become ready. */
    static final int STARTED = 4;
    /** The guest is gone, or the relay ends. */
    static final int STOPPED = 5;
    /** Bytes that are missing because the session has used up what is recorded of one. */
    static final int OVER_QUOTA = 6;
    /** Starts and stops that are a count because the ring was full. */
    static final int LEFT_OUT = 7;

    static final int SESSION_OFFSET = 0;
    static final int TIME_AND_LENGTH_OFFSET = 8;
    static final int WHAT_OFFSET = 16;
    static final int CREDIT_OFFSET = 20;
    static final int CONTENT_OFFSET = 24;
    static final int GAP_LENGTH = CONTENT_OFFSET + Long.BYTES;

    /** Most bytes of data in one record, and so in one line of the log. */
    static final int MAX_DATA = 32 * 1024;
    /** The slot of a session without credit. */
    static final int NO_SLOT = 0xFFFF;

    private static final int LENGTH_BITS = 16;
    private static final int SOURCE_BITS = 8;

    private ExecLogRecord() {
    }

    static long timeAndLength(final long epochMs, final int length) {
        return epochMs << LENGTH_BITS | length;
    }

    static long time(final long timeAndLength) {
        return timeAndLength >>> LENGTH_BITS;
    }

    static int length(final long timeAndLength) {
        return (int) timeAndLength & 0xFFFF;
    }

    static int what(final int source, final int slot) {
        return slot << SOURCE_BITS | source;
    }

    static int source(final int what) {
        return what & 0xFF;
    }

    static int slot(final int what) {
        return what >>> SOURCE_BITS;
    }
}
