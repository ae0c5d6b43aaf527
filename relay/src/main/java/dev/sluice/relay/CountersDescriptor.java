package dev.sluice.relay;

/**
 * A counters file: what one relay counts, in memory that any process of its user can look into while the relay runs, and after it has ended
 * or died. Integers are in native byte order and naturally aligned.
 *
 * <pre>
 *  file                                          offset
 *  +------------------------------------------+  0
 *  | magic                          8 bytes   |  {@link #MAGIC_OFFSET}
 *  | layout version                 4 bytes   |  {@link #VERSION_OFFSET}
 *  | number of counters             4 bytes   |  {@link #COUNT_OFFSET}
 *  | process id of the relay        8 bytes   |  {@link #PID_OFFSET}
 *  | start, ms since 1970           8 bytes   |  {@link #START_TIME_OFFSET}
 *  | state                          4 bytes   |  {@link #STATE_OFFSET}: running or ended
 *  | length of the outcome          4 bytes   |  {@link #OUTCOME_LENGTH_OFFSET}
 *  | end, ms since 1970             8 bytes   |  {@link #END_TIME_OFFSET}: 0 while running
 *  | outcome, ASCII                48 bytes   |  {@link #OUTCOME_OFFSET}: a {@link RelayOutcome}, or FAILED
 *  | zero                                     |
 *  +------------------------------------------+  {@link #HEADER_LENGTH}
 *  | metadata record, for each counter        |
 *  +------------------------------------------+  {@link #valuesOffset}
 *  | value record, for each counter           |
 *  +------------------------------------------+  {@link #fileLength}: the file is exactly so long
 *
 *  metadata record                               offset
 *  +------------------------------------------+  0
 *  | state                          4 bytes   |  {@link #RECORD_STATE_OFFSET}: always {@link #RECORD_ALLOCATED}
 *  | type id                        4 bytes   |  {@link #TYPE_ID_OFFSET}: {@link RelayCounter.Kind#typeId}
 *  | deadline for reuse             8 bytes   |  {@link #REUSE_DEADLINE_OFFSET}: always {@link #NEVER_REUSED}
 *  | key: metric name, ASCII      112 bytes   |  {@link #KEY_OFFSET}: padded with zeros
 *  | length of the label            4 bytes   |  {@link #LABEL_LENGTH_OFFSET}
 *  | label, ASCII                 380 bytes   |  {@link #LABEL_OFFSET}
 *  +------------------------------------------+  {@link #METADATA_LENGTH}
 *
 *  value record                                  offset
 *  +------------------------------------------+  0
 *  | value                          8 bytes   |
 *  | zero                                     |
 *  +------------------------------------------+  {@link #VALUE_LENGTH}
 * </pre>
 *
 * <p><b>Why this layout.</b> Both kinds of records are those of Agrona's {@code CountersReader} (2.6.0), so that its readers, which exist
 * in several languages, and tools built on them work on the two regions of a mapped file as they are. What they do not have is a header
 * that says whose counters these are; the one of Aeron's files says other things. The price is 640 bytes for each counter instead of some
 * 60: about 30 KiB more for a relay.
 *
 * <p><b>Cache lines.</b> All values have one writer, so keeping each on a pair of lines of its own is not needed against false sharing
 * between writers. It does keep a reader that polls one value from taking the line of another away from the loop.
 *
 * <p><b>Order.</b> Each value is written whole, by an opaque store of the loop's thread: a reader sees every counter grow and never go
 * back, but two counters that it reads one after the other may be from different moments. The outcome is written before the state.
 */
public final class CountersDescriptor {
    /** The bytes "SLUICECT" read as a little-endian integer. */
    public static final long MAGIC = 0x5443_4543_4955_4C53L;
    /** Version of everything drawn here. */
    public static final int VERSION = 1;

    /** Offset of the magic number. */
    public static final int MAGIC_OFFSET = 0;
    /** Offset of the layout's version. */
    public static final int VERSION_OFFSET = 8;
    /** Offset of the number of counters. */
    public static final int COUNT_OFFSET = 12;
    /** Offset of the relay's process id, as its own namespace has it. */
    public static final int PID_OFFSET = 16;
    /** Offset of the time the relay started, in milliseconds since 1970 UTC. */
    public static final int START_TIME_OFFSET = 24;
    /** Offset of the relay's state. */
    public static final int STATE_OFFSET = 32;
    /** Offset of the length of the outcome in bytes. */
    public static final int OUTCOME_LENGTH_OFFSET = 36;
    /** Offset of the time the relay ended, in milliseconds since 1970 UTC. */
    public static final int END_TIME_OFFSET = 40;
    /** Offset of the outcome. */
    public static final int OUTCOME_OFFSET = 48;
    /** Most bytes of an outcome. */
    public static final int OUTCOME_MAX_LENGTH = 48;
    /** Length of the header in bytes. */
    public static final int HEADER_LENGTH = 256;

    /** State of a relay that runs, or that died without a word: a lock that nobody holds tells the second. */
    public static final int RUNNING = 1;
    /** State of a relay that has ended and has written its outcome. */
    public static final int ENDED = 2;

    /** Length of a metadata record in bytes; Agrona's {@code METADATA_LENGTH}. */
    public static final int METADATA_LENGTH = 512;
    /** Offset of the state in a metadata record. */
    public static final int RECORD_STATE_OFFSET = 0;
    /** Offset of the type id in a metadata record. */
    public static final int TYPE_ID_OFFSET = 4;
    /** Offset in a metadata record of the time it may be used for another counter. */
    public static final int REUSE_DEADLINE_OFFSET = 8;
    /** Offset of the key in a metadata record. */
    public static final int KEY_OFFSET = 16;
    /** Most bytes of a key. */
    public static final int KEY_MAX_LENGTH = 112;
    /** Offset of the label's length in a metadata record. */
    public static final int LABEL_LENGTH_OFFSET = 128;
    /** Offset of the label in a metadata record. */
    public static final int LABEL_OFFSET = 132;
    /** Most bytes of a label. */
    public static final int LABEL_MAX_LENGTH = 380;
    /** State of a metadata record that is in use. */
    public static final int RECORD_ALLOCATED = 1;
    /** Deadline of a record that is not used for another counter. */
    public static final long NEVER_REUSED = Long.MAX_VALUE;

    /** Length of a value record in bytes; Agrona's {@code COUNTER_LENGTH}. */
    public static final int VALUE_LENGTH = 128;

    /** Most counters of a file; a reader takes no number beyond it for one. */
    public static final int MAX_COUNT = 1024;

    private CountersDescriptor() {
    }

    /**
     * Where a counter's metadata record is.
     *
     * @param index of the counter
     * @return its offset in the file
     */
    public static int metadataOffset(final int index) {
        return HEADER_LENGTH + index * METADATA_LENGTH;
    }

    /**
     * Where the value records begin.
     *
     * @param count number of counters, at most {@link #MAX_COUNT}
     * @return the offset in the file
     */
    public static int valuesOffset(final int count) {
        return metadataOffset(count);
    }

    /**
     * How long a file is.
     *
     * @param count number of counters, at most {@link #MAX_COUNT}
     * @return its length in bytes
     */
    public static int fileLength(final int count) {
        return valuesOffset(count) + count * VALUE_LENGTH;
    }
}
