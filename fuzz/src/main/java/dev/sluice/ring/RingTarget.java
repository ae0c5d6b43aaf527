package dev.sluice.ring;

import static dev.sluice.fuzz.Promise.check;

import dev.sluice.fuzz.Corpus;
import dev.sluice.fuzz.Script;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Both ends of one direction of a ring, over memory that the input writes to between any two calls. Everything ends in bytes or in the
 * broken state, in bounded steps and inside the direction; the reader changes nothing but its own position; and while only the shipped
 * writer has written, the reader gives back what it was given.
 *
 * <p>Input: two bytes for capacity, limit and start; then a script of calls and writes.
 */
public final class RingTarget {
    private static final int[] CAPACITIES = {64, 128, 512, 4096};
    private static final int LARGEST = 4096;
    private static final int MAX_OPERATIONS = 256;
    private static final int PATTERN_PERIOD = 251;

    private static final MemorySegment MEMORY = Arena.global().allocate(LARGEST + RingDescriptor.DIRECTION_OVERHEAD, 4096);
    /** What the memory is to hold when only the input and the reader have written. */
    private static final MemorySegment EXPECTED = Arena.global().allocate(LARGEST + RingDescriptor.DIRECTION_OVERHEAD, 4096);
    private static final MemorySegment PATTERN = Arena.global().allocate(2L * LARGEST + PATTERN_PERIOD);
    private static final Script SCRIPT = new Script();

    static {
        for (int i = 0; i < PATTERN.byteSize(); i++) {
            PATTERN.set(ValueLayout.JAVA_BYTE, i, (byte) (i % PATTERN_PERIOD));
        }
    }

    private static int capacity;
    private static int limit;
    private static long start;
    private static MemorySegment direction;
    private static MemorySegment expected;
    private static RingReader reader;
    private static RingWriter writer;
    /** Whether nobody but the shipped ends has written. */
    private static boolean honest;
    private static boolean writerUsed;
    private static long bytesIn;
    private static long bytesOut;

    private RingTarget() {
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(RingTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param input the input
     */
    public static void fuzzerTestOneInput(final byte[] input) {
        begin(SCRIPT.wrap(input));
        for (int i = 0; i < MAX_OPERATIONS && SCRIPT.hasNext(); i++) {
            final boolean readerWasBroken = reader.brokenReason() != null;
            final boolean writerWasBroken = writer.brokenReason() != null;
            final long walked = reader.recordsWalked();
            operate(SCRIPT.choose(18));
            check(reader.recordsWalked() - walked <= capacity / RingDescriptor.RECORD_ALIGNMENT, "more steps than the ring has records");
            check(!readerWasBroken || reader.brokenReason() != null, "a broken reader stays broken");
            check(!writerWasBroken || writer.brokenReason() != null, "a broken writer stays broken");
            check(!honest || reader.brokenReason() == null && writer.brokenReason() == null, "honest ends break nothing");
            checkSpan();
        }
        check(writerUsed || MemorySegment.mismatch(direction, 0, direction.byteSize(), expected, 0, direction.byteSize()) < 0,
            "the reader writes its own position and nothing else");
    }

    private static void begin(final Script script) {
        final int options = script.next();
        capacity = CAPACITIES[options & 3];
        limit = Math.max(RingDescriptor.MIN_CAPACITY, capacity >> (options >> 2 & 3));
        start = switch (options >> 4 & 3) {
            case 0 -> 0;
            case 1 -> 3L * capacity - 16;
            case 2 -> (1L << 32) - 64;
            default -> (1L << 62) - 64;
        };
        final int length = capacity + RingDescriptor.DIRECTION_OVERHEAD;
        direction = MEMORY.asSlice(0, length).fill((byte) 0);
        expected = EXPECTED.asSlice(0, length).fill((byte) 0);
        reader = new RingReader(direction, capacity, start);
        writer = new RingWriter(direction, capacity, limit, start);
        putLong(capacity + RingDescriptor.TAIL_OFFSET, start);
        putLong(capacity + RingDescriptor.HEAD_OFFSET, start);
        honest = true;
        writerUsed = false;
        bytesIn = 0;
        bytesOut = 0;
    }

    private static void operate(final int operation) {
        switch (operation) {
            case 0, 1 -> poll();
            case 2 -> advance(reader.length());
            case 3 -> advance(reader.length() == 0 ? 0 : SCRIPT.nextShort() % (reader.length() + 1));
            case 4 -> release();
            case 5 -> write(SCRIPT.next());
            case 6 -> write(SCRIPT.nextShort() % (2 * capacity));
            case 7 -> publish();
            case 8 -> checkUnread();
            default -> vandalise(operation);
        }
    }

    private static void vandalise(final int operation) {
        honest = false;
        final long walk = reader.nextPosition() - RingDescriptor.RECORD_HEADER_LENGTH;
        switch (operation) {
            case 9 -> putLong(capacity + RingDescriptor.TAIL_OFFSET, walk + 8L * (byte) SCRIPT.next());
            case 10 -> putLong(capacity + RingDescriptor.TAIL_OFFSET, SCRIPT.nextLong());
            case 11 -> putLong(capacity + RingDescriptor.HEAD_OFFSET, writer.position() + 8L * (byte) SCRIPT.next());
            case 12 -> putLong(capacity + RingDescriptor.HEAD_OFFSET, SCRIPT.nextLong());
            case 13 -> putRecord(walk, SCRIPT.nextShort() % (capacity / 4), SCRIPT.choose(4) == 0 ? RingDescriptor.PADDING_TYPE : 1);
            case 14 -> putInt(8L * (SCRIPT.nextShort() % (capacity / 8)), SCRIPT.nextInt());
            case 15 -> putInt(8L * (SCRIPT.nextShort() % (capacity / 8)) + RingDescriptor.TYPE_OFFSET, (byte) SCRIPT.next());
            case 16 -> putByte(SCRIPT.nextShort() % direction.byteSize(), (byte) SCRIPT.next());
            default -> putRecords(walk, SCRIPT.choose(16), SCRIPT.next());
        }
    }

    /** A run of records that would pass, one behind the other, with the tail behind them. */
    private static void putRecords(final long position, final int count, final int length) {
        long at = position;
        for (int i = 0; i < count; i++) {
            final int record = RingDescriptor.RECORD_HEADER_LENGTH + length % (capacity / 8);
            putRecord(at, record, 1 + (i & 1));
            at += RingDescriptor.align(record);
        }
        putLong(capacity + RingDescriptor.TAIL_OFFSET, at);
    }

    private static void putRecord(final long position, final int length, final int type) {
        final long index = position & (capacity - 1);
        putInt(index + RingDescriptor.TYPE_OFFSET, type);
        putInt(index + RingDescriptor.LENGTH_OFFSET, length);
        putLong(capacity + RingDescriptor.TAIL_OFFSET, position + RingDescriptor.align(length));
    }

    private static void poll() {
        final boolean wasBroken = reader.brokenReason() != null;
        final int found = reader.poll();
        check(found == RingReader.BROKEN || found >= 0 && found == reader.length(), "poll");
        check(found != RingReader.BROKEN || reader.length() == 0 && reader.brokenReason() != null, "broken has a reason");
        check(!wasBroken || found != 0, "a broken ring says so or hands out what was good");
    }

    private static void checkSpan() {
        if (reader.length() > 0) {
            check(reader.offset() >= RingDescriptor.RECORD_HEADER_LENGTH && reader.offset() + reader.length() <= capacity,
                "span outside the records");
            check(reader.memory().byteSize() == capacity, "spans lie in the records");
        }
        check(reader.length() >= 0, "length of a span");
    }

    private static void advance(final int bytes) {
        if (bytes == 0) {
            return;
        }
        if (honest) {
            final long from = bytesOut % PATTERN_PERIOD;
            check(MemorySegment.mismatch(
                reader.memory(), reader.offset(), reader.offset() + bytes, PATTERN, from, from + bytes) < 0, "bytes come as they went");
        }
        bytesOut += bytes;
        check(!honest || bytesOut <= bytesIn, "more bytes than were written");
        reader.advance(bytes);
    }

    private static void release() {
        final long before = reader.releasedPosition();
        final boolean released = reader.release();
        final long after = reader.releasedPosition();
        check(released ? after > before : after == before, "released");
        check(after >= start && after - before <= capacity, "position released");
        check((after & RingDescriptor.RECORD_ALIGNMENT - 1) == 0, "position released is aligned");
        if (released) {
            expected.set(ValueLayout.JAVA_LONG, (long) capacity + RingDescriptor.HEAD_OFFSET, after);
        }
    }

    private static void write(final int length) {
        writerUsed = true;
        final boolean wasBroken = writer.brokenReason() != null;
        final int taken = writer.write(PATTERN, bytesIn % PATTERN_PERIOD, Math.min(length, 2 * LARGEST));
        check(taken == RingWriter.BROKEN || taken >= 0 && taken <= length, "write");
        check(!wasBroken || taken == RingWriter.BROKEN, "a broken ring takes nothing");
        bytesIn += Math.max(taken, 0);
        check(writer.position() >= start, "position written");
    }

    private static void publish() {
        writer.publish();
        checkUnread();
        if (honest && reader.length() == 0) {
            final boolean unread = bytesIn > bytesOut;
            check(unread == reader.poll() > 0, "what is published is found, and nothing else");
        }
    }

    private static void checkUnread() {
        final int unread = writer.unread();
        check(unread >= 0 && unread <= limit, "unread");
        check(writer.hasUsefulRoom() || writer.usefulRoomPosition() - start > 0, "position to wait for");
    }

    private static void putLong(final long offset, final long value) {
        direction.set(ValueLayout.JAVA_LONG, offset, value);
        expected.set(ValueLayout.JAVA_LONG, offset, value);
    }

    private static void putInt(final long offset, final int value) {
        direction.set(ValueLayout.JAVA_INT, offset, value);
        expected.set(ValueLayout.JAVA_INT, offset, value);
    }

    private static void putByte(final long offset, final byte value) {
        direction.set(ValueLayout.JAVA_BYTE, offset, value);
        expected.set(ValueLayout.JAVA_BYTE, offset, value);
    }
}
