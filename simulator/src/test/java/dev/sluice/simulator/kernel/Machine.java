package dev.sluice.simulator.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Syscalls;
import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel, the real one or the simulated, with its files called by small numbers so that both can be told to do the same. Every operation
 * says what came of it as a line of text.
 */
final class Machine implements AutoCloseable {
    private static final int BUFFER_LENGTH = 4096;
    private static final int EVENTS_MAX = 16;

    private final Syscalls calls;
    private final Path listenPath;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment buffer = arena.allocate(BUFFER_LENGTH, Long.BYTES);
    private final List<Integer> files = new ArrayList<>();
    private final int epoll;
    private final int listener;

    Machine(final Syscalls calls, final Path listenPath) {
        this.calls = calls;
        this.listenPath = listenPath;
        this.epoll = calls.epollCreate1(Linux.EPOLL_CLOEXEC);
        this.listener = calls.socket(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        expect(calls.bind(listener, address(), addressLength()));
        expect(calls.listen(listener, 2));
        files.add(listener);
    }

    private static void expect(final int result) {
        if (result < 0) {
            throw new AssertionError(Errno.name(-result));
        }
    }

    private long address() {
        buffer.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_UNIX);
        final byte[] path = listenPath.toString().getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(path, 0, buffer, ValueLayout.JAVA_BYTE, Short.BYTES, path.length);
        buffer.set(ValueLayout.JAVA_BYTE, Short.BYTES + path.length, (byte) 0);
        return buffer.address();
    }

    private int addressLength() {
        return Short.BYTES + listenPath.toString().length() + 1;
    }

    int count() {
        return files.size();
    }

    boolean isOpen(final int file) {
        return files.get(file) >= 0;
    }

    void pair() {
        expect(calls.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0, buffer.address()));
        files.add(buffer.get(ValueLayout.JAVA_INT, 0));
        files.add(buffer.get(ValueLayout.JAVA_INT, Integer.BYTES));
    }

    void eventfd() {
        files.add(calls.eventfd(0, Linux.EFD_NONBLOCK | Linux.EFD_CLOEXEC));
    }

    String socket() {
        files.add(calls.socket(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0));
        return "socket";
    }

    String connect(final int file) {
        return "connect " + file + ": " + outcome(calls.connect(files.get(file), address(), addressLength()));
    }

    String accept() {
        if (!isOpen(0)) {
            return "no listener";
        }
        final int fd = calls.accept4(listener, 0, 0, Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC);
        if (fd >= 0) {
            files.add(fd);
        }
        return "accept " + outcome(Math.min(fd, 0));
    }

    String write(final int file, final int first, final int length) {
        for (int i = 0; i < length; i++) {
            buffer.set(ValueLayout.JAVA_BYTE, i, (byte) (first + i));
        }
        return "write " + file + ": " + outcome(calls.send(files.get(file), buffer.address(), length, Linux.MSG_NOSIGNAL));
    }

    String read(final int file, final int length) {
        final long result = calls.read(files.get(file), buffer.address(), length);
        int hash = 0;
        for (int i = 0; i < result; i++) {
            hash = hash * 31 + buffer.get(ValueLayout.JAVA_BYTE, i);
        }
        return "read " + file + ": " + outcome(result) + " " + hash;
    }

    String count(final int file, final long added) {
        buffer.set(ValueLayout.JAVA_LONG, 0, added);
        return "count " + file + ": " + outcome(calls.write(files.get(file), buffer.address(), Long.BYTES));
    }

    String shutdown(final int file, final int how) {
        return "shutdown " + file + " " + how + ": " + outcome(calls.shutdown(files.get(file), how));
    }

    String close(final int file) {
        final String result = "close " + file + ": " + outcome(calls.close(files.get(file)));
        files.set(file, -1);
        return result;
    }

    String control(final int operation, final int file, final int events) {
        buffer.set(JAVA_INT_UNALIGNED, Abi.EPOLL_EVENT_EVENTS_OFFSET, events);
        buffer.set(JAVA_LONG_UNALIGNED, Abi.EPOLL_EVENT_DATA_OFFSET, file);
        final int result = calls.epollCtl(epoll, operation, files.get(file), buffer.address());
        return "epoll_ctl " + operation + " " + file + " 0x" + Integer.toHexString(events) + ": " + outcome(result);
    }

    String await(final int maxEvents) {
        final int count = calls.epollWait(epoll, buffer.address(), Math.min(maxEvents, EVENTS_MAX), 0);
        final StringBuilder line = new StringBuilder("epoll_wait " + outcome(count));
        for (int i = 0; i < count; i++) {
            final long at = (long) i * Abi.EPOLL_EVENT_SIZE;
            line.append(' ').append(buffer.get(JAVA_LONG_UNALIGNED, at + Abi.EPOLL_EVENT_DATA_OFFSET)).append(":0x")
                .append(Integer.toHexString(buffer.get(JAVA_INT_UNALIGNED, at + Abi.EPOLL_EVENT_EVENTS_OFFSET)));
        }
        return line.toString();
    }

    private static String outcome(final long result) {
        return result < 0 ? Errno.name((int) -result) : Long.toString(result);
    }

    @Override
    public void close() {
        for (final int fd : files) {
            if (fd >= 0) {
                calls.close(fd);
            }
        }
        calls.close(epoll);
        arena.close();
    }
}
