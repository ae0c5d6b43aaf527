package dev.sluice.client;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A stream between the connection's reader thread and whoever reads it: a ring of bytes that grows up to what may be under way.
 *
 * <p>With windows the ring never fills, since only what has been read is granted again. Without them, or with an agent that does not keep
 * to them, {@link #CAPACITY} is the end: then the reader thread waits, and every session of the connection with it.
 */
final class StreamedOutput implements OutputSink {
    /** Most bytes that wait to be read, unless a single frame is larger. */
    static final int CAPACITY = 1024 * 1024;

    private static final int FIRST_CAPACITY = 4 * 1024;
    private static final MemorySegment NO_RING = MemorySegment.ofArray(new byte[0]);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readable = lock.newCondition();
    private final Condition writable = lock.newCondition();
    private final ReceiveWindow window;
    private final IntConsumer grants;
    private MemorySegment ring = NO_RING;
    private int capacity;
    private int head;
    private int count;
    private boolean transferring;
    private boolean discarding;
    private boolean ended;
    private Supplier<SandboxException> failure;

    /**
     * An empty stream.
     *
     * @param window the stream's window
     * @param grants is told how many bytes to grant; must not wait
     */
    StreamedOutput(final ReceiveWindow window, final IntConsumer grants) {
        this.window = window;
        this.grants = grants;
    }

    @Override
    public void append(final MemorySegment memory, final long offset, final int length, final int frameLength) {
        int granted = 0;
        lock.lock();
        try {
            while (!discarding && !ended && count > 0 && count + length > CAPACITY) {
                writable.awaitUninterruptibly();
            }
            if (ended) {
                return;
            }
            if (discarding) {
                granted = window.consume(frameLength);
            } else {
                put(memory, offset, length);
                // What is not data takes no room here.
                granted = window.consume(frameLength - length);
                readable.signalAll();
            }
        } finally {
            lock.unlock();
        }
        grant(granted);
    }

    @Override
    public void end(final Supplier<SandboxException> reason) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                failure = reason;
                window.end();
                releaseUnused();
                readable.signalAll();
                writable.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for bytes and takes them.
     *
     * @return how many, at least 1; -1 at the end of the stream
     */
    int read(final byte[] target, final int offset, final int length, final Deadline deadline, final String name)
        throws InterruptedException, SandboxException {
        final int taken;
        final int granted;
        lock.lockInterruptibly();
        try {
            if (!awaitReadable(deadline, name)) {
                return -1;
            }
            taken = take(target, offset, length);
            releaseUnused();
            granted = ended ? 0 : window.consume(taken);
            writable.signalAll();
        } finally {
            lock.unlock();
        }
        grant(granted);
        return taken;
    }

    /**
     * Waits for bytes and writes what lies in one piece to a channel, from where it lies. The channel may take its time: bytes go on
     * arriving meanwhile. For one reader at a time.
     *
     * @return how many, at least 1; -1 at the end of the stream
     */
    int transferTo(final WritableByteChannel target, final Deadline deadline, final String name) throws InterruptedException, IOException {
        final ByteBuffer piece;
        lock.lockInterruptibly();
        try {
            if (!awaitReadable(deadline, name)) {
                return -1;
            }
            // Stays as it is without the lock: what arrives is put behind it, and a larger ring is a copy.
            piece = ring.asSlice(head, Math.min(count, capacity - head)).asByteBuffer();
            transferring = true;
        } finally {
            lock.unlock();
        }
        int length = 0;
        try {
            while (piece.hasRemaining()) {
                length += target.write(piece);
            }
        } finally {
            endTransfer(length);
        }
        return length;
    }

    private void endTransfer(final int length) {
        int granted = 0;
        lock.lock();
        try {
            transferring = false;
            if (!discarding) {
                drop(length);
                granted = ended ? 0 : window.consume(length);
                writable.signalAll();
            }
            releaseUnused();
        } finally {
            lock.unlock();
        }
        grant(granted);
    }

    /** Returns false at the end of the stream; the caller holds the lock. */
    private boolean awaitReadable(final Deadline deadline, final String name) throws InterruptedException, SandboxException {
        while (count == 0 && !ended && !discarding) {
            deadline.await(readable, name, Outcome.STARTED);
        }
        if (count == 0 && failure != null) {
            throw failure.get();
        }
        return count > 0;
    }

    /** How many bytes can be read without waiting. */
    int available() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Drops what waits to be read and what is still to come; reads from now on find the end of the stream. */
    void discard() {
        int granted = 0;
        lock.lock();
        try {
            if (!discarding) {
                discarding = true;
                granted = ended ? 0 : window.consume(count);
                count = 0;
                releaseUnused();
                readable.signalAll();
                writable.signalAll();
            }
        } finally {
            lock.unlock();
        }
        grant(granted);
    }

    private void grant(final int bytes) {
        if (bytes > 0) {
            grants.accept(bytes);
        }
    }

    private void put(final MemorySegment memory, final long offset, final int length) {
        reserve(count + length);
        final int tail = (head + count) & (capacity - 1);
        final int first = Math.min(length, capacity - tail);
        MemorySegment.copy(memory, offset, ring, tail, first);
        MemorySegment.copy(memory, offset + first, ring, 0, length - first);
        count += length;
    }

    private int take(final byte[] target, final int offset, final int length) {
        final int taken = Math.min(length, count);
        final int first = Math.min(taken, capacity - head);
        MemorySegment.copy(ring, ValueLayout.JAVA_BYTE, head, target, offset, first);
        MemorySegment.copy(ring, ValueLayout.JAVA_BYTE, 0, target, offset + first, taken - first);
        drop(taken);
        return taken;
    }

    private void drop(final int length) {
        head = (head + length) & (capacity - 1);
        count -= length;
    }

    /** Makes the ring at least so large; its length is a power of two. */
    private void reserve(final int length) {
        if (length > capacity) {
            final int larger = Math.max(FIRST_CAPACITY, Integer.highestOneBit(length - 1) << 1);
            final MemorySegment memory = window.memory().take(larger);
            final int first = Math.min(count, capacity - head);
            MemorySegment.copy(ring, head, memory, 0, first);
            MemorySegment.copy(ring, 0, memory, first, count - first);
            giveBackRing();
            ring = memory;
            capacity = larger;
            head = 0;
        }
    }

    /** Gives the ring back when nothing is in it and nothing more will be. */
    private void releaseUnused() {
        if (count == 0 && !transferring && (ended || discarding)) {
            giveBackRing();
            ring = NO_RING;
            capacity = 0;
            head = 0;
        }
    }

    private void giveBackRing() {
        // What is being written to a channel still is after it was replaced.
        if (!transferring) {
            window.memory().giveBack(ring);
        }
    }
}
