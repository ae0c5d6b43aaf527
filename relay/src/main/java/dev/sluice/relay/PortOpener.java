package dev.sluice.relay;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.Port;
import dev.sluice.port.PortSource;
import java.io.IOException;

/**
 * Opens ports to guests, one at a time: the next peer waits in the kernel's queue. What fails is tried again, less and less often while
 * ports end before anybody has become ready at them. A socket for guests that was removed is made again.
 *
 * <p>One owner thread.
 */
final class PortOpener {
    /** How often a source is tried that has no descriptor of its own, or could not take its peer in. */
    private static final long RETRY_NS = 20_000_000;
    /** How long the next attempt waits at most when port after port ends before its guest is ready. */
    private static final long MAX_RETRY_NS = 1_000_000_000;
    /** A guest that comes at once is not said to be waited for. */
    private static final long AWAITED_SAID_NS = 1_000_000_000;

    private final Epoll epoll;
    private final PortSource source;
    private final RelayContext context;
    private final RelayCounters counters;
    private final RelayLog log;
    private boolean triable;
    private boolean watched;
    /** Not so when the source has a new descriptor that epoll could not take. */
    private boolean registered;
    private long nextTryNs;
    private long retryNs = RETRY_NS;
    private long nextCheckNs;
    /** What keeps the source from opening ports or from being reached, said already; null for nothing. */
    private String complaint;
    private long awaitedSinceNs;
    private boolean awaitedSaid;

    PortOpener(
        final Epoll epoll, final PortSource source, final RelayContext context, final RelayCounters counters, final RelayLog log) {
        this.epoll = epoll;
        this.source = source;
        this.context = context;
        this.counters = counters;
        this.log = log;
    }

    void start(final long nowNs) throws PosixException {
        nextTryNs = nowNs;
        awaitedSinceNs = nowNs;
        nextCheckNs = nowNs + context.limit(RelayLimit.SOCKET_CHECK_INTERVAL);
        register();
    }

    private void register() throws PosixException {
        if (source.fd() >= 0) {
            epoll.add(source.fd(), Linux.EPOLLIN, EpollToken.of(EpollToken.SOURCE));
            registered = true;
            watched = true;
        }
    }

    /** The source's descriptor is ready: there may be a peer. */
    void onEvents() {
        triable = true;
    }

    /**
     * Opens the port if its peer has come and it is time to.
     *
     * @param everReady whether there has been a guest: what was the way to one is worth further attempts, whatever is in that way now
     * @return the port, registered with epoll for EPOLLIN, or null
     * @throws IOException when none can ever be opened
     */
    Port tryOpen(final boolean everReady, final long nowNs) throws IOException {
        final boolean due = nextTryNs - nowNs <= 0;
        if (source.fd() >= 0 && !watched && due) {
            watch(true);
        } else if (watched && !triable && checkDueIn(nowNs) <= 0) {
            restore(nowNs);
        }
        if (!(source.fd() >= 0 ? triable : due)) {
            return null;
        }
        triable = false;
        nextTryNs = nowNs + retryNs;
        // Peers that wait, for their turn or because descriptors are wanting, may not keep the loop awake.
        watch(false);
        final Port opened = open(everReady);
        if (opened == null) {
            sayWhoIsAwaited(nowNs);
            return null;
        }
        return registered(opened);
    }

    /** Who waits for a guest that has an address of its own may have the wrong one. */
    private void sayWhoIsAwaited(final long nowNs) {
        if (source.fd() < 0 && !awaitedSaid && nowNs - awaitedSinceNs >= AWAITED_SAID_NS) {
            awaitedSaid = true;
            log.info(RelayLog.Subject.GUEST, "waiting for a guest at {0}: {1}", context.guestPlace(), obstacle());
        }
    }

    private Port open(final boolean everReady) throws IOException {
        try {
            final Port opened = source.tryOpen();
            complaint = opened == null ? complaint : null;
            return opened;
        } catch (final IOException e) {
            if (!everReady) {
                throw e;
            }
            complain("no way to the guest now, trying again: " + e.getMessage());
            return null;
        }
    }

    private Port registered(final Port opened) throws IOException {
        try {
            epoll.add(opened.fd(), Linux.EPOLLIN, EpollToken.of(EpollToken.PORT));
            return opened;
        } catch (final PosixException e) {
            opened.close();
            if (e.errno() == Errno.EPERM) {
                // It will never be otherwise: a file or device without poll, such as /dev/null.
                throw new IOException("the guest's port is no console, it cannot be waited for: " + e.getMessage(), e);
            }
            log.warning(RelayLog.Subject.LOCAL, "guest turned away: {0}", e.getMessage());
            return null;
        }
    }

    /** Makes the source's socket again if its path is gone. Whoever has reached it before is taken in first. */
    private void restore(final long nowNs) {
        nextCheckNs = nowNs + context.limit(RelayLimit.SOCKET_CHECK_INTERVAL);
        try {
            if (source.restore()) {
                registered = false;
                counters.increment(RelayCounter.LISTENERS_RESTORED);
                log.warning(RelayLog.Subject.LOCAL, "the socket for guests was gone and is there again: {0}", context.guestPlace());
            }
            if (!registered) {
                register();
            }
            complaint = null;
        } catch (final IOException e) {
            complain(e.getMessage());
        }
    }

    /** Says what is tried again and again, once. */
    private void complain(final String what) {
        if (!what.equals(complaint)) {
            complaint = what;
            log.warning(RelayLog.Subject.LOCAL, "{0}", what);
        }
    }

    private void watch(final boolean watch) throws PosixException {
        if (registered && watch != watched) {
            epoll.modify(source.fd(), watch ? Linux.EPOLLIN : 0, EpollToken.of(EpollToken.SOURCE));
            watched = watch;
        }
    }

    /** {@return nanoseconds until {@link #tryOpen} is worth a call by the clock alone, or {@link Long#MAX_VALUE}} */
    long nextTryIn(final long nowNs) {
        return Math.max(0, watched ? checkDueIn(nowNs) : nextTryNs - nowNs);
    }

    private long checkDueIn(final long nowNs) {
        return context.limit(RelayLimit.SOCKET_CHECK_INTERVAL) > 0 ? nextCheckNs - nowNs : Long.MAX_VALUE;
    }

    /** {@return why there is no port, in words; a source need not know} */
    String obstacle() {
        final String known = complaint == null ? source.obstacle() : complaint;
        return known.isEmpty() ? "none has come" : known;
    }

    /** {@return whether nobody is known to have come} */
    boolean maySleep() {
        return source.fd() < 0 || !triable;
    }

    /** The port has ended: another may be opened. @param wasReady whether its guest had become ready */
    void portEnded(final boolean wasReady, final long nowNs) throws PosixException {
        // What ends as soon as it is there must not keep the relay busy with nothing else.
        retryNs = wasReady ? RETRY_NS : Math.min(2 * retryNs, MAX_RETRY_NS);
        nextTryNs = nowNs + retryNs;
        watch(wasReady);
        awaitedSinceNs = nowNs;
        awaitedSaid = false;
    }

    void close() {
        try {
            source.close();
        } catch (final IOException e) {
            log.warning(RelayLog.Subject.LOCAL, "closing the source of guests: {0}", e.getMessage());
        }
    }
}
