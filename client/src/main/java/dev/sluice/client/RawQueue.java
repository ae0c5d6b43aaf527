package dev.sluice.client;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.FrameDescriptor;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What came for a raw session and has not been fetched. Bounded in bytes; at the bound the connection's reader thread waits, and every
 * session of the connection with it. The first frame with the terminal flag is the last.
 */
final class RawQueue implements SessionHandler {
    /** Most bytes that wait to be fetched, headers included, unless a single frame is larger. */
    static final int CAPACITY = 1024 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readable = lock.newCondition();
    private final Condition writable = lock.newCondition();
    private final ArrayDeque<RawMessage> messages = new ArrayDeque<>();
    private long bytes;
    private boolean ended;
    private boolean discarding;
    private Supplier<SandboxException> failure;

    @Override
    public boolean onFrame(final IncomingFrame frame) {
        lock.lock();
        try {
            while (!discarding && !ended && bytes > 0 && bytes + frame.length() > CAPACITY) {
                writable.awaitUninterruptibly();
            }
            if (!discarding && !ended) {
                messages.add(new RawMessage(frame.flags(), frame.body()));
                bytes += frame.length();
            }
            ended |= frame.isTerminal();
            readable.signalAll();
            return frame.isTerminal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onFailed(final Supplier<SandboxException> reason) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                failure = reason;
                readable.signalAll();
                writable.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SandboxException failure(final String text) {
        // Never asked for: whatever has the terminal flag is an end.
        return new SandboxErrorException(new CoreError(CoreError.Kind.OTHER, text, null));
    }

    /** Waits for the next message; empty at the end of the session. */
    Optional<RawMessage> take(final Deadline deadline, final Outcome outcome) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            while (messages.isEmpty() && !ended && !discarding) {
                deadline.await(readable, "a message from the sandbox", outcome);
            }
            final RawMessage message = messages.poll();
            if (message != null) {
                bytes -= FrameDescriptor.HEADER_LENGTH + message.body().length;
                writable.signalAll();
            } else if (failure != null && !discarding) {
                throw failure.get();
            }
            return Optional.ofNullable(message);
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether the terminal message has come. True before anybody can have received it. */
    boolean hasEnded() {
        lock.lock();
        try {
            return ended && failure == null;
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes wait to be fetched, headers included. */
    long waiting() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Drops what waits to be fetched and what is still to come. */
    void discard() {
        lock.lock();
        try {
            discarding = true;
            messages.clear();
            bytes = 0;
            readable.signalAll();
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
