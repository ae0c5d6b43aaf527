package dev.sluice.client;

import dev.sluice.protocol.FrameDescriptor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * What is to be written to the relay: callers encode frames into one buffer while the connection's writer thread writes the other, so
 * frames of many sessions leave in one write and nothing is copied after it was encoded.
 *
 * <p>Frames wait for room; small frames that must not wait, grants and signals, are asked for instead and encoded by the writer thread or
 * before the next frame that there is room for behind them, once for however often they were asked for. Whatever was sent before them
 * leaves before them.
 *
 * <p>A frame is known by where it begins in all that was ever queued, so that when the connection is lost each sender can be told whether
 * something of its frame may have left.
 */
final class SendBuffer {
    /** Size of each of the two buffers, in bytes. A larger frame has a buffer of its own. */
    static final int CAPACITY = 256 * 1024;

    /** The position of what was not queued. */
    static final long NOT_QUEUED = -1;

    private static final int CONTROL_CAPACITY = 16 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition work = lock.newCondition();
    private final Condition progress = lock.newCondition();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment control = arena.allocate(CONTROL_CAPACITY);
    private final ArrayDeque<MemorySegment> spares = new ArrayDeque<>();
    private final ArrayDeque<ControlSource> controls = new ArrayDeque<>();
    private MemorySegment filling = arena.allocate(CAPACITY);
    private int filled;
    /** How many bytes of frames were queued so far: the position of the next. */
    private long queued;
    /** How many of them were handed to the channel, or are being handed to it. */
    private volatile long offered;
    /** How many of them the channel has taken. */
    private long written;
    private boolean writerEnded;
    private ConnectionLoss loss;

    SendBuffer() {
        spares.add(arena.allocate(CAPACITY));
    }

    /** Writes one frame. */
    @FunctionalInterface
    interface FrameEncoder {
        /** Writes exactly the announced number of bytes; throws nothing. */
        void encode(MemorySegment memory, long offset);
    }

    /** A session that has control frames to send. */
    interface ControlSource {
        /** Most bytes that {@link #encodeControls} writes. */
        int MAX_CONTROL_LENGTH = 4 * 1024;

        /** Writes the frames that are due and returns how many bytes that were. Called with the buffer locked; must not wait. */
        int encodeControls(MemorySegment memory, long offset);
    }

    /**
     * Queues a frame; on return it will be written before any that is queued later.
     *
     * @param length   of the frame on the wire
     * @param encoder  writes it, at once and on this thread
     * @param wanted   asked when there is room; nothing is sent when it says no
     * @param deadline for room; when it passes nothing of the frame is sent
     * @return where the frame begins in what this connection sends, or {@link #NOT_QUEUED} when it was not wanted any more
     */
    long send(final int length, final FrameEncoder encoder, final BooleanSupplier wanted, final Deadline deadline)
        throws InterruptedException, SandboxException {
        if (length > FrameDescriptor.MAX_FRAME_LENGTH) {
            throw new IllegalArgumentException("frame too long: length=" + length + " max=" + FrameDescriptor.MAX_FRAME_LENGTH);
        }
        lock.lockInterruptibly();
        try {
            while (loss == null && filled > 0 && filled + length > filling.byteSize()) {
                deadline.await(room, "the relay to take input", Outcome.NOT_SENT);
            }
            if (loss != null) {
                throw loss.exception(Outcome.NOT_SENT);
            }
            queueControls(length);
            // Asked behind the controls: one of them may have ended the sender's session.
            if (!wanted.getAsBoolean()) {
                return NOT_QUEUED;
            }
            if (length > filling.byteSize()) {
                spares.add(filling);
                filling = Arena.ofAuto().allocate(length);
            }
            encoder.encode(filling, filled);
            final long position = queued;
            filled += length;
            queued += length;
            work.signal();
            return position;
        } finally {
            lock.unlock();
        }
    }

    /** Queues a frame that is encoded already. */
    long send(final byte[] frame, final BooleanSupplier wanted, final Deadline deadline) throws InterruptedException, SandboxException {
        final FrameEncoder encoder =
            (memory, offset) -> MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, offset, frame.length);
        return send(frame.length, encoder, wanted, deadline);
    }

    /**
     * Tells whether something of a frame may have been written. Once the writer thread has ended, the answer does not change any more, and
     * no means that not one byte of it was.
     *
     * @param position of the frame, or {@link #NOT_QUEUED}
     */
    boolean mayHaveLeft(final long position) {
        return position != NOT_QUEUED && position < offered;
    }

    /**
     * Waits until a frame, and all before it, has been written as a whole, so that it arrives even if the connection is closed.
     *
     * @param position of the frame
     */
    void flush(final long position, final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            // Frames are handed over as a whole; only a write that fails leaves a part of one, and ends the writer.
            while (written <= position && !writerEnded) {
                deadline.await(progress, "the relay to take input", Outcome.UNKNOWN);
            }
            if (writerEnded && written < queued) {
                throw loss.exception(mayHaveLeft(position) ? Outcome.UNKNOWN : Outcome.NOT_SENT);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits a while for the writer thread to end, which the buffer and its channel being closed make it do. */
    void awaitWriter(final Duration time) {
        final long begin = System.nanoTime();
        lock.lock();
        try {
            long left = time.toNanos();
            boolean interrupted = false;
            while (!writerEnded && left > 0) {
                try {
                    progress.awaitNanos(left);
                } catch (final InterruptedException e) {
                    interrupted = true;
                }
                left = time.toNanos() - (System.nanoTime() - begin);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Has the writer thread ask a session for its control frames. Never waits for the peer. */
    void sendControls(final ControlSource source) {
        lock.lock();
        try {
            if (loss == null) {
                controls.add(source);
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The writer thread's work: writes what is queued until the buffer is closed or a write fails, which closes it. Frees the buffers.
     *
     * @throws IOException when a write failed, half-way perhaps: the channel is of no use any more
     */
    void writeTo(final GatheringByteChannel channel) throws IOException {
        try {
            boolean open = true;
            while (open) {
                open = writeOnce(channel);
            }
        } catch (final IOException e) {
            close(new ConnectionLoss("writing to the relay failed: " + e.getMessage(), e));
            throw e;
        } finally {
            close(new ConnectionLoss("the writer has ended", null));
            lock.lock();
            try {
                arena.close();
                writerEnded = true;
                progress.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Whoever waits and whoever comes is thrown an exception; the writer thread ends. Only the first call counts. */
    void close(final ConnectionLoss reason) {
        lock.lock();
        try {
            if (loss == null) {
                loss = reason;
                room.signalAll();
                work.signalAll();
                progress.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean writeOnce(final GatheringByteChannel channel) throws IOException {
        final MemorySegment draining;
        final ByteBuffer[] pieces;
        lock.lock();
        try {
            while (loss == null && filled == 0 && controls.isEmpty()) {
                work.awaitUninterruptibly();
            }
            if (loss != null) {
                return false;
            }
            draining = filling;
            pieces = new ByteBuffer[] {draining.asSlice(0, filled).asByteBuffer(), control.asSlice(0, encodeControls()).asByteBuffer()};
            filling = spares.remove();
            filled = 0;
            offered = queued;
            room.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            while (pieces[0].hasRemaining() || pieces[1].hasRemaining()) {
                channel.write(pieces);
            }
        } finally {
            onWritten(draining, pieces[0].remaining());
        }
        return true;
    }

    /** A buffer was written, but for so many bytes, which never will be. */
    private void onWritten(final MemorySegment drained, final int missing) {
        lock.lock();
        try {
            offered -= missing;
            written = offered;
            progress.signalAll();
            if (drained.byteSize() == CAPACITY) {
                spares.add(drained);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Puts what was asked for before a frame in front of it, as far as there is room for both. */
    private void queueControls(final int length) {
        while (!controls.isEmpty() && filled + ControlSource.MAX_CONTROL_LENGTH + length <= filling.byteSize()) {
            final int encoded = controls.remove().encodeControls(filling, filled);
            filled += encoded;
            queued += encoded;
            work.signal();
        }
    }

    private int encodeControls() {
        int length = 0;
        while (!controls.isEmpty() && length + ControlSource.MAX_CONTROL_LENGTH <= CONTROL_CAPACITY) {
            length += controls.remove().encodeControls(control, length);
        }
        return length;
    }
}
