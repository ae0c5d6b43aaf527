package dev.sluice.cli;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Waits for the end of a process that is no child of this one. By its descriptor: that says that it has ended although its parent has not
 * asked yet, which {@link ProcessHandle#onExit} does not, and its parent may be waiting for us.
 */
final class ProcessWatch {
    private ProcessWatch() {
    }

    /**
     * Calls back when a process has ended, at once if there is none, from a daemon thread.
     *
     * @param posix the system
     * @param pid of the process
     * @param action what to do then
     * @throws PosixException if it cannot be watched
     */
    static void whenEnded(final Posix posix, final int pid, final Runnable action) throws PosixException {
        final int fd = open(posix, pid);
        Thread.ofPlatform().daemon().name("sluice-process-watch").start(() -> {
            if (fd >= 0) {
                await(posix, fd);
                posix.closeQuietly(fd);
            }
            action.run();
        });
    }

    private static int open(final Posix posix, final int pid) throws PosixException {
        try {
            return posix.pidfdOpen(pid, 0);
        } catch (final PosixException e) {
            if (e.errno() == Errno.ESRCH) {
                return -1;
            }
            throw e;
        }
    }

    private static void await(final Posix posix, final int fd) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment poll = arena.allocate(pollfd.layout());
            pollfd.fd(poll, fd);
            pollfd.events(poll, (short) Linux.POLLIN);
            int ready = 0;
            while (ready <= 0) {
                ready = posix.poll(poll.address(), 1, -1);
            }
        }
    }
}
