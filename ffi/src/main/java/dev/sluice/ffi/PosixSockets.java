package dev.sluice.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

import static dev.sluice.ffi.Outcome.repeated;
import static dev.sluice.ffi.Outcome.succeeded;
import static java.lang.foreign.ValueLayout.JAVA_INT;

/** The socket calls of {@link Posix}, apart only because there are many. */
abstract class PosixSockets {
    /** What the calls are put through. */
    final Syscalls calls;

    PosixSockets(final Syscalls calls) {
        this.calls = calls;
    }

    /**
     * What this object puts its calls through.
     *
     * @return the calls without repetition or exceptions
     */
    public Syscalls syscalls() {
        return calls;
    }

    /**
     * socket(2).
     *
     * @param domain an {@code AF_} constant
     * @param type a {@code SOCK_} type and its flags
     * @param protocol 0 for the default
     * @return a descriptor
     * @throws PosixException if the call fails
     */
    public int socket(final int domain, final int type, final int protocol) throws PosixException {
        return succeeded(repeated(() -> calls.socket(domain, type, protocol)), "socket", domain, type, protocol);
    }

    /**
     * socketpair(2).
     *
     * @param domain an {@code AF_} constant
     * @param type a {@code SOCK_} type and its flags
     * @param protocol 0 for the default
     * @return both descriptors
     * @throws PosixException if the call fails
     */
    public int[] socketpair(final int domain, final int type, final int protocol) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment pair = arena.allocate(JAVA_INT, 2);
            succeeded(repeated(() -> calls.socketpair(domain, type, protocol, pair.address())), "socketpair", domain, type, protocol);
            return pair.toArray(JAVA_INT);
        }
    }

    /**
     * bind(2).
     *
     * @param fd a socket
     * @param address a whole {@code sockaddr}
     * @throws PosixException if the call fails
     */
    public void bind(final int fd, final MemorySegment address) throws PosixException {
        succeeded(repeated(() -> calls.bind(fd, address.address(), (int) address.byteSize())), "bind", fd, address);
        Reference.reachabilityFence(address);
    }

    /**
     * listen(2).
     *
     * @param fd a socket
     * @param backlog how many connections may wait
     * @throws PosixException if the call fails
     */
    public void listen(final int fd, final int backlog) throws PosixException {
        succeeded(repeated(() -> calls.listen(fd, backlog)), "listen", fd, backlog);
    }

    /**
     * accept4(2). Returns errors, since a loop accepts until EAGAIN.
     *
     * @param fd a listening socket
     * @param flags {@code SOCK_CLOEXEC}, {@code SOCK_NONBLOCK}
     * @return a descriptor, or -errno
     */
    public int accept4(final int fd, final int flags) {
        return repeated(() -> calls.accept4(fd, 0, 0, flags));
    }

    /**
     * connect(2), once: after {@code -EINTR} as after {@code -EINPROGRESS} the connection goes on being made; wait until the socket is
     * writable and ask for {@code SO_ERROR}.
     *
     * @param fd a socket
     * @param address a whole {@code sockaddr}
     * @return 0, or -errno
     */
    public int connect(final int fd, final MemorySegment address) {
        final int result = calls.connect(fd, address.address(), (int) address.byteSize());
        Reference.reachabilityFence(address);
        return result;
    }

    /**
     * getsockname(2).
     *
     * @param fd a socket
     * @param address room for the {@code sockaddr}
     * @return the length of the address in bytes; more than there was room for means it was cut
     * @throws PosixException if the call fails
     */
    public int getsockname(final int fd, final MemorySegment address) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
            succeeded(repeated(() -> calls.getsockname(fd, address.address(), length.address())), "getsockname", fd, address);
            Reference.reachabilityFence(address);
            return length.get(JAVA_INT, 0);
        }
    }

    /**
     * getpeername(2).
     *
     * @param fd a socket
     * @param address room for the {@code sockaddr}
     * @return the length of the address in bytes; more than there was room for means it was cut
     * @throws PosixException if the call fails
     */
    public int getpeername(final int fd, final MemorySegment address) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
            succeeded(repeated(() -> calls.getpeername(fd, address.address(), length.address())), "getpeername", fd, address);
            Reference.reachabilityFence(address);
            return length.get(JAVA_INT, 0);
        }
    }

    /**
     * getsockopt(2).
     *
     * @param fd a socket
     * @param level {@code SOL_SOCKET} or a protocol
     * @param name of the option
     * @param value room for the value
     * @return the length of the value in bytes
     * @throws PosixException if the call fails
     */
    public int getsockopt(final int fd, final int level, final int name, final MemorySegment value) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
            succeeded(repeated(() -> calls.getsockopt(fd, level, name, value.address(), length.address())), "getsockopt", fd, level, name);
            Reference.reachabilityFence(value);
            return length.get(JAVA_INT, 0);
        }
    }

    /**
     * getsockopt(2) of an option that is an {@code int}.
     *
     * @param fd a socket
     * @param level {@code SOL_SOCKET} or a protocol
     * @param name of the option
     * @return its value
     * @throws PosixException if the call fails
     */
    public int getsockoptInt(final int fd, final int level, final int name) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment value = arena.allocate(JAVA_INT);
            getsockopt(fd, level, name, value);
            return value.get(JAVA_INT, 0);
        }
    }

    /**
     * setsockopt(2).
     *
     * @param fd a socket
     * @param level {@code SOL_SOCKET} or a protocol
     * @param name of the option
     * @param value the whole value
     * @throws PosixException if the call fails
     */
    public void setsockopt(final int fd, final int level, final int name, final MemorySegment value) throws PosixException {
        succeeded(
            repeated(() -> calls.setsockopt(fd, level, name, value.address(), (int) value.byteSize())),
            "setsockopt", fd, level, name, value);
        Reference.reachabilityFence(value);
    }

    /**
     * setsockopt(2) of an option that is an {@code int}.
     *
     * @param fd a socket
     * @param level {@code SOL_SOCKET} or a protocol
     * @param name of the option
     * @param value its new value
     * @throws PosixException if the call fails
     */
    public void setsockoptInt(final int fd, final int level, final int name, final int value) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocateFrom(JAVA_INT, value);
            succeeded(
                repeated(() -> calls.setsockopt(fd, level, name, memory.address(), Integer.BYTES)), "setsockopt", fd, level, name, value);
        }
    }

    /**
     * shutdown(2).
     *
     * @param fd a socket
     * @param how {@code SHUT_RD}, {@code SHUT_WR} or {@code SHUT_RDWR}
     * @throws PosixException if the call fails
     */
    public void shutdown(final int fd, final int how) throws PosixException {
        succeeded(repeated(() -> calls.shutdown(fd, how)), "shutdown", fd, how);
    }

    /**
     * send(2).
     *
     * @param fd a socket
     * @param address the bytes
     * @param length how many
     * @param flags {@code MSG_} flags; without {@code MSG_NOSIGNAL} a closed peer raises SIGPIPE
     * @return bytes sent, or -errno
     */
    public long send(final int fd, final long address, final long length, final int flags) {
        long result;
        do {
            result = calls.send(fd, address, length, flags);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * sendmsg(2).
     *
     * @param fd a socket
     * @param messageAddress a {@code struct msghdr}
     * @param flags {@code MSG_} flags
     * @return bytes sent, or -errno
     */
    public long sendmsg(final int fd, final long messageAddress, final int flags) {
        long result;
        do {
            result = calls.sendmsg(fd, messageAddress, flags);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * recvmsg(2).
     *
     * @param fd a socket
     * @param messageAddress a {@code struct msghdr}
     * @param flags {@code MSG_} flags
     * @return bytes received, 0 at end of stream, or -errno
     */
    public long recvmsg(final int fd, final long messageAddress, final int flags) {
        long result;
        do {
            result = calls.recvmsg(fd, messageAddress, flags);
        } while (result == -Errno.EINTR);
        return result;
    }
}
