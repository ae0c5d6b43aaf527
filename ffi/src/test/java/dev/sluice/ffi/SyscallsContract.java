package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.iovec;
import dev.sluice.ffi.linux.msghdr;
import dev.sluice.ffi.linux.open_how;
import dev.sluice.ffi.linux.pollfd;
import dev.sluice.ffi.linux.sockaddr_un;
import dev.sluice.ffi.linux.statx;
import dev.sluice.ffi.linux.timespec;
import dev.sluice.ffi.linux.winsize;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What any implementation of {@link Syscalls} on a real kernel does. Processes have {@link SyscallsProcessContract}. */
abstract class SyscallsContract {
    private final Syscalls calls = implementation();
    private final Arena arena = Arena.ofConfined();
    private final List<Integer> open = new ArrayList<>();

    /** The implementation under test. */
    protected abstract Syscalls implementation();

    @AfterEach
    void closeAll() {
        open.forEach(calls::close);
        arena.close();
    }

    @Test
    void bytesCrossASocketPair() {
        final int[] pair = socketpair();
        assertEquals(5, calls.write(pair[0], bytes("hello").address(), 5));
        assertEquals(3, calls.send(pair[0], bytes("you").address(), 3, Linux.MSG_NOSIGNAL));
        final MemorySegment room = arena.allocate(64);
        assertEquals(8, calls.read(pair[1], room.address(), 64));
        assertEquals("helloyou", text(room, 8));
        assertEquals(-Errno.EAGAIN, calls.read(pair[1], room.address(), 64));
    }

    @Test
    void endOfStreamIsZeroAndAClosedPeerIsAnError() {
        final int[] pair = socketpair();
        final MemorySegment room = arena.allocate(8);
        assertEquals(0, calls.shutdown(pair[0], Linux.SHUT_WR));
        assertEquals(0, calls.read(pair[1], room.address(), 8));
        assertEquals(-Errno.EPIPE, calls.send(pair[0], room.address(), 8, Linux.MSG_NOSIGNAL));
    }

    @Test
    void aListenerAcceptsWhatConnects(@TempDir final Path directory) {
        final String path = directory.resolve("socket").toString();
        final MemorySegment address = arena.allocate(sockaddr_un.layout());
        sockaddr_un.sun_family(address, (short) Linux.AF_UNIX);
        address.setString(sockaddr_un.sun_path$offset(), path);
        final int length = (int) (sockaddr_un.sun_path$offset() + path.length() + 1);
        final int type = Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK;
        final int listener = opened(calls.socket(Linux.AF_UNIX, type, 0));
        assertEquals(0, calls.bind(listener, address.address(), length));
        assertEquals(-Errno.EADDRINUSE, calls.bind(opened(calls.socket(Linux.AF_UNIX, type, 0)), address.address(), length));
        final int client = opened(calls.socket(Linux.AF_UNIX, type, 0));
        assertEquals(-Errno.ECONNREFUSED, calls.connect(client, address.address(), length));
        assertEquals(0, calls.listen(listener, 1));
        assertEquals(-Errno.EAGAIN, calls.accept4(listener, 0, 0, 0));
        assertEquals(0, calls.connect(client, address.address(), length));

        final MemorySegment peer = arena.allocate(sockaddr_un.layout());
        final MemorySegment peerLength = arena.allocateFrom(JAVA_INT, (int) peer.byteSize());
        opened(calls.accept4(listener, peer.address(), peerLength.address(), Linux.SOCK_CLOEXEC));
        assertEquals(2, peerLength.get(JAVA_INT, 0), "an unnamed peer");
        peerLength.set(JAVA_INT, 0, (int) peer.byteSize());
        assertEquals(0, calls.getpeername(client, peer.address(), peerLength.address()));
        assertEquals(path, peer.getString(sockaddr_un.sun_path$offset()));
        peerLength.set(JAVA_INT, 0, (int) peer.byteSize());
        assertEquals(0, calls.getsockname(listener, peer.address(), peerLength.address()));
        assertEquals(length, peerLength.get(JAVA_INT, 0));
    }

    @Test
    void socketOptionsAreReadAndSet() {
        final int socket = socketpair()[0];
        final MemorySegment value = arena.allocateFrom(JAVA_INT, 1);
        final MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
        assertEquals(0, calls.setsockopt(socket, Linux.SOL_SOCKET, Linux.SO_PASSCRED, value.address(), Integer.BYTES));
        value.set(JAVA_INT, 0, 0);
        assertEquals(0, calls.getsockopt(socket, Linux.SOL_SOCKET, Linux.SO_PASSCRED, value.address(), length.address()));
        assertEquals(1, value.get(JAVA_INT, 0));
        assertEquals(-Errno.ENOPROTOOPT, calls.setsockopt(socket, Linux.SOL_SOCKET, 9999, value.address(), Integer.BYTES));
    }

    @Test
    void vectorsGatherAndScatter() {
        final int[] pair = socketpair();
        assertEquals(10, calls.writev(pair[0], vector(bytes("hello"), bytes(" "), bytes("void")).address(), 3));
        final MemorySegment first = arena.allocate(4);
        final MemorySegment second = arena.allocate(20);
        assertEquals(10, calls.readv(pair[1], vector(first, second).address(), 2));
        assertEquals("hell", text(first, 4));
        assertEquals("o void", text(second, 6));
    }

    @Test
    void messagesCarryVectors() {
        final int[] pair = socketpair();
        final MemorySegment out = arena.allocate(msghdr.layout());
        msghdr.msg_iov(out, vector(bytes("a"), bytes("bc")));
        msghdr.msg_iovlen(out, 2);
        assertEquals(3, calls.sendmsg(pair[0], out.address(), Linux.MSG_NOSIGNAL));
        final MemorySegment room = arena.allocate(8);
        final MemorySegment in = arena.allocate(msghdr.layout());
        msghdr.msg_iov(in, vector(room));
        msghdr.msg_iovlen(in, 1);
        assertEquals(3, calls.recvmsg(pair[1], in.address(), 0));
        assertEquals("abc", text(room, 3));
    }

    @Test
    void spliceMovesBytesBetweenDescriptors() {
        final int[] pipe = pipe();
        final int[] pair = socketpair();
        calls.write(pair[0], bytes("through").address(), 7);
        assertEquals(7, calls.splice(pair[1], 0, pipe[1], 0, 100, Linux.SPLICE_F_NONBLOCK));
        assertEquals(-Errno.EAGAIN, calls.splice(pair[1], 0, pipe[1], 0, 100, Linux.SPLICE_F_NONBLOCK));
        final MemorySegment room = arena.allocate(8);
        assertEquals(7, calls.read(pipe[0], room.address(), 8));
        assertEquals("through", text(room, 7));
    }

    @Test
    void filesAreOpenedLockedAndCut(@TempDir final Path directory) throws IOException {
        final Path path = directory.resolve("file");
        final MemorySegment name = CString.of(arena, path.toString());
        assertEquals(-Errno.ENOENT, calls.open(name.address(), Linux.O_RDWR, 0));
        final int flags = Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL | Linux.O_CLOEXEC;
        final int file = opened(calls.open(name.address(), flags, 0600));
        assertEquals(-Errno.EEXIST, calls.open(name.address(), flags, 0600));
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(path), "the mode reached open");
        assertEquals(0, calls.fchmod(file, 0640));
        assertEquals(PosixFilePermissions.fromString("rw-r-----"), Files.getPosixFilePermissions(path));
        assertEquals(0, calls.ftruncate(file, 100));
        assertEquals(100, Files.size(path));
        assertEquals(0, calls.flock(file, Linux.LOCK_EX | Linux.LOCK_NB));
        final int other = opened(calls.open(name.address(), Linux.O_RDONLY | Linux.O_CLOEXEC, 0));
        assertEquals(-Errno.EAGAIN, calls.flock(other, Linux.LOCK_EX | Linux.LOCK_NB));
    }

    @Test
    void filesAreMadeRenamedAndDescribedRelativeToADirectory(@TempDir final Path parent) throws IOException {
        final MemorySegment directoryPath = CString.of(arena, parent.resolve("directory").toString());
        assertEquals(0, calls.mkdirat(Linux.AT_FDCWD, directoryPath.address(), 0700));
        assertEquals(-Errno.EEXIST, calls.mkdirat(Linux.AT_FDCWD, directoryPath.address(), 0700));
        assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(parent.resolve("directory")));
        final int directory = opened(calls.openat(Linux.AT_FDCWD, directoryPath.address(), Abi.O_DIRECTORY | Linux.O_CLOEXEC, 0));

        final MemorySegment one = CString.of(arena, "one");
        final MemorySegment two = CString.of(arena, "two");
        assertEquals(-Errno.ENOENT, calls.openat(directory, one.address(), Linux.O_WRONLY, 0));
        final int file = opened(calls.openat(directory, one.address(), Linux.O_WRONLY | Linux.O_CREAT | Linux.O_CLOEXEC, 0600));
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(parent.resolve("directory/one")));
        assertEquals(3, calls.write(file, bytes("abc").address(), 3));
        assertEquals(0, calls.renameat(directory, one.address(), directory, two.address()));
        assertEquals(-Errno.ENOENT, calls.renameat(directory, one.address(), directory, two.address()));

        final MemorySegment byName = arena.allocate(statx.layout());
        final MemorySegment itself = arena.allocate(statx.layout());
        final int mask = Linux.STATX_TYPE | Linux.STATX_NLINK | Linux.STATX_INO | Linux.STATX_SIZE;
        assertEquals(0, calls.statx(directory, two.address(), Linux.AT_SYMLINK_NOFOLLOW, mask, byName.address()));
        assertEquals(0, calls.statx(file, CString.of(arena, "").address(), Linux.AT_EMPTY_PATH, mask, itself.address()));
        assertEquals(-Errno.ENOENT, calls.statx(directory, one.address(), 0, mask, byName.address()));
        assertEquals(3, statx.stx_size(byName));
        assertEquals(Linux.S_IFREG, statx.stx_mode(byName) & Linux.S_IFMT);
        assertEquals(statx.stx_ino(byName), statx.stx_ino(itself));
        assertEquals(1, statx.stx_nlink(itself));
        Files.delete(parent.resolve("directory/two"));
        assertEquals(0, calls.statx(file, CString.of(arena, "").address(), Linux.AT_EMPTY_PATH, mask, itself.address()));
        assertEquals(0, statx.stx_nlink(itself));
    }

    @Test
    void filesAreReadAndWrittenAtOffsets(@TempDir final Path directory) throws IOException {
        final MemorySegment name = CString.of(arena, directory.resolve("file").toString());
        final int file = opened(calls.open(name.address(), Linux.O_RDWR | Linux.O_CREAT | Linux.O_CLOEXEC, 0600));
        assertEquals(5, calls.pwrite(file, bytes("hello").address(), 5, 1L << 33));
        final MemorySegment room = arena.allocate(8);
        assertEquals(3, calls.pread(file, room.address(), 8, (1L << 33) + 2));
        assertEquals("llo", text(room, 3));
        assertEquals(0, calls.pread(file, room.address(), 8, 1L << 34));
        final long cached = calls.preadv2(file, vector(room).address(), 1, (1L << 33) + 1, Linux.RWF_NOWAIT);
        assertTrue(cached == 4 || cached == -Errno.EOPNOTSUPP || cached == -Errno.EAGAIN, "what the file system can do: " + cached);
        assertEquals(0, calls.fsync(file));
        assertEquals((1L << 33) + 5, Files.size(directory.resolve("file")));
    }

    @Test
    void linksAndAttributesAreThoseOfADirectorysNames(@TempDir final Path directory) throws IOException {
        final int fd = opened(calls.open(CString.of(arena, directory.toString()).address(), Linux.O_RDONLY | Linux.O_CLOEXEC, 0));
        final MemorySegment link = CString.of(arena, "link");
        final MemorySegment file = CString.of(arena, "file");
        assertEquals(0, calls.symlinkat(CString.of(arena, "/a/target").address(), fd, link.address()));
        assertEquals(-Errno.EEXIST, calls.symlinkat(file.address(), fd, link.address()));
        final MemorySegment room = arena.allocate(1024);
        assertEquals(9, calls.readlinkat(fd, link.address(), room.address(), room.byteSize()));
        assertEquals("/a/target", text(room, 9));
        opened(calls.openat(fd, file.address(), Linux.O_WRONLY | Linux.O_CREAT | Linux.O_CLOEXEC, 0600));
        assertEquals(0, calls.fchmodat(fd, file.address(), 0640, 0));
        assertEquals(PosixFilePermissions.fromString("rw-r-----"), Files.getPosixFilePermissions(directory.resolve("file")));
        assertEquals(0, calls.fchownat(fd, link.address(), -1, -1, Linux.AT_SYMLINK_NOFOLLOW));
        final MemorySegment times = timespec.allocateArray(2, arena);
        timespec.tv_nsec(times, Linux.UTIME_OMIT);
        timespec.tv_sec(timespec.asSlice(times, 1), 77);
        assertEquals(0, calls.utimensat(fd, file.address(), times.address(), 0));
        assertEquals(77_000, Files.getLastModifiedTime(directory.resolve("file")).toMillis());
        final long length = calls.getdents64(fd, room.address(), room.byteSize());
        assertTrue(length > 0 && text(room, (int) length).contains("link"), "entries: " + length);
        assertEquals(0, calls.getdents64(fd, room.address(), room.byteSize()));
        assertEquals(0, calls.unlinkat(fd, link.address(), 0));
        assertEquals(-Errno.ENOENT, calls.unlinkat(fd, link.address(), 0));
        assertEquals(-Errno.ENOTDIR, calls.unlinkat(fd, file.address(), Linux.AT_REMOVEDIR));
    }

    @Test
    void aPathIsKeptWithinADirectory(@TempDir final Path directory) throws IOException {
        Files.createSymbolicLink(directory.resolve("out"), Path.of("/etc/passwd"));
        final int fd = opened(calls.open(CString.of(arena, directory.toString()).address(), Linux.O_PATH | Linux.O_CLOEXEC, 0));
        final MemorySegment how = arena.allocate(open_how.layout());
        open_how.flags(how, Linux.O_RDONLY | Linux.O_CLOEXEC);
        open_how.resolve(how, Linux.RESOLVE_IN_ROOT);
        final MemorySegment out = CString.of(arena, "out");
        assertEquals(-Errno.ENOENT, calls.openat2(fd, out.address(), how.address(), how.byteSize()));
        open_how.resolve(how, Linux.RESOLVE_BENEATH);
        assertEquals(-Errno.EXDEV, calls.openat2(fd, out.address(), how.address(), how.byteSize()));
        open_how.resolve(how, Linux.RESOLVE_NO_SYMLINKS);
        assertEquals(-Errno.ELOOP, calls.openat2(fd, out.address(), how.address(), how.byteSize()));
        open_how.resolve(how, 0);
        opened(calls.openat2(fd, out.address(), how.address(), how.byteSize()));
    }

    @Test
    void offsetsAndResultsHaveSixtyFourBits() {
        final long size = 5L << 30;
        final int memory = memfd();
        assertEquals(0, calls.ftruncate(memory, size));
        assertEquals(size, calls.lseek(memory, 0, Linux.SEEK_END));
        assertEquals(size - 1, calls.lseek(memory, -1, Linux.SEEK_CUR), "negative offsets too");
    }

    @Test
    void memoryIsMappedSharedAndUnmapped() {
        final int memory = memfd();
        calls.ftruncate(memory, 4096);
        final int protection = Linux.PROT_READ | Linux.PROT_WRITE;
        final long one = calls.mmap(0, 4096, protection, Linux.MAP_SHARED, memory, 0);
        final long two = calls.mmap(0, 4096, protection, Linux.MAP_SHARED, memory, 0);
        segment(one, 4096).set(JAVA_LONG, 8, 42);
        assertEquals(42, segment(two, 4096).get(JAVA_LONG, 8));
        assertEquals(0, calls.munmap(one, 4096));
        assertEquals(0, calls.munmap(two, 4096));
        assertEquals(-Errno.EINVAL, calls.mmap(0, 0, protection, Linux.MAP_SHARED, memory, 0));
        assertEquals(-Errno.EINVAL, calls.munmap(1, 4096));
    }

    @Test
    void descriptorsAreControlled() {
        final int[] pipe = pipe();
        assertEquals(Linux.FD_CLOEXEC, calls.fcntl(pipe[0], Linux.F_GETFD, 0));
        assertEquals(65536, calls.fcntl(pipe[0], Linux.F_SETPIPE_SZ, 40000));
        final int copy = opened(calls.fcntl(pipe[0], Linux.F_DUPFD_CLOEXEC, 100));
        assertTrue(copy >= 100, "the argument reached fcntl: " + copy);
        calls.write(pipe[1], bytes("abc").address(), 3);
        final MemorySegment available = arena.allocate(JAVA_INT);
        assertEquals(0, calls.ioctl(pipe[0], Linux.FIONREAD, available.address()));
        assertEquals(3, available.get(JAVA_INT, 0));
        assertEquals(-Errno.ENOTTY, calls.ioctl(pipe[0], Linux.TIOCGWINSZ, arena.allocate(winsize.layout()).address()));
    }

    @Test
    void eventsAreCounted() {
        final int event = opened(calls.eventfd(3, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK));
        final MemorySegment value = arena.allocateFrom(JAVA_LONG, 4);
        assertEquals(8, calls.write(event, value.address(), 8));
        assertEquals(8, calls.read(event, value.address(), 8));
        assertEquals(7, value.get(JAVA_LONG, 0));
        assertEquals(-Errno.EAGAIN, calls.read(event, value.address(), 8));
    }

    @Test
    void readinessIsReported() {
        final int[] pipe = pipe();
        final MemorySegment polled = arena.allocate(pollfd.layout());
        pollfd.fd(polled, pipe[0]);
        pollfd.events(polled, (short) Linux.POLLIN);
        final int epoll = opened(calls.epollCreate1(Linux.EPOLL_CLOEXEC));
        final MemorySegment event = arena.allocate(Abi.EPOLL_EVENT_SIZE);
        event.set(JAVA_INT, Abi.EPOLL_EVENT_EVENTS_OFFSET, Linux.EPOLLIN);
        event.set(JAVA_LONG.withByteAlignment(1), Abi.EPOLL_EVENT_DATA_OFFSET, 0x1122334455667788L);
        assertEquals(0, calls.epollCtl(epoll, Linux.EPOLL_CTL_ADD, pipe[0], event.address()));
        assertEquals(-Errno.EEXIST, calls.epollCtl(epoll, Linux.EPOLL_CTL_ADD, pipe[0], event.address()));
        assertEquals(0, calls.poll(polled.address(), 1, 0));
        assertEquals(0, calls.epollWait(epoll, event.address(), 1, 0));
        calls.close(open.remove(open.indexOf(pipe[1])));
        assertEquals(1, calls.poll(polled.address(), 1, -1));
        assertEquals(Linux.POLLHUP, pollfd.revents(polled));
        event.fill((byte) 0);
        assertEquals(1, calls.epollWait(epoll, event.address(), 1, -1));
        assertEquals(Linux.EPOLLHUP, event.get(JAVA_INT, 0));
        assertEquals(0x1122334455667788L, event.get(JAVA_LONG.withByteAlignment(1), Abi.EPOLL_EVENT_DATA_OFFSET));
    }

    @Test
    void everyCallSaysSoWhenItsDescriptorIsNone() {
        final MemorySegment room = arena.allocate(256);
        final long at = room.address();
        final Map<String, Long> results = new TreeMap<>();
        results.put("bind", (long) calls.bind(-1, at, 16));
        results.put("listen", (long) calls.listen(-1, 1));
        results.put("accept4", (long) calls.accept4(-1, 0, 0, 0));
        results.put("connect", (long) calls.connect(-1, at, 16));
        results.put("getsockname", (long) calls.getsockname(-1, at, at));
        results.put("getpeername", (long) calls.getpeername(-1, at, at));
        results.put("getsockopt", (long) calls.getsockopt(-1, 1, 1, at, at));
        results.put("setsockopt", (long) calls.setsockopt(-1, 1, 1, at, 4));
        results.put("shutdown", (long) calls.shutdown(-1, 0));
        results.put("send", calls.send(-1, at, 1, 0));
        results.put("sendmsg", calls.sendmsg(-1, at, 0));
        results.put("recvmsg", calls.recvmsg(-1, at, 0));
        results.put("read", calls.read(-1, at, 1));
        results.put("write", calls.write(-1, at, 1));
        results.put("readv", calls.readv(-1, at, 1));
        results.put("writev", calls.writev(-1, at, 1));
        results.put("splice", calls.splice(-1, 0, -1, 0, 1, 0));
        results.put("lseek", calls.lseek(-1, 0, 0));
        results.put("pread", calls.pread(-1, at, 1, 0));
        results.put("pwrite", calls.pwrite(-1, at, 1, 0));
        results.put("preadv2", calls.preadv2(-1, at, 1, 0, Linux.RWF_NOWAIT));
        results.put("getdents64", calls.getdents64(-1, at, 256));
        results.put("fsync", (long) calls.fsync(-1));
        results.put("close", (long) calls.close(-1));
        results.put("fcntl", (long) calls.fcntl(-1, Linux.F_GETFD, 0));
        results.put("ioctl", (long) calls.ioctl(-1, Linux.FIONREAD, at));
        results.put("fchmod", (long) calls.fchmod(-1, 0));
        results.put("flock", (long) calls.flock(-1, Linux.LOCK_SH));
        results.put("ftruncate", (long) calls.ftruncate(-1, 0));
        results.put("mmap", calls.mmap(0, 4096, Linux.PROT_READ, Linux.MAP_SHARED, -1, 0));
        results.put("epoll_ctl", (long) calls.epollCtl(-1, Linux.EPOLL_CTL_ADD, -1, at));
        results.put("epoll_wait", (long) calls.epollWait(-1, at, 1, 0));
        results.put("pidfd_send_signal", (long) calls.pidfdSendSignal(-1, 0));
        results.forEach((call, result) -> assertEquals(-Errno.EBADF, result, call));
    }

    @Test
    void eachThreadSeesItsOwnErrors() throws InterruptedException {
        final List<String> wrong = new ArrayList<>();
        final List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            final boolean even = i % 2 == 0;
            threads.add(new Thread(() -> {
                for (int n = 0; n < 20_000; n++) {
                    final long result = even ? calls.lseek(-1, 0, 0) : calls.socket(-1, 0, 0);
                    if (result != (even ? -Errno.EBADF : -Errno.EAFNOSUPPORT)) {
                        synchronized (wrong) {
                            wrong.add(even + " " + result);
                        }
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (final Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), wrong);
    }

    private int[] socketpair() {
        final MemorySegment pair = arena.allocate(JAVA_INT, 2);
        final int type = Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK;
        assertEquals(0, calls.socketpair(Linux.AF_UNIX, type, 0, pair.address()));
        return opened(pair);
    }

    private int[] pipe() {
        final MemorySegment pair = arena.allocate(JAVA_INT, 2);
        assertEquals(0, calls.pipe2(pair.address(), Linux.O_CLOEXEC | Linux.O_NONBLOCK));
        return opened(pair);
    }

    private int memfd() {
        return opened(calls.memfdCreate(CString.of(arena, "test").address(), Linux.MFD_CLOEXEC));
    }

    private int[] opened(final MemorySegment pair) {
        return new int[] {opened(pair.get(JAVA_INT, 0)), opened(pair.get(JAVA_INT, 4))};
    }

    private int opened(final int fd) {
        assertTrue(fd >= 0, () -> Errno.name(-fd));
        open.add(fd);
        return fd;
    }

    private MemorySegment bytes(final String text) {
        return arena.allocateFrom(JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
    }

    private MemorySegment vector(final MemorySegment... parts) {
        final MemorySegment vector = iovec.allocateArray(parts.length, arena);
        for (int i = 0; i < parts.length; i++) {
            iovec.iov_base(iovec.asSlice(vector, i), parts[i]);
            iovec.iov_len(iovec.asSlice(vector, i), parts[i].byteSize());
        }
        return vector;
    }

    @SuppressWarnings("restricted")
    private static MemorySegment segment(final long address, final long size) {
        return MemorySegment.ofAddress(address).reinterpret(size);
    }

    private static String text(final MemorySegment segment, final int length) {
        return new String(segment.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
