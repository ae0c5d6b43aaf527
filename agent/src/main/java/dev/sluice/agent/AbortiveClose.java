package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.linger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A close of a TCP connection that its other end gets to know as a reset, so that it does not take a part for the whole. */
final class AbortiveClose {
    private AbortiveClose() {
    }

    /**
     * Closes the socket; what has not left is dropped. Never throws.
     *
     * @param posix the calls
     * @param fd of the socket
     * @return whether the other end gets a reset; not when it has gone already
     */
    static boolean close(final Posix posix, final int fd) {
        boolean reset = false;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment option = arena.allocate(linger.layout());
            linger.l_onoff(option, 1);
            linger.l_linger(option, 0);
            posix.setsockopt(fd, Linux.SOL_SOCKET, Linux.SO_LINGER, option);
            reset = true;
        } catch (final PosixException e) {
            // EINVAL: the other end has gone.
            reset = false;
        } finally {
            posix.closeQuietly(fd);
        }
        return reset;
    }
}
