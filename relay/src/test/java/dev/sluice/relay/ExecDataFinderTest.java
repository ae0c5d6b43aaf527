package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExecDataFinderTest {
    private int stream = -1;
    private int announced = -1;
    private int ends;
    private final ByteArrayOutputStream found = new ByteArrayOutputStream();

    private final ExecDataFinder finder = new ExecDataFinder(new ExecDataFinder.Sink() {
        @Override
        public void begin(final int ofStream, final int length) {
            stream = ofStream;
            announced = length;
        }

        @Override
        public void data(final MemorySegment memory, final long offset, final int length) {
            found.writeBytes(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void end() {
            ends++;
        }
    });

    private void feed(final byte[] body, final int... cuts) {
        stream = -1;
        announced = -1;
        ends = 0;
        found.reset();
        finder.start(body.length);
        int from = 0;
        for (final int cut : cuts) {
            feed(body, from, cut);
            from = cut;
        }
        feed(body, from, body.length);
        finder.end();
    }

    private void feed(final byte[] body, final int from, final int to) {
        // Memory that is the guest's again as soon as the call is over.
        final byte[] piece = Arrays.copyOfRange(body, from, to);
        finder.take(MemorySegment.ofArray(piece), 0, piece.length);
        Arrays.fill(piece, (byte) 0xEE);
    }

    private void assertFound(final int expectedStream, final byte[] expected) {
        assertEquals(expectedStream, stream);
        assertEquals(expected.length, announced);
        assertArrayEquals(expected, found.toByteArray());
        assertEquals(1, ends);
    }

    private static byte[] data(final int length) {
        final byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (i * 7 + 1);
        }
        return data;
    }

    @Test
    void outputIsFoundWhereverTheFrameIsSplit() {
        for (final int length : new int[] {0, 1, 5, 23, 24, 60, 255, 256, 300}) {
            for (final String type : new String[] {"stdout", "stderr"}) {
                final byte[] body = ExecLogFrames.output(type, data(length));
                for (int cut = 0; cut <= body.length; cut++) {
                    feed(body, cut);
                    assertFound("stdout".equals(type) ? 0 : 1, data(length));
                }
                final int[] everywhere = new int[body.length];
                Arrays.setAll(everywhere, i -> i);
                feed(body, everywhere);
                assertFound("stdout".equals(type) ? 0 : 1, data(length));
            }
        }
    }

    @Test
    void theLongestFrameIsStreamed() {
        final byte[] data = data(4_194_258);
        feed(ExecLogFrames.output("stdout", data), 10, 70_000, 4_000_000);
        assertFound(0, data);
    }

    @Test
    void otherFormsAreDecodedWhole() {
        final byte[] data = data(500);
        final byte[] payload = ExecLogFrames.dataPayload(data);
        final byte[] more = ExecLogFrames.joined(new byte[] {(byte) 0xA2}, ExecLogFrames.text("x"), new byte[] {1},
            ExecLogFrames.text("data"), ExecLogFrames.bytes(data));
        final byte[] chunks = ExecLogFrames.joined(new byte[] {(byte) 0xA1}, ExecLogFrames.text("data"), new byte[] {0x5F},
            ExecLogFrames.bytes(Arrays.copyOf(data, 100)), ExecLogFrames.bytes(Arrays.copyOfRange(data, 100, 500)),
            new byte[] {(byte) 0xFF});
        final byte[] longHeads = ExecLogFrames.joined(HexFormat.of().parseHex("a361760161747810"),
            "core.exec.stderr".getBytes(US_ASCII), ExecLogFrames.text("p"), ExecLogFrames.bytes(payload));
        for (final byte[] body : new byte[][] {
            ExecLogFrames.reordered("core.exec.stderr", payload), ExecLogFrames.body("core.exec.stderr", more),
            ExecLogFrames.body("core.exec.stderr", chunks), ExecLogFrames.reordered("core.exec.stderr", chunks), longHeads}) {
            for (int cut = 0; cut <= body.length; cut += 13) {
                feed(body, cut);
                assertFound(1, data);
            }
        }
    }

    @Test
    void whatIsNoOutputIsIgnored() {
        final byte[][] bodies = {
            ExecLogFrames.body("core.exec.started", new byte[] {(byte) 0xA0}),
            ExecLogFrames.body("core.fs.data", ExecLogFrames.dataPayload(data(9))),
            ExecLogFrames.body("x".repeat(200), ExecLogFrames.dataPayload(data(9))), ExecLogFrames.body("core.exec.stdout", data(3)),
            ExecLogFrames.body("core.exec.stdouu", ExecLogFrames.dataPayload(data(3))), {}, {0}, {(byte) 0xA3, 0x61, 0x76}, data(100)};
        for (final byte[] body : bodies) {
            for (int cut = 0; cut <= body.length; cut++) {
                feed(body, cut);
                assertEquals(-1, stream);
                assertEquals(0, found.size());
            }
        }
    }

    @Test
    void lengthsThatDoNotAgreeAreNeverReadBeyondTheBody() {
        final Random random = new Random(Seeds.next("damage"));
        final byte[] whole = ExecLogFrames.output("stdout", data(300));
        for (int i = 0; i < 200_000; i++) {
            final byte[] body = Arrays.copyOf(whole, random.nextInt(4) == 0 ? random.nextInt(whole.length) : whole.length);
            for (int damage = random.nextInt(3); body.length > 0 && damage >= 0; damage--) {
                body[random.nextInt(Math.min(60, body.length))] = (byte) random.nextInt();
            }
            feed(body, random.nextInt(body.length + 1));
            assertTrue(found.size() <= body.length);
            assertTrue(announced < 0 || announced == found.size());
        }
    }
}
