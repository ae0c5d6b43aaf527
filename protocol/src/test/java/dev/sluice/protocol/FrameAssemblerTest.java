package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.BytePattern;
import dev.sluice.testsupport.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameAssemblerTest {
    private static final int MAX_BODY = FrameDescriptor.MAX_BODY_LENGTH;

    private record Frame(int id, int flags, ByteString body) {
    }

    private final FrameAssembler assembler = new FrameAssembler();
    private final List<Frame> frames = new ArrayList<>();
    private final List<MemorySegment> memories = new ArrayList<>();
    private int calls;

    private final FrameHandler collector = (id, flags, memory, bodyOffset, bodyLength) -> {
        frames.add(new Frame(id, flags, ByteString.copyOf(memory, bodyOffset, bodyLength)));
        memories.add(memory);
    };

    @Test
    void handsOutEveryFrameSplitAtEveryByte() {
        final MemorySegment stream = MemorySegment.ofArray(Vectors.stream());
        final int length = (int) stream.byteSize();
        assembler.append(stream, 0, length, collector);
        final List<Frame> expected = List.copyOf(frames);
        assertEquals(Vectors.all().count(), expected.size());
        for (int split = 0; split <= length; split++) {
            frames.clear();
            assertEquals(FrameError.NONE, assembler.append(stream, 0, split, collector));
            assertEquals(FrameError.NONE, assembler.append(stream, split, length - split, collector));
            assertEquals(expected, frames);
            assertTrue(assembler.atFrameBoundary());
        }
    }

    @Test
    void handsOutAStreamCutAnywhere() {
        final Random random = new Random(Seeds.next("cuts"));
        final MemorySegment stream = MemorySegment.ofArray(Vectors.stream());
        final int length = (int) stream.byteSize();
        assembler.append(stream, 0, length, collector);
        final List<Frame> expected = List.copyOf(frames);
        for (int round = 0; round < 200; round++) {
            frames.clear();
            final int longest = 1 + random.nextInt(round % 2 == 0 ? 12 : 600);
            int at = 0;
            while (at < length) {
                final int piece = Math.min(random.nextInt(longest + 1), length - at);
                // A buffer of its own, overwritten afterwards: nothing may be kept of it.
                final MemorySegment offered = MemorySegment.ofArray(new byte[piece]);
                offered.copyFrom(stream.asSlice(at, piece));
                assertEquals(FrameError.NONE, assembler.append(offered, 0, piece, collector));
                offered.fill((byte) 0xEE);
                at += piece;
            }
            assertEquals(expected, frames);
        }
    }

    @Test
    void handsFramesOutWhereTheyWerePut() {
        final int[] bodies = {100_000, 70_000, 3, 0, 200_000, 110_000, 5};
        final BytePattern pattern = new BytePattern(3);
        final MemorySegment stream = MemorySegment.ofArray(new byte[Arrays.stream(bodies).sum() + bodies.length * 9]);
        int filled = 0;
        for (int i = 0; i < bodies.length; i++) {
            FrameDescriptor.putHeader(stream, filled, bodies[i], i + 1, 0);
            pattern.fill(stream, filled + 9, bodies[i], 0);
            filled += 9 + bodies[i];
        }
        final Random random = new Random(Seeds.next("reads"));
        for (int round = 0; round < 50; round++) {
            frames.clear();
            memories.clear();
            final int most = 1 + random.nextInt(150_000);
            int at = 0;
            while (at < filled) {
                final int room = assembler.room();
                assertTrue(room > 0);
                final int length = Math.min(Math.min(room, 1 + random.nextInt(most)), filled - at);
                MemorySegment.copy(stream, at, assembler.memory(), assembler.offset(), length);
                assertEquals(FrameError.NONE, assembler.received(length, collector));
                for (final MemorySegment memory : memories) {
                    assertSame(assembler.memory(), memory);
                }
                memories.clear();
                at += length;
            }
            assertEquals(bodies.length, frames.size());
            int from = 0;
            for (int i = 0; i < bodies.length; i++) {
                assertEquals(new Frame(i + 1, 0, ByteString.copyOf(stream, from + 9, bodies[i])), frames.get(i));
                from += 9 + bodies[i];
            }
            assertTrue(assembler.atFrameBoundary());
        }
    }

    /** Of a stream of the commonest long frames, read as fast as it comes, hardly a byte is moved. */
    @Test
    void framesWithSixtyFourKibibytesAreHardlyMoved() {
        final int frameLength = DataFrame.frameLength(MessageType.EXEC_STDOUT, 64 * 1024);
        final MemorySegment header = MemorySegment.ofArray(new byte[9]);
        FrameDescriptor.putHeader(header, 0, frameLength - 9, 1, 0);
        long moved = 0;
        long sent = 0;
        while (sent < 1000L * frameLength) {
            final int held = assembler.heldBytes();
            final int before = assembler.offset();
            final int room = assembler.room();
            moved += assembler.offset() < before && held > 0 ? held : 0;
            final MemorySegment memory = assembler.memory();
            for (int i = 0; i < room; i++) {
                final long inFrame = (sent + i) % frameLength;
                memory.set(ValueLayout.JAVA_BYTE, assembler.offset() + i, inFrame < 9 ? header.get(ValueLayout.JAVA_BYTE, inFrame) : 0);
            }
            assertEquals(FrameError.NONE, assembler.received(room, (id, flags, at, bodyOffset, bodyLength) -> calls++));
            sent += room;
        }
        assertTrue(calls >= 999, "frames: " + calls);
        assertTrue(moved < sent / 10, "moved: " + moved + " of " + sent);
    }

    @Test
    void offersNoRoomBehindALongFrame() {
        final MemorySegment header = MemorySegment.ofArray(new byte[9]);
        FrameDescriptor.putHeader(header, 0, 50_000, 1, 0);
        assembler.append(header, 0, 9, collector);
        assertEquals(50_000, assembler.room());
        assembler.received(20_000, collector);
        assertEquals(30_000, assembler.room());
        assertEquals(20_009, assembler.heldBytes());
        assembler.received(30_000, collector);
        assertEquals(FrameAssembler.RETAINED_LENGTH, assembler.room());
        assertEquals(0, assembler.offset());
        assertThrows(IndexOutOfBoundsException.class, () -> assembler.received(FrameAssembler.RETAINED_LENGTH + 1, collector));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000004", "00400001", "ffffffff"})
    void reportsABadLengthAfterTheFramesBeforeIt(final String length) {
        final byte[] bytes = HexFormat.of().parseHex("000000050000000100" + length + "0000000000000000000000");
        final MemorySegment stream = MemorySegment.ofArray(bytes);
        final FrameError expected = length.equals("00000004") ? FrameError.TOO_SHORT : FrameError.TOO_LONG;
        for (int split = 0; split <= bytes.length; split++) {
            frames.clear();
            final FrameError first = assembler.append(stream, 0, split, collector);
            assertEquals(split < 13 ? FrameError.NONE : expected, first, "as soon as the length is there");
            assertEquals(expected, assembler.append(stream, split, bytes.length - split, collector));
            assertEquals(expected, assembler.append(stream, 0, 9, collector), "an error stays");
            assertEquals(expected, assembler.error());
            assertEquals(List.of(new Frame(1, 0, ByteString.EMPTY)), frames);
            assertFalse(assembler.atFrameBoundary());
            assembler.reset();
            assertTrue(assembler.atFrameBoundary());
        }
    }

    @Test
    void assemblesTheLargestFrameInGrowingMemoryAndGivesItBack() {
        final BytePattern pattern = new BytePattern(7);
        final MemorySegment frame = MemorySegment.ofArray(new byte[FrameDescriptor.MAX_FRAME_LENGTH]);
        FrameDescriptor.putHeader(frame, 0, MAX_BODY, 9, 1);
        pattern.fill(frame, 9, MAX_BODY, 0);
        final int[] calls = new int[1];
        final FrameHandler checker = (id, flags, memory, bodyOffset, bodyLength) -> {
            assertEquals(9, id);
            assertEquals(MAX_BODY, bodyLength);
            assertEquals(-1, MemorySegment.mismatch(frame, 9, 9 + MAX_BODY, memory, bodyOffset, bodyOffset + bodyLength));
            calls[0]++;
        };
        assembler.append(frame, 0, 9, checker);
        assertTrue(assembler.bufferLength() <= FrameAssembler.RETAINED_LENGTH, "a length alone makes nobody allocate");
        for (int at = 9; at < FrameDescriptor.MAX_FRAME_LENGTH; at += 10_000) {
            assembler.append(frame, at, Math.min(10_000, FrameDescriptor.MAX_FRAME_LENGTH - at), checker);
            assertTrue(assembler.bufferLength() <= Math.max(2 * (at + 10_000), FrameAssembler.RETAINED_LENGTH));
        }
        assertEquals(1, calls[0]);
        assertEquals(FrameDescriptor.MAX_FRAME_LENGTH, assembler.bufferLength());

        final MemorySegment small = MemorySegment.ofArray(new byte[12]);
        FrameDescriptor.putHeader(small, 0, 3, 1, 0);
        for (int i = 0; i < 20; i++) {
            assembler.append(small, 0, 5, collector);
            assembler.append(small, 5, 7, collector);
        }
        assertEquals(20, frames.size());
        assertTrue(assembler.bufferLength() <= FrameAssembler.RETAINED_LENGTH);
    }

    @Test
    void resetGivesALargeBufferBack() {
        final MemorySegment frame = MemorySegment.ofArray(new byte[FrameDescriptor.MAX_FRAME_LENGTH]);
        FrameDescriptor.putHeader(frame, 0, MAX_BODY, 9, 1);
        assembler.append(frame, 0, 1_000_000, collector);
        assertEquals(1_000_000, assembler.heldBytes());
        assembler.reset();
        assertEquals(0, assembler.heldBytes());
        assertEquals(0, assembler.bufferLength());
    }

    @Test
    void takesItsMemoryFromTheCaller() {
        final List<Integer> lengths = new ArrayList<>();
        final FrameAssembler offHeap = new FrameAssembler(FrameAssembler.RETAINED_LENGTH, length -> {
            lengths.add(length);
            return java.lang.foreign.Arena.ofAuto().allocate(length);
        });
        final MemorySegment frame = MemorySegment.ofArray(new byte[300_009]);
        FrameDescriptor.putHeader(frame, 0, 300_000, 9, 1);
        offHeap.append(frame, 0, 200_000, collector);
        offHeap.append(frame, 200_000, 100_009, collector);
        assertTrue(memories.get(0).isNative());
        final int first = FrameAssembler.RETAINED_LENGTH;
        assertEquals(List.of(first, 2 * first, 4 * first), lengths);
        assertThrows(NullPointerException.class, () -> new FrameAssembler(1, null));
    }
}
