package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

import static dev.sluice.ffi.Outcome.repeated;
import static dev.sluice.ffi.Outcome.repeatedLong;
import static dev.sluice.ffi.Outcome.succeeded;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * {@link Syscalls} as programs want them: interrupted calls are repeated, failures described.
 *
 * <p><b>Errors.</b> Calls that a loop makes often, or whose failure is an ordinary answer (not ready, peer gone), return the negated error
 * number: {@code -Errno.EAGAIN}. All others throw {@link PosixException}. Calls that a signal interrupted (EINTR) are made again, except
 * {@code close} (the descriptor is gone), {@code connect} (it goes on by itself), and {@code poll} and {@code epoll_wait} (the caller's
 * time limit has to be computed anew).
 *
 * <p><b>Memory.</b> Hot calls take addresses of off-heap memory that the caller keeps allocated until they return; the others take
 * segments.
 *
 * <p><b>Threads.</b> Stateless, any number of threads. Blocking calls block the thread, and the carrier of a virtual thread.
 */
public final class Posix extends PosixFiles {
    /**
     * Puts this layer on an implementation.
     *
     * @param calls the calls: a test's, a simulator's; {@link #system()} has those of this process
     */
    public Posix(final Syscalls calls) {
        super(calls);
    }

    /**
     * The calls of the C library of this process.
     *
     * @return the same object each time
     * @throws UnsupportedOperationException on a system that Sluice has no layouts for
     */
    public static Posix system() {
        return Holder.SYSTEM;
    }

    /**
     * read(2).
     *
     * @param fd the descriptor
     * @param address where the bytes go
     * @param length how many at most
     * @return bytes read, 0 at end of file, or -errno
     */
    public long read(final int fd, final long address, final long length) {
        long result;
        do {
            result = calls.read(fd, address, length);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * write(2).
     *
     * @param fd the descriptor
     * @param address the bytes
     * @param length how many
     * @return bytes written, or -errno
     */
    public long write(final int fd, final long address, final long length) {
        long result;
        do {
            result = calls.write(fd, address, length);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * readv(2).
     *
     * @param fd the descriptor
     * @param iovecAddress an array of {@code struct iovec}
     * @param count of its elements
     * @return bytes read, 0 at end of file, or -errno
     */
    public long readv(final int fd, final long iovecAddress, final int count) {
        long result;
        do {
            result = calls.readv(fd, iovecAddress, count);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * writev(2).
     *
     * @param fd the descriptor
     * @param iovecAddress an array of {@code struct iovec}
     * @param count of its elements
     * @return bytes written, or -errno
     */
    public long writev(final int fd, final long iovecAddress, final int count) {
        long result;
        do {
            result = calls.writev(fd, iovecAddress, count);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * splice(2) at the current positions.
     *
     * @param inFd where bytes come from
     * @param outFd where bytes go; one of the two is a pipe
     * @param length how many bytes at most
     * @param flags {@code SPLICE_F_} flags
     * @return bytes moved, 0 at end of input, or -errno
     */
    public long splice(final int inFd, final int outFd, final long length, final int flags) {
        long result;
        do {
            result = calls.splice(inFd, 0, outFd, 0, length, flags);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * lseek(2).
     *
     * @param fd the descriptor
     * @param offset in bytes
     * @param whence {@code SEEK_SET}, {@code SEEK_CUR} or {@code SEEK_END}
     * @return the new offset in bytes
     * @throws PosixException if the call fails
     */
    public long lseek(final int fd, final long offset, final int whence) throws PosixException {
        return succeeded(repeatedLong(() -> calls.lseek(fd, offset, whence)), "lseek", fd, offset, whence);
    }

    /**
     * open(2).
     *
     * @param path relative to the working directory, passed as UTF-8
     * @param flags {@code O_} flags; {@link Abi} has those that differ between architectures
     * @param mode permissions of a file that is created
     * @return a descriptor
     * @throws PosixException if the call fails
     */
    public int open(final String path, final int flags, final int mode) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment string = CString.of(arena, path);
            return succeeded(repeated(() -> calls.open(string.address(), flags, mode)), "open", path, flags, mode);
        }
    }

    /**
     * open(2) of a path in whatever encoding.
     *
     * @param path relative to the working directory, without NUL
     * @param flags {@code O_} flags; {@link Abi} has those that differ between architectures
     * @param mode permissions of a file that is created
     * @return a descriptor
     * @throws PosixException if the call fails
     */
    public int open(final byte[] path, final int flags, final int mode) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment string = CString.of(arena, path);
            return succeeded(repeated(() -> calls.open(string.address(), flags, mode)), "open", new String(path, UTF_8), flags, mode);
        }
    }

    /**
     * close(2). Whatever is thrown, the descriptor is gone: the error is that of an earlier write, or EBADF.
     *
     * @param fd the descriptor
     * @throws PosixException if the call fails
     */
    public void close(final int fd) throws PosixException {
        final int result = calls.close(fd);
        if (result != -Errno.EINTR) {
            succeeded(result, "close", fd);
        }
    }

    /**
     * close(2) where an error helps nobody: of sockets, pipes and event sources, and after another failure.
     *
     * @param fd the descriptor; negative for none
     */
    public void closeQuietly(final int fd) {
        if (fd >= 0) {
            calls.close(fd);
        }
    }

    /**
     * pipe2(2).
     *
     * @param flags {@code O_CLOEXEC}, {@code O_NONBLOCK}
     * @return the read end and the write end
     * @throws PosixException if the call fails
     */
    public int[] pipe2(final int flags) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment pair = arena.allocate(JAVA_INT, 2);
            succeeded(repeated(() -> calls.pipe2(pair.address(), flags)), "pipe2", flags);
            return pair.toArray(JAVA_INT);
        }
    }

    /**
     * eventfd(2).
     *
     * @param initialValue of the counter
     * @param flags {@code EFD_} flags
     * @return a descriptor
     * @throws PosixException if the call fails
     */
    public int eventfd(final int initialValue, final int flags) throws PosixException {
        return succeeded(repeated(() -> calls.eventfd(initialValue, flags)), "eventfd", initialValue, flags);
    }

    /**
     * fcntl(2).
     *
     * @param fd the descriptor
     * @param command an {@code F_} command
     * @param argument an integer, or an address
     * @return the command's result
     * @throws PosixException if the call fails
     */
    public int fcntl(final int fd, final int command, final long argument) throws PosixException {
        return succeeded(repeated(() -> calls.fcntl(fd, command, argument)), "fcntl", fd, command, argument);
    }

    /**
     * Changes {@code O_NONBLOCK}, which belongs to the open file and so to everybody who has a duplicate.
     *
     * @param fd the descriptor
     * @param nonBlocking whether calls return EAGAIN instead of waiting
     * @throws PosixException if the call fails
     */
    public void setNonBlocking(final int fd, final boolean nonBlocking) throws PosixException {
        final int flags = fcntl(fd, Linux.F_GETFL, 0);
        fcntl(fd, Linux.F_SETFL, nonBlocking ? flags | Linux.O_NONBLOCK : flags & ~Linux.O_NONBLOCK);
    }

    /**
     * ioctl(2).
     *
     * @param fd the descriptor
     * @param request the request code
     * @param argument an integer, or an address
     * @return the request's result
     * @throws PosixException if the call fails
     */
    public int ioctl(final int fd, final long request, final long argument) throws PosixException {
        return succeeded(repeated(() -> calls.ioctl(fd, request, argument)), "ioctl", fd, request, argument);
    }

    /**
     * fchmod(2).
     *
     * @param fd the descriptor
     * @param mode permissions
     * @throws PosixException if the call fails
     */
    public void fchmod(final int fd, final int mode) throws PosixException {
        succeeded(repeated(() -> calls.fchmod(fd, mode)), "fchmod", fd, mode);
    }

    /**
     * flock(2). With {@code LOCK_NB} a lock that somebody else holds throws EAGAIN.
     *
     * @param fd the descriptor
     * @param operation {@code LOCK_} constants
     * @throws PosixException if the call fails
     */
    public void flock(final int fd, final int operation) throws PosixException {
        succeeded(repeated(() -> calls.flock(fd, operation)), "flock", fd, operation);
    }

    /**
     * ftruncate(2).
     *
     * @param fd the descriptor
     * @param length the new size in bytes
     * @throws PosixException if the call fails
     */
    public void ftruncate(final int fd, final long length) throws PosixException {
        succeeded(repeated(() -> calls.ftruncate(fd, length)), "ftruncate", fd, length);
    }

    /**
     * memfd_create(2).
     *
     * @param name shows in {@code /proc}
     * @param flags {@code MFD_} flags
     * @return a descriptor
     * @throws PosixException if the call fails
     */
    public int memfdCreate(final String name, final int flags) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment string = CString.of(arena, name);
            return succeeded(repeated(() -> calls.memfdCreate(string.address(), flags)), "memfd_create", name, flags);
        }
    }

    /**
     * mmap(2) where the kernel finds room.
     *
     * @param length in bytes
     * @param protection {@code PROT_} flags
     * @param flags {@code MAP_} flags
     * @param fd what is mapped, or -1
     * @param offset in the file, a multiple of the page size
     * @return the address
     * @throws PosixException if the call fails
     */
    public long mmap(final long length, final int protection, final int flags, final int fd, final long offset) throws PosixException {
        return succeeded(
            repeatedLong(() -> calls.mmap(0, length, protection, flags, fd, offset)), "mmap", 0, length, protection, flags, fd, offset);
    }

    /**
     * munmap(2).
     *
     * @param address of the mapping
     * @param length in bytes
     * @throws PosixException if the call fails
     */
    public void munmap(final long address, final long length) throws PosixException {
        succeeded(repeated(() -> calls.munmap(address, length)), "munmap", address, length);
    }

    /**
     * poll(2), once.
     *
     * @param pollfdAddress an array of {@code struct pollfd}
     * @param count of its elements
     * @param timeoutMillis 0 to look only, -1 for ever
     * @return how many are ready, 0 at the time limit, or -errno
     */
    public int poll(final long pollfdAddress, final long count, final int timeoutMillis) {
        return calls.poll(pollfdAddress, count, timeoutMillis);
    }

    /**
     * epoll_create1(2).
     *
     * @param flags {@code EPOLL_CLOEXEC}
     * @return a descriptor
     * @throws PosixException if the call fails
     */
    public int epollCreate1(final int flags) throws PosixException {
        return succeeded(repeated(() -> calls.epollCreate1(flags)), "epoll_create1", flags);
    }

    /**
     * epoll_ctl(2). Allocates nothing unless it fails.
     *
     * @param epollFd the epoll instance
     * @param operation an {@code EPOLL_CTL_} constant
     * @param fd what is watched
     * @param eventAddress a {@code struct epoll_event}, 0 for {@code EPOLL_CTL_DEL}
     * @throws PosixException if the call fails
     */
    public void epollCtl(final int epollFd, final int operation, final int fd, final long eventAddress) throws PosixException {
        int result;
        do {
            result = calls.epollCtl(epollFd, operation, fd, eventAddress);
        } while (result == -Errno.EINTR);
        if (result < 0) {
            throw new PosixException("epoll_ctl", -result, epollFd, operation, fd);
        }
    }

    /**
     * epoll_wait(2), once.
     *
     * @param epollFd the epoll instance
     * @param eventsAddress room for {@code maxEvents} of {@code struct epoll_event}
     * @param maxEvents at least 1
     * @param timeoutMillis 0 to look only, -1 for ever
     * @return how many events were stored, 0 at the time limit, or -errno
     */
    public int epollWait(final int epollFd, final long eventsAddress, final int maxEvents, final int timeoutMillis) {
        return calls.epollWait(epollFd, eventsAddress, maxEvents, timeoutMillis);
    }

    /**
     * waitid(2).
     *
     * @param idType {@code P_PID}, {@code P_PGID}, {@code P_PIDFD} or {@code P_ALL}
     * @param id as the type says
     * @param siginfo room for a {@code siginfo_t}, zeroed by the caller: {@code WNOHANG} may leave it untouched
     * @param options {@code WEXITED}, {@code WNOHANG} and the like
     * @throws PosixException if the call fails
     */
    public void waitid(final int idType, final int id, final MemorySegment siginfo, final int options) throws PosixException {
        succeeded(repeated(() -> calls.waitid(idType, id, siginfo.address(), options)), "waitid", idType, id, options);
        Reference.reachabilityFence(siginfo);
    }

    /**
     * pidfd_open(2).
     *
     * @param pid the process
     * @param flags 0
     * @return a descriptor, close-on-exec
     * @throws PosixException if the call fails
     */
    public int pidfdOpen(final int pid, final int flags) throws PosixException {
        return succeeded(repeated(() -> calls.pidfdOpen(pid, flags)), "pidfd_open", pid, flags);
    }

    /**
     * pidfd_send_signal(2).
     *
     * @param pidFd the process
     * @param signal its number, 0 to look only
     * @throws PosixException if the call fails
     */
    public void pidfdSendSignal(final int pidFd, final int signal) throws PosixException {
        succeeded(repeated(() -> calls.pidfdSendSignal(pidFd, signal)), "pidfd_send_signal", pidFd, signal);
    }

    /**
     * kill(2).
     *
     * @param pid a process, or a process group if negative
     * @param signal its number, 0 to look only
     * @throws PosixException if the call fails
     */
    public void kill(final int pid, final int signal) throws PosixException {
        succeeded(repeated(() -> calls.kill(pid, signal)), "kill", pid, signal);
    }

    /**
     * prctl(2) of an option with at most one argument.
     *
     * @param option a {@code PR_} constant
     * @param argument2 an integer, or an address
     * @return the option's result
     * @throws PosixException if the call fails
     */
    public int prctl(final int option, final long argument2) throws PosixException {
        return succeeded(repeated(() -> calls.prctl(option, argument2, 0, 0, 0)), "prctl", option, argument2);
    }

    private static final class Holder {
        private static final Posix SYSTEM = new Posix(Abi.check(new FfmSyscalls()));
    }
}
