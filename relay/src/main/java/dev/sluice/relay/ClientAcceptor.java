package dev.sluice.relay;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.vsock.PeerCredentials;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;
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
    private final boolean[] watched;
    /** What kept a socket from being made again, null for nothing. */
    private final String[] complaints;
    private final long checkIntervalNs;
    private long nextCheckNs;
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
        watched = new boolean[listeners.size()];
        complaints = new String[listeners.size()];
        checkIntervalNs = context.limit(RelayLimit.SOCKET_CHECK_INTERVAL);
    }

    void start(final long nowNs) throws PosixException {
        nextCheckNs = nowNs + checkIntervalNs;
        for (int i = 0; i < listeners.size(); i++) {
            epoll.add(listeners.get(i).fd(), Linux.EPOLLIN, EpollToken.listener(i));
            watched[i] = true;
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
        if (checkIntervalNs > 0 && nextCheckNs - nowNs <= 0) {
            nextCheckNs = nowNs + checkIntervalNs;
            restoreSockets();
        }
    }

    /** Makes sockets again whose paths are gone. Whoever has reached one before is taken in first. */
    private void restoreSockets() {
        for (int i = 0; i < acceptable.length; i++) {
            if (!acceptable[i] && !paused) {
                try {
                    restore(i);
                    complaints[i] = null;
                } catch (final IOException e) {
                    // Tried again and again, said once.
                    if (!e.getMessage().equals(complaints[i])) {
                        complaints[i] = e.getMessage();
                        log.warning(RelayLog.Subject.LOCAL, "{0}", e.getMessage());
                    }
                }
            }
        }
    }

    private void restore(final int index) throws IOException {
        final UnixListener listener = listeners.get(index);
        if (listener.restore()) {
            watched[index] = false;
            counters.increment(RelayCounter.LISTENERS_RESTORED);
            log.warning(RelayLog.Subject.LOCAL, "{0} was gone and is there again", listener.address());
        }
        if (!watched[index]) {
            epoll.add(listener.fd(), Linux.EPOLLIN, EpollToken.listener(index));
            watched[index] = true;
            acceptable[index] = true;
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
            if (watched[i]) {
                epoll.modify(listeners.get(i).fd(), events, EpollToken.listener(i));
                acceptable[i] = events != 0;
            }
        }
    }

    /** Nobody is taken in any more. */
    void stop() throws PosixException {
        stopped = true;
        watch(0);
    }

    /** {@return nanoseconds until {@link #accept} is worth a call by the clock alone, or {@link Long#MAX_VALUE}} */
    long nextTryIn(final long nowNs) {
        if (stopped) {
            return Long.MAX_VALUE;
        }
        final long checkInNs = checkIntervalNs > 0 ? Math.max(0, nextCheckNs - nowNs) : Long.MAX_VALUE;
        return paused ? Math.min(checkInNs, Math.max(0, pauseEndNs - nowNs)) : checkInNs;
    }
}
