package dev.sluice.relay;

import dev.sluice.port.PortReader;
import dev.sluice.protocol.FrameDecoder;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FrameError;
import dev.sluice.protocol.MessageType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Carries frames from the guest to the clients, as they arrive: the 9-byte header is copied and validated, and the copy decides and is what
 * is written on; the body goes from where it lies. Small bodies are copied together, large ones gathered with their headers; either way a
 * client gets one write per pass, unless there is a lot for it.
 *
 * <p>When the client that the next bytes are for has no room, the guest is left unread: the client is at the head of the line.
 *
 * <p>One owner thread. No allocation per frame.
 */
final class Downstream {
    /** Bodies up to this size are copied into their client's pending bytes, larger ones are written from where they lie. */
    static final int COPIED_BODY_MAX = 4096;
    /** A pass ends after this many bytes, so that clients get their turns while a guest floods. */
    static final int PASS_BYTES = 1024 * 1024;
    /** A client that was at the head of the line goes on when this much of its buffer is free. */
    static final int RESUME_ROOM = 64 * 1024;

    /** In every known encoding the type is said before this. */
    private static final int PEEK_LENGTH = 128;

    /** Where the frame in hand goes. */
    private enum Route { CLIENT, CONTROL, DROPPED }

    private final ClientTable clients;
    private final RangeTable ranges;
    private final RelayCounters counters;
    private final GuestControl control;
    /** Null without an exec log. */
    private final ExecLogTap tap;
    private final FrameDecoder decoder = new FrameDecoder();
    /** The beginning of a terminal frame of a program's session, which says whether the program has ended. */
    private final MemorySegment peek;
    private boolean peeking;
    private int peeked;
    private Route route;
    private ClientConnection target;
    private boolean headerDelivered;
    private ClientConnection blockedOn;
    private long blockedSinceNs;

    Downstream(final ClientTable clients, final RangeTable ranges, final RelayCounters counters, final GuestControl control,
        final ExecLogTap tap, final Arena arena) {
        this.peek = arena.allocate(PEEK_LENGTH);
        this.clients = clients;
        this.ranges = ranges;
        this.counters = counters;
        this.control = control;
        this.tap = tap;
    }

    /** {@return the client at the head of the line, or null when the guest's bytes flow} */
    ClientConnection blockedOn() {
        return blockedOn;
    }

    long blockedSinceNs() {
        return blockedSinceNs;
    }

    /** {@return the client that has been sent part of a frame, or null} */
    ClientConnection clientInsideFrame() {
        return decoder.inBody() && route == Route.CLIENT && headerDelivered ? target : null;
    }

    /** The relay has ended a session: a frame of it that has begun to come, and not to go, does not follow its end. */
    void dropUndelivered(final int id) {
        if (decoder.headerComplete() && decoder.id() == id && route == Route.CLIENT && !headerDelivered) {
            drop(RelayCounter.GUEST_FRAMES_NOT_RECORDED);
        }
    }

    FrameError framingError() {
        return decoder.error();
    }

    /** A new guest starts at a frame boundary. */
    void reset() {
        decoder.reset();
        target = null;
        route = null;
        headerDelivered = false;
        blockedOn = null;
        peeking = false;
        control.reset();
    }

    /**
     * Carries what has arrived.
     *
     * @return 0, or the status below 0 with which the port has ended; broken framing is told by {@link #framingError}
     */
    int pass(final PortReader reader, final long nowNs) {
        if (blockedOn != null) {
            final ClientConnection former = blockedOn;
            if (!resume()) {
                return 0;
            }
            former.holdUps().add(blockedSinceNs, nowNs);
        }
        final int status = reader.poll();
        if (status < 0) {
            return status;
        }
        int budget = PASS_BYTES;
        while (budget > 0 && reader.length() > 0 && !mustStop()) {
            budget -= decoder.inBody() ? body(reader) : header(reader);
        }
        clients.flush();
        reader.release();
        if (blockedOn != null) {
            blockedSinceNs = nowNs;
            counters.increment(RelayCounter.HEAD_OF_LINE_BLOCKS);
        }
        return 0;
    }

    /** {@return whether another pass would carry what is there} */
    boolean goesOn() {
        return !isBlocked() && decoder.error() == FrameError.NONE && !control.hasNews();
    }

    /** News for the relay is dealt with before the frames behind it: a replaced guest's frames must not meet the sessions of the first. */
    private boolean mustStop() {
        return blockedOn != null || decoder.error() != FrameError.NONE || control.hasNews();
    }

    /** {@return whether the guest is to be left unread until the client at the head of the line has read} */
    boolean isBlocked() {
        return blockedOn != null && isServed(blockedOn);
    }

    private static boolean isServed(final ClientConnection client) {
        return client.isOpen() && !client.outputEnded();
    }

    private boolean resume() {
        if (isBlocked() && clients.room(blockedOn) < RESUME_ROOM) {
            return false;
        }
        blockedOn = null;
        if (decoder.headerComplete() && decoder.bodyRemaining() == 0) {
            finishEmptyFrame();
        }
        return blockedOn == null;
    }

    private int header(final PortReader reader) {
        final int taken = decoder.takeHeader(reader.memory(), reader.offset(), reader.length());
        reader.advance(taken);
        if (decoder.error() == FrameError.NONE && decoder.headerComplete()) {
            startFrame();
        }
        return taken;
    }

    private void startFrame() {
        target = null;
        headerDelivered = false;
        final int id = decoder.id();
        if (id == 0) {
            route = Route.CONTROL;
            control.start(decoder.header(), decoder.bodyLength());
        } else if (!control.guestReady()) {
            drop(RelayCounter.GUEST_FRAMES_BEFORE_READY);
        } else {
            routeToClient(id);
        }
        if (tap != null && route != Route.CONTROL && tap.frameStart(id, decoder.bodyLength()) && route == Route.CLIENT) {
            // The relay has ended this session; its client has had a terminal frame, or is about to.
            drop(RelayCounter.GUEST_FRAMES_NOT_RECORDED);
        }
        peeked = 0;
        peeking = route != Route.CONTROL && (decoder.flags() & FrameDescriptor.FLAG_TERMINAL) != 0 && kind(id) == SessionKind.EXEC;
        if (decoder.bodyLength() == 0) {
            finishEmptyFrame();
        }
    }

    private void routeToClient(final int id) {
        final int range = RangeTable.rangeOf(id);
        final ClientConnection client = range == RangeTable.NO_RANGE ? null : clients.byRange(range);
        if (client != null && isServed(client)) {
            route = Route.CLIENT;
            target = client;
        } else if (range != RangeTable.NO_RANGE && (client != null || ranges.isQuarantined(range))) {
            drop(RelayCounter.GUEST_FRAMES_QUARANTINED);
        } else {
            drop(RelayCounter.GUEST_FRAMES_FOR_NOBODY);
        }
    }

    private void drop(final RelayCounter reason) {
        route = Route.DROPPED;
        counters.increment(reason);
    }

    private int body(final PortReader reader) {
        final int wanted = Math.min(reader.length(), decoder.bodyRemaining());
        final int taken = switch (route) {
            case CLIENT -> deliver(reader, wanted);
            case CONTROL -> {
                control.append(reader.memory(), reader.offset(), wanted);
                yield wanted;
            }
            case DROPPED -> wanted;
        };
        if (tap != null && tap.isInterested()) {
            tap.body(reader.memory(), reader.offset(), taken);
        }
        if (peeking) {
            final int more = Math.min(taken, PEEK_LENGTH - peeked);
            MemorySegment.copy(reader.memory(), reader.offset(), peek, peeked, more);
            peeked += more;
        }
        reader.advance(taken);
        decoder.bodyTaken(taken);
        if (!decoder.inBody()) {
            endFrame();
        }
        return taken;
    }

    private int deliver(final PortReader reader, final int wanted) {
        dropIfTargetLeft();
        if (route == Route.DROPPED) {
            return wanted;
        }
        if (!headerDelivered && !deliverHeader()) {
            return 0;
        }
        final int taken = Math.min(wanted, clients.room(target));
        if (taken < wanted) {
            blockedOn = target;
        }
        if (taken > 0) {
            if (decoder.bodyLength() > COPIED_BODY_MAX) {
                clients.gather(target, reader.memory(), reader.offset(), taken);
            } else {
                clients.append(target, reader.memory(), reader.offset(), taken);
            }
            counters.add(RelayCounter.BYTES_TO_CLIENTS, taken);
        }
        return taken;
    }

    private boolean deliverHeader() {
        if (clients.room(target) < FrameDescriptor.HEADER_LENGTH) {
            blockedOn = target;
            return false;
        }
        clients.append(target, decoder.header(), 0, FrameDescriptor.HEADER_LENGTH);
        counters.add(RelayCounter.BYTES_TO_CLIENTS, FrameDescriptor.HEADER_LENGTH);
        headerDelivered = true;
        return true;
    }

    /** The client went away inside its frame, or before a first byte of it could be written; the rest belongs to nobody. */
    private void dropIfTargetLeft() {
        if (route == Route.CLIENT && !isServed(target)) {
            drop(RelayCounter.GUEST_FRAMES_QUARANTINED);
        }
    }

    private void finishEmptyFrame() {
        dropIfTargetLeft();
        if (route == Route.CLIENT && !deliverHeader()) {
            return;
        }
        decoder.bodyTaken(0);
        endFrame();
    }

    private void endFrame() {
        if (route == Route.CONTROL) {
            control.end();
            return;
        }
        final boolean ends = endsSession();
        if (tap != null) {
            tap.frameEnd(ends);
        }
        if (route == Route.CLIENT) {
            counters.increment(RelayCounter.FRAMES_TO_CLIENTS);
        }
        if (ends) {
            endSession(decoder.id());
        }
    }

    private boolean endsSession() {
        return (decoder.flags() & FrameDescriptor.FLAG_TERMINAL) != 0
            && !(peeking && !SessionKind.EXEC.isEndedBy(MessageType.recognise(peek, 0, peeked)));
    }

    private void endSession(final int id) {
        final int range = RangeTable.rangeOf(id);
        if (range != RangeTable.NO_RANGE && ranges.sessionEnded(range, id)) {
            counters.increment(RelayCounter.SESSIONS_ENDED);
            if (route == Route.DROPPED) {
                clients.sessionEnded(range);
            }
        }
    }

    /** {@return the kind of an open session, or null} */
    private SessionKind kind(final int id) {
        final int range = RangeTable.rangeOf(id);
        return range == RangeTable.NO_RANGE ? null : ranges.sessions(range).kind(id);
    }
}
