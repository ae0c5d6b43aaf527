package dev.sluice.client;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Keeps the first bytes of a stream, up to a limit, and counts the rest. What arrives is consumed at once, so nothing ever waits. */
final class CollectedOutput implements OutputSink {
    private static final int FIRST_CAPACITY = 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final ReceiveWindow window;
    private final IntConsumer grants;
    private final int limit;
    private byte[] bytes = new byte[0];
    private int kept;
    private long total;
    private boolean ended;
    private boolean discarding;

    /**
     * An empty collection.
     *
     * @param window the stream's window
     * @param grants is told how many bytes to grant
     * @param limit  how many bytes to keep at most
     */
    CollectedOutput(final ReceiveWindow window, final IntConsumer grants, final int limit) {
        this.window = window;
        this.grants = grants;
        this.limit = limit;
    }

    @Override
    public void append(final MemorySegment memory, final long offset, final int length, final int frameLength) {
        final int granted;
        lock.lock();
        try {
            final int wanted = discarding ? 0 : Math.min(length, limit - kept);
            if (kept + wanted > bytes.length) {
                final long doubled = Math.max(FIRST_CAPACITY, 2L * bytes.length);
                bytes = Arrays.copyOf(bytes, (int) Math.min(limit, Math.max(kept + wanted, doubled)));
            }
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, kept, wanted);
            kept += wanted;
            total += length;
            granted = ended ? 0 : window.consume(frameLength);
        } finally {
            lock.unlock();
        }
        if (granted > 0) {
            grants.accept(granted);
        }
    }

    @Override
    public void end(final Supplier<SandboxException> failure) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                window.end();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what was kept and keeps nothing more. */
    void discard() {
        lock.lock();
        try {
            discarding = true;
            bytes = new byte[0];
            kept = 0;
        } finally {
            lock.unlock();
        }
    }

    /** A copy of what was kept. */
    byte[] toByteArray() {
        lock.lock();
        try {
            return Arrays.copyOf(bytes, kept);
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes there were, kept or not. */
    long total() {
        lock.lock();
        try {
            return total;
        } finally {
            lock.unlock();
        }
    }
}
