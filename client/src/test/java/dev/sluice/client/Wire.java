package dev.sluice.client;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes of the relay protocol, taken from its golden frames or put together here by hand: not with the encoder under test. */
final class Wire {
    static final int TERMINAL = 1;
    static final int SESSION_START = 2;
    static final byte[] READY = hex("000000520000000000a361760161746a636f72652e726561647961705838a36c626f6f745f74696d655f6e731a08f0d180"
        + "6c696e69745f74696d655f6e731a004c4b406d72656164795f74696d655f6e731a09896800");
    static final byte[] STARTED_42 = hex("000000270000000100a3617601617471636f72652e657865632e73746172746564617047a163706964182a");
    static final byte[] STDOUT_HI = hex("000000290000000100a3617601617470636f72652e657865632e7374646f757461704aa164646174614368690a");
    static final byte[] STDIN_EOF = hex("000000250000000100a361760161746f636f72652e657865632e737464696e617047a1646461746140");
    static final byte[] EXITED_0 = hex("000000260000000101a3617601617470636f72652e657865632e657869746564617047a164636f646500");
    static final byte[] EXITED_42 = hex("000000270000000701a3617601617470636f72652e657865632e657869746564617048a164636f6465182a");
    static final byte[] EXITED_MINUS_1 = hex("000000260000000101a3617601617470636f72652e657865632e657869746564617047a164636f646520");
    static final byte[] SIGNAL_9 = hex("000000280000000100a3617601617470636f72652e657865632e7369676e616c617049a1667369676e616c09");
    static final byte[] FAILED_NOT_FOUND = hex("000000990000000101a3617601617470636f72652e657865632e6661696c"
        + "656461705879a5646b696e64696e6f74"
        + "5f666f756e64656572726e6f026a6572726e6f5f6e616d6566454e4f454e54676d6573736167657831737061776e202278223a204e6f20737563682066696c"
        + "65206f72206469726563746f727920286f73206572726f722032296573746167656e436f6d6d616e643a3a737061776e");

    private static final int HEADER = 9;
    private static final int PREFIX = 4;

    private Wire() {
    }

    static byte[] hex(final String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /** A frame with another id. */
    static byte[] withId(final byte[] frame, final int id) {
        final byte[] copy = frame.clone();
        ByteBuffer.wrap(copy).putInt(PREFIX, id);
        return copy;
    }

    static int id(final byte[] frame) {
        return ByteBuffer.wrap(frame).getInt(PREFIX);
    }

    static int flags(final byte[] frame) {
        return frame[HEADER - 1];
    }

    /** The text of t: it follows A3 61 76 v 61 74 and a head of one byte, or of two from 24 letters on. */
    static String type(final byte[] frame) {
        final int head = HEADER + 6;
        final int inHead = frame[head] & 0x1F;
        final int start = inHead < 24 ? head + 1 : head + 2;
        final int length = inHead < 24 ? inHead : frame[head + 1] & 0xFF;
        return new String(frame, start, length, StandardCharsets.US_ASCII);
    }

    static byte[] frame(final String type, final int id, final int flags, final byte[] payload) {
        final byte[] body = concat(
            head(5, 3), text("v"), head(0, 1), text("t"), text(type), text("p"), head(2, payload.length), payload);
        return ByteBuffer.allocate(HEADER + body.length)
            .putInt(HEADER - PREFIX + body.length).putInt(id).put((byte) flags).put(body).array();
    }

    static byte[] readyWithWindow(final int window) {
        return frame("core.ready", 0, 0, concat(head(5, 4), text("boot_time_ns"), head(0, 1), text("init_time_ns"), head(0, 2),
            text("ready_time_ns"), head(0, 3), text("sluice_window"), head(0, window)));
    }

    static byte[] data(final String type, final int id, final byte... data) {
        return frame(type, id, 0, concat(head(5, 1), text("data"), head(2, data.length), data));
    }

    static byte[] window(final int id, final int stream, final int bytes) {
        return frame("sluice.window", id, 0, concat(head(5, 2), text("stream"), head(0, stream), text("bytes"), head(0, bytes)));
    }

    /** The unsigned number behind a key of the payload, or -1; takes the key's last place, which is no text of the tests'. */
    static long number(final byte[] frame, final String key) {
        final byte[] wanted = text(key);
        for (int i = frame.length - wanted.length - 1; i >= HEADER; i--) {
            if (Arrays.equals(frame, i, i + wanted.length, wanted, 0, wanted.length)) {
                final ByteBuffer after = ByteBuffer.wrap(frame, i + wanted.length, frame.length - i - wanted.length);
                final int inHead = after.get();
                return switch (inHead) {
                    case 24 -> after.get() & 0xFF;
                    case 25 -> after.getShort() & 0xFFFF;
                    case 26 -> after.getInt() & 0xFFFFFFFFL;
                    default -> inHead;
                };
            }
        }
        return -1;
    }

    /** The data of a data frame: what is left behind the key "data" and a head. */
    static byte[] dataOf(final byte[] frame) {
        final byte[] key = text("data");
        for (int i = HEADER; i < frame.length - key.length; i++) {
            if (Arrays.equals(frame, i, i + key.length, key, 0, key.length)) {
                final int inHead = frame[i + key.length] & 0x1F;
                final int headLength = inHead < 24 ? 1 : 1 + (1 << inHead - 24);
                return Arrays.copyOfRange(frame, i + key.length + headLength, frame.length);
            }
        }
        throw new AssertionError("no data: " + HexFormat.of().formatHex(frame));
    }

    static byte[] text(final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return concat(head(3, bytes.length), bytes);
    }

    /** A CBOR head: major type and number in the fewest bytes. */
    static byte[] head(final int major, final int number) {
        final int first = major << 5;
        if (number < 24) {
            return new byte[] {(byte) (first | number)};
        } else if (number < 1 << 8) {
            return new byte[] {(byte) (first | 24), (byte) number};
        } else if (number < 1 << 16) {
            return ByteBuffer.allocate(3).put((byte) (first | 25)).putShort((short) number).array();
        }
        return ByteBuffer.allocate(5).put((byte) (first | 26)).putInt(number).array();
    }

    static byte[] concat(final byte[]... parts) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (final byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
