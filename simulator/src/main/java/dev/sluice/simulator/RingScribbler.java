package dev.sluice.simulator;

import dev.sluice.ring.RingDescriptor;
import dev.sluice.ring.RingWriter;
import dev.sluice.simulator.kernel.SimRandom;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A guest's end of a ring that keeps to no rule: writes what looks like records, and between any two calls of the relay overwrites indexes,
 * lengths, types, padding and bodies, those that the relay has looked at already among them; puts things right again now and then, so that
 * the relay goes on.
 */
final class RingScribbler {
    private static final int RECORDS_KEPT = 32;
    private static final int RECORD_MOST = 3000;

    private final MemorySegment outbound;
    private final MemorySegment inbound;
    private final int outboundCapacity;
    private final int inboundCapacity;
    private final RingWriter writer;
    private final SimRandom random;
    /** Where the last records begin. */
    private final long[] starts = new long[RECORDS_KEPT];
    private int written;

    RingScribbler(
        final MemorySegment outbound, final int outboundCapacity, final MemorySegment inbound, final int inboundCapacity,
        final RingWriter writer, final SimRandom random) {
        this.outbound = outbound;
        this.outboundCapacity = outboundCapacity;
        this.inbound = inbound;
        this.inboundCapacity = inboundCapacity;
        this.writer = writer;
        this.random = random;
    }

    /** Does one wrong thing, or a right one so that more wrong ones can follow. */
    void scribble() {
        switch (random.below(12)) {
            case 0, 1, 2 -> write();
            case 3 -> outbound.set(ValueLayout.JAVA_LONG, outboundCapacity + RingDescriptor.TAIL_OFFSET, writer.position());
            case 4 -> outbound.set(ValueLayout.JAVA_LONG, outboundCapacity + RingDescriptor.TAIL_OFFSET, position());
            case 5 -> outbound.set(ValueLayout.JAVA_INT, recordStart() + RingDescriptor.LENGTH_OFFSET, length());
            case 6 -> outbound.set(ValueLayout.JAVA_INT, recordStart() + RingDescriptor.TYPE_OFFSET, type());
            case 7, 8 -> outbound.set(
                ValueLayout.JAVA_LONG, random.below(outboundCapacity / Long.BYTES) * (long) Long.BYTES, random.nextLong());
            case 9 -> scribbleBody();
            case 10 -> scribbleWaits();
            default -> inbound.set(ValueLayout.JAVA_LONG, inboundCapacity + RingDescriptor.HEAD_OFFSET,
                random.chance(2) ? position() : inbound.get(ValueLayout.JAVA_LONG, inboundCapacity + RingDescriptor.TAIL_OFFSET));
        }
    }

    /** Bytes that no agent would send, in sound records; sometimes the tail comes before the bytes. */
    private void write() {
        final byte[] bytes = new byte[random.between(1, RECORD_MOST)];
        for (int i = 0; i < bytes.length; i++) {
            // Lengths of frames are read from these: small ones keep the relay reading.
            bytes[i] = (byte) (random.chance(3) ? 0 : random.nextLong());
        }
        starts[written++ % RECORDS_KEPT] = writer.position();
        if (writer.write(MemorySegment.ofArray(bytes), 0, bytes.length) > 0) {
            writer.publish();
        }
    }

    private void scribbleBody() {
        final long start = recordStart();
        for (int i = random.between(1, 64); i > 0; i--) {
            final long at = start + RingDescriptor.RECORD_HEADER_LENGTH + random.below(RECORD_MOST);
            outbound.set(ValueLayout.JAVA_BYTE, at % outboundCapacity, (byte) random.nextLong());
        }
    }

    private void scribbleWaits() {
        final boolean reads = random.chance(2);
        final MemorySegment direction = reads ? outbound : inbound;
        final int capacity = reads ? outboundCapacity : inboundCapacity;
        final long word = random.chance(2) ? RingDescriptor.CONSUMER_WAIT_OFFSET : RingDescriptor.PRODUCER_WAIT_OFFSET;
        direction.set(ValueLayout.JAVA_LONG, capacity + word, position());
    }

    /** Where a record begins, or began. */
    private long recordStart() {
        final int kept = Math.min(written, RECORDS_KEPT);
        final int newest = (written - 1) % RECORDS_KEPT;
        final long position = kept == 0 ? writer.position() : starts[random.chance(2) ? newest : random.below(kept)];
        return position & outboundCapacity - 1;
    }

    private long position() {
        final long right = writer.position();
        return switch (random.below(8)) {
            case 0 -> -1;
            case 1 -> Long.MIN_VALUE;
            case 2 -> Long.MAX_VALUE & -Long.BYTES;
            case 3 -> right + outboundCapacity + Long.BYTES;
            case 4 -> right + random.between(-7, 7);
            case 5 -> right - Long.BYTES * (long) random.between(1, 1000);
            case 6 -> random.nextLong();
            default -> right + Long.BYTES * (long) random.between(1, 1000);
        };
    }

    private int length() {
        return switch (random.below(8)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Integer.MIN_VALUE;
            case 3 -> Integer.MAX_VALUE;
            case 4 -> random.between(1, RingDescriptor.RECORD_HEADER_LENGTH);
            case 5 -> outboundCapacity + random.between(-8, 8);
            case 6 -> RingDescriptor.maxRecordLength(outboundCapacity) + random.between(-8, 8);
            default -> random.between(RingDescriptor.RECORD_HEADER_LENGTH, RECORD_MOST);
        };
    }

    private int type() {
        return random.chance(2)
            ? random.pick(RingDescriptor.PADDING_TYPE, RingDescriptor.BYTES_TYPE, 0, -2, Integer.MAX_VALUE)
            : (int) random.nextLong();
    }
}
