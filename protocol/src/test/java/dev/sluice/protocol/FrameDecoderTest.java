package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameDecoderTest {
    private final FrameDecoder decoder = new FrameDecoder();
    private byte[] body;

    @Test
    void decodesEveryFrameSplitAtEveryByte() {
        Vectors.all().forEach(vector -> {
            for (int split = 0; split <= vector.frame().length; split++) {
                final List<String> frames = new ArrayList<>();
                pull(vector.memory(), 0, split, frames);
                assertEquals(split == vector.frame().length ? 1 : 0, frames.size());
                assertEquals(split == 0 || split == vector.frame().length, decoder.atFrameBoundary());
                assertEquals(split >= FrameDescriptor.HEADER_LENGTH && split < vector.frame().length, decoder.headerComplete());
                pull(vector.memory(), split, vector.frame().length - split, frames);
                assertEquals(List.of(describe(vector)), frames);
                assertTrue(decoder.atFrameBoundary());
            }
        });
    }

    @Test
    void decodesAStreamCutAnywhere() {
        final Random random = new Random(Seeds.next("cuts"));
        final MemorySegment stream = MemorySegment.ofArray(Vectors.stream());
        final List<String> expected = Vectors.all().map(FrameDecoderTest::describe).toList();
        for (int round = 0; round < 200; round++) {
            final List<String> frames = new ArrayList<>();
            final int longest = 1 + random.nextInt(round % 2 == 0 ? 12 : 600);
            int at = 0;
            while (at < stream.byteSize()) {
                final int length = (int) Math.min(1 + random.nextInt(longest), stream.byteSize() - at);
                pull(stream, at, length, frames);
                at += length;
            }
            assertEquals(expected, frames);
            assertTrue(decoder.atFrameBoundary());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "00000000, TOO_SHORT", "00000004, TOO_SHORT", "00400001, TOO_LONG", "7fffffff, TOO_LONG",
        "80000000, TOO_LONG", "ffffffff, TOO_LONG"})
    void tellsABadLengthAtItsFourthByte(final String length, final FrameError expected) {
        final MemorySegment bytes = MemorySegment.ofArray(HexFormat.of().parseHex(length + "0000000100ff"));
        assertEquals(3, decoder.takeHeader(bytes, 0, 3));
        assertEquals(FrameError.NONE, decoder.error());
        assertEquals(1, decoder.takeHeader(bytes, 3, 1));
        assertEquals(expected, decoder.error());
        assertFalse(decoder.headerComplete());
        assertFalse(decoder.inBody());
        assertFalse(decoder.atFrameBoundary());
        assertEquals(0, decoder.takeHeader(bytes, 4, 6), "an error stays");
        assertThrows(IllegalStateException.class, () -> decoder.bodyTaken(0));

        decoder.reset();
        assertTrue(decoder.atFrameBoundary());
        assertEquals(9, decoder.takeHeader(bytes, 0, 10), "as many as were there, up to a header");
        assertEquals(expected, decoder.error());
    }

    @ParameterizedTest
    @CsvSource({"00000005, 9, 0", "00000006, 10, 1", "00400000, 4194308, 4194299"})
    void takesTheWholeRangeOfLengths(final String length, final int frameLength, final int bodyLength) {
        final MemorySegment bytes = MemorySegment.ofArray(HexFormat.of().parseHex(length + "fffffffe81"));
        assertEquals(9, decoder.takeHeader(bytes, 0, 9));
        assertTrue(decoder.headerComplete());
        assertEquals(bodyLength > 0, decoder.inBody());
        assertEquals(0xFFFFFFFE, decoder.id());
        assertEquals(0x81, decoder.flags());
        assertEquals(frameLength, decoder.frameLength());
        assertEquals(bodyLength, decoder.bodyLength());
        assertEquals(0, decoder.takeHeader(bytes, 0, 9), "the body comes first");
        assertEquals(-1, decoder.header().mismatch(bytes));
        decoder.bodyTaken(bodyLength);
        assertTrue(decoder.atFrameBoundary());
        assertEquals(frameLength, decoder.frameLength(), "known until the next header");
        assertThrows(IllegalStateException.class, () -> decoder.bodyTaken(0));
    }

    @Test
    void refusesMoreBodyThanThereIs() {
        decoder.takeHeader(MemorySegment.ofArray(HexFormat.of().parseHex("000000070000000100")), 0, 9);
        assertThrows(IllegalArgumentException.class, () -> decoder.bodyTaken(3));
        assertThrows(IllegalArgumentException.class, () -> decoder.bodyTaken(-1));
        decoder.bodyTaken(1);
        assertEquals(1, decoder.bodyRemaining());
        decoder.bodyTaken(0);
        assertTrue(decoder.headerComplete());
        decoder.bodyTaken(1);
        assertTrue(decoder.atFrameBoundary());
    }

    @Test
    void usesItsOwnCopyOfTheHeader() {
        final MemorySegment shared = MemorySegment.ofArray(HexFormat.of().parseHex("0000000700000001020000"));
        final MemorySegment own = MemorySegment.ofArray(new byte[16]);
        final FrameDecoder copying = new FrameDecoder(own);
        copying.takeHeader(shared, 0, 11);
        shared.fill((byte) 0xFF);
        assertEquals(11, copying.frameLength());
        assertEquals(1, copying.id());
        assertEquals(2, copying.flags());
        assertEquals(7, FrameDescriptor.length(own, 0));
        assertEquals(9, copying.header().byteSize());
        assertThrows(IllegalArgumentException.class, () -> new FrameDecoder(MemorySegment.ofArray(new byte[8])));
        assertThrows(IllegalArgumentException.class, () -> new FrameDecoder(own.asReadOnly()));
    }

    private void pull(final MemorySegment source, final int offset, final int length, final List<String> frames) {
        int at = offset;
        final int end = offset + length;
        while (at < end) {
            if (!decoder.headerComplete()) {
                at += decoder.takeHeader(source, at, end - at);
                if (!decoder.headerComplete()) {
                    continue;
                }
                body = new byte[decoder.bodyLength()];
            }
            final int taken = Math.min(end - at, decoder.bodyRemaining());
            MemorySegment.copy(
                source, ValueLayout.JAVA_BYTE, at, body, decoder.bodyLength() - decoder.bodyRemaining(), taken);
            decoder.bodyTaken(taken);
            at += taken;
            if (decoder.atFrameBoundary()) {
                frames.add(describe(decoder.id(), decoder.flags(), body));
            }
        }
    }

    private static String describe(final Vectors.Vector vector) {
        final byte[] body = new byte[vector.bodyLength()];
        System.arraycopy(vector.frame(), FrameDescriptor.BODY_OFFSET, body, 0, body.length);
        return describe(vector.id(), vector.flags(), body);
    }

    private static String describe(final int id, final int flags, final byte[] body) {
        return id + " " + flags + " " + HexFormat.of().formatHex(body);
    }
}
