package dev.sluice.relay;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.vsock.PeerCredentials;
import dev.sluice.vsock.UnixListener;
import java.util.List;

/**
 * Takes in the clients that connect, from every socket there is, and turns away those who may not.
 *
 * <p>When descriptors or ranges run out, accepting pauses: the next accept would fail at once again, over and over, and whoever waits in
 * the kernel's queue loses nothing.
 *
 * <p>One owner thread.
 */
final class ClientAcceptor {
    /** Connections taken in from one socket by one pass: a storm of them must not keep frames waiting. */
    private static final int ACCEPTS_PER_PASS = 16;
    private static final long PAUSE_NS = 100_000_000;

    private final Posix posix;
    private final Epoll epoll;
    private final List<ListenAddress> addresses;
    private final List<UnixListener> listeners;
    private final AccessRules rules;
    private final int ownUid;
    private final ClientTable clients;
    private final RelayCounters counters;
    private final RelayLog log;
    private final boolean[] acceptable;
    private boolean stopped;
    private boolean paused;
    private long pauseEndNs;

    ClientAcceptor(
        final RelayContext context, final Epoll epoll, final List<UnixListener> listeners, final int ownUid, final ClientTable clients,
        final RelayCounters counters, final RelayLog log) {
        this.posix = context.posix();
        this.epoll = epoll;
        this.addresses = context.listenAddresses();
        this.listeners = listeners;
        this.rules = context.accessRules();
        this.ownUid = ownUid;
        this.clients = clients;
        this.counters = counters;
        this.log = log;
        acceptable = new boolean[listeners.size()];
    }

    void start() throws PosixException {
        for (int i = 0; i < listeners.size(); i++) {
            epoll.add(listeners.get(i).fd(), Linux.EPOLLIN, EpollToken.listener(i));
            acceptable[i] = true;
        }
    }

    /** Somebody may wait at one of the sockets. */
    void onEvent(final int index) {
        acceptable[index] = true;
    }

    /** Takes in who waits. @param guest greets them if it is ready */
    void accept(final GuestLink guest, final long nowNs) throws PosixException {
        if (stopped) {
            return;
        }
        if (paused && pauseEndNs - nowNs <= 0) {
            paused = false;
            watch(Linux.EPOLLIN);
        }
        for (int i = 0; i < acceptable.length; i++) {
            for (int j = 0; acceptable[i] && !paused && j < ACCEPTS_PER_PASS; j++) {
                acceptFrom(i, guest, nowNs);
            }
        }
    }

    private void acceptFrom(final int index, final GuestLink guest, final long nowNs) throws PosixException {
        if (clients.mustWaitForRange()) {
            pause("every free range of ids waits for sessions of clients that left", nowNs);
            return;
        }
        final int fd = listeners.get(index).accept();
        if (fd >= 0) {
            admit(fd, addresses.get(index).form(), guest, nowNs);
        } else if (fd == -Errno.EAGAIN) {
            acceptable[index] = false;
        } else if (fd != -Errno.ECONNABORTED) {
            pause(Errno.name(-fd), nowNs);
        }
    }

    private void admit(final int fd, final ListenAddress.Form form, final GuestLink guest, final long nowNs) {
        final PeerCredentials peer = credentialsOfAdmitted(fd);
        if (peer == null) {
            counters.increment(RelayCounter.CLIENTS_REFUSED_ACCESS);
            posix.closeQuietly(fd);
            return;
        }
        final ClientConnection client = clients.accepted(fd, form, peer, rules.admitsShutdown(peer.uid()), nowNs);
        if (client != null) {
            guest.greet(client);
        }
    }

    /** {@return who has connected, or null when it may not} */
    private PeerCredentials credentialsOfAdmitted(final int fd) {
        try {
            final PeerCredentials peer = PeerCredentials.of(posix, fd);
            if (rules.admitsUser(peer, ownUid) || !rules.gids().isEmpty() && rules.admitsGroup(PeerCredentials.groups(posix, fd))) {
                return peer;
            }
            log.warning(RelayLog.Subject.REFUSED, "client refused: pid={0} uid={1} gid={2} may not connect (see --allow-uid, --allow-gid)",
                peer.pid(), peer.uid(), peer.gid());
        } catch (final PosixException e) {
            log.warning(RelayLog.Subject.REFUSED, "client refused: {0}", e.getMessage());
        }
        return null;
    }

    private void pause(final String reason, final long nowNs) throws PosixException {
        log.warning(RelayLog.Subject.LOCAL, "accepting paused: {0}", reason);
        counters.increment(RelayCounter.ACCEPTS_PAUSED);
        paused = true;
        pauseEndNs = nowNs + PAUSE_NS;
        watch(0);
    }

    /** Whoever waits and is not taken in must not keep the loop awake. */
    private void watch(final int events) throws PosixException {
        for (int i = 0; i < acceptable.length; i++) {
            epoll.modify(listeners.get(i).fd(), events, EpollToken.listener(i));
            acceptable[i] = events != 0;
        }
    }

    /** Nobody is taken in any more. */
    void stop() throws PosixException {
        stopped = true;
        watch(0);
    }

    /** {@return nanoseconds until {@link #accept} is worth a call by the clock alone, or {@link Long#MAX_VALUE}} */
    long nextTryIn(final long nowNs) {
        return paused && !stopped ? Math.max(0, pauseEndNs - nowNs) : Long.MAX_VALUE;
    }
}
