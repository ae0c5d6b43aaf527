package dev.sluice.vsock;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;

/** Connections to Unix sockets. Stateless; any thread. */
public final class UnixConnector {
    private static final int RETRY_MILLIS = 5;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private UnixConnector() {
    }

    /**
     * Connects without waiting.
     *
     * @param posix the system
     * @param address of the listener
     * @return a connected stream socket, non-blocking and close-on-exec, which the caller owns; or -errno, of which
     *     {@link #isWorthRetrying} tells the passing ones
     * @throws PosixException if no socket can be made
     */
    public static int tryConnect(final Posix posix, final UnixAddress address) throws PosixException {
        final int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            final int result = posix.connect(fd, address.toSockaddr(arena));
            if (result < 0) {
                posix.closeQuietly(fd);
                return result;
            }
            return fd;
        }
    }

    /**
     * Whether the listener may yet come, or have room.
     *
     * @param errno what {@link #tryConnect} returned, negated: a positive error number
     * @return true for a missing file, nobody listening, a full backlog, and interruption
     */
    public static boolean isWorthRetrying(final int errno) {
        return errno == Errno.ENOENT || errno == Errno.ECONNREFUSED || errno == Errno.EAGAIN || errno == Errno.EINTR;
    }

    /**
     * Connects, waiting for a listener that is not there yet. Blocks the thread.
     *
     * @param posix the system
     * @param address of the listener
     * @param patience how long to try
     * @return a connected stream socket, non-blocking and close-on-exec, which the caller owns
     * @throws IOException if there is no listener in time, or at once if waiting cannot help
     */
    public static int connect(final Posix posix, final UnixAddress address, final Duration patience) throws IOException {
        final long deadline = System.nanoTime() + patience.toNanos();
        int result = tryConnect(posix, address);
        while (result < 0 && isWorthRetrying(-result)) {
            final long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new IOException(
                    "no listener at " + address + " within " + patience.toMillis() + " ms: " + Errno.name(-result),
                    failure(result, address));
            }
            posix.poll(0, 0, (int) Math.min(RETRY_MILLIS, left / NANOS_PER_MILLI + 1));
            result = tryConnect(posix, address);
        }
        if (result < 0) {
            throw failure(result, address);
        }
        return result;
    }

    private static PosixException failure(final int result, final UnixAddress address) {
        return new PosixException("connect", -result, address.path());
    }
}
