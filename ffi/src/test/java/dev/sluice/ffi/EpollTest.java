package dev.sluice.ffi;

import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class EpollTest {
    private final FaultySyscalls faulty = new FaultySyscalls(Posix.system().syscalls());
    private final Posix posix = new Posix(faulty);
    private final MemorySegment value = Arena.ofAuto().allocate(8, 8).fill((byte) 1);
    private Epoll epoll;
    private int[] events;

    @BeforeEach
    void create() throws IOException {
        epoll = new Epoll(posix, 4);
        events = new int[6];
        for (int i = 0; i < events.length; i++) {
            events[i] = posix.eventfd(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
        }
    }

    @AfterEach
    void close() throws IOException {
        epoll.close();
        epoll.close();
        for (final int event : events) {
            posix.close(event);
        }
    }

    @Test
    void tokensComeBackWholeWithTheirEvents() throws IOException {
        epoll.add(events[0], Linux.EPOLLIN, 0xfedcba9876543210L);
        epoll.add(events[1], Linux.EPOLLIN | Linux.EPOLLOUT, -2);
        posix.write(events[0], value.address(), 8);
        assertEquals(Map.of(0xfedcba9876543210L, Linux.EPOLLIN, -2L, Linux.EPOLLOUT), ready(epoll.await(-1)));
    }

    @Test
    void noMoreEventsThanThereIsRoomForComeAtOnce() throws IOException {
        for (int i = 0; i < events.length; i++) {
            epoll.add(events[i], Linux.EPOLLOUT | Linux.EPOLLONESHOT, i);
        }
        final Map<Long, Integer> first = ready(epoll.await(-1));
        assertEquals(4, first.size());
        first.putAll(ready(epoll.await(-1)));
        assertEquals(6, first.size(), "the others come next");
    }

    @Test
    void whatIsModifiedOrDeletedIsReportedAccordingly() throws IOException {
        epoll.add(events[0], Linux.EPOLLOUT, 1);
        epoll.modify(events[0], Linux.EPOLLIN, 2);
        assertEquals(0, epoll.await(0));
        posix.write(events[0], value.address(), 8);
        assertEquals(Map.of(2L, Linux.EPOLLIN), ready(epoll.await(0)));
        epoll.delete(events[0]);
        assertEquals(0, epoll.await(0));
        assertEquals(Errno.ENOENT, assertThrows(PosixException.class, () -> epoll.delete(events[0])).errno());
        assertEquals(Errno.ENOENT, assertThrows(PosixException.class, () -> epoll.modify(events[0], 0, 0)).errno());
    }

    @Test
    void anInterruptedWaitIsAnEmptyOne() throws IOException {
        epoll.add(events[0], Linux.EPOLLOUT, 1);
        faulty.inject(FaultSchedule.onNth(Call.EPOLL_WAIT, 1, Fault.INTERRUPTED));
        assertEquals(0, epoll.await(1000));
        assertEquals(1, epoll.await(1000));
    }

    @Test
    void aWaitThatFailsSaysSo() {
        faulty.inject(FaultSchedule.always(Call.EPOLL_WAIT, Fault.error(Errno.EBADF)));
        assertThrows(PosixException.class, () -> epoll.await(0));
        assertThrows(IllegalArgumentException.class, () -> new Epoll(posix, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> epoll.token(4));
    }

    private Map<Long, Integer> ready(final int count) {
        final Map<Long, Integer> ready = new HashMap<>();
        for (int i = 0; i < count; i++) {
            ready.put(epoll.token(i), epoll.events(i));
        }
        return ready;
    }
}
