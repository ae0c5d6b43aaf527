package dev.sluice.relay;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.PortSource;
import dev.sluice.port.PortSources;
import dev.sluice.vsock.PeerCredentials;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A relay: lets many programs talk to one guest over one socket.
 *
 * <pre>{@code
 * RelayContext context = new RelayContext()
 *     .guest(PortAddress.parse("ring:/run/box/console"))
 *     .listen(Path.of("/run/box/agent.sock"));
 * try (Relay relay = Relay.open(context)) {
 *     RelayOutcome outcome = relay.run();
 * }
 * }</pre>
 *
 * <p>{@link #open} binds the sockets, so that clients can connect from then on; they get their handshake when the guest is ready.
 * {@link #run} is the loop and belongs on a platform thread of its own. {@link #shutdown}, {@link #awaitReady} and {@link #counters} may be
 * called from any thread; {@link #close} after {@link #run} has returned, or without it having been called.
 */
public final class Relay implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Relay.class.getName());

    /** Events taken from epoll at once; what is left is reported by the next call. */
    private static final int MAX_EVENTS = 64;
    /** Connections that may wait to be accepted; more than there are ranges can not be served anyway. */
    private static final int BACKLOG = RangeTable.RANGES;

    private final RelayContext context;
    private final Posix posix;
    private final CountersFile countersFile;
    private final RelayCounters counters;
    private final CountDownLatch readyOrEnded = new CountDownLatch(1);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment wakeUp = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
    private final Epoll epoll;
    private final int wakeFd;
    private final List<UnixListener> listeners = new ArrayList<>();
    private final RelayMemory memory;
    private final ExecLogging execLog;
    private final RelayLoop loop;
    private volatile boolean stopOrdered;
    private volatile boolean becameReady;
    private String endedAs = "FAILED";
    private boolean wakeFdClosed;
    private boolean closed;

    private Relay(final RelayContext context) throws IOException {
        this.context = context;
        this.posix = context.posix();
        final Opened opened = new Opened();
        try {
            epoll = opened.add(new Epoll(posix, MAX_EVENTS));
            wakeFd = posix.eventfd(0, Linux.EFD_NONBLOCK | Linux.EFD_CLOEXEC);
            opened.add(() -> posix.closeQuietly(wakeFd));
            final PortSource source = opened.add(
                context.guestSource() != null ? context.guestSource() : PortSources.host(posix, context.guestAddress()));
            for (final ListenAddress address : context.listenAddresses()) {
                listeners.add(opened.add(listen(address)));
            }
            // Behind the listeners: their locks have already told a second relay of these sockets to go away.
            countersFile = context.countersFile() == null ? null : opened.add(CountersFile.create(posix, context.countersFile()));
            counters = countersFile == null ? new RelayCounters() : new RelayCounters(countersFile.values());
            memory = opened.add(new RelayMemory(posix,
                (int) context.limit(RelayLimit.CLIENT_BUFFER), (int) context.limit(RelayLimit.ASSEMBLY_BUFFERS)));
            final int ownUid = PeerCredentials.own(posix).uid();
            execLog = context.execLog() == null ? null : opened.add(ExecLogging.open(context, counters, wakeFd));
            final ExecLogTap tap = execLog == null ? null : execLog.tap();
            loop = new RelayLoop(context, listeners, ownUid, source, epoll, wakeFd, memory, tap, counters, arena);
            loop.start();
        } catch (final IOException | RuntimeException e) {
            opened.closeAll(e);
            arena.close();
            throw e;
        }
    }

    private UnixListener listen(final ListenAddress address) throws IOException {
        return address.path() == null
            ? UnixListener.adopt(posix, address.fd())
            : UnixListener.open(posix, address.path(), BACKLOG, context.accessRules().socketAccess());
    }

    /**
     * Binds the clients' sockets, starts to listen or dial for the guest, and reserves memory.
     *
     * @param context the options; concluded by this call
     * @return a relay that {@link #run} sets going
     * @throws IllegalArgumentException if an option is out of bounds
     * @throws IOException if a socket cannot be bound, a lock is held by another relay, or descriptors run out
     */
    public static Relay open(final RelayContext context) throws IOException {
        return new Relay(context.conclude());
    }

    /**
     * Serves until the end is ordered or reached. Call it once.
     *
     * @return why it ended
     * @throws IOException if the loop cannot go on
     */
    public RelayOutcome run() throws IOException {
        RelayOutcome outcome = null;
        LOG.log(Level.INFO, "relay started: guest at {0}, clients at {1}, process {2}",
            context.guestPlace(),
            context.listenAddresses().stream().map(ListenAddress::toString).collect(Collectors.joining(", ")),
            Long.toString(ProcessHandle.current().pid()));
        try {
            while (outcome == null) {
                outcome = loop.iterate(stopOrdered);
                if (!becameReady && loop.isReady()) {
                    becameReady = true;
                    readyOrEnded.countDown();
                }
            }
            LOG.log(Level.INFO, "relay ended: {0}", outcome == RelayOutcome.NEVER_READY ? neverReady() : outcome.description());
            endedAs = outcome.name();
            return outcome;
        } finally {
            if (outcome == null) {
                // A loop that has failed serves nobody: its clients are to see that, not to wait for it.
                loop.close();
            }
            readyOrEnded.countDown();
        }
    }

    /**
     * Waits until the first guest is ready.
     *
     * @param timeout how long at most
     * @return whether a guest has become ready; false as soon as {@link #run} has returned without
     * @throws InterruptedException if the calling thread is interrupted
     */
    public boolean awaitReady(final Duration timeout) throws InterruptedException {
        return readyOrEnded.await(timeout.toNanos(), TimeUnit.NANOSECONDS) && becameReady;
    }

    /**
     * Says that no guest has become ready, and why as far as that is known. To be called when {@link #run} has returned
     * {@link RelayOutcome#NEVER_READY}.
     *
     * @return a sentence without a full stop
     */
    public String neverReady() {
        return RelayOutcome.NEVER_READY.description() + ": " + loop.obstacle();
    }

    /**
     * Orders the end: clients are told, what is pending for them is written within {@link RelayLimit#DRAIN_DEADLINE}, then {@link #run}
     * returns {@link RelayOutcome#STOPPED}. Returns at once; any thread; idempotent.
     */
    public void shutdown() {
        stopOrdered = true;
        synchronized (wakeUp) {
            if (!wakeFdClosed) {
                posix.write(wakeFd, wakeUp.address(), Long.BYTES);
            }
        }
    }

    /** {@return the counters, readable by any thread, also after the end} */
    public RelayCounters counters() {
        return counters;
    }

    /** Closes every connection and descriptor and removes the clients' sockets. Idempotent. Not while {@link #run} is running. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        loop.close();
        if (execLog != null) {
            // Before the counters, which it brings up to date, and the descriptor that it wakes the loop with.
            execLog.close();
        }
        closeCounters();
        synchronized (wakeUp) {
            wakeFdClosed = true;
            posix.closeQuietly(wakeFd);
        }
        try {
            epoll.close();
            memory.close();
        } catch (final IOException e) {
            LOG.log(Level.WARNING, "closing the relay: {0}", e.getMessage());
        }
        // Last: they are what other people's files can make fail.
        for (final UnixListener listener : listeners) {
            try {
                listener.close();
            } catch (final IOException e) {
                LOG.log(Level.WARNING, "closing the relay: {0}", e.getMessage());
            }
        }
        arena.close();
    }

    private void closeCounters() {
        counters.detach();
        if (countersFile != null) {
            countersFile.end(endedAs);
            countersFile.close();
        }
    }
}
