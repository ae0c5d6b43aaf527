package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Bodies of frames about programs and their output, put together byte by byte: nothing of Sluice's codec is in them. */
final class ExecLogFrames {
    static final int TERMINAL = 1;
    static final int START = 2;

    private ExecLogFrames() {
    }

    private static byte[] head(final int major, final int length) {
        if (length < 24) {
            return new byte[] {(byte) (major << 5 | length)};
        }
        if (length < 256) {
            return new byte[] {(byte) (major << 5 | 24), (byte) length};
        }
        if (length < 65_536) {
            return ByteBuffer.allocate(3).put((byte) (major << 5 | 25)).putShort((short) length).array();
        }
        return ByteBuffer.allocate(5).put((byte) (major << 5 | 26)).putInt(length).array();
    }

    static byte[] joined(final byte[]... parts) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (final byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] text(final String text) {
        final byte[] bytes = text.getBytes(US_ASCII);
        return joined(head(3, bytes.length), bytes);
    }

    static byte[] bytes(final byte[] bytes) {
        return joined(head(2, bytes.length), bytes);
    }

    static byte[] body(final String type, final byte[] payload) {
        return joined(HexFormat.of().parseHex("a3617601"), text("t"), text(type), text("p"), bytes(payload));
    }

    /** A frame's body with its keys in another order, which decoders accept. */
    static byte[] reordered(final String type, final byte[] payload) {
        return joined(new byte[] {(byte) 0xA3}, text("p"), bytes(payload), text("v"), new byte[] {1}, text("t"), text(type));
    }

    static byte[] dataPayload(final byte[] data) {
        return joined(new byte[] {(byte) 0xA1}, text("data"), bytes(data));
    }

    static byte[] output(final String stream, final byte[] data) {
        return body("core.exec." + stream, dataPayload(data));
    }

    static byte[] request(final boolean tty, final int window) {
        final byte[] payload = joined(new byte[] {(byte) (window == 0 ? 0xA2 : 0xA3)}, text("cmd"), text("x"), text("tty"),
            new byte[] {(byte) (tty ? 0xF5 : 0xF4)}, window == 0 ? new byte[0] : joined(text("sluice_window"), head(0, window)));
        return body("core.exec.request", payload);
    }

    /** core.ready of an agent that knows windows. */
    static byte[] readyWithWindows() {
        final byte[] payload = joined(new byte[] {(byte) 0xA4}, text("boot_time_ns"), new byte[] {1}, text("init_time_ns"), new byte[] {1},
            text("ready_time_ns"), new byte[] {1}, text("sluice_window"), head(0, 65_536));
        return Wire.frame(0, 0, body("core.ready", payload));
    }

    /** How much a grant grants: the number at its end. */
    static long grantedBytes(final byte[] frame) {
        final int at = new String(frame, java.nio.charset.StandardCharsets.ISO_8859_1).lastIndexOf("bytes") + 5;
        final int head = frame[at] & 0xFF;
        return switch (head) {
            case 0x18 -> frame[at + 1] & 0xFF;
            case 0x19 -> ByteBuffer.wrap(frame).getShort(at + 1) & 0xFFFF;
            case 0x1A -> ByteBuffer.wrap(frame).getInt(at + 1) & 0xFFFFFFFFL;
            default -> head;
        };
    }

    static byte[] window(final int stream, final int bytes) {
        return body("sluice.window", joined(new byte[] {(byte) 0xA2}, text("stream"), new byte[] {(byte) stream}, text("bytes"),
            head(0, bytes)));
    }
}
