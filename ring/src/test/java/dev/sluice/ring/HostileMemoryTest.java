package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A peer that overwrites the shared memory between any two operations: random words, plausible words, whole areas. Whatever it does ends in
 * data or in the broken state, in bounded steps, and nothing outside the direction changes.
 */
class HostileMemoryTest {
    private static final int STEPS = 4_000_000;
    private static final int[] CAPACITIES = {64, 128, 1024, 4096, 65536};
    private static final int LARGEST = 65536;

    private final SplittableRandom random = new SplittableRandom(Seeds.next("hostile memory"));
    private GuardedDirection direction;
    private RingReader reader;
    private RingWriter writer;
    private int limit;
    private long spans;
    private long rebuilt;
    private long brokenReaders;
    private long brokenWriters;

    @Test
    @TimeLimit(seconds = 120)
    void everythingEndsInDataOrInTheBrokenState() {
        try (Arena arena = Arena.ofConfined()) {
            final GuardedDirection[] directions = new GuardedDirection[CAPACITIES.length];
            for (int i = 0; i < directions.length; i++) {
                directions[i] = new GuardedDirection(arena, CAPACITIES[i]);
            }
            final MemorySegment bytes = arena.allocate(LARGEST);
            rebuild(directions);
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(100) < 20) {
                    corrupt();
                }
                operate(bytes);
                if (random.nextInt(200) == 0 || isBroken() && random.nextInt(4) == 0) {
                    direction.checkGuards();
                    rebuild(directions);
                }
            }
        }
        System.out.printf(
            "steps=%d rings=%d spans=%d readers broken=%d writers broken=%d%n", STEPS, rebuilt, spans, brokenReaders, brokenWriters);
        assertTrue(spans > STEPS / 100 && brokenReaders > 100 && brokenWriters > 100, "the test did not reach what it is for");
    }

    private boolean isBroken() {
        return reader.brokenReason() != null || writer.brokenReason() != null;
    }

    private void rebuild(final GuardedDirection[] directions) {
        direction = directions[random.nextInt(directions.length)];
        final long start = random.nextLong(1L << random.nextInt(1, 62)) & -8;
        direction.startAt(start);
        limit = random.nextInt(64, direction.capacity + 1);
        reader = new RingReader(direction.memory, direction.capacity, start);
        writer = new RingWriter(direction.memory, direction.capacity, limit, start);
        rebuilt++;
    }

    private void operate(final MemorySegment bytes) {
        final int capacity = direction.capacity;
        final boolean readerWasBroken = reader.brokenReason() != null;
        final boolean writerWasBroken = writer.brokenReason() != null;
        final long walked = reader.recordsWalked();
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                final int found = reader.poll();
                assertTrue(found == RingReader.BROKEN || found >= 0 && found == reader.length(), "poll");
                assertTrue(!readerWasBroken || found != 0, "a broken ring says so or hands out what was good");
            }
            case 2 -> {
                if (reader.length() > 0) {
                    reader.advance(random.nextInt(reader.length() + 1));
                }
            }
            case 3 -> {
                if (reader.length() > 0) {
                    reader.advance(reader.length());
                }
            }
            case 4 -> reader.release();
            case 5 -> {
                final int length = random.nextInt(1, random.nextBoolean() ? 65 : capacity + 1);
                final int taken = writer.write(bytes, 0, length);
                assertTrue(taken == RingWriter.BROKEN || taken >= 0 && taken <= length, "write");
                assertTrue(!writerWasBroken || taken == RingWriter.BROKEN, "a broken ring stays broken");
            }
            case 6 -> writer.publish();
            default -> {
                final int unread = writer.unread();
                assertTrue(unread >= 0 && unread <= limit, "unread");
                assertTrue(writer.hasUsefulRoom() || writer.usefulRoomPosition() > 0, "position to wait for");
            }
        }
        assertTrue(reader.recordsWalked() - walked <= capacity / 8, "more steps than the ring has records");
        if (reader.length() > 0) {
            spans++;
            assertTrue(reader.offset() >= 8 && reader.offset() + reader.length() <= capacity, "span outside the records");
        }
        brokenReaders += !readerWasBroken && reader.brokenReason() != null ? 1 : 0;
        brokenWriters += !writerWasBroken && writer.brokenReason() != null ? 1 : 0;
    }

    private void corrupt() {
        final int capacity = direction.capacity;
        final MemorySegment memory = direction.memory;
        switch (random.nextInt(12)) {
            case 0 -> direction.putTail(random.nextLong());
            case 1 -> direction.putTail(writer.position() + 8L * random.nextInt(-capacity / 8 - 2, capacity / 8 + 2));
            case 2 -> direction.putHead(random.nextLong());
            case 3 -> direction.putHead(writer.position() + 8L * random.nextInt(-capacity / 8 - 2, 2));
            case 4, 5, 6 -> direction.putInt(8L * random.nextInt(capacity / 8), plausibleLength());
            case 7 -> direction.putInt(8L * random.nextInt(capacity / 8) + 4, random.nextInt(-3, 4));
            case 8 -> memory.set(ValueLayout.JAVA_LONG, 8L * random.nextInt((int) memory.byteSize() / 8), random.nextLong());
            case 9 -> memory.set(ValueLayout.JAVA_BYTE, random.nextLong(memory.byteSize()), (byte) random.nextInt());
            case 10 -> {
                if (random.nextInt(20) == 0) {
                    final int from = random.nextInt(capacity);
                    memory.asSlice(from, random.nextInt(capacity - from + 1)).fill((byte) random.nextInt());
                }
            }
            default -> {
                // A run of records that would pass, with the tail behind them.
                long position = writer.position();
                for (int i = random.nextInt(1, 6); i > 0; i--) {
                    final int length = random.nextInt(8, capacity / 8 + 9);
                    direction.putRecord(position, length, random.nextInt(8) == 0 ? RingDescriptor.PADDING_TYPE : 1);
                    position += RingDescriptor.align(length);
                }
                direction.putTail(position);
            }
        }
    }

    private int plausibleLength() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(-16, 17);
            case 2 -> random.nextInt(8, direction.capacity / 8 + 17);
            default -> 8 * random.nextInt(1, direction.capacity / 8);
        };
    }
}
