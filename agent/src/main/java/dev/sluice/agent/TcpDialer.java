package dev.sluice.agent;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.vsock.IpAddress;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Makes one connection: tries the addresses of a host one after the other, without ever waiting. An address that does not answer leaves
 * the same share of the remaining time to each of those behind it.
 *
 * <p>One owner thread, which calls {@link #advance} when the addresses have come, an event has, or a time is up.
 */
final class TcpDialer {
    private static final int NO_SOCKET = -1;
    /** Hosts are quoted up to this length, so that every answer fits in {@link Outlet#REPLY_ROOM}. */
    private static final int MAX_QUOTED = 256;

    /** How far it has come. */
    enum State { WAITING, CONNECTED, FAILED }

    private final Posix posix;
    private final Epoll epoll;
    private final long token;
    private final String target;
    private final int port;
    private final long deadlineNs;
    private ArrayDeque<IpAddress> addresses;
    private int fd = NO_SOCKET;
    private boolean watched;
    private boolean reported;
    private long attemptEndNs;
    private String failure;
    private String lastError;
    private Resolver.Lookup lookup;

    /**
     * A dialer that waits for addresses.
     *
     * @param resources of the loop
     * @param token of the socket's events
     * @param host as the client wrote it, for texts
     * @param port to connect to
     * @param deadlineNs when to give up
     */
    TcpDialer(final LoopResources resources, final long token, final String host, final int port, final long deadlineNs) {
        this.posix = resources.posix();
        this.epoll = resources.epoll();
        this.token = token;
        this.port = port;
        this.target = target(host, port);
        this.deadlineNs = deadlineNs;
        this.attemptEndNs = deadlineNs;
    }

    /** @return what failures to connect begin with */
    static String target(final String host, final int port) {
        return "connect " + (host.length() <= MAX_QUOTED ? host : host.substring(0, MAX_QUOTED) + "...") + ":" + port;
    }

    /** The name is being looked up. */
    void resolving(final Resolver.Lookup begun) {
        lookup = begun;
    }

    /** The name has been resolved. */
    void resolved(final List<IpAddress> found) {
        addresses = new ArrayDeque<>(found);
        attemptEndNs = Long.MIN_VALUE;
    }

    /** The name could not be resolved. */
    void unresolved(final String reason) {
        failure = target + ": " + reason;
    }

    int port() {
        return port;
    }

    /** @return what failures to connect begin with */
    String target() {
        return target;
    }

    /** Epoll has reported the socket. */
    void onEvent() {
        reported = true;
    }

    /** @return why there is no connection */
    String failure() {
        return failure;
    }

    /** @return nanoseconds until {@link #advance} is worth a call whatever happens */
    long remainingNs(final long nowNs) {
        return Math.max(0, (attemptEndNs == Long.MIN_VALUE ? nowNs : attemptEndNs) - nowNs);
    }

    /**
     * Goes on as far as that goes without waiting.
     *
     * @param nowNs the time
     * @return how far it has come
     * @throws PosixException when the socket cannot be watched
     */
    State advance(final long nowNs) throws PosixException {
        if (failure != null) {
            return State.FAILED;
        }
        if (fd != NO_SOCKET) {
            final boolean late = attemptEndNs - nowNs <= 0;
            if (!reported && !late) {
                return State.WAITING;
            }
            final int errno = reported ? posix.getsockoptInt(fd, Linux.SOL_SOCKET, Linux.SO_ERROR) : Errno.ETIMEDOUT;
            if (errno == 0) {
                return State.CONNECTED;
            }
            lastError = reported ? ": " + TcpConnection.text(errno) : " timed out";
            closeSocket();
        }
        return next(nowNs);
    }

    private State next(final long nowNs) throws PosixException {
        while (addresses != null && !addresses.isEmpty() && deadlineNs - nowNs > 0) {
            final int addressesLeft = addresses.size();
            final IpAddress address = addresses.poll();
            final int errno = begin(address);
            if (errno == 0) {
                return State.CONNECTED;
            }
            if (errno == Errno.EINPROGRESS) {
                attemptEndNs = nowNs + (deadlineNs - nowNs) / addressesLeft;
                return State.WAITING;
            }
            lastError = ": " + TcpConnection.text(errno);
        }
        if (addresses == null && deadlineNs - nowNs > 0) {
            attemptEndNs = deadlineNs;
            return State.WAITING;
        }
        failure = target + (deadlineNs - nowNs <= 0 || lastError == null ? " timed out" : lastError);
        return State.FAILED;
    }

    /** @return 0 when it is connected at once, EINPROGRESS when it has to be waited for, else why it is not */
    private int begin(final IpAddress address) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            fd = posix.socket(address.family(), Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
            // What comes is sent on at once: whoever wants larger pieces has made them.
            posix.setsockoptInt(fd, Linux.IPPROTO_TCP, Linux.TCP_NODELAY, 1);
            final int result = posix.connect(fd, address.toSockaddr(arena));
            if (result == 0) {
                return 0;
            }
            if (result != -Errno.EINPROGRESS && result != -Errno.EINTR) {
                closeSocket();
                return -result;
            }
        } catch (final PosixException e) {
            closeSocket();
            return e.errno();
        }
        epoll.add(fd, Linux.EPOLLOUT, token);
        watched = true;
        reported = false;
        return Errno.EINPROGRESS;
    }

    /** @return the connected socket, the caller's from now on and not watched any more */
    int takeSocket() throws PosixException {
        unwatch();
        final int socket = fd;
        fd = NO_SOCKET;
        return socket;
    }

    /** There will be no connection. Idempotent. */
    void cancel() {
        if (lookup != null) {
            lookup.cancel();
            lookup = null;
        }
        closeSocket();
    }

    private void closeSocket() {
        if (fd != NO_SOCKET) {
            unwatchQuietly();
            posix.closeQuietly(fd);
            fd = NO_SOCKET;
        }
    }

    /** A child that is being started may hold the socket as well for a moment: closing it would not end the watch. */
    private void unwatchQuietly() {
        try {
            unwatch();
        } catch (final PosixException e) {
            // Nothing that could be done; its events are nobody's.
            return;
        }
    }

    private void unwatch() throws PosixException {
        if (watched) {
            watched = false;
            epoll.delete(fd);
        }
    }
}
