package dev.sluice.agent;

import dev.sluice.agent.files.FileRoot;
import dev.sluice.agent.files.FileSystem;
import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.port.PortSource;
import dev.sluice.port.PortSources;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemEpochNanoClock;

/**
 * A guest agent: runs programs for the clients of the host that is at the other end of its port.
 *
 * <pre>{@code
 * try (Agent agent = new Agent(new AgentContext().portAddress(PortAddress.parse("ring:/run/sandbox/ring.sock")))) {
 *     agent.run();
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> {@link #run} uses the thread it is called on, a platform thread; programs are started on a few more. {@link
 * #shutdown}, {@link #close} and {@link #counters} may be called from any thread. <b>Ownership.</b> The agent owns its port, its
 * descriptors and every program it has started: none of these is left when {@link #run} has returned.
 */
public final class Agent implements AutoCloseable {
    private static final int EVENTS_PER_WAIT = 256;
    private static final int PID_OF_INIT = 1;
    /** How long orphans are hunted at the end. */
    private static final long ORPHAN_LIMIT_NS = 1_000_000_000;
    /** How long files are given to be closed at the end. */
    private static final long FILES_LIMIT_NS = 3_000_000_000L;
    /** How long {@link #close} waits for the loop, whose own steps at its end have shorter limits. */
    private static final long CLOSE_LIMIT_NS = 10_000_000_000L;

    private final AgentContext context;
    private final Posix posix;
    private final AgentCounters counters = new AgentCounters();
    private final long bootTimeNs = Hello.bootClockNs();
    private final PortSource source;
    private final Epoll epoll;
    private final Mailbox mailbox;
    private final FileRoot fileRoot;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean shutdownRequested;
    private volatile boolean closeRequested;
    private Thread runner;
    private boolean released;

    /**
     * Makes an agent and what it listens on, if its port is a listener.
     *
     * @param context the options; {@link AgentContext#conclude concluded} here
     * @throws IOException if the port's socket cannot be made, or no descriptors are left
     * @throws IllegalArgumentException if an option is out of range
     */
    @SuppressWarnings("try")
    public Agent(final AgentContext context) throws IOException {
        this.context = context.conclude();
        this.posix = context.posix();
        this.source = context.portSource() == null ? PortSources.guest(posix, context.portAddress()) : context.portSource();
        Epoll madeEpoll = null;
        FileRoot madeRoot = null;
        try {
            madeRoot = openFileRoot();
            madeEpoll = new Epoll(posix, EVENTS_PER_WAIT);
            this.mailbox = new Mailbox(posix);
        } catch (final IOException e) {
            if (madeRoot != null) {
                madeRoot.close();
            }
            if (madeEpoll != null) {
                madeEpoll.close();
            }
            try {
                source.close();
            } catch (final IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
        this.epoll = madeEpoll;
        this.fileRoot = madeRoot;
    }

    private FileRoot openFileRoot() throws IOException {
        final FileSystem system = new FileSystem(posix);
        return context.files().root() == null ? FileRoot.wholeSystem(system) : FileRoot.confinedTo(system, context.files().root());
    }

    /**
     * What the agent counts.
     *
     * @return the counters, readable from any thread, also after the end
     */
    public AgentCounters counters() {
        return counters;
    }

    /**
     * Serves until {@link #shutdown} or {@link #close} is called, the host orders the end, or the host has gone and no other is to be
     * waited for. Whatever way this ends, every program has ended before. Can be called once.
     *
     * @return why it ended
     * @throws IOException if the port cannot be opened, now or ever, or the system refuses what the loop needs
     * @throws IllegalStateException if it has been called before
     */
    public AgentOutcome run() throws IOException {
        synchronized (this) {
            if (runner != null) {
                throw new IllegalStateException("an agent runs once");
            }
            runner = Thread.currentThread();
        }
        try (Arena arena = Arena.ofShared()) {
            return closeRequested ? AgentOutcome.STOPPED : run(arena);
        } finally {
            release();
            ended.countDown();
        }
    }

    private AgentOutcome run(final Arena arena) throws IOException {
        context.listener().onStart("agent " + context.agentVersion() + " " + context.describe());
        final OomScore oomScore = context.init().oomProtection() ? OomScore.protect() : null;
        try {
            final ProgramDefaults own = ProgramDefaults.of(context);
            if (!context.init().enabled()) {
                return serve(arena, source, own, oomScore);
            }
            final GuestBoot.Booted booted = new GuestBoot(context, source, () -> shutdownRequested || closeRequested).run(own);
            try (BootedSource bootedSource = new BootedSource(source, booted.port())) {
                return serve(arena, bootedSource, booted.defaults(), oomScore);
            }
        } finally {
            if (oomScore != null) {
                oomScore.unprotect();
            }
        }
    }

    private AgentOutcome serve(final Arena arena, final PortSource ports, final ProgramDefaults defaults, final OomScore oomScore)
        throws IOException {
        final String startPrefix = Guardian.randomStartPrefix();
        final ControlGroups groups = makeControlGroups(startPrefix);
        try (Guardian guardian = startGuardian(startPrefix, groups); StdinMemory stdinMemory = new StdinMemory();
            FileBuffers buffers = FileBuffers.of(context.files().memoryLimit())) {
            final OrphanReaper orphans = startOrphanReaper();
            final PortOutput output = new PortOutput(arena.allocate(PortOutput.BUFFER_LENGTH, Long.BYTES), counters);
            final LoopResources resources = new LoopResources(
                posix, epoll, output, stdinMemory, counters, new Remains(posix, guardian, context.listener()::onWarning), guardian,
                arena.allocate(Long.BYTES, Long.BYTES), context);
            final Unclaimed unclaimed = new Unclaimed();
            final Spawner spawner = new Spawner(
                posix, makeLauncher(guardian, unclaimed, startPrefix, groups, defaults, oomScore), mailbox, unclaimed,
                context.programs().spawnThreads());
            final Resolver resolver = new Resolver(mailbox);
            final ClientThreads fileThreads = ClientThreads.forFiles(context.files().threads());
            final AgentLoop loop = makeLoop(resources, ports, defaults, orphans, unclaimed, spawner, resolver, fileThreads, buffers, arena);
            final Heartbeat heartbeat = context.heartbeat() == null ? null : Heartbeat.start(context.heartbeat(), counters);
            try {
                loop.start();
                AgentOutcome outcome = null;
                while (outcome == null) {
                    outcome = closeRequested ? AgentOutcome.STOPPED : loop.iterate(() -> shutdownRequested);
                }
                return outcome;
            } finally {
                if (heartbeat != null) {
                    heartbeat.close();
                }
                loop.end();
                if (!fileThreads.end(FILES_LIMIT_NS)) {
                    context.listener().onWarning("a file system hangs: what was to be done there is left undone");
                }
                mailbox.close();
                if (!spawner.end()) {
                    context.listener().onWarning("a program's start hangs in the kernel and is left behind");
                }
                resolver.end();
                loop.discardMail();
                if (orphans != null) {
                    orphans.killAll(guardian == null ? Set.of() : Set.of(guardian.pid()), ORPHAN_LIMIT_NS);
                    orphans.stop();
                }
                removeControlGroups(groups);
            }
        }
    }

    private ControlGroups makeControlGroups(final String startPrefix) throws IOException {
        final ControlGroupOptions options = context.programs().controlGroups();
        return options.directory() == null ? null
            : ControlGroups.make(options.directory(), "sluice-" + startPrefix, options.maxProcesses(), options.maxMemory());
    }

    private void removeControlGroups(final ControlGroups groups) {
        if (groups != null && !groups.end(Reaping.PATIENCE_NS)) {
            context.listener().onWarning("processes hang in the kernel, and with them the control group " + groups.directory());
        }
    }

    private ProgramLauncher makeLauncher(
        final Guardian guardian, final Unclaimed unclaimed, final String startPrefix, final ControlGroups groups,
        final ProgramDefaults defaults, final OomScore oomScore) {
        return new ProgramLauncher(
            posix, guardian, unclaimed, new StartNames(startPrefix), groups, defaults.privileges(), oomScore);
    }

    private AgentLoop makeLoop(
        final LoopResources resources, final PortSource ports, final ProgramDefaults defaults, final OrphanReaper orphans,
        final Unclaimed unclaimed, final Spawner spawner, final Resolver resolver, final ClientThreads fileThreads,
        final FileBuffers buffers, final Arena arena) {
        final FlowClock flowClock = new FlowClock();
        final Answers answers = new Answers(resources.output(), counters);
        final ExecService exec = new ExecService(resources, answers, flowClock, new DroppedOutput(arena), defaults, spawner);
        final SessionServices sessions = new SessionServices(counters);
        final FsService files =
            new FsService(resources, answers, mailbox, fileThreads, fileRoot, buffers, arena, sessions::hasSession);
        sessions.add(exec, files, new TcpService(resources, answers, flowClock, resolver, sessions::hasSession));
        final Refusals refusals = new Refusals(counters, answers, sessions);
        final ControlService control = new ControlService(counters, sessions, refusals, guestClock());
        final FrameDispatcher dispatcher = new FrameDispatcher(counters, sessions, refusals);
        sessions.register(dispatcher);
        control.register(dispatcher);
        new RequestService(counters, answers, sessions::hasSession).register(dispatcher);
        final PortInput input = new PortInput(dispatcher);
        final Hello hello = new Hello(context.agentVersion(), context.input().window(), bootTimeNs);
        return new AgentLoop(
            resources, ports, context.awaitsNextHost(source), mailbox, orphans, unclaimed, hello, answers, flowClock, exec, sessions,
            control, input);
    }

    private GuestClock guestClock() {
        return context.setClock() ? new GuestClock(posix, new SystemEpochNanoClock(), counters, context.listener()) : null;
    }

    private Guardian startGuardian(final String startPrefix, final ControlGroups groups) {
        if (!context.guardian() || ProcessHandle.current().pid() == PID_OF_INIT) {
            return null;
        }
        try {
            return Guardian.start(posix, startPrefix, groups == null ? null : groups.directory());
        } catch (final IOException e) {
            context.listener().onWarning("programs will outlive this process should it be killed: no guardian: " + e.getMessage());
            return null;
        }
    }

    private OrphanReaper startOrphanReaper() {
        if (!context.adoptOrphans()) {
            return null;
        }
        try {
            return OrphanReaper.start(posix, counters);
        } catch (final IOException e) {
            context.listener().onWarning("processes that programs leave behind will not be reaped here: " + e.getMessage());
            return null;
        }
    }

    /** Asks for an orderly end, as core.shutdown does: programs get SIGTERM, then SIGKILL, and their clients are told. Does not wait. */
    public void shutdown() {
        shutdownRequested = true;
        mailbox.wake();
    }

    /**
     * Ends everything at once: programs are killed, nobody is told. Waits until {@link #run} is about to return, unless it is called from
     * the loop's own thread. Idempotent.
     */
    @Override
    public void close() {
        closeRequested = true;
        mailbox.wake();
        final Thread thread;
        synchronized (this) {
            thread = runner;
        }
        if (thread == null) {
            release();
        } else if (thread != Thread.currentThread()) {
            awaitEnd();
        }
    }

    private void awaitEnd() {
        boolean interrupted = false;
        final long deadlineNs = System.nanoTime() + CLOSE_LIMIT_NS;
        while (true) {
            try {
                if (!ended.await(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    context.listener().onWarning("the agent's loop does not end");
                }
                break;
            } catch (final InterruptedException e) {
                // Half an end would leave programs behind; the caller learns of the interrupt afterwards.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void release() {
        if (released) {
            return;
        }
        released = true;
        mailbox.close();
        epoll.close();
        fileRoot.close();
        try {
            source.close();
        } catch (final IOException e) {
            context.listener().onWarning("the port's socket could not be removed: " + e.getMessage());
        }
    }
}
