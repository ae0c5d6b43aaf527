package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Syscalls;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.epoll_event;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Faults as a kernel could make them: one that hands out less than it has, or nothing, owes an edge-triggered watcher another event. This
 * makes it after every read and write, whether cut short or not: one event too many does no harm.
 */
final class EdgeKeepingCalls {
    private static final long EVENT_BYTES = epoll_event.layout().byteSize();

    private final FaultySyscalls faulty;
    private final Map<Integer, MemorySegment> watched = new ConcurrentHashMap<>();
    private volatile int epollFd;

    private EdgeKeepingCalls(final FaultySyscalls faulty) {
        this.faulty = faulty;
    }

    static Posix over(final FaultySyscalls faulty) {
        final EdgeKeepingCalls calls = new EdgeKeepingCalls(faulty);
        return new Posix((Syscalls) Proxy.newProxyInstance(
            Syscalls.class.getClassLoader(), new Class<?>[] {Syscalls.class}, (proxy, method, arguments) -> calls.call(method, arguments)));
    }

    private Object call(final Method method, final Object[] arguments) throws Throwable {
        final Object result;
        try {
            result = method.invoke(faulty, arguments);
        } catch (final InvocationTargetException e) {
            throw e.getCause();
        }
        switch (method.getName()) {
            case "epollCtl" -> remember((int) arguments[0], (int) arguments[1], (int) arguments[2], (long) arguments[3]);
            case "read", "send", "writev" -> oweEvent((int) arguments[0]);
            case "close" -> watched.remove(arguments[0]);
            default -> {
            }
        }
        return result;
    }

    private void remember(final int epoll, final int operation, final int fd, final long eventAddress) {
        epollFd = epoll;
        if (operation == Linux.EPOLL_CTL_DEL) {
            watched.remove(fd);
        } else {
            watched.put(fd, MemorySegment.ofArray(new byte[(int) EVENT_BYTES]).copyFrom(at(eventAddress)));
        }
    }

    private void oweEvent(final int fd) {
        final MemorySegment event = watched.get(fd);
        if (event != null) {
            try (Arena arena = Arena.ofConfined()) {
                final long address = arena.allocate(EVENT_BYTES, Long.BYTES).copyFrom(event).address();
                Posix.system().syscalls().epollCtl(epollFd, Linux.EPOLL_CTL_MOD, fd, address);
            }
        }
    }

    @SuppressWarnings("restricted") // the caller's own structure, as the system call would read it
    private static MemorySegment at(final long address) {
        return MemorySegment.ofAddress(address).reinterpret(EVENT_BYTES);
    }
}
