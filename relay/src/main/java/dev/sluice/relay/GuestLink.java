package dev.sluice.relay;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.Port;
import dev.sluice.port.PortSource;
import dev.sluice.port.PortStatus;
import dev.sluice.port.PortWriter;
import dev.sluice.protocol.FrameError;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The relay's side of its guest, and what the loss of one means.
 *
 * <pre>
 *   WAITING ──port opens──► GREETING ──core.ready──► READY
 *      ▲                       │                       │
 *      └──── ready deadline ───┴─ port ends, framing or ring broken, stalled
 * </pre>
 *
 * <p>Losing a guest, or hearing core.ready a second time through the same port, starts a new epoch: every session of the old one gets its
 * terminal frame, every client of it is closed, and no frame of the old guest reaches a client of the new one.
 *
 * <p>One owner thread.
 */
final class GuestLink {
    /** Passes over what a guest that takes nothing more has left to say: more than its buffers hold. */
    private static final int LAST_WORDS_PASSES = 64;

    /** Restarts of the agent at one port: this many at once, and one more for each {@link #RESTART_NS}. More is a flood, and no agent. */
    private static final int MAX_RESTARTS = 100;
    private static final long RESTART_NS = 1_000_000_000;
    private final Epoll epoll;
    private final PortOpener opener;
    private final RelayContext context;
    private final ClientTable clients;
    private final RangeTable ranges;
    private final RelayCounters counters;
    private final Downstream downstream;
    private final Upstream upstream;
    private final GuestControl control;
    private final GuestOrders orders;
    private final SessionEnds ends;
    /** Null without an exec log. */
    private final ExecLogTap tap;
    private final RelayLog log;
    private final GuestStallWatch stall;
    private Port port;
    private int watchedEvents;
    private boolean ready;
    private boolean everReady;
    /** Why the last guest was lost, in words; null before there was one. */
    private String lastLoss;
    private long openedNs;
    private long nextClockSyncNs;
    /** Each restart moves this on by {@link #RESTART_NS}, and never past the present. */
    private long restartsFrom;
    /** Below 0 once the port takes nothing more, although its peer may have said more than has been carried. */
    private int writeStatus;

    GuestLink(
        final Epoll epoll, final PortSource source, final RelayContext context, final ClientTable clients, final RangeTable ranges,
        final RelayCounters counters, final Downstream downstream, final Upstream upstream, final GuestControl control,
        final GuestOrders orders, final ExecLogTap tap, final RelayLog log) {
        this.epoll = epoll;
        this.opener = new PortOpener(epoll, source, context, counters, log);
        this.context = context;
        this.clients = clients;
        this.ranges = ranges;
        this.counters = counters;
        this.downstream = downstream;
        this.upstream = upstream;
        this.control = control;
        this.orders = orders;
        this.tap = tap;
        this.log = log;
        ends = new SessionEnds(
            clients, ranges, counters, downstream, control, orders, tap, log, context.limit(RelayLimit.DRAIN_DEADLINE));
        stall = new GuestStallWatch(context.limit(RelayLimit.STALL_DEADLINE));
    }

    boolean isReady() {
        return ready;
    }

    boolean hasPort() {
        return port != null;
    }

    /** {@return whether the guest is known to be gone, although bytes of it may be left to carry} */
    boolean isPeerGone() {
        return port != null && port.isPeerGone();
    }

    boolean everReady() {
        return everReady;
    }

    /** {@return why no guest is ready, in words} */
    String obstacle() {
        if (port != null) {
            return "the port is open, and core.ready has not come";
        }
        return everReady || lastLoss == null ? opener.obstacle() : lastLoss;
    }

    void start(final long nowNs) throws PosixException {
        restartsFrom = nowNs - MAX_RESTARTS * RESTART_NS;
        opener.start(nowNs);
    }

    /** The source's descriptor is ready: there may be a peer. */
    void onSourceEvents() {
        opener.onEvents();
    }

    void onPortEvents(final int events) {
        if (port != null) {
            port.onReady(events);
        }
    }

    /** Opens the port if its peer has come. @throws IOException when none can ever be opened */
    void openIfPossible(final long nowNs) throws IOException {
        if (port != null) {
            return;
        }
        port = opener.tryOpen(everReady, nowNs);
        if (port != null) {
            watchedEvents = Linux.EPOLLIN;
            openedNs = nowNs;
            downstream.reset();
            orders.greet();
        }
    }

    /** {@return nanoseconds until {@link #openIfPossible} is worth a call by the clock alone, or {@link Long#MAX_VALUE}} */
    long nextTryIn(final long nowNs) {
        return port == null ? opener.nextTryIn(nowNs) : Long.MAX_VALUE;
    }

    /** Carries frames in both directions. */
    void pass(final long nowNs) throws PosixException {
        if (port != null) {
            receive(nowNs);
        }
        final PortWriter writer = port == null || writeStatus < 0 ? null : port.writer();
        final int status = upstream.pass(writer, control.generation(), ready, nowNs);
        if (status < 0) {
            writeStatus = status;
        }
        if (writeStatus < 0) {
            readLastWords(nowNs);
        }
    }

    private void receive(final long nowNs) throws PosixException {
        final int status = downstream.pass(port.reader(), nowNs);
        if (control.takeInitResolved()) {
            orders.acknowledgeInit();
        }
        if (control.hasNews() && !greeted(nowNs)) {
            lost("the guest says core.ready over and over", nowNs);
            return;
        }
        if (downstream.isBlocked()) {
            // It has a reason not to read that is not its own: what it says is not being read either.
            upstream.guestProgressed(nowNs);
        }
        if (downstream.framingError() != FrameError.NONE) {
            counters.increment(RelayCounter.GUEST_FRAMING_BROKEN);
            lost("the guest broke the framing (" + downstream.framingError() + ")", nowNs);
        } else if (status < 0) {
            lost(status, nowNs);
        }
    }

    /**
     * Carries what a guest sent before it was found to take nothing more: the ends of sessions are among the last things that it says. It
     * is lost when that is done, and not before a client that holds it up has read or was evicted.
     */
    private void readLastWords(final long nowNs) throws PosixException {
        port.onReady(Linux.EPOLLIN | Linux.EPOLLHUP);
        // Bounded, since one that only stopped reading may go on talking.
        for (int i = 0; i < LAST_WORDS_PASSES && downstream.goesOn() && port.reader().poll() > 0; i++) {
            downstream.pass(port.reader(), nowNs);
        }
        if (!downstream.isBlocked()) {
            lost(writeStatus, nowNs);
        }
    }

    /** Gives a guest up that has not become ready, or takes nothing; tells one the time when that is due. */
    void checkDeadlines(final long nowNs) throws PosixException {
        if (port == null) {
            return;
        }
        if (readyDueIn(nowNs) <= 0) {
            counters.increment(RelayCounter.GUESTS_NEVER_READY);
            lost("the guest has not become ready within " + text(RelayLimit.READY_DEADLINE), nowNs);
        } else if (stallDueIn(nowNs) <= 0) {
            checkStall(nowNs);
        } else if (clockSyncDueIn(nowNs) <= 0) {
            orders.syncClock();
            nextClockSyncNs = nowNs + context.limit(RelayLimit.CLOCK_SYNC_INTERVAL);
        }
    }

    private void checkStall(final long nowNs) throws PosixException {
        switch (stall.look(upstream.guestProgressNs(), port.writer().unread())) {
            case PROGRESS -> upstream.guestProgressed(nowNs);
            case STALLED -> {
                counters.increment(RelayCounter.GUESTS_STALLED);
                lost("the guest has read nothing for " + text(RelayLimit.STALL_DEADLINE), nowNs);
            }
            default -> {
            }
        }
    }

    private String text(final RelayLimit limit) {
        return limit.format(context.limit(limit));
    }

    /** {@return nanoseconds until {@link #checkDeadlines} has something to do by the clock alone, or {@link Long#MAX_VALUE}} */
    long nextDeadlineIn(final long nowNs) {
        if (port == null) {
            return Long.MAX_VALUE;
        }
        return Math.max(0, Math.min(readyDueIn(nowNs), Math.min(stallDueIn(nowNs), clockSyncDueIn(nowNs))));
    }

    private long readyDueIn(final long nowNs) {
        return ready ? Long.MAX_VALUE : openedNs + context.limit(RelayLimit.READY_DEADLINE) - nowNs;
    }

    private long stallDueIn(final long nowNs) {
        return ready && upstream.guestFull() && !downstream.isBlocked()
            ? stall.dueIn(upstream.guestProgressNs(), nowNs)
            : Long.MAX_VALUE;
    }

    private long clockSyncDueIn(final long nowNs) {
        final boolean told = ready && GuestOrders.knowsClockSync(control.generation())
            && context.limit(RelayLimit.CLOCK_SYNC_INTERVAL) > 0;
        return told ? nextClockSyncNs - nowNs : Long.MAX_VALUE;
    }

    /** core.ready has come. @return false when it comes too often */
    private boolean greeted(final long nowNs) {
        if (ready) {
            final long earliest = nowNs - MAX_RESTARTS * RESTART_NS;
            // Differences alone mean something: the clock may stand anywhere.
            restartsFrom = (restartsFrom - earliest > 0 ? restartsFrom : earliest) + RESTART_NS;
            if (restartsFrom - nowNs > 0) {
                return false;
            }
            counters.increment(RelayCounter.GUESTS_LOST);
            ends.endClients("the guest's agent was restarted", nowNs);
            upstream.guestReplaced();
            ranges.guestReplaced(nowNs);
        }
        control.acceptNews();
        ready = true;
        everReady = true;
        nextClockSyncNs = nowNs;
        counters.increment(RelayCounter.GUESTS_READY);
        log.info(RelayLog.Subject.GUEST, "guest ready, generation {0}", control.generation());
        if (tap != null) {
            tap.guestReady(control.readyFrame());
        }
        clients.forEach(this::greet);
        context.listener().onReady();
        return true;
    }

    /** Gives a client that waits its handshake if there is a guest to serve it. */
    void greet(final ClientConnection client) {
        final MemorySegment readyFrame = control.readyFrame();
        if (ready && client.state() == ClientConnection.State.AWAITING_READY) {
            clients.greet(client, readyFrame);
        }
    }

    private void lost(final int status, final long nowNs) throws PosixException {
        if (status == PortStatus.BROKEN) {
            counters.increment(RelayCounter.GUEST_RING_BROKEN);
        }
        lost("the guest's port is " + PortStatus.describe(status) + " (" + port.detail() + ")", nowNs);
    }

    private void lost(final String reason, final long nowNs) throws PosixException {
        counters.increment(RelayCounter.GUESTS_LOST);
        log.warning(RelayLog.Subject.GUEST_LOST, "guest lost: {0}", reason);
        lastLoss = reason;
        ends.endClients(reason, nowNs);
        if (tap != null) {
            tap.guestGone();
        }
        upstream.portLost();
        ranges.guestLost();
        final boolean wasReady = ready;
        ready = false;
        closePort();
        opener.portEnded(wasReady, nowNs);
        context.listener().onGuestLost(reason);
    }

    /** The relay is about to end: clients are told, their sessions in the guest are killed. */
    void drain(final String reason, final long nowNs) {
        ends.endClients(reason, nowNs);
        clients.forEach(client -> {
            if (client.state() == ClientConnection.State.AWAITING_READY) {
                clients.close(client);
            }
        });
    }

    /** See {@link SessionEnds#endUnrecorded}; without a guest there is nobody to be told. */
    boolean endUnrecorded(final LoggedSession session) {
        return !ready || ends.endUnrecorded(session);
    }

    /**
     * Announces what the loop is about to sleep for.
     *
     * @return whether it may sleep
     */
    boolean prepareToSleep() throws PosixException {
        if (port == null) {
            return opener.maySleep();
        }
        final boolean wantRead = !downstream.isBlocked();
        final boolean wantWrite = writeStatus == 0 && (upstream.hasTurns() || upstream.hasOrders(ready));
        if (wantRead && port.reader().length() > 0 || wantWrite && !upstream.guestFull()) {
            return false;
        }
        final int events = port.prepareToSleep(wantRead, writeStatus == 0 && upstream.guestFull());
        if (events == Port.WORK_NOW) {
            return false;
        }
        if (events != watchedEvents) {
            epoll.modify(port.fd(), events, EpollToken.of(EpollToken.PORT));
            watchedEvents = events;
        }
        return true;
    }

    private void closePort() {
        if (port != null) {
            try {
                epoll.delete(port.fd());
            } catch (final PosixException e) {
                log.warning(RelayLog.Subject.LOCAL, "{0}", e.getMessage());
            }
            port.close();
            port = null;
            writeStatus = 0;
        }
    }

    void close() {
        closePort();
        opener.close();
    }
}
