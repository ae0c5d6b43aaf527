package dev.sluice.relay;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The guest's frames with id 0, which are for the relay: put together in private memory, then looked at. core.ready is what matters; its
 * bytes are kept exactly, because every client is sent them.
 *
 * <p>Pure state. One owner thread.
 */
final class GuestControl {
    /** A control frame is some hundred bytes; one beyond this is not put together but dropped and counted. */
    static final int FRAME_MAX = 64 * 1024;

    private static final Logger LOG = System.getLogger(GuestControl.class.getName());

    /** A guest may announce what it likes; the relay's own frames are written in generations it knows. */
    private static final int NEWEST_GENERATION = 7;

    private final RelayCounters counters;
    private final MemorySegment frame;
    private final Envelope envelope = new Envelope();
    private int length;
    private boolean tooLong;
    private MemorySegment readyFrame;
    private int generation;
    private int announcedGeneration;
    private boolean news;
    private boolean initResolved;

    GuestControl(final RelayCounters counters, final Arena arena) {
        this.counters = counters;
        this.frame = arena.allocate(FRAME_MAX);
    }

    void reset() {
        readyFrame = null;
        news = false;
        initResolved = false;
        length = 0;
    }

    void start(final MemorySegment header, final int bodyLength) {
        tooLong = bodyLength > FRAME_MAX - FrameDescriptor.HEADER_LENGTH;
        MemorySegment.copy(header, 0, frame, 0, FrameDescriptor.HEADER_LENGTH);
        length = FrameDescriptor.HEADER_LENGTH;
    }

    void append(final MemorySegment source, final long offset, final int count) {
        if (!tooLong) {
            MemorySegment.copy(source, offset, frame, length, count);
            length += count;
        }
    }

    void end() {
        final MessageType type = type();
        if (type == MessageType.READY) {
            news = true;
            announcedGeneration = Math.clamp(envelope.version(), 1, NEWEST_GENERATION);
            readyFrame = MemorySegment.ofArray(frame.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        } else if (type == MessageType.INIT_RESOLVED) {
            initResolved = true;
        } else {
            counters.increment(RelayCounter.GUEST_CONTROL_DROPPED);
        }
    }

    private MessageType type() {
        if (tooLong) {
            return null;
        }
        try {
            envelope.wrap(frame, FrameDescriptor.BODY_OFFSET, length - FrameDescriptor.HEADER_LENGTH);
        } catch (final ProtocolException e) {
            LOG.log(Level.DEBUG, "a control frame of the guest cannot be read: {0}", e.getMessage());
            return null;
        }
        return envelope.type();
    }

    /** {@return whether core.ready has come} */
    boolean guestReady() {
        return readyFrame != null;
    }

    /** {@return whether core.ready has come since the last {@link #acceptNews}} */
    boolean hasNews() {
        return news;
    }

    /** The relay has told the clients of a former guest; from here on {@link #generation} is that of the new one. */
    void acceptNews() {
        news = false;
        generation = announcedGeneration;
    }

    /** {@return whether core.init.resolved has come since the last call: the guest waits for an answer} */
    boolean takeInitResolved() {
        final boolean resolved = initResolved;
        initResolved = false;
        return resolved;
    }

    /** {@return the bytes of core.ready as they came, or null} */
    MemorySegment readyFrame() {
        return readyFrame;
    }

    /** {@return the generation to write to this guest and its clients: what it announced in core.ready, as far as it is known here} */
    int generation() {
        return generation;
    }
}
