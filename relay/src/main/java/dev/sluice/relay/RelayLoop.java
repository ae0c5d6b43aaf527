package dev.sluice.relay;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.PortSource;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The relay's one loop: waits for descriptors and deadlines, then lets {@link GuestLink} carry frames. Everything it owns is touched by its
 * thread alone; from outside come only the wake-up descriptor and two flags.
 */
final class RelayLoop {
    /** Deadlines of clients are looked at this often. */
    private static final long TICK_NS = 20_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** How long the guest has to take orders that came up at the drain deadline. */
    private static final long LAST_ORDERS_NS = 500_000_000;

    private final RelayContext context;
    private final Posix posix;
    private final LoopClock clock;
    private final Epoll epoll;
    private final int wakeFd;
    private final RelayCounters counters;
    private final RelayLog log;
    private final RangeTable ranges = new RangeTable();
    private final MemorySegment wakeCount;
    private final ClientTable clients;
    private final ClientAcceptor acceptor;
    /** Null without an exec log. */
    private final ExecLogTap tap;
    private final Downstream downstream;
    private final Upstream upstream;
    private final GuestOrders orders;
    private final GuestLink guest;
    private final LifetimeLimits lifetime;
    private final RelayGauges gauges;
    private int portEvents;
    private long nextTickNs;
    private long readyDeadlineNs;
    private RelayOutcome shutdownReason;
    private long shutdownDeadlineNs;
    /** When the client at the head of the line last was the only one. */
    private long aloneUntilNs;
    private boolean draining;
    private long drainDeadlineNs;
    /** Latest end: by then the guest has been told of clients that were closed at their deadline, if it takes anything. */
    private long drainEndNs;
    private RelayOutcome outcome;
    private String obstacle = "";

    RelayLoop(
        final RelayContext context, final List<UnixListener> listeners, final int ownUid, final PortSource source, final Epoll epoll,
        final int wakeFd, final RelayMemory memory, final ExecLogTap tap, final RelayCounters counters, final Arena arena) {
        this.context = context;
        this.posix = context.posix();
        this.clock = new LoopClock(context.clock(), context.limit(RelayLimit.PAUSE_TOLERANCE));
        this.epoll = epoll;
        this.wakeFd = wakeFd;
        this.wakeCount = arena.allocate(Long.BYTES, Long.BYTES);
        this.tap = tap;
        this.counters = counters;
        log = new RelayLog(context.clock(), counters);
        clients = new ClientTable(posix, epoll, ranges, counters, context, memory, log, arena);
        acceptor = new ClientAcceptor(context, epoll, listeners, ownUid, clients, counters, log);
        orders = new GuestOrders(ranges, counters, context.wallClock(), context.bootstrapFrame(), arena);
        if (tap != null) {
            tap.orders(orders);
        }
        upstream = new Upstream(context, clients, orders, new AssemblyPool(memory.assemblies()), counters, log);
        clients.upstream(upstream);
        clients.tap(tap);
        final GuestControl control = new GuestControl(counters, arena);
        downstream = new Downstream(clients, ranges, counters, control, tap, arena);
        guest = new GuestLink(epoll, source, context, clients, ranges, counters, downstream, upstream, control, orders, tap, log);
        lifetime = new LifetimeLimits(context, ranges, upstream);
        gauges = new RelayGauges(counters, clients, ranges, guest, upstream, tap);
    }

    /** Registers what is watched from the start. */
    void start() throws PosixException {
        epoll.add(wakeFd, Linux.EPOLLIN, EpollToken.of(EpollToken.WAKE_UP));
        final long nowNs = clock.now(0);
        acceptor.start(nowNs);
        upstream.start(nowNs);
        lifetime.start(nowNs);
        guest.start(nowNs);
        nextTickNs = nowNs;
        readyDeadlineNs = nowNs + context.limit(RelayLimit.READY_DEADLINE);
    }

    /** {@return why there was no guest when the end was begun, empty if there was one} */
    String obstacle() {
        return obstacle;
    }

    /** {@return whether core.ready has come from the present guest} */
    boolean isReady() {
        return guest.isReady();
    }

    /**
     * One iteration: waits, dispatches, carries.
     *
     * @param stopOrdered whether the end was ordered from outside
     * @return why the relay is done, or null while it is not
     * @throws IOException when the loop cannot go on: epoll or the guest's source is broken
     */
    RelayOutcome iterate(final boolean stopOrdered) throws IOException {
        final long beforeNs = clock.now(0);
        final int timeoutMs = guest.prepareToSleep() && !(stopOrdered && !draining) ? timeoutMs(beforeNs) : 0;
        if (timeoutMs != 0) {
            gauges.publish();
        }
        final int events = epoll.await(timeoutMs);
        final long nowNs = clock.now(timeoutMs < 0 ? Long.MAX_VALUE : timeoutMs * NANOS_PER_MILLI);
        final long missedNs = clock.takeMissed();
        if (missedNs > 0) {
            counters.increment(RelayCounter.TIMES_NOT_RUN);
            log.warning(RelayLog.Subject.LOCAL, "the relay was stopped or had no CPU for {0} ms: deadlines are put off by that",
                missedNs / NANOS_PER_MILLI);
        }
        upstream.now(nowNs);
        portEvents = 0;
        for (int i = 0; i < events; i++) {
            dispatch(epoll.token(i), epoll.events(i));
        }
        guest.onPortEvents(portEvents);
        acceptor.accept(guest, nowNs);
        guest.openIfPossible(nowNs);
        if (tap != null) {
            tap.startPass();
        }
        clients.flush();
        guest.pass(nowNs);
        if (tap != null) {
            tap.endPass();
            tap.endCondemned(guest::endUnrecorded);
        }
        guest.checkDeadlines(nowNs);
        clients.flush();
        if (nextTickNs - nowNs <= 0) {
            nextTickNs = nowNs + TICK_NS;
            tick(nowNs);
        }
        return progress(stopOrdered, nowNs);
    }

    private void dispatch(final long token, final int events) {
        switch (EpollToken.kind(token)) {
            case EpollToken.WAKE_UP -> drainWakeUps();
            case EpollToken.LISTENER -> acceptor.onEvent(EpollToken.index(token));
            case EpollToken.SOURCE -> guest.onSourceEvents();
            case EpollToken.PORT -> portEvents = events;
            case EpollToken.CLIENT -> clients.onEvents(EpollToken.index(token), events);
            default -> throw new AssertionError("epoll token " + token);
        }
    }

    private void drainWakeUps() {
        // An eventfd gives its whole count to one read of 8 bytes.
        posix.read(wakeFd, wakeCount.address(), Long.BYTES);
    }

    private void tick(final long nowNs) {
        gauges.publish();
        counters.add(RelayCounter.QUARANTINES_EXPIRED, ranges.expire(nowNs));
        evictHeadOfLine(nowNs);
        for (int i = clients.connected() - 1; i >= 0; i--) {
            checkDeadlines(clients.live(i), nowNs);
        }
    }

    private void evictHeadOfLine(final long nowNs) {
        if (!downstream.isBlocked()) {
            return;
        }
        final ClientConnection blocker = downstream.blockedOn();
        final boolean alone = clients.connected() == 1;
        if (alone) {
            aloneUntilNs = nowNs;
        }
        // A guest that is gone has said its last; who else is to hear of that does not wait for one that does not read.
        final boolean stalls = context.slowClientPolicy() == SlowClientPolicy.STALL;
        final boolean patient = (alone || stalls) && !guest.isPeerGone();
        final long limitNs = context.limit(patient ? RelayLimit.STALL_DEADLINE : RelayLimit.HEAD_OF_LINE_LIMIT);
        final long sinceNs = downstream.blockedSinceNs();
        final long othersSinceNs = alone ? sinceNs : Math.max(sinceNs, aloneUntilNs);
        if (nowNs - othersSinceNs >= limitNs) {
            evict(blocker, "it has not read for " + limitNs / NANOS_PER_MILLI + " ms and holds up the others");
        } else if (!alone) {
            final long budgetNs = context.limit(stalls ? RelayLimit.STALL_DEADLINE : RelayLimit.HEAD_OF_LINE_BUDGET);
            if (blocker.holdUps().total(othersSinceNs, nowNs) >= budgetNs) {
                evict(blocker, "it reads too slowly and holds up the others");
            }
        }
    }

    private void evict(final ClientConnection blocker, final String reason) {
        counters.increment(RelayCounter.CLIENTS_EVICTED_SLOW);
        log.warning(RelayLog.Subject.EVICTED, "{0} evicted: {1}", blocker, reason);
        clients.close(blocker);
    }

    private void checkDeadlines(final ClientConnection client, final long nowNs) {
        switch (client.state()) {
            case AWAITING_READY -> {
                if (client.deadlineNs() - nowNs <= 0) {
                    counters.increment(RelayCounter.CLIENTS_WAITED_IN_VAIN);
                    log.warning(RelayLog.Subject.EVICTED, "{0} closed: no guest has become ready within {1}: {2}", client,
                        RelayLimit.READY_DEADLINE.format(context.limit(RelayLimit.READY_DEADLINE)), guest.obstacle());
                    clients.close(client);
                }
            }
            case ENDING -> {
                if (client.deadlineNs() - nowNs <= 0) {
                    clients.close(client);
                }
            }
            case OPEN -> {
                final boolean waitsForRest = client.input().hasIncompleteFrame() && !client.wantsTurn() && !client.awaitingAssembly();
                if (waitsForRest && nowNs - client.frameProgressNs() >= context.limit(RelayLimit.STALL_DEADLINE)) {
                    counters.increment(RelayCounter.CLIENT_FRAMES_STALLED);
                    log.warning(RelayLog.Subject.EVICTED, "{0} closed: its frame has made no progress for {1}", client,
                        RelayLimit.STALL_DEADLINE.format(context.limit(RelayLimit.STALL_DEADLINE)));
                    clients.close(client);
                } else if (waitsForRest && client.input().isAssembling() && upstream.isShortOfAssemblies()
                    && nowNs - client.assemblyBegunNs() >= context.limit(RelayLimit.ASSEMBLY_TIME)) {
                    counters.increment(RelayCounter.CLIENT_FRAMES_STALLED);
                    log.warning(RelayLog.Subject.EVICTED, "{0} closed: its frame is not complete after {1} ms and holds up the others",
                        client, context.limit(RelayLimit.ASSEMBLY_TIME) / NANOS_PER_MILLI);
                    clients.close(client);
                } else {
                    clients.settle(client);
                }
            }
            default -> {
            }
        }
    }

    private RelayOutcome progress(final boolean stopOrdered, final long nowNs) throws PosixException {
        if (upstream.takeShutdownForwarded()) {
            shutdownOrdered(RelayOutcome.GUEST_SHUT_DOWN, nowNs);
        }
        final RelayOutcome lifetimeOver = shutdownReason == null ? lifetime.over(guest.isReady(), nowNs) : null;
        if (lifetimeOver != null) {
            orders.shutDown();
            shutdownOrdered(lifetimeOver, nowNs);
        }
        if (!draining) {
            final RelayOutcome reason = reasonToEnd(stopOrdered, nowNs);
            if (reason != null) {
                obstacle = guest.isReady() ? "" : guest.obstacle();
                outcome = reason;
                drain(nowNs);
            }
        }
        final boolean drained = clients.connected() == 0 && (upstream.isIdle() || !guest.isReady());
        return draining && (drained || drainEndNs - nowNs <= 0) ? outcome : null;
    }

    /** The guest is being told to end, by a client or by the relay; it has some time for that. */
    private void shutdownOrdered(final RelayOutcome reason, final long nowNs) {
        if (shutdownReason == null) {
            shutdownReason = reason;
            shutdownDeadlineNs = nowNs + context.limit(RelayLimit.SHUTDOWN_FLUSH);
        }
        context.listener().onShutdownRequested();
    }

    private RelayOutcome reasonToEnd(final boolean stopOrdered, final long nowNs) {
        if (stopOrdered) {
            return RelayOutcome.STOPPED;
        }
        if (shutdownReason != null && (!guest.hasPort() || shutdownDeadlineNs - nowNs <= 0)) {
            return shutdownReason;
        }
        if (guest.everReady() && !guest.hasPort() && context.exitOnGuestLoss()) {
            return RelayOutcome.GUEST_LOST;
        }
        return !guest.everReady() && readyDeadlineNs - nowNs <= 0 ? RelayOutcome.NEVER_READY : null;
    }

    private void drain(final long nowNs) throws PosixException {
        draining = true;
        acceptor.stop();
        drainDeadlineNs = nowNs + context.limit(RelayLimit.DRAIN_DEADLINE);
        drainEndNs = drainDeadlineNs + LAST_ORDERS_NS;
        guest.drain("the relay is shutting down", nowNs);
        clients.flush();
        context.listener().onDraining();
    }

    private int timeoutMs(final long nowNs) {
        // Deadlines of clients and quarantines are looked at by ticks: one that is due waits for the next.
        final boolean clientsTimed = downstream.isBlocked() || clients.anyDeadline();
        final long tickDueIn = clientsTimed ? 0 : ranges.nextExpiryIn(nowNs);
        long waitNs = Math.min(guest.nextTryIn(nowNs), Math.min(guest.nextDeadlineIn(nowNs), acceptor.nextTryIn(nowNs)));
        if (tickDueIn != Long.MAX_VALUE) {
            waitNs = Math.min(waitNs, Math.max(tickDueIn, nextTickNs - nowNs));
        }
        if (draining) {
            waitNs = Math.min(waitNs, Math.max(0, drainEndNs - nowNs));
        } else {
            if (!guest.everReady()) {
                waitNs = Math.min(waitNs, Math.max(0, readyDeadlineNs - nowNs));
            }
            if (shutdownReason != null) {
                waitNs = Math.min(waitNs, Math.max(0, shutdownDeadlineNs - nowNs));
            } else {
                waitNs = Math.min(waitNs, lifetime.nextLookIn(nowNs));
            }
        }
        // Rounded up: waking a little late costs nothing, waking early would mean looking again at once.
        return waitNs == Long.MAX_VALUE ? -1 : (int) Math.min(Integer.MAX_VALUE, (waitNs + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    }

    void close() {
        clients.forEach(clients::close);
        guest.close();
        gauges.publish();
    }
}
