package dev.sluice.ffi.fault;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Syscalls;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.iovec;
import dev.sluice.ffi.linux.msghdr;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FaultySyscallsTest {
    private final FaultySyscalls faulty = new FaultySyscalls(Posix.system().syscalls());
    private final Posix posix = new Posix(faulty);
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment bytes = arena.allocateFrom("0123456789");
    private final MemorySegment room = arena.allocate(64);
    private int[] pair;

    @BeforeEach
    void connect() throws IOException {
        pair = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK, 0);
        faulty.inject(FaultSchedule.NEVER);
    }

    @AfterEach
    void close() throws IOException {
        faulty.inject(FaultSchedule.NEVER);
        posix.close(pair[0]);
        posix.close(pair[1]);
        arena.close();
    }

    @Test
    void onlyTheNthCallFails() {
        faulty.inject(FaultSchedule.onNth(Call.WRITE, 2, Fault.error(Errno.ENOSPC)));
        assertEquals(10, faulty.write(pair[0], bytes.address(), 10));
        assertEquals(-Errno.EBADF, faulty.lseek(-1, 0, 0), "other calls do not count");
        assertEquals(-Errno.ENOSPC, faulty.write(pair[0], bytes.address(), 10));
        assertEquals(10, faulty.write(pair[0], bytes.address(), 10));
        assertEquals(20, faulty.read(pair[1], room.address(), 64), "the call that failed was not made");
        assertEquals(3, faulty.count(Call.WRITE));
        assertEquals(5, faulty.count());
    }

    @Test
    void callsAreCountedTogetherToo() {
        faulty.inject(FaultSchedule.onNthOfAll(2, Fault.INTERRUPTED));
        assertEquals(10, faulty.write(pair[0], bytes.address(), 10));
        assertEquals(-Errno.EINTR, faulty.read(pair[1], room.address(), 64));
        assertEquals(10, faulty.read(pair[1], room.address(), 64));
        faulty.inject(FaultSchedule.NEVER);
        assertEquals(0, faulty.count());
        assertEquals(0, faulty.count(Call.READ));
    }

    @Test
    void countsAreCutShort() {
        faulty.inject((call, nth, nthOfAll) -> Fault.shortCount(nth));
        assertEquals(1, faulty.write(pair[0], bytes.address(), 10));
        assertEquals(2, faulty.write(pair[0], bytes.address() + 1, 9));
        assertEquals(1, faulty.send(pair[0], bytes.address() + 3, 7, 0));
        assertEquals(1, faulty.read(pair[1], room.address(), 64));
        assertEquals(2, faulty.read(pair[1], room.address() + 1, 63));
        assertEquals("012", room.getString(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 4, 7, 9, 10, 100})
    void vectorsAreCutWhereverItIs(final long limit) {
        final long expected = Math.min(limit, 10);
        final MemorySegment vector = vector(bytes.asSlice(0, 3), bytes.asSlice(3, 1), bytes.asSlice(4, 6));
        final byte[] before = vector.toArray(JAVA_BYTE);
        faulty.inject(FaultSchedule.always(Call.WRITEV, Fault.shortCount(limit)));
        assertEquals(expected, faulty.writev(pair[0], vector.address(), 3));
        assertTrue(Arrays.equals(before, vector.toArray(JAVA_BYTE)), "the caller's vector is untouched");
        assertEquals(expected, faulty.read(pair[1], room.address(), 64));
        assertEquals("0123456789".substring(0, (int) expected), room.getString(0));

        final MemorySegment message = arena.allocate(msghdr.layout());
        msghdr.msg_iov(message, vector);
        msghdr.msg_iovlen(message, 3);
        faulty.inject(
            FaultSchedule.always(Call.SENDMSG, Fault.shortCount(limit)).or(FaultSchedule.always(Call.RECVMSG, Fault.shortCount(1))));
        assertEquals(expected, faulty.sendmsg(pair[0], message.address(), 0));
        assertEquals(vector.address(), msghdr.msg_iov(message).address());
        assertEquals(3, msghdr.msg_iovlen(message));
        assertEquals(1, faulty.recvmsg(pair[1], message.address(), 0));
        faulty.inject(FaultSchedule.always(Call.READV, Fault.shortCount(limit)));
        assertEquals(expected == 1 ? -Errno.EAGAIN : expected - 1, faulty.readv(pair[1], vector.address(), 3));
    }

    @Test
    void aDescriptorIsLostWhateverCloseReturns() throws IOException {
        final int fd = posix.eventfd(0, Linux.EFD_CLOEXEC);
        faulty.inject(FaultSchedule.always(Call.CLOSE, Fault.error(Errno.EIO)));
        assertEquals(-Errno.EIO, faulty.close(fd));
        assertEquals(-Errno.EBADF, Posix.system().syscalls().close(fd));
    }

    @Test
    void faultsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> Fault.shortCount(0));
        assertThrows(IllegalArgumentException.class, () -> Fault.error(-Errno.EIO));
    }

    /** Every method passes its arguments on in order, and returns what it got; and fails when told to, without making the call. */
    @Test
    void everyCallIsPassedOnUnchangedOrFails() throws ReflectiveOperationException {
        final List<Object> seen = new ArrayList<>();
        final Syscalls recorder = (Syscalls) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Syscalls.class}, (proxy, method, arguments) -> {
                seen.add(method.getName());
                // Null where there are none.
                seen.addAll(Arrays.asList(arguments == null ? new Object[0] : arguments));
                return method.getReturnType() == long.class ? (Object) 77L : (Object) 77;
            });
        final FaultySyscalls subject = new FaultySyscalls(recorder);
        final Random random = new Random(1);
        for (final Method method : Syscalls.class.getMethods()) {
            final Object[] arguments = Arrays.stream(method.getParameterTypes()).map(type -> argument(type, random)).toArray();
            final List<Object> expected = new ArrayList<>(List.of(method.getName()));
            expected.addAll(Arrays.asList(arguments));
            subject.inject(FaultSchedule.NEVER);
            seen.clear();
            assertEquals(77, ((Number) method.invoke(subject, arguments)).intValue());
            assertEquals(expected, seen);
            assertEquals(1, subject.count());
            subject.inject((call, nth, nthOfAll) -> Fault.error(Errno.EIO));
            seen.clear();
            assertEquals(-Errno.EIO, ((Number) method.invoke(subject, arguments)).intValue());
            assertEquals(method.getName().equals("close") ? expected : List.of(), seen);
        }
        assertEquals(Call.values().length, Syscalls.class.getMethods().length);
    }

    private static Object argument(final Class<?> type, final Random random) {
        if (type == long.class) {
            return random.nextLong();
        }
        return type == short.class ? (Object) (short) random.nextInt() : (Object) random.nextInt();
    }

    private MemorySegment vector(final MemorySegment... parts) {
        final MemorySegment vector = iovec.allocateArray(parts.length, arena);
        for (int i = 0; i < parts.length; i++) {
            iovec.iov_base(iovec.asSlice(vector, i), parts[i]);
            iovec.iov_len(iovec.asSlice(vector, i), parts[i].byteSize());
        }
        return vector;
    }
}
