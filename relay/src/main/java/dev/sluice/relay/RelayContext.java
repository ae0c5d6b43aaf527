package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import dev.sluice.port.PortSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Everything a relay can be told. Set what differs from the defaults, then hand it to {@link Relay#open}, which calls {@link #conclude}:
 * that validates, names the offending value in what it throws, and freezes the context.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class RelayContext {
    private Posix posix = Posix.system();
    private NanoClock clock = SystemNanoClock.INSTANCE;
    private RelayListener listener = RelayListener.NONE;
    private PortAddress guestAddress;
    private PortSource guestSource;
    private Path listenPath;
    private Path countersFile;
    private final long[] limits = new long[RelayLimit.values().length];
    private SlowClientPolicy slowClientPolicy = SlowClientPolicy.EVICT;
    private boolean exitOnGuestLoss;
    private boolean concluded;

    /** Creates a context with every default. */
    public RelayContext() {
        for (final RelayLimit limit : RelayLimit.values()) {
            limits[limit.ordinal()] = limit.defaultValue();
        }
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
        concluded = true;
        return this;
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
     * Has the counters kept in a file that other processes of this user can look into, see {@link CountersFileReader}. The file of a relay
     * that is dead is replaced, and stays behind when the relay ends. A file system in memory is the place for it.
     *
     * @param value the file's path, or null for counters in memory of this process alone
     * @return this
     */
    public RelayContext countersFile(final Path value) {
        checkOpen();
        countersFile = value;
        return this;
    }

    /** {@return where the counters are kept, or null} */
    public Path countersFile() {
        return countersFile;
    }

    /**
     * Sets a limit.
     *
     * @param limit which
     * @param value in the limit's unit: a count, bytes or nanoseconds
     * @return this
     * @throws IllegalArgumentException naming the limit, the value and what is allowed
     */
    public RelayContext limit(final RelayLimit limit, final long value) {
        checkOpen();
        limits[limit.ordinal()] = limit.check(value);
        return this;
    }

    /**
     * Sets a limit that is a time.
     *
     * @param limit which
     * @param value the time
     * @return this
     * @throws IllegalArgumentException if the limit is not a time, or naming the limit, the value and what is allowed
     */
    public RelayContext limit(final RelayLimit limit, final Duration value) {
        if (limit.unit() != RelayLimit.Unit.TIME) {
            throw new IllegalArgumentException(limit.option() + " is no time but " + limit.unit());
        }
        // Saturates where a duration is longer than nanoseconds can say; that is beyond every limit.
        return limit(limit, TimeUnit.NANOSECONDS.convert(value));
    }

    /**
     * Tells a limit.
     *
     * @param limit which
     * @return its value in its unit: a count, bytes or nanoseconds
     */
    public long limit(final RelayLimit limit) {
        return limits[limit.ordinal()];
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
