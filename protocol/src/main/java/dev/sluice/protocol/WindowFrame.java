package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;

/**
 * Frames that grant more bytes of a stream: {@code sluice.window {stream, bytes}}, in the session's id, flags 0. {@link WindowPayload}
 * decodes them.
 *
 * <p>An agent announces {@code sluice_window} in {@code core.ready}: the bytes of standard input that each session may be sent at first. A
 * client announces it in {@code core.exec.request}: the bytes of standard output, and as many of standard error, that it may be sent.
 * {@code core.fs.request} and {@code core.tcp.connect} announce it alike: such a session has one stream each way, {@link #TO_GUEST} with
 * the agent's window and {@link #FROM_GUEST} with the client's.
 * What is counted is wire bytes of data frames, {@link DataFrame#frameLength}, so that many tiny frames cannot overrun a buffer. This
 * message grants more, and is sent only to a peer that has announced a window itself.
 *
 * <p>Nothing here allocates.
 */
public final class WindowFrame {
    /** Stream: the program's standard input; granted by the agent. */
    public static final int STDIN = 0;
    /** Stream: its standard output; granted by the client. */
    public static final int STDOUT = 1;
    /** Stream: its standard error; granted by the client. */
    public static final int STDERR = 2;
    /** Stream: data of a file or connection that goes to the guest; granted by the agent. */
    public static final int TO_GUEST = STDIN;
    /** Stream: data of a file or connection that comes from the guest; granted by the client. */
    public static final int FROM_GUEST = STDOUT;
    /** Largest number of bytes one message can grant. */
    public static final long MAX_BYTES = 0xFFFFFFFFL;
    /** Longest such frame, in bytes. */
    public static final int MAX_FRAME_LENGTH = 52;

    /** Map of two pairs, key "stream": A2 66 "stream", read big-endian. */
    private static final long STREAM_KEY = 0xA26673747265616DL;
    /** Key "bytes" of 5 letters: 65, then the letters. */
    private static final byte BYTES_KEY_HEAD = 0x65;
    private static final int BYTE_LETTERS = 0x62797465;
    private static final byte LAST_LETTER = 's';
    private static final int FIXED_PAYLOAD = Long.BYTES + 1 + 1 + Integer.BYTES + 1;

    private WindowFrame() {
    }

    /**
     * Writes a whole frame.
     *
     * @param memory     where to
     * @param offset     where it starts, in bytes
     * @param generation the sender's generation, 1 to 23
     * @param id         the session, unsigned
     * @param stream     {@link #STDIN}, {@link #STDOUT} or {@link #STDERR}
     * @param bytes      how many more wire bytes are granted, 0 to {@link #MAX_BYTES}
     * @return length of the frame, at most {@link #MAX_FRAME_LENGTH}
     * @throws IllegalArgumentException  when generation, stream or bytes is none of those allowed
     * @throws IndexOutOfBoundsException when the segment has no room; it may have been written to in part
     */
    public static int encode(
        final MemorySegment memory, final long offset, final int generation, final int id, final int stream, final long bytes) {
        check(stream, bytes);
        final int payloadLength = FIXED_PAYLOAD + CborDescriptor.headLength(bytes);
        int at = FrameDescriptor.HEADER_LENGTH;
        at += EnvelopePrefix.put(memory, offset + at, MessageType.WINDOW, generation);
        at += CborDescriptor.putHead(memory, offset + at, CborDescriptor.BYTES, payloadLength);
        memory.set(CborDescriptor.LONG, offset + at, STREAM_KEY);
        at += Long.BYTES;
        at += CborDescriptor.putHead(memory, offset + at, CborDescriptor.UNSIGNED, stream);
        memory.set(CborDescriptor.BYTE, offset + at, BYTES_KEY_HEAD);
        memory.set(CborDescriptor.INT, offset + at + 1, BYTE_LETTERS);
        memory.set(CborDescriptor.BYTE, offset + at + 1 + Integer.BYTES, LAST_LETTER);
        at += 1 + Integer.BYTES + 1;
        at += CborDescriptor.putHead(memory, offset + at, CborDescriptor.UNSIGNED, bytes);
        FrameDescriptor.putHeader(memory, offset, at - FrameDescriptor.HEADER_LENGTH, id, MessageType.WINDOW.flags());
        return at;
    }

    static void check(final int stream, final long bytes) {
        if (stream < STDIN || stream > STDERR || bytes < 0 || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("window: stream=" + stream + " bytes=" + bytes);
        }
    }
}
