package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Syscalls;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.ucred;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A kernel on which whoever connects is somebody else; everything but the credentials of accepted sockets is real. */
final class OtherUsers {
    /** A process id that shows in a log. */
    static final int PID = 4_123_456;

    private final Syscalls real = Posix.system().syscalls();
    private final Set<Integer> accepted = ConcurrentHashMap.newKeySet();
    private volatile int uid;
    private volatile int gid;
    private volatile int[] groups = {};

    /** Says who connects from now on. */
    void connectAs(final int newUid, final int newGid, final int... newGroups) {
        uid = newUid;
        gid = newGid;
        groups = newGroups;
    }

    Posix posix() {
        return new Posix((Syscalls) Proxy.newProxyInstance(
            Syscalls.class.getClassLoader(), new Class<?>[] {Syscalls.class}, (proxy, method, arguments) -> call(method, arguments)));
    }

    private Object call(final Method method, final Object[] arguments) throws Throwable {
        if (method.getName().equals("getsockopt") && accepted.contains(arguments[0])) {
            final int name = (int) arguments[2];
            if (name == Linux.SO_PEERCRED) {
                return credentials((long) arguments[3]);
            }
            if (name == Linux.SO_PEERGROUPS) {
                return groups((long) arguments[3], (long) arguments[4]);
            }
        }
        try {
            final Object result = method.invoke(real, arguments);
            if (method.getName().equals("accept4")) {
                accepted.add((int) result);
            } else if (method.getName().equals("close")) {
                accepted.remove(arguments[0]);
            }
            return result;
        } catch (final InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private int credentials(final long address) {
        final MemorySegment peer = at(address, ucred.layout().byteSize());
        peer.set(ValueLayout.JAVA_INT, ucred.pid$offset(), PID);
        peer.set(ValueLayout.JAVA_INT, ucred.uid$offset(), uid);
        peer.set(ValueLayout.JAVA_INT, ucred.gid$offset(), gid);
        return 0;
    }

    private int groups(final long address, final long lengthAddress) {
        final int[] present = groups;
        final int length = present.length * Integer.BYTES;
        if (at(lengthAddress, Integer.BYTES).get(ValueLayout.JAVA_INT, 0) < length) {
            at(lengthAddress, Integer.BYTES).set(ValueLayout.JAVA_INT, 0, length);
            return -Linux.ERANGE;
        }
        MemorySegment.copy(present, 0, at(address, length), ValueLayout.JAVA_INT, 0, present.length);
        at(lengthAddress, Integer.BYTES).set(ValueLayout.JAVA_INT, 0, length);
        return 0;
    }

    @SuppressWarnings("restricted") // the caller's own buffer, as the system call would write to it
    private static MemorySegment at(final long address, final long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }
}
