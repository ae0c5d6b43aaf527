package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import dev.sluice.port.PortSource;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.vsock.UnixAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochNanoClock;
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
    private EpochNanoClock wallClock = SystemEpochNanoClock.INSTANCE;
    private RelayListener listener = RelayListener.NONE;
    private PortAddress guestAddress;
    private PortSource guestSource;
    private final List<ListenAddress> listenAddresses = new ArrayList<>();
    private final Set<Integer> allowedUids = new HashSet<>();
    private final Set<Integer> allowedGids = new HashSet<>();
    private final Set<Integer> shutdownUids = new HashSet<>();
    private GuestBootstrap bootstrap;
    private Path countersFile;
    private final long[] limits = new long[RelayLimit.values().length];
    private SlowClientPolicy slowClientPolicy = SlowClientPolicy.EVICT;
    private Path execLog;
    private ExecLogPolicy execLogPolicy = ExecLogPolicy.GAP;
    private Consumer<BooleanSupplier> execLogDriver;
    private boolean exitOnGuestLoss;
    private byte[] bootstrapFrame;
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
        require(!listenAddresses.isEmpty(), "listen", null, "set it: clients need a socket to connect to; " + ListenAddress.SYNTAX);
        require(guestAddress != null || guestSource != null, "guest", null, "set its address: " + PortAddress.SYNTAX);
        if (bootstrap != null) {
            bootstrapFrame = RelayFrames.bootstrap(bootstrap);
        }
        concluded = true;
        return this;
    }

    /** {@return the frame of core.bootstrap, or null when the guest is told nothing} */
    byte[] bootstrapFrame() {
        return bootstrapFrame;
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
     * Sets the system calls to use. For simulation and tests, which put a simulated kernel or faults here; nobody else needs it.
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
     * Sets the clock that guests are set by; nanoseconds since 1970.
     *
     * @param value the clock, the system's by default
     * @return this
     */
    public RelayContext wallClock(final EpochNanoClock value) {
        checkOpen();
        wallClock = Objects.requireNonNull(value, "wall clock");
        return this;
    }

    /** {@return the clock that guests are set by} */
    public EpochNanoClock wallClock() {
        return wallClock;
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

    /** {@return where guests come from, for people} */
    String guestPlace() {
        return guestAddress == null ? "a source of the embedding program's" : guestAddress.toString();
    }

    /** {@return the source of ports that was given, or null} */
    public PortSource guestSource() {
        return guestSource;
    }

    /**
     * Adds a socket that clients connect to. There may be several; the ids they give out are of one grid.
     *
     * @param value where, and with which handshake
     * @return this
     */
    public RelayContext listen(final ListenAddress value) {
        checkOpen();
        listenAddresses.add(Objects.requireNonNull(value, "listen address"));
        return this;
    }

    /**
     * Adds the path of a Unix socket whose clients get the 4-byte handshake.
     *
     * @param path the path
     * @return this
     */
    public RelayContext listen(final Path path) {
        return listen(new ListenAddress(ListenAddress.Form.OFFSET, UnixAddress.of(path), -1));
    }

    /** {@return where clients connect} */
    public List<ListenAddress> listenAddresses() {
        return List.copyOf(listenAddresses);
    }

    /**
     * Lets another user connect. The relay's own user and root always may.
     *
     * @param uid the user
     * @return this
     */
    public RelayContext allowUid(final int uid) {
        checkOpen();
        allowedUids.add(uid);
        return this;
    }

    /**
     * Lets the members of a group connect.
     *
     * @param gid the group
     * @return this
     */
    public RelayContext allowGid(final int gid) {
        checkOpen();
        allowedGids.add(gid);
        return this;
    }

    /**
     * Lets a user shut the guest down, and nobody else but those named the same way. Without a call everybody may who may connect.
     *
     * @param uid the user
     * @return this
     */
    public RelayContext allowShutdown(final int uid) {
        checkOpen();
        shutdownUids.add(uid);
        return this;
    }

    /** {@return who may connect, and shut the guest down} */
    public AccessRules accessRules() {
        return new AccessRules(allowedUids, allowedGids, shutdownUids);
    }

    /**
     * Sets what the guest is told first, before it says anything: agents since generation 7 wait for that.
     *
     * @param value what the guest is to be
     * @return this
     */
    public RelayContext bootstrap(final GuestBootstrap value) {
        checkOpen();
        bootstrap = Objects.requireNonNull(value, "bootstrap");
        return this;
    }

    /** {@return what the guest is told first, or null when nothing} */
    public GuestBootstrap bootstrap() {
        return bootstrap;
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

    /**
     * Has what programs write recorded.
     *
     * @param directory where the log's files are to be: a directory, which is made if only it is missing, of this relay's alone; null for
     *     no log
     * @return this
     */
    public RelayContext execLog(final Path directory) {
        checkOpen();
        execLog = directory;
        return this;
    }

    /** {@return where what programs write is recorded, or null} */
    public Path execLog() {
        return execLog;
    }

    /**
     * Sets what happens to a session whose output cannot be recorded.
     *
     * @param value the policy
     * @return this
     */
    public RelayContext execLogPolicy(final ExecLogPolicy value) {
        checkOpen();
        execLogPolicy = Objects.requireNonNull(value, "exec log policy");
        return this;
    }

    /** {@return what happens to a session whose output cannot be recorded} */
    public ExecLogPolicy execLogPolicy() {
        return execLogPolicy;
    }

    /**
     * Has the exec log written by somebody else than a thread of the relay's. For simulation, which decides what happens when; nobody else
     * needs it.
     *
     * @param value is given, when the relay is opened, what has to be called again and again, by one thread at a time, for the log to be
     *     written; each call writes a batch at most and says whether there was anything to do. What is left when the relay is closed is
     *     written then. Null for a thread.
     * @return this
     */
    public RelayContext execLogDriver(final Consumer<BooleanSupplier> value) {
        checkOpen();
        execLogDriver = value;
        return this;
    }

    /** {@return who has the exec log written, or null for a thread of the relay's} */
    public Consumer<BooleanSupplier> execLogDriver() {
        return execLogDriver;
    }
}
