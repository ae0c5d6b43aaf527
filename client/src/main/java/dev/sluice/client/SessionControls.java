package dev.sluice.client;

import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The small messages that a session sends without ever waiting for room: grants, signals, the size of a terminal, the order to close.
 * The connection's reader thread may ask for them too. What is asked for twice before it is sent is sent once: grants as their sum, signals
 * as kill(2) has it, of other messages the latest. Thread safe, lock free.
 */
final class SessionControls implements SendBuffer.ControlSource {
    /** Largest signal number of Linux. */
    static final int MAX_SIGNAL = 64;

    /** CBOR's null, which is no data. */
    private static final byte NULL = (byte) 0xF6;
    private static final int STREAMS = WindowFrame.STDERR + 1;

    private final Session session;
    private final SendBuffer sendBuffer;
    private final AtomicIntegerArray grants = new AtomicIntegerArray(STREAMS);
    /** Bit n - 1 is signal n. */
    private final AtomicLong signals = new AtomicLong();
    private final AtomicReference<Message> latest = new AtomicReference<>();
    private final AtomicReference<MessageType> spoiled = new AtomicReference<>();
    private final AtomicReference<Runnable> afterwards = new AtomicReference<>();
    private final AtomicBoolean queued = new AtomicBoolean();

    SessionControls(final Session session, final SendBuffer sendBuffer) {
        this.session = session;
        this.sendBuffer = sendBuffer;
    }

    /** Lets the agent send so many bytes more of a stream. */
    void grant(final int stream, final int bytes) {
        grants.addAndGet(stream, bytes);
        queue();
    }

    /** Sends the program a signal, 1 to {@link #MAX_SIGNAL}. */
    void signal(final int signal) {
        signals.accumulateAndGet(1L << (signal - 1), (present, added) -> present | added);
        queue();
    }

    /** Sends a small message of fixed size, or this one instead of one that was posted and has not been sent yet. */
    void post(final Message message) {
        latest.set(message);
        queue();
    }

    /**
     * Sends a frame of data that cannot be decoded: an agent with windows takes it for data that was lost, and lets what it writes fail.
     *
     * @param type of the stream's data frames
     */
    void spoil(final MessageType type) {
        spoiled.set(type);
        queue();
    }

    /**
     * Sends the session's last message, which is not answered.
     *
     * @param message likewise small
     * @param then    run with the buffer locked as soon as the message precedes whatever is sent later; not when the connection is lost
     */
    void postLast(final Message message, final Runnable then) {
        afterwards.set(then);
        post(message);
    }

    @Override
    public int encodeControls(final MemorySegment memory, final long offset) {
        // Cleared first: what is asked for from here on queues this anew.
        queued.set(false);
        if (session.hasEnded()) {
            // The id may be another session's.
            return 0;
        }
        int length = 0;
        for (int stream = 0; stream < STREAMS; stream++) {
            final int bytes = grants.getAndSet(stream, 0);
            if (bytes > 0) {
                length += WindowFrame.encode(memory, offset + length, session.frameVersion(), session.id(), stream, bytes);
            }
        }
        long pending = signals.getAndSet(0);
        while (pending != 0) {
            length += encode(memory, offset + length, new ExecSignal(Long.numberOfTrailingZeros(pending) + 1));
            pending &= pending - 1;
        }
        final Message message = latest.getAndSet(null);
        if (message != null) {
            length += encode(memory, offset + length, message);
        }
        final MessageType type = spoiled.getAndSet(null);
        if (type != null) {
            length += encodeSpoiled(memory, offset + length, type);
        }
        final Runnable then = afterwards.getAndSet(null);
        if (then != null) {
            then.run();
        }
        return length;
    }

    private int encodeSpoiled(final MemorySegment memory, final long offset, final MessageType type) {
        final int length = DataFrame.encodeHeader(memory, offset, type, session.frameVersion(), session.id(), 0);
        // The last byte says that there are no bytes of data; now it says that there is no data.
        memory.set(ValueLayout.JAVA_BYTE, offset + length - 1, NULL);
        return length;
    }

    private int encode(final MemorySegment memory, final long offset, final Message message) {
        try {
            return Frames.encode(memory, offset, session.frameVersion(), session.id(), message);
        } catch (final ProtocolException e) {
            throw new IllegalStateException("a control message does not fit a frame", e);
        }
    }

    private void queue() {
        if (queued.compareAndSet(false, true)) {
            sendBuffer.sendControls(this);
        }
    }
}
