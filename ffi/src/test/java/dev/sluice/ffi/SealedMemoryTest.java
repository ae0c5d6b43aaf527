package dev.sluice.ffi;

import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SealedMemoryTest {
    private static final long SIZE = 3 * 4096;

    private final FaultySyscalls faulty = new FaultySyscalls(Posix.system().syscalls());
    private final Posix posix = new Posix(faulty);
    private final List<Integer> own = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (final int fd : own) {
            posix.close(fd);
        }
    }

    @Test
    void nobodyCanResizeOrReseal() throws IOException {
        final int fd = create();
        for (final long size : new long[] {0, SIZE - 1, SIZE + 1}) {
            assertEquals(Errno.EPERM, assertThrows(PosixException.class, () -> posix.ftruncate(fd, size)).errno());
        }
        assertEquals(Errno.EPERM,
            assertThrows(PosixException.class, () -> posix.fcntl(fd, Linux.F_ADD_SEALS, Linux.F_SEAL_WRITE)).errno());
        assertEquals(SIZE, SealedMemory.verify(posix, fd, SIZE, SIZE));
    }

    @Test
    void bothSidesSeeOneMemory() throws IOException {
        final int fd = create();
        try (Mapping one = new Mapping(posix, fd, SIZE); Mapping two = new Mapping(posix, fd, SIZE)) {
            assertThrows(PosixException.class, () -> posix.ftruncate(fd, 0));
            one.segment().set(JAVA_LONG, SIZE - 8, 42);
            assertEquals(42, two.segment().get(JAVA_LONG, SIZE - 8));
            assertEquals(SIZE, two.segment().byteSize());
        }
    }

    @Test
    void aMappingOutlivesItsDescriptorAndDiesWhenClosed() throws IOException {
        final int fd = SealedMemory.create(posix, "sluice-test", SIZE);
        final Mapping mapping = new Mapping(posix, fd, SIZE);
        posix.close(fd);
        final MemorySegment segment = mapping.segment();
        segment.set(JAVA_LONG, 0, 1);
        mapping.close();
        mapping.close();
        assertEquals(1, faulty.count(Call.MUNMAP));
        assertThrows(IllegalStateException.class, () -> segment.get(JAVA_LONG, 0));
    }

    @Test
    void memoryThatCanBeResizedIsRefused() throws IOException {
        for (final int seals : new int[] {0, Linux.F_SEAL_GROW, Linux.F_SEAL_SHRINK, Linux.F_SEAL_SEAL}) {
            final int fd = opened(posix.memfdCreate("test", Linux.MFD_CLOEXEC | Linux.MFD_ALLOW_SEALING));
            posix.ftruncate(fd, SIZE);
            posix.fcntl(fd, Linux.F_ADD_SEALS, seals);
            final IOException e = assertThrows(IOException.class, () -> SealedMemory.verify(posix, fd, 0, SIZE));
            assertTrue(e.getMessage().contains("not sealed"), e.getMessage());
        }
    }

    @Test
    void whatIsNoMemoryIsRefused() throws IOException {
        final int[] pipe = posix.pipe2(Linux.O_CLOEXEC);
        own.add(pipe[0]);
        own.add(pipe[1]);
        final int file = opened(posix.open("/proc/self/exe", Linux.O_RDONLY | Linux.O_CLOEXEC, 0));
        for (final int fd : new int[] {pipe[0], file}) {
            final IOException e = assertThrows(IOException.class, () -> SealedMemory.verify(posix, fd, 0, SIZE));
            assertTrue(e.getMessage().contains("not sealable"), e.getMessage());
        }
    }

    @Test
    void memoryOfTheWrongSizeIsRefused() throws IOException {
        final int fd = create();
        assertThrows(IOException.class, () -> SealedMemory.verify(posix, fd, SIZE + 1, Long.MAX_VALUE));
        assertThrows(IOException.class, () -> SealedMemory.verify(posix, fd, 0, SIZE - 1));
    }

    @Test
    void nothingIsLeftOfAFailedCreation() {
        for (final Call call : List.of(Call.MEMFD_CREATE, Call.FTRUNCATE, Call.FCNTL)) {
            faulty.inject(FaultSchedule.always(call, Fault.error(Errno.ENOMEM)));
            final PosixException e = assertThrows(PosixException.class, () -> SealedMemory.create(posix, "sluice-test", SIZE));
            assertEquals(Errno.ENOMEM, e.errno());
        }
        faulty.inject(FaultSchedule.NEVER);
        assertThrows(PosixException.class, () -> new Mapping(posix, -1, SIZE));
    }

    private int create() throws IOException {
        return opened(SealedMemory.create(posix, "sluice-test", SIZE));
    }

    private int opened(final int fd) {
        own.add(fd);
        return fd;
    }
}
