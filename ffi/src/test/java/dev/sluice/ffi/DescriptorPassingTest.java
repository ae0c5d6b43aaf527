package dev.sluice.ffi;

import dev.sluice.ffi.DescriptorPassing.Received;
import dev.sluice.ffi.linux.Linux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DescriptorPassingTest {
    private final Posix posix = Posix.system();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment bytes = arena.allocate(8, 8);
    private final MemorySegment room = arena.allocate(64, 8);
    private final List<Integer> own = new ArrayList<>();
    private int[] pair;

    @BeforeEach
    void connect() throws IOException {
        pair = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK, 0);
    }

    @AfterEach
    void close() throws IOException {
        for (final int fd : own) {
            posix.close(fd);
        }
        posix.close(pair[0]);
        posix.close(pair[1]);
        arena.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 31, 32})
    void descriptorsArriveInOrderAndCloseOnExec(final int count) throws IOException {
        final int[] sent = eventfds(count);
        assertEquals(8, DescriptorPassing.send(posix, pair[0], bytes, sent));
        try (Received received = DescriptorPassing.receive(posix, pair[1], room, count)) {
            assertEquals(8, received.bytes());
            assertEquals(count, received.count());
            for (int i = 0; i < count; i++) {
                final int fd = received.take(i);
                own.add(fd);
                assertEquals(Linux.FD_CLOEXEC, posix.fcntl(fd, Linux.F_GETFD, 0));
                assertEquals(8, posix.read(fd, room.address(), 8));
                assertEquals(i + 1, room.get(JAVA_LONG, 0), "the same counter");
                assertEquals(-1, received.take(i), "only once");
            }
        }
        own.forEach(fd -> assertTrue(fd >= 0));
    }

    @Test
    void whatNobodyTakesIsClosed() throws IOException {
        DescriptorPassing.send(posix, pair[0], bytes, eventfds(3));
        final long before = openDescriptors();
        final Received received = DescriptorPassing.receive(posix, pair[1], room, 3);
        assertEquals(before + 3, openDescriptors());
        own.add(received.take(1));
        received.close();
        received.close();
        assertEquals(before + 1, openDescriptors());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4})
    void aMessageWithMoreDescriptorsThanExpectedIsRefusedAndLeavesNone(final int expected) throws IOException {
        DescriptorPassing.send(posix, pair[0], bytes, eventfds(5));
        final long before = openDescriptors();
        final IOException e = assertThrows(IOException.class, () -> DescriptorPassing.receive(posix, pair[1], room, expected));
        assertTrue(e.getMessage().contains("max=" + expected), e.getMessage());
        assertEquals(before, openDescriptors());
    }

    @Test
    void descriptorsComeWithTheFirstByteOnly() throws IOException {
        DescriptorPassing.send(posix, pair[0], bytes, eventfds(1));
        final MemorySegment one = room.asSlice(0, 1);
        try (Received first = DescriptorPassing.receive(posix, pair[1], one, 1);
            Received second = DescriptorPassing.receive(posix, pair[1], room, 1)) {
            assertEquals(1, first.bytes());
            assertEquals(1, first.count());
            assertEquals(7, second.bytes());
            assertEquals(0, second.count());
        }
    }

    @Test
    void aDatagramThatDoesNotFitIsRefused() throws IOException {
        final int[] datagrams = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_SEQPACKET | Linux.SOCK_CLOEXEC, 0);
        own.add(datagrams[0]);
        own.add(datagrams[1]);
        DescriptorPassing.send(posix, datagrams[0], bytes, eventfds(1));
        final long before = openDescriptors();
        assertThrows(IOException.class, () -> DescriptorPassing.receive(posix, datagrams[1], room.asSlice(0, 4), 1));
        assertEquals(before, openDescriptors());
    }

    @Test
    void endOfStreamAndErrorsAreToldApart() throws IOException {
        final PosixException empty = assertThrows(PosixException.class, () -> DescriptorPassing.receive(posix, pair[1], room, 1));
        assertEquals(Errno.EAGAIN, empty.errno());
        posix.shutdown(pair[0], Linux.SHUT_WR);
        try (Received end = DescriptorPassing.receive(posix, pair[1], room, 1)) {
            assertEquals(0, end.bytes());
        }
        final PosixException gone = assertThrows(PosixException.class, () -> DescriptorPassing.send(posix, pair[0], bytes));
        assertEquals(Errno.EPIPE, gone.errno());
        final PosixException bad = assertThrows(PosixException.class, () -> DescriptorPassing.send(posix, pair[1], bytes, -1));
        assertEquals(Errno.EBADF, bad.errno());
    }

    @Test
    void argumentsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> DescriptorPassing.send(posix, pair[0], bytes, new int[33]));
        assertThrows(IllegalArgumentException.class, () -> DescriptorPassing.send(posix, pair[0], bytes.asSlice(0, 0), 1));
        assertThrows(IllegalArgumentException.class, () -> DescriptorPassing.receive(posix, pair[0], bytes, 33));
        assertThrows(IllegalArgumentException.class, () -> DescriptorPassing.receive(posix, pair[0], bytes, -1));
    }

    /** Each with its number, from 1, in it. */
    private int[] eventfds(final int count) throws IOException {
        final int[] fds = new int[count];
        for (int i = 0; i < count; i++) {
            fds[i] = posix.eventfd(i + 1, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
            own.add(fds[i]);
        }
        return fds;
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }
}
