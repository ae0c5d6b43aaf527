package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.FrameAssembler;
import dev.sluice.protocol.FrameError;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;

/** The other end of an agent's port: what a relay would be. Reads only when asked to. One thread, apart from {@link #send}. */
final class HostEnd implements AutoCloseable {
    static final long LIMIT_NS = 30_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int BUFFER_LENGTH = 256 * 1024;
    private static final int FIRST_BYTES = 4096;

    /** A frame that the agent has sent. */
    record Received(int id, int flags, int frameLength, Message message) {
        <M extends Message> M as(final Class<M> type) {
            return type.cast(message);
        }

        boolean isTerminal() {
            return (flags & 1) != 0;
        }
    }

    /** Carries bytes; what counts 0 has to be waited for. */
    interface Transport extends AutoCloseable {
        /** @return bytes read, 0 for none now, -1 at the end */
        int read(ByteBuffer target) throws IOException;

        int write(ByteBuffer source) throws IOException;

        void awaitBytes(long limitMs) throws IOException;

        void awaitRoom(long limitMs) throws IOException;

        @Override
        void close() throws IOException;
    }

    private final Transport transport;
    private final FrameAssembler assembler = new FrameAssembler();
    private final ArrayDeque<Received> received = new ArrayDeque<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_LENGTH);
    private final ByteArrayOutputStream firstBytes = new ByteArrayOutputStream();

    HostEnd(final Transport transport) {
        this.transport = transport;
    }

    /** @return the first bytes that came, as they came, a few thousand of them */
    byte[] firstBytes() {
        return firstBytes.toByteArray();
    }

    static byte[] encode(final int id, final Message message) {
        try {
            return Frames.encode(1, id, message);
        } catch (final ProtocolException e) {
            throw new IllegalArgumentException(e);
        }
    }

    void send(final int id, final Message message) throws IOException {
        sendRaw(encode(id, message));
    }

    void stdin(final int id, final byte... data) throws IOException {
        send(id, new DataMessage(MessageType.EXEC_STDIN, ByteString.copyOf(data)));
    }

    void exec(final int id, final String command, final String... arguments) throws IOException {
        send(id, request(command, arguments).build());
    }

    static ExecRequest.Builder request(final String command, final String... arguments) {
        return ExecRequest.builder(ByteString.of(command)).args(Arrays.stream(arguments).map(ByteString::of).toList());
    }

    static ExecRequest.Builder shell(final String script) {
        return request("sh", "-c", script);
    }

    /** Sends as much as there is room for, without waiting. @return how many bytes */
    int offer(final ByteBuffer source) throws IOException {
        return transport.write(source);
    }

    void sendRaw(final byte[] bytes) throws IOException {
        final ByteBuffer source = ByteBuffer.wrap(bytes);
        final long deadlineNs = System.nanoTime() + LIMIT_NS;
        while (source.hasRemaining()) {
            if (transport.write(source) == 0) {
                final long remainingMs = (deadlineNs - System.nanoTime()) / NANOS_PER_MILLI;
                if (remainingMs <= 0) {
                    throw new IOException("no room to write in time");
                }
                transport.awaitRoom(remainingMs);
            }
        }
    }

    /** @return the next frame */
    Received next() throws IOException {
        final Received frame = next(LIMIT_NS);
        if (frame == null) {
            throw new IOException("no frame in time");
        }
        return frame;
    }

    /** @return the next frame, or null when none comes in time */
    Received next(final long limitNs) throws IOException {
        final long deadlineNs = System.nanoTime() + limitNs;
        while (received.isEmpty()) {
            buffer.clear();
            final int count = transport.read(buffer);
            if (count < 0) {
                throw new EOFException("the agent has closed the port");
            }
            if (count == 0) {
                if (deadlineNs - System.nanoTime() <= 0) {
                    return null;
                }
                transport.awaitBytes(Math.max(1, (deadlineNs - System.nanoTime()) / NANOS_PER_MILLI));
            } else {
                if (firstBytes.size() < FIRST_BYTES) {
                    firstBytes.write(buffer.array(), 0, count);
                }
                final FrameError error = assembler.append(MemorySegment.ofArray(buffer.array()), 0, count, this::onFrame);
                if (error != FrameError.NONE) {
                    throw new IOException("broken framing: " + error);
                }
            }
        }
        return received.poll();
    }

    private void onFrame(final int id, final int flags, final MemorySegment memory, final long offset, final int length) {
        try {
            received.add(new Received(id, flags, length + 9, Frames.decode(memory, offset, length)));
        } catch (final ProtocolException e) {
            throw new AssertionError(
                "undecodable: " + Arrays.toString(memory.asSlice(offset, Math.min(length, 64)).toArray(ValueLayout.JAVA_BYTE)), e);
        }
    }

    /** Reads until the session has ended. */
    ExecResult collect(final int id) throws IOException {
        return collect(id, next());
    }

    /** Reads until the session has ended, after a first frame that has been read already. */
    ExecResult collect(final int id, final Received first) throws IOException {
        final ExecResult result = new ExecResult();
        if (first.id() == id) {
            result.take(first);
        }
        while (result.terminal == null) {
            final Received frame = next();
            if (frame.id() == id) {
                result.take(frame);
            }
        }
        return result;
    }

    /** Starts a program without input and waits for its end. */
    ExecResult run(final int id, final ExecRequest.Builder request) throws IOException {
        send(id, request.build());
        stdin(id);
        return collect(id);
    }

    static int wireLength(final MessageType type, final int dataLength) {
        return DataFrame.frameLength(type, dataLength);
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
