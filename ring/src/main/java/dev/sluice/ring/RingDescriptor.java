package dev.sluice.ring;

/**
 * The shared memory of a console ring: one header page, then one direction after the other, each of them a single-producer single-consumer
 * ring of records in the layout of Agrona's {@code OneToOneRingBuffer} (2.6.0: {@code RingBufferDescriptor}, {@code RecordDescriptor}),
 * followed by two wait words of our own. All integers are in native byte order and naturally aligned.
 *
 * <pre>
 *  memory                                        offset
 *  +------------------------------------------+  0
 *  | magic                          8 bytes   |  {@link #MAGIC_OFFSET}
 *  | version                        4 bytes   |  {@link #VERSION_OFFSET}
 *  | capacity, host to guest        4 bytes   |  {@link #HOST_TO_GUEST_CAPACITY_OFFSET}
 *  | capacity, guest to host        4 bytes   |  {@link #GUEST_TO_HOST_CAPACITY_OFFSET}
 *  | length of the memory           8 bytes   |  {@link #MEMORY_LENGTH_OFFSET}
 *  +------------------------------------------+  {@link #HAND_OVER_LENGTH}: so far, the hand-over message too
 *  | zero to the end of the page              |
 *  +------------------------------------------+  {@link #HEADER_PAGE_LENGTH}
 *  | direction host to guest                  |
 *  +------------------------------------------+  + {@link #directionLength}
 *  | direction guest to host                  |
 *  +------------------------------------------+  {@link #memoryLength}
 *
 *  direction                                     offset
 *  +------------------------------------------+  0
 *  | records            {@code capacity} bytes, |
 *  |                    a power of two        |
 *  +------------------------------------------+  capacity: Agrona's trailer, a field every 128 bytes
 *  | (unused)                                 |
 *  | tail, the producer's position  8 bytes   |  + {@link #TAIL_OFFSET}
 *  | head cache, Agrona producers   8 bytes   |  + {@link #HEAD_CACHE_OFFSET}
 *  | head, the consumer's position  8 bytes   |  + {@link #HEAD_OFFSET}
 *  | correlation counter            8 bytes   |  + {@link #CORRELATION_COUNTER_OFFSET}
 *  | consumer heartbeat             8 bytes   |  + {@link #CONSUMER_HEARTBEAT_OFFSET}
 *  +------------------------------------------+  + {@link #TRAILER_LENGTH}: ours
 *  | consumer's wait word           8 bytes   |  + {@link #CONSUMER_WAIT_OFFSET}
 *  | producer's wait word           8 bytes   |  + {@link #PRODUCER_WAIT_OFFSET}
 *  +------------------------------------------+  + {@link #DIRECTION_OVERHEAD}, then zero to the next page
 *
 *  record, at a multiple of 8                    offset
 *  +------------------------------------------+  0
 *  | length, this header included   4 bytes   |  {@link #LENGTH_OFFSET}: 0 or negative while it is being written
 *  | type                           4 bytes   |  {@link #TYPE_OFFSET}: {@link #PADDING_TYPE}, or 1 and up
 *  +------------------------------------------+  {@link #RECORD_HEADER_LENGTH}
 *  | payload                                  |
 *  +------------------------------------------+  the next record starts at the next multiple of {@link #RECORD_ALIGNMENT}
 * </pre>
 *
 * <p><b>Positions</b> count bytes since the ring was made, headers and padding included, and only grow; a position's place in the records
 * area is its remainder by the capacity. A record never wraps: what is left before the end is filled by a record or by padding.
 *
 * <p><b>Record boundaries mean nothing.</b> The ring carries two streams of bytes.
 *
 * <p><b>Wait words</b>, see {@link WaitWord}: the position the other side's index has to reach for a wake-up to be wanted; 0 when its owner
 * is awake.
 */
public final class RingDescriptor {
    /** The bytes "SLUICERB" read as a little-endian integer. */
    public static final long MAGIC = 0x4252_4543_4955_4C53L;
    /** Version of everything drawn here; both ends must have the same. */
    public static final int VERSION = 1;

    /** Offset of the magic number in the memory. */
    public static final int MAGIC_OFFSET = 0;
    /** Offset of the version in the memory. */
    public static final int VERSION_OFFSET = 8;
    /** Offset in the memory of the capacity in bytes of the direction from host to guest. */
    public static final int HOST_TO_GUEST_CAPACITY_OFFSET = 12;
    /** Offset in the memory of the capacity in bytes of the direction from guest to host. */
    public static final int GUEST_TO_HOST_CAPACITY_OFFSET = 16;
    /** Offset in the memory of its whole length in bytes. */
    public static final int MEMORY_LENGTH_OFFSET = 24;
    /** Length in bytes of what is sent along with the descriptor: the start of the header page. */
    public static final int HAND_OVER_LENGTH = 32;
    /** Length of the header page in bytes; the directions start on pages of their own. */
    public static final int HEADER_PAGE_LENGTH = 4096;

    /** Offset of the producer's position behind the records. */
    public static final int TAIL_OFFSET = 128;
    /** Offset of an Agrona producer's copy of the head behind the records; not used by ours. */
    public static final int HEAD_CACHE_OFFSET = 256;
    /** Offset of the consumer's position behind the records. */
    public static final int HEAD_OFFSET = 384;
    /** Offset of Agrona's correlation counter behind the records; not used by ours. */
    public static final int CORRELATION_COUNTER_OFFSET = 512;
    /** Offset of Agrona's consumer heartbeat behind the records; not used by ours. */
    public static final int CONSUMER_HEARTBEAT_OFFSET = 640;
    /** Length of Agrona's trailer in bytes. */
    public static final int TRAILER_LENGTH = 768;
    /** Offset behind the records of the position that the consumer waits for the tail to reach. */
    public static final int CONSUMER_WAIT_OFFSET = TRAILER_LENGTH;
    /** Offset behind the records of the position that the producer waits for the head to reach. */
    public static final int PRODUCER_WAIT_OFFSET = TRAILER_LENGTH + 128;
    /** Bytes a direction needs besides its records. */
    public static final int DIRECTION_OVERHEAD = TRAILER_LENGTH + 256;

    /** Offset of the length in a record. */
    public static final int LENGTH_OFFSET = 0;
    /** Offset of the type in a record. */
    public static final int TYPE_OFFSET = 4;
    /** Length of a record's header in bytes. */
    public static final int RECORD_HEADER_LENGTH = 8;
    /** Records start at multiples of this many bytes. */
    public static final int RECORD_ALIGNMENT = 8;
    /** Type of a record without payload bytes that fills space. */
    public static final int PADDING_TYPE = -1;
    /** Type our producer gives its records; readers accept every positive type. */
    public static final int BYTES_TYPE = 1;

    /** Our producer's longest record in bytes, header included: a reader comes to see bytes in pieces no longer than this. */
    public static final int MAX_OWN_RECORD_LENGTH = 64 * 1024;
    /** Capacity of a direction in bytes unless something else is asked for. */
    public static final int DEFAULT_CAPACITY = 1 << 20;
    /** The smallest capacity in bytes that reader and writer work with. */
    public static final int MIN_CAPACITY = 64;
    /** The largest capacity in bytes: both directions stay far below 2 GiB. */
    public static final int MAX_CAPACITY = 1 << 26;

    private RingDescriptor() {
    }

    /**
     * Checks the capacity of one direction.
     *
     * @param capacity in bytes
     * @return whether it is a power of two from {@link #MIN_CAPACITY} to {@link #MAX_CAPACITY}
     */
    public static boolean isValidCapacity(final int capacity) {
        return capacity >= MIN_CAPACITY && capacity <= MAX_CAPACITY && Integer.bitCount(capacity) == 1;
    }

    /**
     * The longest record a reader accepts: what Agrona's producer allows itself, header included.
     *
     * @param capacity of the direction in bytes
     * @return bytes, a multiple of {@link #RECORD_ALIGNMENT}
     */
    public static int maxRecordLength(final int capacity) {
        return (capacity >> 3) + RECORD_HEADER_LENGTH;
    }

    /**
     * Space a record takes.
     *
     * @param recordLength in bytes, header included
     * @return the length rounded up to {@link #RECORD_ALIGNMENT}
     */
    public static int align(final int recordLength) {
        return (recordLength + (RECORD_ALIGNMENT - 1)) & -RECORD_ALIGNMENT;
    }

    /**
     * Space a direction takes in the shared memory.
     *
     * @param capacity of the direction in bytes
     * @return bytes, whole pages
     */
    public static long directionLength(final int capacity) {
        return ((long) capacity + DIRECTION_OVERHEAD + (HEADER_PAGE_LENGTH - 1)) & -HEADER_PAGE_LENGTH;
    }

    /**
     * Where the direction from guest to host starts; the one from host to guest starts at {@link #HEADER_PAGE_LENGTH}.
     *
     * @param hostToGuestCapacity capacity of the direction before it in bytes
     * @return offset in the memory
     */
    public static long guestToHostOffset(final int hostToGuestCapacity) {
        return HEADER_PAGE_LENGTH + directionLength(hostToGuestCapacity);
    }

    /**
     * Length of the whole shared memory.
     *
     * @param hostToGuestCapacity in bytes
     * @param guestToHostCapacity in bytes
     * @return bytes, whole pages
     */
    public static long memoryLength(final int hostToGuestCapacity, final int guestToHostCapacity) {
        return guestToHostOffset(hostToGuestCapacity) + directionLength(guestToHostCapacity);
    }
}
