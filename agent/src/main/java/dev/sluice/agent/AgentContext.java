package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import dev.sluice.port.PortSource;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FrameDescriptor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Everything an agent can be told. Set what differs from the defaults, then hand it to {@link Agent#Agent}, which calls {@link #conclude}:
 * that validates, names the offending value in what it throws, and freezes the context.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class AgentContext {
    /** Input of one program that is on its way or queued: a few pipes full, so that the program does not wait for grants. */
    public static final int STDIN_WINDOW_DEFAULT = 256 * 1024;
    /** Below this, half a window would not hold the head of a frame and a page of data. */
    public static final int STDIN_WINDOW_MIN = 16 * 1024;
    /** A window that a relay's own buffers can still carry for many sessions. */
    public static final int STDIN_WINDOW_MAX = 16 * 1024 * 1024;
    /** Two of the largest frames: peers without windows send all input at once, in frames as large as there are. */
    public static final int STDIN_LIMIT_DEFAULT = 8 * 1024 * 1024;
    /** One of the largest frames has to fit. */
    public static final int STDIN_LIMIT_MIN = FrameDescriptor.MAX_FRAME_LENGTH;
    /** Eight programs that do not read, with a peer that knows no windows. */
    public static final long STDIN_MEMORY_LIMIT_DEFAULT = 64 * 1024 * 1024;
    /** Long enough for a program to come to its first read, which a refusal would cost part of its input. */
    public static final Duration STDIN_STALL_LIMIT_DEFAULT = Duration.ofSeconds(1);
    /** Long enough for what a shell leaves behind to finish, short enough for somebody who waits for an exit code. */
    public static final Duration DRAIN_DEADLINE_DEFAULT = Duration.ofSeconds(5);
    /** Below the two seconds that a host gives a guest to shut down. */
    public static final Duration SHUTDOWN_GRACE_DEFAULT = Duration.ofSeconds(1);
    /** As many as fit the usual limit of descriptors, four each. */
    public static final int MAX_SESSIONS_DEFAULT = 1024;
    /** Most sessions that can be asked for: a guest has no more than 32768 processes by default. */
    public static final int MAX_SESSIONS_MAX = 32 * 1024;

    private PortAddress portAddress;
    private PortSource portSource;
    private Posix posix = Posix.system();
    private NanoClock clock = SystemNanoClock.INSTANCE;
    private AgentListener listener = AgentListener.NONE;
    private List<ByteString> environment;
    private String agentVersion = Objects.requireNonNullElse(AgentContext.class.getPackage().getImplementationVersion(), "");
    private int stdinWindow = STDIN_WINDOW_DEFAULT;
    private int stdinLimit = STDIN_LIMIT_DEFAULT;
    private long stdinMemoryLimit = STDIN_MEMORY_LIMIT_DEFAULT;
    private Duration stdinStallLimit = STDIN_STALL_LIMIT_DEFAULT;
    private Duration drainDeadline = DRAIN_DEADLINE_DEFAULT;
    private Duration shutdownGrace = SHUTDOWN_GRACE_DEFAULT;
    private int maxSessions = MAX_SESSIONS_DEFAULT;
    private final FileOptions files = new FileOptions();
    private final ProgramOptions programs = new ProgramOptions();
    private final HostOptions host = new HostOptions();
    private boolean keepBackground = false;
    private boolean adoptOrphans = false;
    private boolean guardian = true;
    private final ConnectionOptions connections = new ConnectionOptions();
    private Path heartbeat;
    private boolean setClock = false;
    private final InitOptions init = new InitOptions();
    private boolean concluded;

    /** Creates a context with every default. */
    public AgentContext() {
    }

    /**
     * Validates and freezes the context. Idempotent.
     *
     * @return this
     * @throws IllegalArgumentException naming the option, its value and what is allowed
     */
    public AgentContext conclude() {
        if (concluded) {
            return this;
        }
        require(portAddress != null || portSource != null, "port", null, "set its address, " + PortAddress.SYNTAX + ", or its source");
        requireBetween("stdin window", stdinWindow, STDIN_WINDOW_MIN, STDIN_WINDOW_MAX);
        requireBetween("stdin limit", stdinLimit, STDIN_LIMIT_MIN, Integer.MAX_VALUE);
        requireBetween("stdin memory limit", stdinMemoryLimit, stdinLimit, Long.MAX_VALUE);
        requireBetween("max sessions", maxSessions, 1, MAX_SESSIONS_MAX);
        files.conclude();
        programs.conclude();
        connections.conclude();
        init.conclude();
        host.conclude();
        requireTime("stdin stall limit", stdinStallLimit);
        requireTime("drain deadline", drainDeadline);
        requireTime("shutdown grace", shutdownGrace);
        concluded = true;
        return this;
    }

    static void requireTime(final String what, final Duration value) {
        require(!value.isNegative() && value.compareTo(Duration.ofDays(365)) <= 0, what, value, "0 to a year");
    }

    static void requireBetween(final String what, final long value, final long least, final long most) {
        require(value >= least && value <= most, what, value, least + " to " + most);
    }

    static void require(final boolean condition, final String what, final Object value, final String allowed) {
        if (!condition) {
            throw new IllegalArgumentException(what + ": " + value + " (allowed: " + allowed + ")");
        }
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the agent is made");
        }
    }

    /** @return whether to wait for another host, where that was left to what fits the port */
    boolean awaitsNextHost(final PortSource source) {
        if (host.awaitNext() != null) {
            return host.awaitNext();
        }
        return portAddress == null ? source.fd() >= 0 : switch (portAddress.kind()) {
            case UNIX_LISTEN, FILE, VIRTIO -> true;
            case UNIX, RING -> false;
        };
    }

    /** @return the options in one line, for logs */
    String describe() {
        return "port=" + (portAddress == null ? portSource : portAddress) + " maxSessions=" + maxSessions + " stdinWindow=" + stdinWindow
            + " drainDeadline=" + drainDeadline + " shutdownGrace=" + shutdownGrace + " keepBackground=" + keepBackground
            + " adoptOrphans=" + adoptOrphans + " guardian=" + guardian + " init=" + init.enabled() + " " + host.describe() + " "
            + files.describe();
    }

    SessionLimits sessionLimits() {
        return new SessionLimits(stdinWindow, stdinLimit, drainDeadline.toNanos());
    }

    /**
     * Sets where the host is.
     *
     * @param value the address of the port
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext portAddress(final PortAddress value) {
        checkOpen();
        portAddress = Objects.requireNonNull(value, "portAddress");
        return this;
    }

    /**
     * Where the host is.
     *
     * @return the address of the port, or null when there is a source instead
     */
    public PortAddress portAddress() {
        return portAddress;
    }

    /**
     * Sets where ports come from, in place of an address.
     *
     * @param value the source; the agent closes it
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext portSource(final PortSource value) {
        checkOpen();
        portSource = Objects.requireNonNull(value, "portSource");
        return this;
    }

    /**
     * Where ports come from.
     *
     * @return the source, or null when there is an address instead
     */
    public PortSource portSource() {
        return portSource;
    }

    /**
     * Sets the system calls to use; tests put faults here.
     *
     * @param value the calls, {@link Posix#system()} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext posix(final Posix value) {
        checkOpen();
        posix = Objects.requireNonNull(value, "posix");
        return this;
    }

    /**
     * The system calls in use.
     *
     * @return the calls, {@link Posix#system()} by default
     */
    public Posix posix() {
        return posix;
    }

    /**
     * Sets the clock that every deadline is measured on.
     *
     * @param value monotonic nanoseconds, the system's by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext clock(final NanoClock value) {
        checkOpen();
        clock = Objects.requireNonNull(value, "clock");
        return this;
    }

    /**
     * The clock in use.
     *
     * @return monotonic nanoseconds, the system's by default
     */
    public NanoClock clock() {
        return clock;
    }

    /**
     * Sets who is told of what happens.
     *
     * @param value the listener; by default nobody
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext listener(final AgentListener value) {
        checkOpen();
        listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /**
     * Who is told of what happens.
     *
     * @return the listener; by default nobody
     */
    public AgentListener listener() {
        return listener;
    }

    /**
     * Sets the environment that programs inherit.
     *
     * @param value entries {@code NAME=VALUE}; null, the default, for that of this process
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext environment(final List<ByteString> value) {
        checkOpen();
        environment = value == null ? null : List.copyOf(value);
        return this;
    }

    /**
     * The environment that programs inherit.
     *
     * @return entries {@code NAME=VALUE}; null, the default, for that of this process
     */
    public List<ByteString> environment() {
        return environment;
    }

    /**
     * Sets the version that core.ready tells.
     *
     * @param value any text, not told when empty; by default the version of this library
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext agentVersion(final String value) {
        checkOpen();
        agentVersion = Objects.requireNonNull(value, "agentVersion");
        return this;
    }

    /**
     * The version that core.ready tells.
     *
     * @return any text, not told when empty; by default the version of this library
     */
    public String agentVersion() {
        return agentVersion;
    }

    /**
     * Sets how much input a peer with windows may send ahead of its program, for each session.
     *
     * @param value bytes of whole frames, {@link #STDIN_WINDOW_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext stdinWindow(final int value) {
        checkOpen();
        stdinWindow = value;
        return this;
    }

    /**
     * How much input a peer with windows may send ahead of its program.
     *
     * @return bytes of whole frames, {@link #STDIN_WINDOW_DEFAULT} by default
     */
    public int stdinWindow() {
        return stdinWindow;
    }

    /**
     * Sets how much input is queued for a program whose peer knows no windows. A frame begun below the limit is taken whole.
     *
     * @param value bytes, {@link #STDIN_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext stdinLimit(final int value) {
        checkOpen();
        stdinLimit = value;
        return this;
    }

    /**
     * How much input is queued for a program whose peer knows no windows.
     *
     * @return bytes, {@link #STDIN_LIMIT_DEFAULT} by default
     */
    public int stdinLimit() {
        return stdinLimit;
    }

    /**
     * Sets how much input is queued for all programs together before peers without windows have to wait.
     *
     * @param value bytes, {@link #STDIN_MEMORY_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext stdinMemoryLimit(final long value) {
        checkOpen();
        stdinMemoryLimit = value;
        return this;
    }

    /**
     * How much input is queued for all programs together.
     *
     * @return bytes, {@link #STDIN_MEMORY_LIMIT_DEFAULT} by default
     */
    public long stdinMemoryLimit() {
        return stdinMemoryLimit;
    }

    /**
     * Sets how long the port may be left unread for a program that reads none of what a peer without windows has sent it. Then its
     * input is refused.
     *
     * @param value a time, {@link #STDIN_STALL_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext stdinStallLimit(final Duration value) {
        checkOpen();
        stdinStallLimit = Objects.requireNonNull(value, "stdinStallLimit");
        return this;
    }

    /**
     * How long the port may be left unread for a program that reads none of its input.
     *
     * @return a time, {@link #STDIN_STALL_LIMIT_DEFAULT} by default
     */
    public Duration stdinStallLimit() {
        return stdinStallLimit;
    }

    /**
     * Sets how long the pipes of a program that has ended may be held open by processes it left behind. Time in which the reader
     * of the output is waited for does not count.
     *
     * @param value a time, {@link #DRAIN_DEADLINE_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext drainDeadline(final Duration value) {
        checkOpen();
        drainDeadline = Objects.requireNonNull(value, "drainDeadline");
        return this;
    }

    /**
     * How long the pipes of a program that has ended may be held open.
     *
     * @return a time, {@link #DRAIN_DEADLINE_DEFAULT} by default
     */
    public Duration drainDeadline() {
        return drainDeadline;
    }

    /**
     * Sets how long programs have between SIGTERM and SIGKILL when the agent is shut down.
     *
     * @param value a time, {@link #SHUTDOWN_GRACE_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext shutdownGrace(final Duration value) {
        checkOpen();
        shutdownGrace = Objects.requireNonNull(value, "shutdownGrace");
        return this;
    }

    /**
     * How long programs have between SIGTERM and SIGKILL when the agent is shut down.
     *
     * @return a time, {@link #SHUTDOWN_GRACE_DEFAULT} by default
     */
    public Duration shutdownGrace() {
        return shutdownGrace;
    }

    /**
     * Sets how many programs run at once. A session takes four descriptors.
     *
     * @param value a number, {@link #MAX_SESSIONS_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext maxSessions(final int value) {
        checkOpen();
        maxSessions = value;
        return this;
    }

    /**
     * How many programs run at once.
     *
     * @return a number, {@link #MAX_SESSIONS_DEFAULT} by default
     */
    public int maxSessions() {
        return maxSessions;
    }

    /**
     * What there is to be told about how programs are started.
     *
     * @return the options, to be set before the agent is made
     */
    public ProgramOptions programs() {
        return programs;
    }

    /**
     * What there is to be told about files.
     *
     * @return the options, to be set before the agent is made
     */
    public FileOptions files() {
        return files;
    }

    /**
     * What there is to be told about connections from inside the guest.
     *
     * @return the options, to be set before the agent is made
     */
    public ConnectionOptions connections() {
        return connections;
    }

    /**
     * What there is to be told about hosts that go and come.
     *
     * @return the options, to be set before the agent is made
     */
    public HostOptions host() {
        return host;
    }

    /**
     * Sets whether processes that a program leaves behind in its process group live on after its session has ended.
     *
     * @param value false by default: they are killed
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext keepBackground(final boolean value) {
        checkOpen();
        keepBackground = value;
        return this;
    }

    /**
     * Whether processes that a program leaves behind in its process group live on after its session.
     *
     * @return false by default: they are killed
     */
    public boolean keepBackground() {
        return keepBackground;
    }

    /**
     * Sets whether this process becomes the parent of processes whose own parent has gone (a child subreaper), reaps them, and
     * kills them in the end. For a process that is an agent and nothing else.
     *
     * @param value false by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext adoptOrphans(final boolean value) {
        checkOpen();
        adoptOrphans = value;
        return this;
    }

    /**
     * Whether this process adopts and reaps orphans.
     *
     * @return false by default
     */
    public boolean adoptOrphans() {
        return adoptOrphans;
    }

    /**
     * Sets whether a watching process (a small script of {@code /bin/sh}) kills the programs when this process is killed.
     * It finds them by their process groups and by an entry {@code SLUICE_AGENT} in their environment. Needless, and not started, where
     * this process is PID 1.
     *
     * @param value true by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext guardian(final boolean value) {
        checkOpen();
        guardian = value;
        return this;
    }

    /**
     * Whether a watching process kills the programs when this process is killed.
     *
     * @return true by default
     */
    public boolean guardian() {
        return guardian;
    }

    /**
     * Sets the file that a heartbeat is written to, once a second, while its directory exists.
     *
     * @param value a path; null, the default, for none
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext heartbeat(final Path value) {
        checkOpen();
        heartbeat = value;
        return this;
    }

    /**
     * The file that a heartbeat is written to.
     *
     * @return a path; null, the default, for none
     */
    public Path heartbeat() {
        return heartbeat;
    }

    /**
     * Sets whether the machine's clock is set when the relay says that it differs from the host's. Takes CAP_SYS_TIME.
     *
     * @param value false by default: what the relay says of the time is ignored
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public AgentContext setClock(final boolean value) {
        checkOpen();
        setClock = value;
        return this;
    }

    /**
     * Whether the machine's clock is set to the host's.
     *
     * @return false by default: what the relay says of the time is ignored
     */
    public boolean setClock() {
        return setClock;
    }

    /**
     * What concerns being the first process of a guest.
     *
     * @return the options, to be set before this is concluded
     */
    public InitOptions init() {
        return init;
    }
}
