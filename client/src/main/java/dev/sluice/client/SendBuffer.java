package dev.sluice.client;

import dev.sluice.protocol.FrameDescriptor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What is to be written to the relay: callers encode frames into one buffer while the connection's writer thread writes the other, so
 * frames of many sessions leave in one write and nothing is copied after it was encoded.
 *
 * <p>Frames wait for room; small frames that must not wait, grants and signals, are asked for instead and encoded by the writer thread,
 * once for however often they were asked for. Whatever was sent before them leaves before them.
 */
final class SendBuffer {
    /** Size of each of the two buffers, in bytes. A larger frame has a buffer of its own. */
    static final int CAPACITY = 256 * 1024;

    private static final int CONTROL_CAPACITY = 16 * 1024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition work = lock.newCondition();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment control = arena.allocate(CONTROL_CAPACITY);
    private final ArrayDeque<MemorySegment> spares = new ArrayDeque<>();
    private final ArrayDeque<ControlSource> controls = new ArrayDeque<>();
    private MemorySegment filling = arena.allocate(CAPACITY);
    private int filled;
    private Supplier<SandboxException> closed;

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

        /** Writes the frames that are due and returns how many bytes that were. Called on the writer thread. */
        int encodeControls(MemorySegment memory, long offset);
    }

    /**
     * Queues a frame; on return it will be written before any that is queued later.
     *
     * @param length   of the frame on the wire
     * @param encoder  writes it, at once and on this thread
     * @param deadline for room; when it passes nothing of the frame is sent
     */
    void send(final int length, final FrameEncoder encoder, final Deadline deadline) throws InterruptedException, SandboxException {
        if (length > FrameDescriptor.MAX_FRAME_LENGTH) {
            throw new IllegalArgumentException("frame too long: length=" + length + " max=" + FrameDescriptor.MAX_FRAME_LENGTH);
        }
        lock.lockInterruptibly();
        try {
            while (closed == null && filled > 0 && filled + length > filling.byteSize()) {
                deadline.await(room, "the relay to take input");
            }
            if (closed != null) {
                throw closed.get();
            }
            if (length > filling.byteSize()) {
                spares.add(filling);
                filling = Arena.ofAuto().allocate(length);
            }
            encoder.encode(filling, filled);
            filled += length;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Queues a frame that is encoded already. */
    void send(final byte[] frame, final Deadline deadline) throws InterruptedException, SandboxException {
        send(frame.length, (memory, offset) -> MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, offset, frame.length), deadline);
    }

    /** Has the writer thread ask a session for its control frames. Never waits for the peer. */
    void sendControls(final ControlSource source) {
        lock.lock();
        try {
            if (closed == null) {
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
            close(() -> new ConnectionLostException("connection lost: writing to the relay failed: " + e.getMessage(), e));
            throw e;
        } finally {
            close(() -> new ConnectionLostException("connection lost: the writer has ended", null));
            lock.lock();
            try {
                arena.close();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Whoever waits and whoever comes is thrown such an exception; the writer thread ends. Only the first call counts. */
    void close(final Supplier<SandboxException> reason) {
        lock.lock();
        try {
            if (closed == null) {
                closed = reason;
                room.signalAll();
                work.signalAll();
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
            while (closed == null && filled == 0 && controls.isEmpty()) {
                work.awaitUninterruptibly();
            }
            if (closed != null) {
                return false;
            }
            draining = filling;
            pieces = new ByteBuffer[] {draining.asSlice(0, filled).asByteBuffer(), control.asSlice(0, encodeControls()).asByteBuffer()};
            filling = spares.remove();
            filled = 0;
            room.signalAll();
        } finally {
            lock.unlock();
        }
        while (pieces[0].hasRemaining() || pieces[1].hasRemaining()) {
            channel.write(pieces);
        }
        if (draining.byteSize() == CAPACITY) {
            lock.lock();
            try {
                spares.add(draining);
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    private int encodeControls() {
        int length = 0;
        while (!controls.isEmpty() && length + ControlSource.MAX_CONTROL_LENGTH <= CONTROL_CAPACITY) {
            length += controls.remove().encodeControls(control, length);
        }
        return length;
    }
}
