package dev.sluice.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Sockets. The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 */
final class SocketCalls {
    private static final MethodHandle SOCKET = Downcall.settingErrno("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SOCKETPAIR = Downcall.settingErrno("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle BIND = Downcall.settingErrno("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle LISTEN = Downcall.settingErrno("listen", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT4 = Downcall.settingErrno("accept4", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle CONNECT = Downcall.settingErrno("connect", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = Downcall.settingErrno("getsockname", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GETPEERNAME = Downcall.settingErrno("getpeername", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle GETSOCKOPT = Downcall.settingErrno(
        "getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SETSOCKOPT = Downcall.settingErrno(
        "setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN = Downcall.settingErrno("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SEND = Downcall.settingErrno("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SENDMSG = Downcall.settingErrno("sendmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVMSG = Downcall.settingErrno("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);

    private SocketCalls() {
    }

    static int socket(final int domain, final int type, final int protocol) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SOCKET.invokeExact(state, domain, type, protocol), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int socketpair(final int domain, final int type, final int protocol, final long pairAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SOCKETPAIR.invokeExact(state, domain, type, protocol, pairAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int bind(final int fd, final long address, final int length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) BIND.invokeExact(state, fd, address, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int listen(final int fd, final int backlog) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) LISTEN.invokeExact(state, fd, backlog), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int accept4(final int fd, final long address, final long lengthAddress, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) ACCEPT4.invokeExact(state, fd, address, lengthAddress, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int connect(final int fd, final long address, final int length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) CONNECT.invokeExact(state, fd, address, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int getsockname(final int fd, final long address, final long lengthAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) GETSOCKNAME.invokeExact(state, fd, address, lengthAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int getpeername(final int fd, final long address, final long lengthAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) GETPEERNAME.invokeExact(state, fd, address, lengthAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int getsockopt(final int fd, final int level, final int name, final long valueAddress, final long lengthAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) GETSOCKOPT.invokeExact(state, fd, level, name, valueAddress, lengthAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int setsockopt(final int fd, final int level, final int name, final long valueAddress, final int length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SETSOCKOPT.invokeExact(state, fd, level, name, valueAddress, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int shutdown(final int fd, final int how) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SHUTDOWN.invokeExact(state, fd, how), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long send(final int fd, final long address, final long length, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) SEND.invokeExact(state, fd, address, length, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long sendmsg(final int fd, final long messageAddress, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) SENDMSG.invokeExact(state, fd, messageAddress, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long recvmsg(final int fd, final long messageAddress, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) RECVMSG.invokeExact(state, fd, messageAddress, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
