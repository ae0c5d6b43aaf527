package dev.sluice.relay;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** In which ways a call can go wrong, as its manual page has it. */
final class SweepFaults {
    private SweepFaults() {
    }

    static List<Fault> of(final Call call) {
        return switch (call) {
            case READ, RECVMSG -> faults(true, Errno.EINTR, Errno.EIO, Errno.ECONNRESET, Errno.ENOMEM);
            case WRITE, WRITEV, SEND, SENDMSG -> faults(
                true, Errno.EINTR, Errno.EAGAIN, Errno.EIO, Errno.EPIPE, Errno.ECONNRESET, Errno.ENOBUFS);
            case ACCEPT4 -> faults(
                false, Errno.EINTR, Errno.EAGAIN, Errno.ECONNABORTED, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS);
            case CONNECT -> faults(false, Errno.EINTR, Errno.EAGAIN, Errno.ECONNREFUSED, Errno.ENOENT);
            case SOCKET, SOCKETPAIR, EVENTFD, EPOLL_CREATE1, MEMFD_CREATE -> faults(false, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM);
            case EPOLL_CTL -> faults(false, Errno.ENOMEM);
            case EPOLL_WAIT -> faults(false, Errno.EINTR);
            case POLL -> faults(false, Errno.EINTR, Errno.ENOMEM);
            case MMAP, MUNMAP, GETSOCKOPT, SETSOCKOPT, IOCTL, LISTEN, BIND -> faults(false, Errno.ENOMEM);
            case FCNTL -> faults(false, Errno.EMFILE, Errno.EINTR);
            case OPEN, OPENAT -> faults(false, Errno.EINTR, Errno.EMFILE, Errno.ENOMEM, Errno.EIO);
            case MKDIRAT, RENAMEAT -> faults(false, Errno.ENOSPC, Errno.EIO);
            case STATX, LSEEK -> faults(false, Errno.EIO);
            case FLOCK -> faults(false, Errno.EINTR, Errno.EAGAIN, Errno.ENOMEM);
            case FTRUNCATE, FCHMOD -> faults(false, Errno.EINTR, Errno.EIO);
            case CLOSE -> faults(false, Errno.EINTR, Errno.EIO);
            default -> throw new IllegalArgumentException("not a call of the relay so far, say how it can fail: " + call);
        };
    }

    private static List<Fault> faults(final boolean movesBytes, final int... errnos) {
        final List<Fault> faults = new ArrayList<>();
        for (final int errno : errnos) {
            faults.add(Fault.error(errno));
        }
        if (movesBytes) {
            faults.add(Fault.shortCount(1));
        }
        return Collections.unmodifiableList(faults);
    }
}
