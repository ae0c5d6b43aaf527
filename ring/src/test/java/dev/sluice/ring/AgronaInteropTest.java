package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.BytePattern;
import dev.sluice.testsupport.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agrona's own ring buffer at one end, ours at the other, each on a thread of its own. */
class AgronaInteropTest {
    private static final long TOTAL = 24L << 20;
    private static final int SMALL_RING_TOTAL = 1 << 20;

    private final long seed = Seeds.next("Agrona interop");
    private final BytePattern pattern = new BytePattern(seed);

    private static OneToOneRingBuffer agronas(final GuardedDirection direction) {
        final MemorySegment memory = direction.memory.asSlice(0, (long) direction.capacity + RingDescriptor.TRAILER_LENGTH);
        return new OneToOneRingBuffer(new UnsafeBuffer(memory.asByteBuffer()));
    }

    private static long total(final int capacity) {
        return capacity <= 1024 ? SMALL_RING_TOTAL : TOTAL;
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1024, 65536, 1 << 20})
    void agronaReadsWhatWeWrite(final int capacity) throws Exception {
        try (Arena arena = Arena.ofShared()) {
            final GuardedDirection direction = new GuardedDirection(arena, capacity);
            final CompletableFuture<Void> producer = CompletableFuture.runAsync(() -> writeOurs(arena, direction));
            final OneToOneRingBuffer ring = agronas(direction);
            final long[] received = new long[1];
            while (received[0] < total(capacity) && !producer.isCompletedExceptionally()) {
                final int records = ring.read((type, buffer, index, length) -> {
                    assertEquals(RingDescriptor.BYTES_TYPE, type);
                    assertTrue(length + 8 <= Math.min(64 << 10, capacity / 8 + 8));
                    pattern.check(direction.memory, index, length, received[0]);
                    received[0] += length;
                });
                if (records == 0) {
                    Thread.yield();
                }
            }
            producer.get(30, TimeUnit.SECONDS);
            assertEquals(total(capacity), received[0]);
            direction.checkGuards();
        }
    }

    private void writeOurs(final Arena arena, final GuardedDirection direction) {
        final SplittableRandom random = new SplittableRandom(seed);
        final MemorySegment bytes = arena.allocate(100_000);
        final RingWriter writer = new RingWriter(direction.memory, direction.capacity);
        final long total = total(direction.capacity);
        long sent = 0;
        while (sent < total) {
            final int length = (int) Math.min(total - sent, random.nextInt(1, random.nextInt(10) == 0 ? 100_000 : 200));
            pattern.fill(bytes, 0, length, sent);
            int taken = 0;
            while (taken < length) {
                final int now = writer.write(bytes, taken, length - taken);
                assertTrue(now >= 0, writer.brokenReason());
                taken += now;
                if (now == 0 || random.nextInt(8) == 0) {
                    writer.publish();
                    Thread.yield();
                }
            }
            sent += length;
        }
        writer.publish();
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1024, 65536, 1 << 20})
    void weReadWhatAgronaWrites(final int capacity) throws Exception {
        try (Arena arena = Arena.ofShared()) {
            final GuardedDirection direction = new GuardedDirection(arena, capacity);
            final CompletableFuture<Void> producer = CompletableFuture.runAsync(() -> writeAgronas(direction));
            final RingReader reader = new RingReader(direction.memory, capacity);
            final SplittableRandom random = new SplittableRandom(~seed);
            long received = 0;
            while (received < total(capacity) && !producer.isCompletedExceptionally()) {
                final int found = reader.poll();
                assertTrue(found >= 0, reader.brokenReason());
                if (found == 0) {
                    reader.release();
                    Thread.yield();
                } else {
                    final int length = random.nextInt(1, found + 1);
                    pattern.check(reader.memory(), reader.offset(), length, received);
                    reader.advance(length);
                    received += length;
                    if (random.nextInt(4) == 0) {
                        reader.release();
                    }
                }
            }
            producer.get(30, TimeUnit.SECONDS);
            assertEquals(total(capacity), received);
            direction.checkGuards();
        }
    }

    /** Whole records, claims that are committed late, claims that are given up (padding in the middle), empty records. */
    private void writeAgronas(final GuardedDirection direction) {
        final SplittableRandom random = new SplittableRandom(seed);
        final OneToOneRingBuffer ring = agronas(direction);
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[ring.maxMsgLength()]);
        final MemorySegment source = MemorySegment.ofArray(bytes.byteArray());
        final long total = total(direction.capacity);
        long sent = 0;
        while (sent < total) {
            final int length = (int) Math.min(total - sent, random.nextInt(ring.maxMsgLength() + 1));
            final int type = random.nextInt(1, Integer.MAX_VALUE);
            pattern.fill(source, 0, length, sent);
            if (random.nextInt(4) > 0) {
                if (ring.write(type, bytes, 0, length)) {
                    sent += length;
                } else {
                    Thread.yield();
                }
                continue;
            }
            final int index = ring.tryClaim(type, length);
            if (index < 0) {
                Thread.yield();
            } else if (random.nextBoolean()) {
                ring.buffer().putBytes(index, bytes, 0, length);
                Thread.yield();
                ring.commit(index);
                sent += length;
            } else {
                ring.abort(index);
            }
        }
    }
}
