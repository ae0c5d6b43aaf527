package dev.sluice.simulator;

import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.simulator.kernel.SimRandom;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A frame as its maker put it on the wire, with what it is about. Whoever receives bytes compares them with these.
 *
 * <p>The encoding is this module's own, so that it does not share mistakes with the one under simulation.
 *
 * @param kind what it is
 * @param session whose it is, or null
 * @param wire all its bytes, the length prefix included
 * @param grant bytes that it adds to a window
 * @param condemned whether it is output that cannot be recorded, of a relay that lets none of that through
 */
record Frame(FrameKind kind, Session session, byte[] wire, int grant, boolean condemned) {
    static final int HEADER = 9;
    static final int LENGTH_PREFIX = 4;
    static final int LENGTH_MIN = 5;
    static final int LENGTH_MAX = 4 * 1024 * 1024;
    static final int BODY_MAX = LENGTH_MAX - LENGTH_MIN;

    private static final int TEXT = 0x60;
    private static final int BYTES_32 = 0x5a;
    private static final int MAP_OF_1 = 0xa1;
    private static final int MAP_OF_3 = 0xa3;
    private static final int FALSE = 0xf4;
    private static final int TRUE = 0xf5;
    private static final byte[] DATA_KEY = "data".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TTY_KEY = "tty".getBytes(StandardCharsets.US_ASCII);
    /** Bytes of the body of an output frame that are no data: both outputs have names of the same length. */
    private static final int OUTPUT_OVERHEAD = envelopeLength(FrameKind.STDOUT.type()) + 2 + 4 + 1 + Integer.BYTES;
    private static final int REQUEST_LEAST = envelopeLength(FrameKind.EXEC_REQUEST.type()) + 6;

    /** Makes a frame of a session; its body is as long as wanted, or as its envelope needs. */
    static Frame of(final FrameKind kind, final Session session, final int bodyLength, final SimRandom random) {
        return new Frame(kind, session, encode(kind, session.generation(), session.id(), bodyLength, random), 0, false);
    }

    /** Makes a frame of what a program writes: {data: bytes}; as long as wanted, or as its envelope needs. */
    static Frame output(final FrameKind kind, final Session session, final int bodyLength, final boolean condemned) {
        final byte[] head = envelope(kind.type(), session.generation(), Math.max(bodyLength, OUTPUT_OVERHEAD));
        final int dataLength = Math.max(0, bodyLength - OUTPUT_OVERHEAD);
        final ByteBuffer wire = ByteBuffer.allocate(HEADER + OUTPUT_OVERHEAD + dataLength);
        wire.putInt(LENGTH_MIN + OUTPUT_OVERHEAD + dataLength).putInt(session.id()).put((byte) kind.flags()).put(head);
        wire.put((byte) MAP_OF_1).put((byte) (TEXT + 4)).put(DATA_KEY).put((byte) BYTES_32).putInt(dataLength);
        session.output(kind == FrameKind.STDOUT ? 0 : 1).write(wire.array(), wire.position(), dataLength);
        return new Frame(kind, session, wire.array(), 0, condemned);
    }

    /** Makes a request to start a program. */
    static Frame execRequest(final Session session, final int bodyLength, final boolean tty, final SimRandom random) {
        final Frame frame = of(FrameKind.EXEC_REQUEST, session, Math.max(bodyLength, REQUEST_LEAST), random);
        final ByteBuffer payload = ByteBuffer.wrap(frame.wire).position(HEADER + envelopeLength(FrameKind.EXEC_REQUEST.type()));
        payload.put((byte) MAP_OF_1).put((byte) (TEXT + 3)).put(TTY_KEY).put((byte) (tty ? TRUE : FALSE));
        return frame;
    }

    /** @return how many bytes of what a program writes are in this */
    int outputLength() {
        return wire.length - HEADER - OUTPUT_OVERHEAD;
    }

    /** Makes a frame that gives the guest more room. */
    static Frame window(final Session session, final int grant, final SimRandom random) {
        return new Frame(FrameKind.WINDOW, session, encode(FrameKind.WINDOW, session.generation(), session.id(), 0, random), grant, false);
    }

    /** Makes a frame that belongs to no session. */
    static Frame alone(final FrameKind kind, final int generation, final int id, final int bodyLength, final SimRandom random) {
        return new Frame(kind, null, encode(kind, generation, id, bodyLength, random), 0, false);
    }

    private static byte[] encode(
        final FrameKind kind, final int generation, final int id, final int wantedLength, final SimRandom random) {
        final byte[] head = kind.type() == null ? new byte[0] : envelope(kind.type(), generation, wantedLength);
        final int bodyLength = Math.max(head.length, wantedLength);
        final ByteBuffer wire = ByteBuffer.allocate(HEADER + bodyLength);
        wire.putInt(LENGTH_MIN + bodyLength).putInt(id).put((byte) kind.flags()).put(head);
        while (wire.remaining() >= Long.BYTES) {
            wire.putLong(random.nextLong());
        }
        while (wire.hasRemaining()) {
            wire.put((byte) random.nextLong());
        }
        return wire.array();
    }

    /** The bytes before the payload: {v: generation, t: type, p: bytes}. */
    private static byte[] envelope(final String type, final int generation, final int bodyLength) {
        final byte[] text = type.getBytes(StandardCharsets.US_ASCII);
        final int length = envelopeLength(type);
        return ByteBuffer.allocate(length)
            .put((byte) MAP_OF_3).put((byte) (TEXT + 1)).put((byte) 'v').put((byte) generation)
            .put((byte) (TEXT + 1)).put((byte) 't').put((byte) (TEXT + text.length)).put(text)
            .put((byte) (TEXT + 1)).put((byte) 'p').put((byte) BYTES_32).putInt(Math.max(0, bodyLength - length))
            .array();
    }

    private static int envelopeLength(final String type) {
        return 3 + 1 + 2 + 1 + type.length() + 2 + 1 + Integer.BYTES;
    }

    int id() {
        return id(wire);
    }

    int flags() {
        return flags(wire);
    }

    /** Whether a part that somebody has received is the beginning of this. */
    boolean startsWith(final byte[] part) {
        return part.length <= wire.length && Arrays.equals(wire, 0, part.length, part, 0, part.length);
    }

    static int id(final byte[] wire) {
        return ByteBuffer.wrap(wire).getInt(LENGTH_PREFIX);
    }

    static int flags(final byte[] wire) {
        return wire[HEADER - 1];
    }

    static boolean isTerminal(final byte[] wire) {
        return (flags(wire) & FrameKind.Flags.TERMINAL) != 0;
    }

    /** Whether a frame somebody received is an envelope of this type. */
    static boolean hasType(final byte[] wire, final String type) {
        final byte[] text = type.getBytes(StandardCharsets.US_ASCII);
        final int at = HEADER + 3 + 1 + 2;
        if (wire.length < at + 1 + text.length || wire[at] != (byte) (TEXT + text.length)) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (wire[at + 1 + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    /** @return what the frame's body says, or null when it says nothing that the protocol knows */
    static Message decode(final byte[] wire) {
        try {
            return Frames.decode(MemorySegment.ofArray(wire), HEADER, wire.length - HEADER);
        } catch (final ProtocolException e) {
            return null;
        }
    }

    /** What a frame looks like, for messages. */
    static String describe(final byte[] wire) {
        final StringBuilder text = new StringBuilder();
        text.append("frame of ").append(wire.length).append(" bytes id=").append(Integer.toUnsignedString(id(wire)))
            .append(" flags=").append(flags(wire)).append(" body=");
        for (int i = HEADER; i < Math.min(wire.length, HEADER + 32); i++) {
            text.append(wire[i] >= ' ' && wire[i] < 127 ? Character.toString(wire[i]) : String.format("\\%02x", wire[i]));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return kind + " " + describe(wire) + (session == null ? "" : " of " + session.connection());
    }
}
