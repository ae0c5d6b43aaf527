package dev.sluice.jcstress;

import dev.sluice.ffi.Mapping;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.SealedMemory;
import dev.sluice.ring.RingDescriptor;
import dev.sluice.ring.RingReader;
import dev.sluice.ring.RingWriter;
import dev.sluice.ring.WaitWord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One direction of a ring, new and empty, at both ends. Its place is one of many in one piece of shared memory, and is used again by a
 * direction made much later: more places than the harness keeps states.
 */
final class SharedDirection {
    static final int CAPACITY = 128;

    private static final int STRIDE = CAPACITY + RingDescriptor.DIRECTION_OVERHEAD;
    private static final int PLACES = 1 << 16;
    private static final MemorySegment PRODUCERS;
    private static final MemorySegment CONSUMERS;
    private static final AtomicInteger NEXT = new AtomicInteger();

    static {
        final Posix posix = Posix.system();
        final long length = (long) PLACES * STRIDE;
        try {
            final int memory = SealedMemory.create(posix, "sluice-jcstress", length);
            PRODUCERS = new Mapping(posix, memory, length).segment();
            CONSUMERS = new Mapping(posix, memory, length).segment();
            posix.closeQuietly(memory);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    final RingWriter writer;
    final RingReader reader;
    /** The same two words twice: as the side that sleeps has them, and as the one that wakes. */
    final WaitWord readWait;
    final WaitWord readWake;
    final WaitWord roomWait;
    final WaitWord roomWake;
    final MemorySegment producer;
    final MemorySegment consumer;

    SharedDirection() {
        final long offset = (long) (NEXT.getAndIncrement() & PLACES - 1) * STRIDE;
        producer = PRODUCERS.asSlice(offset, STRIDE);
        consumer = CONSUMERS.asSlice(offset, STRIDE);
        producer.fill((byte) 0);
        writer = new RingWriter(producer, CAPACITY);
        reader = new RingReader(consumer, CAPACITY);
        readWait = new WaitWord(consumer, CAPACITY + RingDescriptor.CONSUMER_WAIT_OFFSET);
        readWake = new WaitWord(producer, CAPACITY + RingDescriptor.CONSUMER_WAIT_OFFSET);
        roomWait = new WaitWord(producer, CAPACITY + RingDescriptor.PRODUCER_WAIT_OFFSET);
        roomWake = new WaitWord(consumer, CAPACITY + RingDescriptor.PRODUCER_WAIT_OFFSET);
    }

    /** Fills the ring up, as its producer. */
    void fill() {
        while (writer.write(Bytes.OLD, 0, Long.BYTES) > 0) {
            writer.publish();
        }
    }
}
