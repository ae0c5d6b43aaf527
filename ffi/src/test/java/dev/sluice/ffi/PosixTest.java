package dev.sluice.ffi;

import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

class PosixTest {
    private final FaultySyscalls faulty = new FaultySyscalls(Posix.system().syscalls());
    private final Posix posix = new Posix(faulty);
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment room = arena.allocate(64);
    private int[] pair;

    @BeforeEach
    void connect() throws IOException {
        pair = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK, 0);
    }

    @AfterEach
    void close() throws IOException {
        faulty.inject(FaultSchedule.NEVER);
        posix.close(pair[0]);
        posix.close(pair[1]);
        arena.close();
    }

    @Test
    void anInterruptedHotCallIsMadeAgain() {
        faulty.inject(threeTimes(Call.SEND).or(threeTimes(Call.READ)));
        assertEquals(5, posix.send(pair[0], room.address(), 5, Linux.MSG_NOSIGNAL));
        assertEquals(4, faulty.count(Call.SEND));
        assertEquals(5, posix.read(pair[1], room.address(), 64));
        assertEquals(4, faulty.count(Call.READ));
    }

    @Test
    void interruptedCallsRelativeToADirectoryAreMadeAgain() {
        final MemorySegment name = CString.of(arena, "/nowhere/at all");
        faulty.inject(threeTimes(Call.OPENAT).or(threeTimes(Call.MKDIRAT)).or(threeTimes(Call.RENAMEAT)).or(threeTimes(Call.STATX)));
        assertEquals(-Errno.ENOENT, posix.openat(Linux.AT_FDCWD, name.address(), Linux.O_RDONLY, 0));
        assertEquals(-Errno.ENOENT, posix.mkdirat(Linux.AT_FDCWD, name.address(), 0700));
        assertEquals(-Errno.ENOENT, posix.renameat(Linux.AT_FDCWD, name.address(), name.address()));
        assertEquals(-Errno.ENOENT, posix.statx(Linux.AT_FDCWD, name.address(), 0, Linux.STATX_TYPE, room.address()));
        assertEquals(16, faulty.count());
    }

    @Test
    void anInterruptedColdCallIsMadeAgain() throws IOException {
        faulty.inject(threeTimes(Call.FCNTL).or(threeTimes(Call.LSEEK)));
        assertEquals(Linux.FD_CLOEXEC, posix.fcntl(pair[0], Linux.F_GETFD, 0));
        assertEquals(4, faulty.count(Call.FCNTL));
        final PosixException e = assertThrows(PosixException.class, () -> posix.lseek(pair[0], 0, Linux.SEEK_SET));
        assertEquals(Errno.ESPIPE, e.errno());
        assertEquals(4, faulty.count(Call.LSEEK));
    }

    @Test
    void aDescriptorIsClosedOnceWhateverHappens() throws IOException {
        final int fd = posix.eventfd(0, Linux.EFD_CLOEXEC);
        faulty.inject(FaultSchedule.always(Call.CLOSE, Fault.INTERRUPTED));
        posix.close(fd);
        assertEquals(1, faulty.count(Call.CLOSE));
        assertEquals(-Errno.EBADF, faulty.fcntl(fd, Linux.F_GETFD, 0), "it is closed");
    }

    @Test
    void callsWithATimeLimitComeBackInterrupted() throws IOException {
        final int epoll = posix.epollCreate1(Linux.EPOLL_CLOEXEC);
        faulty.inject((call, nth, nthOfAll) -> call == Call.CLOSE ? Fault.NONE : Fault.INTERRUPTED);
        assertEquals(-Errno.EINTR, posix.poll(0, 0, 1000));
        assertEquals(-Errno.EINTR, posix.epollWait(epoll, room.address(), 1, 1000));
        assertEquals(-Errno.EINTR, posix.connect(pair[0], room));
        assertEquals(3, faulty.count());
        posix.close(epoll);
    }

    @Test
    void hotCallsReturnErrors() {
        assertEquals(-Errno.EAGAIN, posix.read(pair[0], room.address(), 64));
        assertEquals(-Errno.EAGAIN, posix.recvmsg(pair[0], arena.allocate(56, 8).address(), 0));
        assertEquals(-Errno.EBADF, posix.write(-1, room.address(), 1));
        assertEquals(-Errno.EBADF, posix.writev(-1, room.address(), 1));
        assertEquals(-Errno.EBADF, posix.readv(-1, room.address(), 1));
        assertEquals(-Errno.EBADF, posix.splice(-1, -1, 1, 0));
        assertEquals(-Errno.EINVAL, posix.accept4(pair[0], Linux.SOCK_CLOEXEC));
    }

    @Test
    void coldCallsSayWhatFailedAndWhy(@TempDir final Path directory) {
        final String path = directory.resolve("näh").toString();
        assertMessage("open(\"" + path + "\", 1, 384): ENOENT (2): No such file or directory",
            () -> posix.open(path, Linux.O_WRONLY, 0600));
        assertMessage("listen(-1, 5): EBADF (9): Bad file descriptor", () -> posix.listen(-1, 5));
        assertMessage("bind(-1, {64 bytes}): EBADF (9): Bad file descriptor", () -> posix.bind(-1, room));
        assertMessage("socket(-7, 1, 0): EAFNOSUPPORT (97): Address family not supported by protocol",
            () -> posix.socket(-7, Linux.SOCK_STREAM, 0));
        assertMessage("mmap(0, 4096, 1, 1, -1, 0): EBADF (9): Bad file descriptor",
            () -> posix.mmap(4096, Linux.PROT_READ, Linux.MAP_SHARED, -1, 0));
        final PosixException e = assertThrows(PosixException.class, () -> posix.close(-1));
        assertEquals("close", e.call());
        assertEquals(Errno.EBADF, e.errno());
    }

    @Test
    void aPathWithANulByteIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> posix.open("/etc/passwd\0.txt", Linux.O_RDONLY, 0));
        assertThrows(IllegalArgumentException.class, () -> posix.open(new byte[] {'/', 0}, Linux.O_RDONLY, 0));
    }

    @Test
    void optionsAndModesAreReadBack() throws IOException {
        assertEquals(Linux.SOCK_STREAM, posix.getsockoptInt(pair[0], Linux.SOL_SOCKET, Linux.SO_TYPE));
        posix.setsockoptInt(pair[0], Linux.SOL_SOCKET, Linux.SO_PASSCRED, 1);
        assertEquals(1, posix.getsockoptInt(pair[0], Linux.SOL_SOCKET, Linux.SO_PASSCRED));
        posix.setNonBlocking(pair[0], false);
        assertEquals(0, posix.fcntl(pair[0], Linux.F_GETFL, 0) & Linux.O_NONBLOCK);
        posix.setNonBlocking(pair[0], true);
        assertEquals(Linux.O_NONBLOCK, posix.fcntl(pair[0], Linux.F_GETFL, 0) & Linux.O_NONBLOCK);
        assertEquals(2, posix.getsockname(pair[0], room), "an unnamed socket's address is its family alone");
        assertEquals(2, posix.getpeername(pair[0], room));
    }

    @Test
    void theProcessHasOneInstance() {
        assertSame(Posix.system(), Posix.system());
        assertSame(faulty, posix.syscalls());
    }

    private static FaultSchedule threeTimes(final Call interrupted) {
        return (call, nth, nthOfAll) -> call == interrupted && nth <= 3 ? Fault.INTERRUPTED : Fault.NONE;
    }

    private static void assertMessage(final String expected, final Executable call) {
        assertEquals(expected, assertThrows(PosixException.class, call).getMessage());
    }
}
