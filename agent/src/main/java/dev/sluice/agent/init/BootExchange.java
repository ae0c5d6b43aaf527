package dev.sluice.agent.init;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import dev.sluice.port.Port;
import dev.sluice.port.PortReader;
import dev.sluice.port.PortStatus;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.InitResolved;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What host and guest say to each other before the guest is ready, each once. Not a byte is taken from the port behind the frame that is
 * waited for: what follows is the agent's.
 *
 * <pre>
 *   host  --core.bootstrap (id 0, flags 0, generation 7 or later)--&gt;  guest
 *   host  &lt;--core.init.resolved--  guest
 *   host  --core.init.ack--&gt;  guest
 * </pre>
 *
 * <p>One owner thread, which waits; the port is its caller's.
 */
public final class BootExchange {
    private static final int GENERATION = 7;
    /** So often it is asked whether to give up. */
    private static final int SLICE_MS = 50;
    /** A console without a host is hung up all the time: nothing can be waited for but time. */
    private static final long HUNG_UP_PAUSE_NS = 10_000_000;
    private static final ValueLayout.OfInt LENGTH = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Posix posix;
    private final Port port;
    private final BooleanSupplier cancelled;

    /** A frame, in memory of its own. */
    private record Frame(MemorySegment memory, int id, int flags, int bodyLength) {
        private Envelope envelope() throws ProtocolException {
            return new Envelope().wrap(memory, FrameDescriptor.BODY_OFFSET, bodyLength);
        }
    }

    /**
     * Nothing said yet.
     *
     * @param posix the calls
     * @param port a new one
     * @param cancelled asked while something is waited for: whether to give up
     */
    public BootExchange(final Posix posix, final Port port, final BooleanSupplier cancelled) {
        this.posix = posix;
        this.port = port;
        this.cancelled = cancelled;
    }

    /**
     * Waits for core.bootstrap.
     *
     * @param deadlineNs of {@link System#nanoTime}
     * @return what the guest is to be
     * @throws BootException when it does not come, or something else does
     */
    public GuestBootstrap awaitBootstrap(final long deadlineNs) throws BootException {
        final Frame frame = read(MessageType.BOOTSTRAP, deadlineNs);
        try {
            final Envelope envelope = frame.envelope();
            requireType(MessageType.BOOTSTRAP, envelope);
            if (frame.id() != 0 || frame.flags() != 0 || envelope.version() < GENERATION) {
                throw new BootException("core.bootstrap: id=" + Integer.toUnsignedString(frame.id()) + " flags=" + frame.flags()
                    + " generation=" + envelope.version() + " (allowed: id 0, flags 0, generation 7 or later)");
            }
            return (GuestBootstrap) Frames.decode(envelope);
        } catch (final ProtocolException e) {
            throw new BootException("core.bootstrap cannot be decoded", e);
        }
    }

    /**
     * Says who programs run as, and waits until the host knows.
     *
     * @param resolved what to say
     * @param deadlineNs of {@link System#nanoTime}
     * @throws BootException when the host does not answer, or something else
     */
    public void resolve(final InitResolved resolved, final long deadlineNs) throws BootException {
        write(resolved, deadlineNs);
        try {
            final Envelope envelope = read(MessageType.INIT_ACK, deadlineNs).envelope();
            requireType(MessageType.INIT_ACK, envelope);
            Frames.decode(envelope);
        } catch (final ProtocolException e) {
            throw new BootException("core.init.ack cannot be decoded", e);
        }
    }

    private static void requireType(final MessageType wanted, final Envelope envelope) throws BootException {
        if (envelope.type() != wanted) {
            throw new BootException("the host sent " + envelope.typeName() + ", not " + wanted.wireName());
        }
    }

    // Bytes.

    private Frame read(final MessageType wanted, final long deadlineNs) throws BootException {
        final MemorySegment prefix = Arena.ofAuto().allocate(FrameDescriptor.LENGTH_PREFIX, Integer.BYTES);
        fill(prefix, 0, wanted, deadlineNs);
        final int length = prefix.get(LENGTH, FrameDescriptor.LENGTH_OFFSET);
        if (length < FrameDescriptor.MIN_LENGTH || length > FrameDescriptor.MAX_LENGTH) {
            throw new BootException(
                "what came is no frame: waited for " + wanted.wireName() + " length=" + Integer.toUnsignedString(length));
        }
        final MemorySegment memory = Arena.ofAuto().allocate(FrameDescriptor.LENGTH_PREFIX + (long) length, Long.BYTES);
        memory.copyFrom(prefix);
        fill(memory, FrameDescriptor.LENGTH_PREFIX, wanted, deadlineNs);
        return new Frame(
            memory, memory.get(LENGTH, FrameDescriptor.ID_OFFSET),
            memory.get(ValueLayout.JAVA_BYTE, FrameDescriptor.FLAGS_OFFSET) & 0xFF, length - FrameDescriptor.MIN_LENGTH);
    }

    private void fill(final MemorySegment memory, final long from, final MessageType wanted, final long deadlineNs) throws BootException {
        final PortReader reader = port.reader();
        long position = from;
        while (position < memory.byteSize()) {
            final int status = reader.poll();
            if (status < 0) {
                throw lost(status, wanted.wireName());
            }
            if (status == 0) {
                await(false, wanted.wireName(), deadlineNs);
            } else {
                final int length = (int) Math.min(reader.length(), memory.byteSize() - position);
                MemorySegment.copy(reader.memory(), reader.offset(), memory, position, length);
                reader.advance(length);
                reader.release();
                position += length;
            }
        }
    }

    private void write(final InitResolved message, final long deadlineNs) throws BootException {
        try {
            final byte[] bytes = Frames.encode(GENERATION, 0, message);
            final MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
            int position = 0;
            while (position < bytes.length) {
                final int taken = port.writer().write(memory, position, bytes.length - position);
                if (taken < 0) {
                    throw lost(taken, "room for core.init.resolved");
                }
                if (taken == 0) {
                    await(true, "room for core.init.resolved", deadlineNs);
                }
                position += taken;
            }
            port.writer().flush();
        } catch (final ProtocolException e) {
            throw new IllegalStateException("two numbers fit any frame", e);
        }
    }

    private BootException lost(final int status, final String wanted) {
        return new BootException(
            "the host has gone: waited for " + wanted + ": " + PortStatus.describe(status) + " " + port.detail());
    }

    private void await(final boolean room, final String wanted, final long deadlineNs) throws BootException {
        if (cancelled.getAsBoolean()) {
            throw new BootException("told to end: waited for " + wanted);
        }
        final long remainingNs = deadlineNs - System.nanoTime();
        if (remainingNs <= 0) {
            throw new BootException("the host did not send or take it in time: waited for " + wanted);
        }
        final int events = port.prepareToSleep(!room, room);
        if (events == Port.WORK_NOW) {
            port.onReady(0);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment poll = arena.allocate(pollfd.layout());
            pollfd.fd(poll, port.fd());
            // Epoll's own flags lie above these, which are the same for both.
            pollfd.events(poll, (short) (events & 0x7FFF));
            posix.poll(poll.address(), 1, SLICE_MS);
            final int reported = Short.toUnsignedInt(pollfd.revents(poll));
            port.onReady(reported);
            if (reported == Linux.POLLHUP) {
                LockSupport.parkNanos(HUNG_UP_PAUSE_NS);
            }
        }
    }
}
