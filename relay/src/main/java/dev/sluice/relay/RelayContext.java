package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import dev.sluice.port.PortSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Everything a relay can be told. Set what differs from the defaults, then hand it to {@link Relay#open}, which calls {@link #conclude}:
 * that validates, names the offending value in what it throws, and freezes the context.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class RelayContext {
    /** Time a guest has from the relay's start to core.ready. Booting under emulation takes several seconds. */
    public static final Duration READY_DEADLINE_DEFAULT = Duration.ofSeconds(60);
    /** Bytes that wait for one client; Sluice's own clients never grant a guest more than this together. */
    public static final int CLIENT_BUFFER_DEFAULT = 1024 * 1024;
    /** Smallest and default size coincide: a smaller buffer would break the promise that windows make. */
    public static final int CLIENT_BUFFER_MIN = CLIENT_BUFFER_DEFAULT;
    /** More would let one client take a whole host's memory. */
    public static final int CLIENT_BUFFER_MAX = 256 * 1024 * 1024;
    /** How long a client without windows may hold up the others before it is evicted. */
    public static final Duration HEAD_OF_LINE_LIMIT_DEFAULT = Duration.ofMillis(100);
    /** How long the relay waits for a client or a guest that makes no progress, where nothing shorter applies. */
    public static final Duration STALL_DEADLINE_DEFAULT = Duration.ofSeconds(30);
    /** How long a range waits for the sessions of a client that left. */
    public static final Duration QUARANTINE_DEADLINE_DEFAULT = Duration.ofSeconds(60);
    /** Buffers for frames longer than a client's own input memory. */
    public static final int ASSEMBLY_BUFFERS_DEFAULT = 8;
    /** How long clients have to take their last bytes when the relay or the guest ends. */
    public static final Duration DRAIN_DEADLINE_DEFAULT = Duration.ofSeconds(2);
    /** How long a guest has to write its file systems back after core.shutdown before the relay ends. */
    public static final Duration SHUTDOWN_FLUSH_DEFAULT = Duration.ofSeconds(2);

    private Posix posix = Posix.system();
    private NanoClock clock = SystemNanoClock.INSTANCE;
    private RelayListener listener = RelayListener.NONE;
    private PortAddress guestAddress;
    private PortSource guestSource;
    private Path listenPath;
    private int maxClients = RangeTable.RANGES;
    private int clientBufferBytes = CLIENT_BUFFER_DEFAULT;
    private int assemblyBuffers = ASSEMBLY_BUFFERS_DEFAULT;
    private SlowClientPolicy slowClientPolicy = SlowClientPolicy.EVICT;
    private Duration readyDeadline = READY_DEADLINE_DEFAULT;
    private Duration headOfLineLimit = HEAD_OF_LINE_LIMIT_DEFAULT;
    private Duration stallDeadline = STALL_DEADLINE_DEFAULT;
    private Duration quarantineDeadline = QUARANTINE_DEADLINE_DEFAULT;
    private Duration drainDeadline = DRAIN_DEADLINE_DEFAULT;
    private Duration shutdownFlush = SHUTDOWN_FLUSH_DEFAULT;
    private boolean exitOnGuestLoss;
    private boolean concluded;

    /** Creates a context with every default. */
    public RelayContext() {
    }

    /**
     * Validates and freezes the context. Idempotent.
     *
     * @return this
     * @throws IllegalArgumentException naming the option, its value and what is allowed
     */
    public RelayContext conclude() {
        if (concluded) {
            return this;
        }
        require(listenPath != null, "listen path", null, "set it: clients need a socket to connect to");
        require(guestAddress != null || guestSource != null, "guest", null, "set its address: " + PortAddress.SYNTAX);
        require(maxClients >= 1 && maxClients <= RangeTable.RANGES, "max clients", maxClients, "1 to " + RangeTable.RANGES);
        final boolean powerOfTwo = Integer.bitCount(clientBufferBytes) == 1;
        require(powerOfTwo && clientBufferBytes >= CLIENT_BUFFER_MIN && clientBufferBytes <= CLIENT_BUFFER_MAX,
            "client buffer bytes", clientBufferBytes, "a power of two from " + CLIENT_BUFFER_MIN + " to " + CLIENT_BUFFER_MAX);
        require(assemblyBuffers >= 1 && assemblyBuffers <= RangeTable.RANGES,
            "assembly buffers", assemblyBuffers, "1 to " + RangeTable.RANGES);
        requirePositive("ready deadline", readyDeadline);
        requirePositive("head of line limit", headOfLineLimit);
        requirePositive("stall deadline", stallDeadline);
        requirePositive("quarantine deadline", quarantineDeadline);
        requirePositive("drain deadline", drainDeadline);
        requirePositive("shutdown flush", shutdownFlush);
        concluded = true;
        return this;
    }

    private static void requirePositive(final String what, final Duration value) {
        require(value.isPositive() && value.compareTo(Duration.ofDays(365)) <= 0, what, value, "above 0, at most a year");
    }

    private static void require(final boolean condition, final String what, final Object value, final String allowed) {
        if (!condition) {
            throw new IllegalArgumentException(what + ": " + value + " (allowed: " + allowed + ")");
        }
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the relay is opened");
        }
    }

    /**
     * Sets the system calls to use; tests put faults or a simulated kernel here.
     *
     * @param value the calls, {@link Posix#system()} by default
     * @return this
     */
    public RelayContext posix(final Posix value) {
        checkOpen();
        posix = Objects.requireNonNull(value, "posix");
        return this;
    }

    /** {@return the system calls in use} */
    public Posix posix() {
        return posix;
    }

    /**
     * Sets the clock; monotonic nanoseconds.
     *
     * @param value the clock, the system's by default
     * @return this
     */
    public RelayContext clock(final NanoClock value) {
        checkOpen();
        clock = Objects.requireNonNull(value, "clock");
        return this;
    }

    /** {@return the clock in use} */
    public NanoClock clock() {
        return clock;
    }

    /**
     * Sets who is told of what happens.
     *
     * @param value the listener; called on the relay's loop thread, must not block
     * @return this
     */
    public RelayContext listener(final RelayListener value) {
        checkOpen();
        listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /** {@return who is told of what happens} */
    public RelayListener listener() {
        return listener;
    }

    /**
     * Sets where the guest's console port is.
     *
     * @param value the address
     * @return this
     */
    public RelayContext guest(final PortAddress value) {
        checkOpen();
        guestAddress = Objects.requireNonNull(value, "guest address");
        return this;
    }

    /**
     * Sets where ports come from, instead of an address. The relay closes it.
     *
     * @param value the source
     * @return this
     */
    public RelayContext guest(final PortSource value) {
        checkOpen();
        guestSource = Objects.requireNonNull(value, "guest source");
        return this;
    }

    /** {@return the guest's address, or null when a source was given} */
    public PortAddress guestAddress() {
        return guestAddress;
    }

    /** {@return the source of ports that was given, or null} */
    public PortSource guestSource() {
        return guestSource;
    }

    /**
     * Sets the path of the Unix socket that clients connect to; they get the 4-byte handshake.
     *
     * @param value the path
     * @return this
     */
    public RelayContext listen(final Path value) {
        checkOpen();
        listenPath = Objects.requireNonNull(value, "listen path");
        return this;
    }

    /** {@return the path of the clients' socket} */
    public Path listenPath() {
        return listenPath;
    }

    /**
     * Sets how many clients may be connected at once.
     *
     * @param value 1 to 128
     * @return this
     */
    public RelayContext maxClients(final int value) {
        checkOpen();
        maxClients = value;
        return this;
    }

    /** {@return how many clients may be connected at once} */
    public int maxClients() {
        return maxClients;
    }

    /**
     * Sets the cap on what waits for one client.
     *
     * @param value bytes, a power of two from {@link #CLIENT_BUFFER_MIN} to {@link #CLIENT_BUFFER_MAX}
     * @return this
     */
    public RelayContext clientBufferBytes(final int value) {
        checkOpen();
        clientBufferBytes = value;
        return this;
    }

    /** {@return the cap on what waits for one client, in bytes} */
    public int clientBufferBytes() {
        return clientBufferBytes;
    }

    /**
     * Sets how many long frames from clients can be put together at once.
     *
     * @param value 1 to 128
     * @return this
     */
    public RelayContext assemblyBuffers(final int value) {
        checkOpen();
        assemblyBuffers = value;
        return this;
    }

    /** {@return how many long frames from clients can be put together at once} */
    public int assemblyBuffers() {
        return assemblyBuffers;
    }

    /**
     * Sets what happens to a client without windows that does not read.
     *
     * @param value the policy
     * @return this
     */
    public RelayContext slowClientPolicy(final SlowClientPolicy value) {
        checkOpen();
        slowClientPolicy = Objects.requireNonNull(value, "slow client policy");
        return this;
    }

    /** {@return what happens to a client without windows that does not read} */
    public SlowClientPolicy slowClientPolicy() {
        return slowClientPolicy;
    }

    /**
     * Sets how long the guest has to send core.ready, and a client to wait for it.
     *
     * @param value above 0
     * @return this
     */
    public RelayContext readyDeadline(final Duration value) {
        checkOpen();
        readyDeadline = Objects.requireNonNull(value, "ready deadline");
        return this;
    }

    /** {@return how long the guest has to send core.ready} */
    public Duration readyDeadline() {
        return readyDeadline;
    }

    /**
     * Sets how long a client may be at the head of the line under {@link SlowClientPolicy#EVICT}.
     *
     * @param value above 0
     * @return this
     */
    public RelayContext headOfLineLimit(final Duration value) {
        checkOpen();
        headOfLineLimit = Objects.requireNonNull(value, "head of line limit");
        return this;
    }

    /** {@return how long a client may be at the head of the line} */
    public Duration headOfLineLimit() {
        return headOfLineLimit;
    }

    /**
     * Sets how long the relay waits for somebody who makes no progress.
     *
     * @param value above 0
     * @return this
     */
    public RelayContext stallDeadline(final Duration value) {
        checkOpen();
        stallDeadline = Objects.requireNonNull(value, "stall deadline");
        return this;
    }

    /** {@return how long the relay waits for somebody who makes no progress} */
    public Duration stallDeadline() {
        return stallDeadline;
    }

    /**
     * Sets how long a range waits for the sessions of the client that left it.
     *
     * @param value above 0
     * @return this
     */
    public RelayContext quarantineDeadline(final Duration value) {
        checkOpen();
        quarantineDeadline = Objects.requireNonNull(value, "quarantine deadline");
        return this;
    }

    /** {@return how long a range waits for the sessions of the client that left it} */
    public Duration quarantineDeadline() {
        return quarantineDeadline;
    }

    /**
     * Sets how long clients have to take their last bytes.
     *
     * @param value above 0
     * @return this
     */
    public RelayContext drainDeadline(final Duration value) {
        checkOpen();
        drainDeadline = Objects.requireNonNull(value, "drain deadline");
        return this;
    }

    /** {@return how long clients have to take their last bytes} */
    public Duration drainDeadline() {
        return drainDeadline;
    }

    /**
     * Sets how long the guest has after core.shutdown before the relay ends.
     *
     * @param value above 0
     * @return this
     */
    public RelayContext shutdownFlush(final Duration value) {
        checkOpen();
        shutdownFlush = Objects.requireNonNull(value, "shutdown flush");
        return this;
    }

    /** {@return how long the guest has after core.shutdown before the relay ends} */
    public Duration shutdownFlush() {
        return shutdownFlush;
    }

    /**
     * Sets whether the relay ends when its guest is lost, instead of waiting for the next.
     *
     * @param value true to end
     * @return this
     */
    public RelayContext exitOnGuestLoss(final boolean value) {
        checkOpen();
        exitOnGuestLoss = value;
        return this;
    }

    /** {@return whether the relay ends when its guest is lost} */
    public boolean exitOnGuestLoss() {
        return exitOnGuestLoss;
    }
}
