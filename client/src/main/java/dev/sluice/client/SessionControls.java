package dev.sluice.client;

import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The grants and signals a session has to send. Asking never waits, so the connection's reader thread may ask too; what is asked for twice
 * before it is sent is sent once, grants as their sum, signals as kill(2) has it. Thread safe, lock free.
 */
final class SessionControls implements SendBuffer.ControlSource {
    /** Largest signal number of Linux. */
    static final int MAX_SIGNAL = 64;

    private static final int STREAMS = WindowFrame.STDERR + 1;

    private final SendBuffer sendBuffer;
    private final int generation;
    private final int id;
    private final AtomicIntegerArray grants = new AtomicIntegerArray(STREAMS);
    /** Bit n - 1 is signal n. */
    private final AtomicLong signals = new AtomicLong();
    private final AtomicBoolean queued = new AtomicBoolean();

    SessionControls(final SendBuffer sendBuffer, final int generation, final int id) {
        this.sendBuffer = sendBuffer;
        this.generation = generation;
        this.id = id;
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

    @Override
    public int encodeControls(final MemorySegment memory, final long offset) {
        // Cleared first: what is asked for from here on queues this anew.
        queued.set(false);
        int length = 0;
        for (int stream = 0; stream < STREAMS; stream++) {
            final int bytes = grants.getAndSet(stream, 0);
            if (bytes > 0) {
                length += WindowFrame.encode(memory, offset + length, generation, id, stream, bytes);
            }
        }
        long pending = signals.getAndSet(0);
        while (pending != 0) {
            length += encodeSignal(memory, offset + length, Long.numberOfTrailingZeros(pending) + 1);
            pending &= pending - 1;
        }
        return length;
    }

    private int encodeSignal(final MemorySegment memory, final long offset, final int signal) {
        try {
            return Frames.encode(memory, offset, generation, id, new ExecSignal(signal));
        } catch (final ProtocolException e) {
            throw new IllegalStateException("a signal does not fit a frame", e);
        }
    }

    private void queue() {
        if (queued.compareAndSet(false, true)) {
            sendBuffer.sendControls(this);
        }
    }
}
