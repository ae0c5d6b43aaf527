package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Syscalls;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The real system, in lockstep: whenever the relay would sleep, its peers act instead, on the same thread; when they have nothing to do the
 * relay's clock moves on. The same script makes the same calls in the same order. Around the calls that can be made to fail it is noted
 * what each descriptor is, and what has been opened and mapped and not given back.
 */
final class LockstepCalls {
    /** What a descriptor of the relay is. */
    enum Role { CLIENT, GUEST, OTHER }

    /** A descriptor: for a client which it was, in the order they connected. */
    record Descriptor(Role role, int client) {
        static final Descriptor OTHER = new Descriptor(Role.OTHER, -1);
    }

    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(10);
    private static final int MOST_CALLS = 100_000;

    private final Syscalls system = Posix.system().syscalls();
    private final FaultySyscalls faulty;
    private final Syscalls outermost;
    private final BooleanSupplier peers;
    private final Map<Integer, Descriptor> open = new HashMap<>();
    private final Map<Long, Long> mapped = new TreeMap<>();
    private final Arena arena = Arena.ofConfined();
    private long nowNs = 1;
    private int lastFd;
    private boolean lastCanFail;
    private int clientsAccepted;
    private final Set<Integer> clientListeners = new HashSet<>();
    private boolean guestListens;
    private Descriptor faultedOn = Descriptor.OTHER;
    private String faultedCall = "none";

    /** @param guestListens whether the relay listens for its guest, which it does first */
    LockstepCalls(final BooleanSupplier peers, final boolean guestListens) {
        this.peers = peers;
        this.guestListens = guestListens;
        this.faulty = new FaultySyscalls(proxy(this::lockstep));
        this.outermost = proxy(this::noted);
    }

    private static Syscalls proxy(final java.lang.reflect.InvocationHandler handler) {
        return (Syscalls) Proxy.newProxyInstance(Syscalls.class.getClassLoader(), new Class<?>[] {Syscalls.class}, handler);
    }

    Posix posix() {
        return new Posix(outermost);
    }

    void inject(final FaultSchedule schedule) {
        faulty.inject(schedule);
    }

    long calls() {
        return faulty.count();
    }

    long nanoTime() {
        return nowNs;
    }

    /** {@return what the descriptor was that a call failed on} */
    Descriptor faultedOn() {
        return faultedOn;
    }

    String faultedCall() {
        return faultedCall;
    }

    /** Takes note that the call that is being made is the one to fail; {@return whether it can} */
    boolean faultNow(final String call) {
        faultedCall = call;
        faultedOn = open.getOrDefault(lastFd, Descriptor.OTHER);
        return lastCanFail;
    }

    /** {@return what was opened or mapped and is still there} */
    String leaks() {
        final Map<Integer, Descriptor> descriptors = new TreeMap<>(open);
        return descriptors.isEmpty() && mapped.isEmpty() ? "" : "descriptors " + descriptors + " mappings " + mapped;
    }

    /** Gives back what a call that was made to fail did not. */
    void close() {
        mapped.forEach(system::munmap);
        arena.close();
    }

    /** The layer above the faults: who is who. */
    private Object noted(final Object self, final Method method, final Object[] arguments) throws Throwable {
        if (faulty.count() > MOST_CALLS) {
            throw new AssertionError("the relay spins: more than " + MOST_CALLS + " calls");
        }
        lastFd = descriptorArgument(method.getName(), arguments);
        // To change or remove what is watched takes no memory.
        lastCanFail = !method.getName().equals("epollCtl") || (int) arguments[1] == Linux.EPOLL_CTL_ADD;
        final Object result = invoke(method, faulty, arguments);
        if (result instanceof final Number number && number.longValue() >= 0) {
            succeeded(method.getName(), arguments, number.longValue());
        }
        if (method.getName().equals("close")) {
            open.remove(lastFd);
        }
        return result;
    }

    private static int descriptorArgument(final String call, final Object[] arguments) {
        final int index = call.equals("epollCtl") ? 2 : 0;
        return arguments != null && arguments.length > index && arguments[index] instanceof final Integer fd ? fd : -1;
    }

    private void succeeded(final String call, final Object[] arguments, final long result) {
        switch (call) {
            case "socket", "eventfd", "epollCreate1", "memfdCreate", "open", "openat" -> open.put((int) result, Descriptor.OTHER);
            case "socketpair", "pipe2" -> {
                final MemorySegment pair = view((long) arguments[arguments.length - (call.equals("pipe2") ? 2 : 1)], 2L * Integer.BYTES);
                open.put(pair.get(ValueLayout.JAVA_INT, 0), Descriptor.OTHER);
                open.put(pair.get(ValueLayout.JAVA_INT, Integer.BYTES), Descriptor.OTHER);
            }
            case "fcntl" -> {
                if ((int) arguments[1] == Linux.F_DUPFD_CLOEXEC) {
                    open.put((int) result, Descriptor.OTHER);
                }
            }
            case "accept4" -> open.put((int) result,
                clientListeners.contains(lastFd) ? new Descriptor(Role.CLIENT, clientsAccepted++) : new Descriptor(Role.GUEST, -1));
            case "connect" -> open.put(lastFd, new Descriptor(Role.GUEST, -1));
            case "listen" -> {
                if (!guestListens) {
                    clientListeners.add(lastFd);
                }
                guestListens = false;
            }
            case "mmap" -> mapped.put(result, (long) arguments[1]);
            case "munmap" -> mapped.remove((long) arguments[0]);
            default -> { }
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment view(final long address, final long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    /** The layer below the faults: the real system, but for waiting. */
    private Object lockstep(final Object self, final Method method, final Object[] arguments) throws Throwable {
        if (!method.getName().equals("epollWait")) {
            return invoke(method, system, arguments);
        }
        final int timeoutMs = (int) arguments[3];
        final int epollFd = (int) arguments[0];
        final long events = (long) arguments[1];
        int ready = system.epollWait(epollFd, events, (int) arguments[2], 0);
        while (ready == 0 && timeoutMs != 0) {
            if (!peers.getAsBoolean()) {
                if (timeoutMs < 0 || nowNs > LONGEST_NS) {
                    throw new AssertionError("nothing moves any more: timeout=" + timeoutMs + " nowMs=" + nowNs / 1_000_000);
                }
                nowNs += TimeUnit.MILLISECONDS.toNanos(timeoutMs);
                return 0;
            }
            ready = system.epollWait(epollFd, events, (int) arguments[2], 0);
        }
        return ready;
    }

    private static Object invoke(final Method method, final Syscalls target, final Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (final InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
