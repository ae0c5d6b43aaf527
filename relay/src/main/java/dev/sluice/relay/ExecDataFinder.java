package dev.sluice.relay;

import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Finds the output of a program in the body of a frame while it arrives. The beginning is put into private memory and compared with what
 * every known encoder writes:
 *
 * <pre>
 *   A3 61 76 vv 61 74 70 "core.exec.std" "out" | "err"   61 70 head   A1 64 "data" head   data, to the end of the body
 * </pre>
 *
 * When that is what it is, the data is handed on as it comes. A body of that form and another type is none. Any other form is put together
 * whole and decoded.
 *
 * <p>What was compared is the copy, so a guest that changes its memory meanwhile changes nothing but its own bytes. One owner thread. No
 * allocation in the form that encoders write.
 */
final class ExecDataFinder {
    /** Where the data goes. */
    interface Sink {
        /** Data begins. @param stream 0 for standard output, 1 for standard error */
        void begin(int stream, int length);

        /** Data, once or more until its length is reached. */
        void data(MemorySegment memory, long offset, int length);

        /** All data was handed on, or no more of it will come. */
        void end();
    }

    private enum State { HEAD, DATA, IGNORED, WHOLE }

    /** The longest beginning of that form: heads of 5 bytes for both lengths. */
    private static final int HEAD_MAX = 6 + 1 + 16 + 2 + 5 + 6 + 5;
    private static final int TYPE_OFFSET = 6;
    private static final int TYPE_HEAD = 0x70;
    private static final int TYPE_END = TYPE_OFFSET + 1 + 16;
    private static final int MAP_AND_VERSION_KEY = 0xA36176;
    private static final int MAX_SHORT_VERSION = 0x17;
    private static final short TYPE_KEY = 0x6174;
    private static final short PAYLOAD_KEY = 0x6170;
    private static final short DATA_MAP = (short) 0xA164;
    private static final int DATA_KEY = 0x64617461;
    private static final int MIN_COMPARABLE = TYPE_OFFSET + 1;
    private static final long NOT_FOUND = -1;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Sink sink;
    private final MemorySegment head = MemorySegment.ofArray(new byte[HEAD_MAX]);
    private final Envelope envelope = new Envelope();
    private final DataPayload payload = new DataPayload();
    /** Made when a body of another form comes: no encoder known writes one. */
    private MemorySegment whole;
    private State state = State.IGNORED;
    private int bodyLength;
    private int taken;
    private int dataRemaining;

    ExecDataFinder(final Sink sink) {
        this.sink = sink;
    }

    /** A body begins. */
    void start(final int length) {
        bodyLength = length;
        taken = 0;
        state = State.HEAD;
    }

    /** {@return whether more of the body is wanted} */
    boolean isInterested() {
        return state != State.IGNORED;
    }

    /** The next bytes of the body. */
    void take(final MemorySegment memory, final long offset, final int length) {
        switch (state) {
            case HEAD -> takeHead(memory, offset, length);
            case DATA -> takeData(memory, offset, length);
            case WHOLE -> takeWhole(memory, offset, length);
            default -> {
                // The rest of a body that holds no output, or of one that has been read to the end.
            }
        }
    }

    /** The body has ended, or no more of it will come. */
    void end() {
        if (state == State.DATA) {
            sink.end();
        }
        state = State.IGNORED;
    }

    private void takeHead(final MemorySegment memory, final long offset, final int length) {
        final int wanted = Math.min(HEAD_MAX, bodyLength) - taken;
        final int copied = Math.min(wanted, length);
        MemorySegment.copy(memory, offset, head, taken, copied);
        taken += copied;
        if (copied < wanted) {
            return;
        }
        decide();
        if (length > copied) {
            take(memory, offset + copied, length - copied);
        }
    }

    private void decide() {
        if (taken < MIN_COMPARABLE || head.get(INT, 0) >>> Byte.SIZE != MAP_AND_VERSION_KEY
            || (head.get(BYTE, 3) & 0xFF) > MAX_SHORT_VERSION || head.get(SHORT, 4) != TYPE_KEY) {
            beginWhole();
            return;
        }
        final MessageType type = MessageType.recognise(head, 0, taken);
        if (type != MessageType.EXEC_STDOUT && type != MessageType.EXEC_STDERR) {
            // A name that is not in the copy whole is longer than these.
            state = State.IGNORED;
            return;
        }
        final long data = head.get(BYTE, TYPE_OFFSET) == TYPE_HEAD ? findData() : NOT_FOUND;
        if (data == NOT_FOUND) {
            beginWhole();
            return;
        }
        final int dataOffset = (int) (data >>> Integer.SIZE);
        dataRemaining = (int) data;
        state = State.DATA;
        sink.begin(type == MessageType.EXEC_STDOUT ? 0 : 1, dataRemaining);
        takeData(head, dataOffset, taken - dataOffset);
    }

    /** {@return offset and length of the data, packed, when it is all that follows} */
    private long findData() {
        if (taken < TYPE_END + 2 || head.get(SHORT, TYPE_END) != PAYLOAD_KEY) {
            return NOT_FOUND;
        }
        final long payloadHead = byteString(TYPE_END + 2);
        if (payloadHead == NOT_FOUND) {
            return NOT_FOUND;
        }
        final int at = (int) (payloadHead >>> Integer.SIZE);
        if ((int) payloadHead != bodyLength - at || taken < at + 6
            || head.get(SHORT, at) != DATA_MAP || head.get(INT, at + 2) != DATA_KEY) {
            return NOT_FOUND;
        }
        final long dataHead = byteString(at + 6);
        return dataHead != NOT_FOUND && (int) dataHead == bodyLength - (int) (dataHead >>> Integer.SIZE) ? dataHead : NOT_FOUND;
    }

    /** Reads the head of a byte string. @return offset and length of its bytes, packed, or {@link #NOT_FOUND} */
    private long byteString(final int at) {
        if (at >= taken) {
            return NOT_FOUND;
        }
        final int initial = head.get(BYTE, at) & 0xFF;
        if (initial >= 0x40 && initial <= 0x57) {
            return packed(at + 1, initial - 0x40);
        }
        return switch (initial) {
            case 0x58 -> at + 2 > taken ? NOT_FOUND : packed(at + 2, head.get(BYTE, at + 1) & 0xFF);
            case 0x59 -> at + 3 > taken ? NOT_FOUND : packed(at + 3, head.get(SHORT, at + 1) & 0xFFFF);
            case 0x5A -> at + 5 > taken || head.get(INT, at + 1) < 0 ? NOT_FOUND : packed(at + 5, head.get(INT, at + 1));
            default -> NOT_FOUND;
        };
    }

    private static long packed(final int offset, final int length) {
        return (long) offset << Integer.SIZE | length;
    }

    private void takeData(final MemorySegment memory, final long offset, final int length) {
        if (length > 0) {
            sink.data(memory, offset, length);
            dataRemaining -= length;
        }
        if (dataRemaining == 0) {
            state = State.IGNORED;
            sink.end();
        }
    }

    private void beginWhole() {
        if (whole == null) {
            whole = MemorySegment.ofArray(new byte[FrameDescriptor.MAX_BODY_LENGTH]);
        }
        state = State.WHOLE;
        final int copied = taken;
        taken = 0;
        takeWhole(head, 0, copied);
    }

    private void takeWhole(final MemorySegment memory, final long offset, final int length) {
        MemorySegment.copy(memory, offset, whole, taken, length);
        taken += length;
        if (taken < bodyLength) {
            return;
        }
        state = State.IGNORED;
        try {
            envelope.wrap(whole, 0, bodyLength);
            if (envelope.type() == MessageType.EXEC_STDOUT || envelope.type() == MessageType.EXEC_STDERR) {
                payload.wrap(envelope);
                sink.begin(envelope.type() == MessageType.EXEC_STDOUT ? 0 : 1, payload.dataLength());
                sink.data(payload.dataMemory(), payload.dataOffset(), payload.dataLength());
                sink.end();
            }
        } catch (final ProtocolException e) {
            // Not a message: clients cannot read it either, and nothing in it is known to be output.
            state = State.IGNORED;
        }
    }
}
