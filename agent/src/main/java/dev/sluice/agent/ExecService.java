package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.ExecResize;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.ProtocolException.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.agrona.collections.ArrayListUtil;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Programs: takes the frames of exec sessions, what epoll reports of their descriptors, and the results of their launches, to the session
 * they belong to. An error in one session ends that session and nothing else.
 *
 * <p>A request for an id whose session has not ended gets no answer: the only ones there are would end that session for its client, who did
 * not ask for it. It is counted.
 *
 * <p>Programs whose host has gone may run on for a while, {@link DetachedPrograms detached}: they have no id any more, by which a frame of
 * the next host could reach them, and send to {@link DroppedOutput nobody}.
 *
 * <p>One owner thread.
 */
final class ExecService implements SessionService {
    private final LoopResources resources;
    private final AgentContext context;
    private final AgentCounters counters;
    private final FlowClock clock;
    private final ProgramDefaults defaults;
    private final ByteString mark;
    private final ProgramStarter starter;
    private final SessionLimits limits;
    private final Answers answers;
    private final DroppedOutput dropped;
    private final DetachedPrograms<ExecProcess> detached;
    private final Int2ObjectHashMap<ExecProcess> byId = new Int2ObjectHashMap<>();
    private final Long2ObjectHashMap<ExecProcess> bySerial = new Long2ObjectHashMap<>();
    private final DataPayload data = new DataPayload();
    private final Consumer<ExecProcess> onEnded = this::forget;
    private final ArrayList<ExecProcess> draining = new ArrayList<>();
    private final ArrayDeque<Starting> starting = new ArrayDeque<>();
    private ExecProcess congested;
    private long nextSerial = 1;
    private boolean closing;

    /**
     * A program that is being started.
     *
     * @param process that waits for it
     * @param sinceNs since when
     */
    private record Starting(ExecProcess process, long sinceNs) {
        private boolean isOver() {
            return process.session().phase() != ExecSession.Phase.STARTING;
        }
    }

    /** Something done with a session's descriptors. */
    @FunctionalInterface
    private interface Action {
        void run() throws PosixException;
    }

    /**
     * A service without sessions.
     *
     * @param resources of the loop
     * @param answers takes what is to be sent outside of sessions
     * @param clock for deadlines
     * @param dropped takes what programs send whose host has gone
     * @param defaults of programs
     * @param starter starts the programs
     */
    ExecService(
        final LoopResources resources, final Answers answers, final FlowClock clock, final DroppedOutput dropped,
        final ProgramDefaults defaults, final ProgramStarter starter) {
        this.resources = resources;
        this.context = resources.context();
        this.counters = resources.counters();
        this.clock = clock;
        this.defaults = defaults;
        this.mark = resources.guardian() == null ? null : resources.guardian().mark();
        this.starter = starter;
        this.limits = context.sessionLimits();
        this.answers = answers;
        this.dropped = dropped;
        this.detached = new DetachedPrograms<>(context.host().grace().toNanos(), context.shutdownGrace().toNanos());
    }

    @Override
    public void register(final FrameDispatcher dispatcher) {
        dispatcher.register(
            this, MessageType.EXEC_REQUEST, MessageType.EXEC_STDIN, MessageType.EXEC_SIGNAL, MessageType.EXEC_RESIZE);
    }

    // Frames.

    @Override
    public void onFrame(final int id, final int flags, final int frameLength, final Envelope envelope) throws ProtocolException {
        if (envelope.type() == MessageType.EXEC_REQUEST) {
            onRequest(id, envelope);
            return;
        }
        final ExecProcess process = byId.get(id);
        if (process == null) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
            return;
        }
        switch (envelope.type()) {
            case EXEC_STDIN -> {
                data.wrap(envelope);
                guard(process, () -> process.stdinReceived(frameLength, data.dataMemory(), data.dataOffset(), data.dataLength()));
                noteCongestion(process);
            }
            case EXEC_SIGNAL -> process.signal(((ExecSignal) Frames.decode(envelope)).signal());
            case EXEC_RESIZE -> {
                final ExecResize size = (ExecResize) Frames.decode(envelope);
                process.resize(size.rows(), size.cols());
            }
            default -> throw new AssertionError("message type " + envelope.type());
        }
    }

    /** Input that is lost, or may be, ends the input: the program is not to take what remains for the whole. */
    @Override
    public void onBadFrame(final int id, final MessageType type, final String reason) {
        if (type == null || type == MessageType.EXEC_STDIN) {
            byId.get(id).refuseInput(Errno.EBADMSG);
        }
    }

    private void onRequest(final int id, final Envelope envelope) throws ProtocolException {
        final ExecRequest request;
        try {
            request = (ExecRequest) Frames.decode(envelope);
        } catch (final ProtocolException e) {
            if (e.reason() != Reason.TOO_LARGE || id == 0 || byId.containsKey(id)) {
                throw e;
            }
            // As the kernel says of more than it hands over.
            counters.increment(AgentCounter.SESSIONS_REQUESTED);
            refuse(id, ExecFailures.ofErrno(Errno.E2BIG, ExecFailures.STAGE_REQUEST, e.getMessage()));
            return;
        }
        if (id == 0) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
            return;
        }
        if (byId.containsKey(id)) {
            counters.increment(AgentCounter.REQUESTS_ID_IN_USE);
            return;
        }
        counters.increment(AgentCounter.SESSIONS_REQUESTED);
        final ExecFailed refusal = refusal();
        if (refusal != null) {
            refuse(id, refusal);
            return;
        }
        final long outputWindow = request.sluiceWindow() == 0 ? SendWindow.UNLIMITED : request.sluiceWindow();
        final ExecSession session = new ExecSession(id, request.tty(), outputWindow, limits);
        final ExecProcess process = new ExecProcess(nextSerial++, session, resources, clock, onEnded);
        final ChildEnvironment childEnvironment = ChildEnvironment.of(defaults.environment(), request.env(), mark);
        counters.add(AgentCounter.ENVIRONMENT_DROPPED, childEnvironment.dropped());
        byId.put(id, process);
        bySerial.put(process.serial(), process);
        final ExecOrder.TerminalSize terminal = request.tty() ? new ExecOrder.TerminalSize(request.rows(), request.cols()) : null;
        starting.add(new Starting(process, clock.nowNs()));
        starter.submit(
            new ExecOrder(
                process.serial(), request.cmd(), request.args(), childEnvironment, defaults.directoryOf(request), defaults.userOf(request),
                defaults.limitsOf(request), terminal),
            this::onLaunch);
    }

    @Override
    public void grant(final int id, final int stream, final long bytes) {
        byId.get(id).grant(stream, bytes);
    }

    private ExecFailed refusal() {
        if (closing) {
            return ExecFailures.of(Kind.OTHER, ExecFailures.STAGE_REQUEST, "the agent is shutting down");
        }
        if (byId.size() + detached.size() >= context.maxSessions()) {
            return ExecFailures.of(
                Kind.RESOURCE_LIMIT, ExecFailures.STAGE_REQUEST, "too many programs at once: limit=" + context.maxSessions());
        }
        if (resources.remains().size() >= context.maxSessions()) {
            return ExecFailures.of(
                Kind.RESOURCE_LIMIT, ExecFailures.STAGE_REQUEST, "too many killed programs hang: limit=" + context.maxSessions());
        }
        return null;
    }

    private void refuse(final int id, final ExecFailed reason) {
        counters.increment(AgentCounter.SESSIONS_FAILED);
        answers.add(id, reason);
    }

    // Launches, events, time.

    /** A launch has ended, one way or the other. */
    void onLaunch(final Launch launch) {
        final ExecProcess process = bySerial.get(launch.serial());
        final boolean awaited = process != null && process.session().phase() == ExecSession.Phase.STARTING;
        switch (launch) {
            case Launch.Started started when awaited -> guard(process, () -> process.started(started));
            case Launch.Started started -> {
                started.kill(resources.posix());
                resources.remains().add(started.child());
                if (started.group() != null) {
                    resources.remains().add(started.group(), true);
                }
            }
            case Launch.Failed failed when awaited -> guard(process, () -> process.failed(failed.reason()));
            case Launch.Failed failed -> {
                // Nobody waits for it any more.
            }
        }
    }

    @Override
    public boolean ownsEvents(final int kind) {
        return kind == EventToken.EXIT || kind == EventToken.STDIN || kind == EventToken.STDOUT || kind == EventToken.STDERR;
    }

    @Override
    public void onEvent(final long token, final int events) {
        final ExecProcess process = bySerial.get(EventToken.serial(token));
        if (process == null) {
            return;
        }
        guard(process, () -> {
            switch (EventToken.kind(token)) {
                case EventToken.EXIT -> onExit(process);
                case EventToken.STDIN -> process.onStdinEvent(events);
                case EventToken.STDOUT -> process.onOutputEvent(ExecSession.STDOUT, events);
                case EventToken.STDERR -> process.onOutputEvent(ExecSession.STDERR, events);
                default -> throw new AssertionError("event token " + token);
            }
        });
    }

    private void onExit(final ExecProcess process) throws PosixException {
        process.onExit();
        if (process.session().phase() == ExecSession.Phase.DRAINING) {
            draining.add(process);
        }
    }

    @Override
    public long onTime() {
        long remainingNs = superviseStarts();
        for (int i = draining.size() - 1; i >= 0; i--) {
            final ExecProcess process = draining.get(i);
            guard(process, process::truncateIfDue);
            if (process.session().phase() == ExecSession.Phase.DRAINING) {
                remainingNs = Math.min(remainingNs, process.session().drainRemainingNs(clock.nowNs()));
            } else {
                ArrayListUtil.fastUnorderedRemove(draining, i);
            }
        }
        return remainingNs;
    }

    private long superviseStarts() {
        final long limitNs = context.programs().startDeadline().toNanos();
        for (Starting first = starting.peek(); first != null; first = starting.peek()) {
            final long remainingNs = limitNs - (clock.nowNs() - first.sinceNs());
            if (!first.isOver() && remainingNs > 0) {
                return remainingNs;
            }
            starting.remove();
            if (!first.isOver()) {
                final ExecProcess process = first.process();
                starter.giveUp(process.serial());
                process.failed(ExecFailures.ofErrno(
                    Kind.OTHER, Errno.ETIMEDOUT, ExecFailures.STAGE_SPAWN,
                    "start, for " + context.programs().startDeadline().toMillis() + " ms"));
            }
        }
        return Long.MAX_VALUE;
    }

    private static void guard(final ExecProcess process, final Action action) {
        try {
            action.run();
        } catch (final PosixException | RuntimeException e) {
            process.abort(e);
        }
    }

    private void forget(final ExecProcess process) {
        // The id of a detached one may be another's.
        byId.remove(process.session().id(), process);
        bySerial.remove(process.serial());
        detached.remove(process);
        if (congested == process) {
            congested = null;
        }
    }

    // Input that nobody reads.

    private void noteCongestion(final ExecProcess process) {
        final boolean full = resources.stdinMemory().usedBytes() >= context.input().memoryLimit();
        if (congested == null && process.session().stdinCongested(full)) {
            congested = process;
        }
    }

    @Override
    public InputSink congested() {
        if (congested != null && !congested.session().stdinCongested(
            resources.stdinMemory().usedBytes() >= context.input().memoryLimit())) {
            congested = null;
        }
        return congested;
    }

    @Override
    public boolean isCongested() {
        return congested() != null;
    }

    @Override
    public boolean hasSession(final int id) {
        return byId.containsKey(id);
    }

    // Programs without a host.

    @Override
    public void detachAll() {
        if (context.host().grace().isZero()) {
            destroyAll();
            return;
        }
        final long nowNs = context.clock().nanoTime();
        congested = null;
        for (final ExecProcess process : byId.values()) {
            counters.increment(AgentCounter.SESSIONS_DETACHED);
            detached.add(process, nowNs);
            process.detach(dropped.output());
        }
        byId.clear();
    }

    /** Takes what programs without a host have written, and ends those whose time is over. @param nowNs real time */
    void superviseDetached(final long nowNs) {
        for (ExecProcess process = detached.pollTermination(nowNs); process != null; process = detached.pollTermination(nowNs)) {
            process.signal(Linux.SIGTERM);
        }
        for (ExecProcess process = detached.pollKill(nowNs); process != null; process = detached.pollKill(nowNs)) {
            counters.increment(AgentCounter.SESSIONS_ABANDONED);
            process.endDetached();
        }
        dropped.drop();
    }

    /** @return nanoseconds of real time until {@link #superviseDetached} has something to do, {@link Long#MAX_VALUE} for never */
    long detachedRemainingNs(final long nowNs) {
        return dropped.hasWork() ? 0 : detached.remainingNs(nowNs);
    }

    /** Ends the programs without a host at once: there is nobody to wait for them. */
    void endDetached() {
        counters.add(AgentCounter.SESSIONS_ABANDONED, detached.size());
        bySerial.values().stream().filter(detached::contains).forEach(ExecProcess::endDetached);
        detached.clear();
    }

    // The end.

    /** Detached ones count: their programs have not ended. */
    @Override
    public boolean isEmpty() {
        return bySerial.isEmpty();
    }

    @Override
    public void countSessions() {
        counters.set(AgentCounter.EXEC_SESSIONS, byId.size() + detached.size());
        counters.set(AgentCounter.EXEC_DETACHED, detached.size());
        counters.set(AgentCounter.EXEC_KILL_PENDING, resources.remains().size());
    }

    @Override
    public void refuseNew() {
        closing = true;
    }

    /** Signals all programs. */
    void signalAll(final int signal) {
        bySerial.values().forEach(process -> process.signal(signal));
    }

    /** Kills the programs of a range of ids; all that is left to send are their terminal answers. */
    @Override
    public void abandon(final long idStart, final long idEnd) {
        for (final ExecProcess process : byId.values().toArray(ExecProcess[]::new)) {
            final long id = Integer.toUnsignedLong(process.session().id());
            if (id >= idStart && id < idEnd) {
                counters.increment(AgentCounter.SESSIONS_ABANDONED);
                guard(process, process::abandon);
            }
        }
    }

    /** @return the pids of all programs that have not been reaped */
    Set<Integer> pids() {
        final Set<Integer> pids = new HashSet<>();
        for (final ExecProcess process : bySerial.values()) {
            if (process.hasChild()) {
                pids.add(process.pid());
            }
        }
        resources.remains().addPidsTo(pids);
        return pids;
    }

    @Override
    public void destroyAll() {
        counters.add(AgentCounter.SESSIONS_ABANDONED, bySerial.size());
        bySerial.values().forEach(ExecProcess::kill);
        bySerial.values().forEach(ExecProcess::leaveBehind);
        dropped.reset();
        detached.clear();
        byId.clear();
        bySerial.clear();
        draining.clear();
        starting.clear();
        congested = null;
    }
}
