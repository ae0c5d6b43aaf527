package dev.sluice.agent;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.Port;
import dev.sluice.port.PortSource;
import dev.sluice.port.PortStatus;
import dev.sluice.protocol.FrameError;
import java.io.IOException;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.NanoClock;

/**
 * The agent's one loop: waits for descriptors and deadlines, takes frames in, lets sessions have their turns, and puts frames out. Never
 * waits for anything but in epoll: not for the port, not for a program.
 *
 * <pre>
 *   no port --tryOpen--&gt; port --closed, failed, framing broken--&gt; no port, programs run on for a while --&gt; next host
 *                          |                    \--no other is awaited--&gt; every program killed --&gt; the end
 *                          |
 *                          +--core.shutdown or Agent.shutdown--&gt; SIGTERM, grace, SIGKILL, answers sent --&gt; the end
 * </pre>
 *
 * <p>One owner thread.
 */
final class AgentLoop {
    /** How often a port that cannot be watched is tried. */
    private static final long OPEN_RETRY_NS = 50_000_000;
    /** After the last programs have been killed, the host gets this long to take their output, and then as long for their answers. */
    private static final long FLUSH_LIMIT_NS = 500_000_000;
    /** How often orphans are looked for while there may be any. */
    private static final long ORPHAN_SWEEP_NS = 250_000_000;
    /** A host that is not there by then is worth a word. */
    private static final long WAITING_NS = 1_000_000_000;
    private static final long NEVER_NS = Long.MAX_VALUE;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private enum Stage { RUNNING, TERMINATING, KILLING, FLUSHING }

    private final LoopResources resources;
    private final AgentContext context;
    private final AgentCounters counters;
    private final Epoll epoll;
    private final NanoClock clock;
    private final PortSource source;
    private final boolean awaitNextHost;
    private final Mailbox mailbox;
    private final OrphanReaper orphans;
    private final Unclaimed unclaimed;
    private final Hello hello;
    private final Answers answers;
    private final FlowClock flowClock;
    private final ExecService exec;
    private final SessionServices sessions;
    private final ControlService control;
    private final PortInput input;
    private final PortOutput output;
    private Port port;
    private int portEvents;
    private boolean inputLeft;
    private boolean sourceWatched;
    private boolean sourceReady;
    private long nextOpenNs;
    private long waitingSinceNs;
    private boolean waitTold;
    private long nextSweepNs = NEVER_NS;
    private final StallWatch stall = new StallWatch();
    private Stage stage = Stage.RUNNING;
    private AgentOutcome outcomeWhenDone;
    private long stageEndNs;

    AgentLoop(
        final LoopResources resources, final PortSource source, final boolean awaitNextHost, final Mailbox mailbox,
        final OrphanReaper orphans, final Unclaimed unclaimed, final Hello hello, final Answers answers,
        final FlowClock flowClock, final ExecService exec, final SessionServices sessions,
        final ControlService control, final PortInput input) {
        this.resources = resources;
        this.context = resources.context();
        this.counters = resources.counters();
        this.epoll = resources.epoll();
        this.output = resources.output();
        this.clock = context.clock();
        this.source = source;
        this.awaitNextHost = awaitNextHost;
        this.mailbox = mailbox;
        this.orphans = orphans;
        this.unclaimed = unclaimed;
        this.hello = hello;
        this.answers = answers;
        this.flowClock = flowClock;
        this.exec = exec;
        this.sessions = sessions;
        this.control = control;
        this.input = input;
    }

    /** Registers what is watched from the start. */
    void start() throws PosixException {
        nextOpenNs = clock.nanoTime();
        waitingSinceNs = nextOpenNs;
        epoll.add(mailbox.fd(), Linux.EPOLLIN, EventToken.of(EventToken.WAKE_UP, 0));
        watchSource();
    }

    /**
     * One iteration: waits, dispatches, takes in, puts out.
     *
     * @param shutdownRequested asked after the wait: whether the end has been ordered from outside
     * @return why the loop is done, or null while it is not
     * @throws IOException when the loop cannot go on: epoll or the source of ports is broken
     */
    AgentOutcome iterate(final BooleanSupplier shutdownRequested) throws IOException {
        await();
        final long nowNs = clock.nanoTime();
        if (port == null && stage == Stage.RUNNING && (sourceReady || !sourceWatched && nextOpenNs - nowNs <= 0)) {
            open(nowNs);
        }
        if (port == null && stage == Stage.RUNNING && !waitTold && nowNs - waitingSinceNs >= WAITING_NS) {
            waitTold = true;
            context.listener().onWaiting(source.obstacle());
        }
        if (port != null) {
            final AgentOutcome lost = exchange();
            if (lost != null) {
                return lost;
            }
        }
        exec.superviseDetached(nowNs);
        resources.remains().sweep(nowNs);
        sessions.countSessions();
        sweepOrphans(nowNs);
        if (resources.guardian() != null) {
            resources.guardian().flush();
        }
        return progress(shutdownRequested.getAsBoolean(), nowNs);
    }

    // Waiting.

    private void await() throws PosixException {
        final long nowNs = clock.nanoTime();
        flowClock.advance(nowNs, output.blocked());
        superviseStall(nowNs);
        final long deadlineNs = sessions.onTime();
        final int events = epoll.await(timeoutMs(nowNs, deadlineNs, sessions.onRealTime(nowNs)));
        flowClock.advance(clock.nanoTime(), output.blocked());
        int reported = 0;
        for (int i = 0; i < events; i++) {
            final long token = epoll.token(i);
            switch (EventToken.kind(token)) {
                case EventToken.WAKE_UP -> takeMail();
                case EventToken.SOURCE -> sourceReady = true;
                case EventToken.PORT -> reported = epoll.events(i);
                default -> sessions.onEvent(token, epoll.events(i));
            }
        }
        if (port != null) {
            port.onReady(reported);
        }
    }

    private int timeoutMs(final long nowNs, final long flowDeadlineNs, final long realDeadlineNs) throws PosixException {
        final boolean waitForRoom = output.blocked();
        final boolean work = port != null && (output.hasWork() && !waitForRoom || inputLeft && inputOpen());
        if (port != null && (waitForRoom || !work)) {
            final int wanted = port.prepareToSleep(inputOpen(), waitForRoom);
            if (wanted == Port.WORK_NOW) {
                return 0;
            }
            watchPort(wanted);
        }
        return work ? 0 : millisUntilDeadline(nowNs, waitForRoom ? realDeadlineNs : Math.min(flowDeadlineNs, realDeadlineNs));
    }

    private int millisUntilDeadline(final long nowNs, final long sessionsDeadlineNs) {
        long remainingNs = Math.min(Math.min(sessionsDeadlineNs, stall.remainingNs(nowNs)), resources.remains().remainingNs(nowNs));
        remainingNs = Math.min(remainingNs, exec.detachedRemainingNs(nowNs));
        if (port == null && stage == Stage.RUNNING) {
            remainingNs = Math.min(remainingNs, sourceWatched ? NEVER_NS : nextOpenNs - nowNs);
            remainingNs = Math.min(remainingNs, waitTold ? NEVER_NS : waitingSinceNs + WAITING_NS - nowNs);
        }
        if (stage != Stage.RUNNING) {
            remainingNs = Math.min(remainingNs, stageEndNs - nowNs);
        }
        if (nextSweepNs != NEVER_NS) {
            remainingNs = Math.min(remainingNs, nextSweepNs - nowNs);
        }
        if (remainingNs == NEVER_NS) {
            return -1;
        }
        // Rounded up: waking a fraction of a millisecond early would mean to wait with a limit of zero, over and over.
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, remainingNs + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    }

    private void takeMail() {
        mailbox.drain(resources.scratch());
        deliver();
    }

    // The port.

    private void watchSource() throws PosixException {
        if (source.fd() >= 0 && !sourceWatched) {
            epoll.add(source.fd(), Linux.EPOLLIN, EventToken.of(EventToken.SOURCE, 0));
            sourceWatched = true;
        }
    }

    private void unwatchSource() throws PosixException {
        if (sourceWatched) {
            sourceWatched = false;
            epoll.delete(source.fd());
        }
    }

    private void watchPort(final int events) throws PosixException {
        if (events != portEvents) {
            epoll.modify(port.fd(), events, EventToken.of(EventToken.PORT, 0));
            portEvents = events;
        }
    }

    private void open(final long nowNs) throws IOException {
        final boolean announced = sourceReady;
        sourceReady = false;
        nextOpenNs = nowNs + OPEN_RETRY_NS;
        final Port opened = source.tryOpen();
        if (opened == null) {
            if (announced) {
                // What keeps it from being opened, such as a want of descriptors, would wake the loop again at once, over and over.
                unwatchSource();
            } else {
                watchSource();
            }
            return;
        }
        try {
            epoll.add(opened.fd(), Linux.EPOLLIN, EventToken.of(EventToken.PORT, 0));
            // One host at a time: the next one waits, and must not wake the loop for that.
            unwatchSource();
        } catch (final PosixException e) {
            opened.close();
            throw e;
        }
        port = opened;
        portEvents = Linux.EPOLLIN;
        counters.increment(AgentCounter.PORTS_OPENED);
        input.reset();
        output.reset();
        hello.greet(output);
        context.listener().onHost();
    }

    private AgentOutcome exchange() throws IOException {
        final int taken = input.pump(port.reader(), this::inputOpen);
        inputLeft = taken > 0;
        if (input.error() != FrameError.NONE) {
            counters.increment(AgentCounter.FRAMING_BROKEN);
            return lose("the host sent what is no frame: " + input.error(), AgentOutcome.HOST_BROKEN);
        }
        if (taken < 0) {
            return lose(taken);
        }
        final int put = output.pump(port.writer());
        if (put < 0) {
            return lose(put);
        }
        // While frames are left unread their end is not come to.
        return port.isPeerGone() && !inputOpen() ? lose(PortStatus.CLOSED) : null;
    }

    private String reason(final int status) {
        final String detail = port.detail();
        return PortStatus.describe(status) + (detail.isEmpty() ? "" : ": " + detail);
    }

    /** Frames are read unless what they would add to has to shrink first. */
    private boolean inputOpen() {
        return !sessions.isCongested() && !answers.isFull();
    }

    /** A program or connection that does not read holds up everybody's frames for a while, not for ever. */
    private void superviseStall(final long nowNs) {
        final InputSink congested = sessions.congested();
        if (stall.watch(congested, nowNs)) {
            counters.increment(AgentCounter.STDIN_STALLS);
        }
        if (congested != null && stall.remainingNs(nowNs) == 0) {
            congested.refuseInput();
        }
    }

    private AgentOutcome lose(final int status) throws IOException {
        return lose(reason(status), status == PortStatus.BROKEN ? AgentOutcome.HOST_BROKEN : AgentOutcome.HOST_LOST);
    }

    /** Without the host there is nobody to talk to; programs may run on while another is waited for. @param outcome when none is */
    private AgentOutcome lose(final String reason, final AgentOutcome outcome) throws IOException {
        counters.increment(AgentCounter.PORTS_LOST);
        output.reset();
        answers.clear();
        final boolean next = awaitNextHost && stage == Stage.RUNNING;
        if (next) {
            sessions.detachAll();
        } else {
            sessions.destroyAll();
        }
        stall.watch(null, 0);
        inputLeft = false;
        epoll.delete(port.fd());
        port.close();
        port = null;
        context.listener().onHostLost(reason);
        if (!next) {
            return stage == Stage.RUNNING ? outcome : outcomeWhenDone;
        }
        waitingSinceNs = clock.nanoTime();
        waitTold = false;
        nextOpenNs = waitingSinceNs + OPEN_RETRY_NS;
        watchSource();
        return null;
    }

    // Orphans.

    private void sweepOrphans(final long nowNs) {
        if (orphans == null) {
            return;
        }
        if (nextSweepNs == NEVER_NS) {
            nextSweepNs = exec.isEmpty() ? NEVER_NS : nowNs + ORPHAN_SWEEP_NS;
        } else if (nextSweepNs - nowNs <= 0) {
            final int running = orphans.reap(spared());
            nextSweepNs = running == 0 && exec.isEmpty() ? NEVER_NS : nowNs + ORPHAN_SWEEP_NS;
        }
    }

    private Set<Integer> spared() {
        final Set<Integer> pids = exec.pids();
        unclaimed.addTo(pids);
        if (resources.guardian() != null) {
            pids.add(resources.guardian().pid());
        }
        return pids;
    }

    // The end.

    private AgentOutcome progress(final boolean shutdownRequested, final long nowNs) {
        if (stage == Stage.RUNNING && (shutdownRequested || control.isShutdownOrdered())) {
            outcomeWhenDone = shutdownRequested ? AgentOutcome.STOPPED : AgentOutcome.SHUT_DOWN;
            stage = Stage.TERMINATING;
            stageEndNs = nowNs + context.shutdownGrace().toNanos();
            sessions.refuseNew();
            exec.signalAll(Linux.SIGTERM);
        }
        if (stage == Stage.RUNNING) {
            return null;
        }
        final boolean delivered = stage != Stage.TERMINATING || !sessions.isDelivering();
        if (sessions.isEmpty() && delivered && answers.isEmpty() && (port == null || !output.hasWork())) {
            return outcomeWhenDone;
        }
        return stageEndNs - nowNs <= 0 ? nextStage(nowNs) : null;
    }

    private AgentOutcome nextStage(final long nowNs) {
        switch (stage) {
            case TERMINATING -> {
                stage = Stage.KILLING;
                exec.endDetached();
                exec.signalAll(Linux.SIGKILL);
            }
            case KILLING -> {
                stage = Stage.FLUSHING;
                sessions.abandonAll();
            }
            default -> {
                return outcomeWhenDone;
            }
        }
        stageEndNs = nowNs + FLUSH_LIMIT_NS;
        return null;
    }

    /** Ends every program and lets go of the port. The loop does not run any more. */
    void end() {
        sessions.destroyAll();
        awaitRemains();
        answers.clear();
        if (port != null) {
            port.close();
            port = null;
        }
    }

    /** After {@link #end}: ends what was launched meanwhile. */
    void discardMail() {
        deliver();
        awaitRemains();
    }

    private void deliver() {
        for (Runnable delivery = mailbox.poll(); delivery != null; delivery = mailbox.poll()) {
            delivery.run();
        }
    }

    private void awaitRemains() {
        final int left = resources.remains().end(Reaping.PATIENCE_NS);
        if (left > 0) {
            context.listener().onWarning("killed programs hang in the kernel and are left behind: " + left);
        }
    }
}
