package dev.sluice.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ring.RingDescriptor;
import dev.sluice.vsock.UnixAddress;
import dev.sluice.vsock.UnixConnector;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PortSourcesTest {
    private final FaultySyscalls calls = new FaultySyscalls(Posix.system().syscalls());
    private final Posix posix = new Posix(calls);
    private final MemorySegment bytes = Arena.ofAuto().allocate(64);

    @TempDir
    private Path directory;
    private String path;

    @BeforeEach
    void name() {
        path = directory.resolve("p").toString();
    }

    private PortSource host(final PortAddress.Kind kind) throws IOException {
        return PortSources.host(posix, new PortAddress(kind, path));
    }

    private PortSource guest(final PortAddress.Kind kind) throws IOException {
        return PortSources.guest(posix, new PortAddress(kind, path));
    }

    private void assertConnected(final Port one, final Port other) throws IOException {
        assertNotNull(one);
        assertNotNull(other);
        assertEquals(1, one.writer().write(bytes, 0, 1));
        one.writer().flush();
        try (PortOwner owner = new PortOwner(posix, other)) {
            while (owner.port.reader().poll() == 0) {
                assertTrue(owner.await(true, false, 5000));
            }
        }
        one.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"RING", "UNIX_LISTEN"})
    void aListenerServesOnePeerAfterTheOther(final PortAddress.Kind kind) throws IOException {
        final PortAddress.Kind dialled = kind == PortAddress.Kind.RING ? kind : PortAddress.Kind.UNIX;
        try (PortSource hosts = host(kind)) {
            assertTrue(hosts.fd() >= 0);
            assertNull(hosts.tryOpen());
            for (int i = 0; i < 3; i++) {
                try (PortSource guests = guest(dialled); PortSource waiting = guest(dialled)) {
                    Port guest = guests.tryOpen();
                    Port next = waiting.tryOpen();
                    final Port host = hosts.tryOpen();
                    guest = guest == null ? guests.tryOpen() : guest;
                    assertConnected(host, guest);
                    final Port second = hosts.tryOpen();
                    next = next == null ? waiting.tryOpen() : next;
                    assertConnected(second, next);
                    assertNull(hosts.tryOpen());
                }
            }
        }
        assertFalse(Files.exists(Path.of(path)));
    }

    @ParameterizedTest
    @EnumSource(names = {"RING", "UNIX"})
    void aDiallerWaitsForItsListener(final PortAddress.Kind kind) throws IOException {
        final PortAddress.Kind listening = kind == PortAddress.Kind.RING ? kind : PortAddress.Kind.UNIX_LISTEN;
        try (PortSource guests = guest(kind)) {
            assertEquals(-1, guests.fd());
            assertNull(guests.tryOpen());
            for (int i = 0; i < 2; i++) {
                try (PortSource hosts = host(listening)) {
                    Port guest = guests.tryOpen();
                    final Port host = hosts.tryOpen();
                    guest = guest == null ? guests.tryOpen() : guest;
                    assertConnected(host, guest);
                }
                assertNull(guests.tryOpen());
            }
        }
    }

    @Test
    void aGuestThatWaitsForItsRingDialsAgainWhenTheHostGoesAway() throws IOException {
        try (PortSource guests = guest(PortAddress.Kind.RING)) {
            try (PortSource hosts = host(PortAddress.Kind.RING)) {
                assertTrue(hosts.fd() >= 0);
                assertNull(guests.tryOpen(), "connected, but the host serves another");
            }
            assertNull(guests.tryOpen(), "that connection is dead");
            try (PortSource hosts = host(PortAddress.Kind.RING)) {
                assertNull(guests.tryOpen());
                final Port host = hosts.tryOpen();
                assertConnected(host, guests.tryOpen());
            }
        }
    }

    @Test
    void aGuestThatGaveUpIsPassedOver() throws IOException {
        try (PortSource hosts = host(PortAddress.Kind.RING)) {
            posix.close(UnixConnector.tryConnect(posix, new UnixAddress(path)));
            assertNull(hosts.tryOpen());
            try (PortSource guests = guest(PortAddress.Kind.RING)) {
                assertNull(guests.tryOpen());
                final Port host = hosts.tryOpen();
                assertConnected(host, guests.tryOpen());
            }
        }
    }

    @Test
    void somethingElseAtARingsAddressIsAnErrorThatSaysSo() throws IOException {
        try (UnixListener listener = UnixListener.open(posix, new UnixAddress(path), 1); PortSource guests = guest(PortAddress.Kind.RING)) {
            assertNull(guests.tryOpen());
            final int other = listener.accept();
            posix.send(other, bytes.address(), 64, Linux.MSG_NOSIGNAL);
            final String message = assertThrows(IOException.class, guests::tryOpen).getMessage();
            assertTrue(message.contains("not the hand-over of a ring"), message);
            posix.close(other);
        }
    }

    @Test
    void theHostLeavesAtMostAQuarterOfAMebibyteUnreadInARing() throws IOException {
        try (PortSource hosts = host(PortAddress.Kind.RING);
             PortSource guests = guest(PortAddress.Kind.RING);
             Arena arena = Arena.ofConfined()) {
            assertNull(guests.tryOpen());
            try (Port host = hosts.tryOpen(); Port guest = guests.tryOpen()) {
                final MemorySegment much = arena.allocate(2L << 20);
                final int toGuest = host.writer().write(much, 0, 2 << 20);
                assertTrue(toGuest > 255 << 10 && toGuest <= 256 << 10, "taken " + toGuest);
                final int toHost = guest.writer().write(much, 0, 2 << 20);
                assertTrue(toHost > RingDescriptor.DEFAULT_CAPACITY - 1024 && toHost < RingDescriptor.DEFAULT_CAPACITY, "taken " + toHost);
            }
        }
    }

    @Test
    void aSecondHostIsRefused() throws IOException {
        try (PortSource hosts = host(PortAddress.Kind.RING)) {
            assertTrue(hosts.fd() >= 0);
            assertThrows(IOException.class, () -> host(PortAddress.Kind.RING));
            assertThrows(IOException.class, () -> host(PortAddress.Kind.UNIX_LISTEN));
        }
    }

    @Test
    void withoutDescriptorsAPeerIsTurnedAwayAndTheListenerGoesQuiet() throws IOException {
        try (PortSource hosts = host(PortAddress.Kind.UNIX_LISTEN)) {
            assertNull(hosts.tryOpen());
            final int peer = UnixConnector.tryConnect(posix, new UnixAddress(path));
            calls.inject(FaultSchedule.onNth(Call.ACCEPT4, 1, Fault.error(Errno.EMFILE)));
            assertNull(hosts.tryOpen());
            assertEquals(0, posix.read(peer, bytes.address(), 1), "the peer is told");
            assertNull(hosts.tryOpen());
            posix.close(peer);
            try (PortSource guests = guest(PortAddress.Kind.UNIX)) {
                final Port guest = guests.tryOpen();
                assertConnected(hosts.tryOpen(), guest);
            }
        }
    }

    @Test
    void whatKeepsAListenerFromTakingItsPeersInIsSaidOnceUntilItIsOver() throws IOException {
        final List<String> lines = new ArrayList<>();
        final Handler handler = new Handler() {
            @Override
            public void publish(final LogRecord line) {
                lines.add(MessageFormat.format(line.getMessage(), line.getParameters()));
            }

            @Override
            public void flush() {
                // Lines are kept as they come.
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
        final Logger logger = Logger.getLogger("dev.sluice.port");
        logger.addHandler(handler);
        try (PortSource hosts = host(PortAddress.Kind.UNIX_LISTEN)) {
            for (int i = 1; i <= 2; i++) {
                calls.inject(FaultSchedule.always(Call.ACCEPT4, Fault.error(Errno.EMFILE)));
                for (int j = 0; j < 50; j++) {
                    assertNull(hosts.tryOpen());
                }
                assertEquals(i, lines.size(), lines::toString);
                assertTrue(lines.getLast().contains(path) && lines.getLast().contains("EMFILE"), lines::toString);
                calls.inject(FaultSchedule.NEVER);
                try (PortSource guests = guest(PortAddress.Kind.UNIX)) {
                    final Port guest = guests.tryOpen();
                    assertConnected(hosts.tryOpen(), guest);
                }
            }
        } finally {
            logger.removeHandler(handler);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RING", "UNIX_LISTEN"})
    void aListenersSocketThatACleanerRemovedIsMadeAgain(final PortAddress.Kind kind) throws IOException {
        final PortAddress.Kind dialled = kind == PortAddress.Kind.RING ? kind : PortAddress.Kind.UNIX;
        try (PortSource hosts = host(kind); Epoll epoll = new Epoll(posix, 4)) {
            assertFalse(hosts.restore(), "it is there");
            epoll.add(hosts.fd(), Linux.EPOLLIN, 1);
            final int before = UnixConnector.tryConnect(posix, new UnixAddress(path));
            Files.delete(Path.of(path));
            assertTrue(hosts.restore());
            assertEquals(0, epoll.await(0), "nothing is left of the former socket");
            posix.close(before);
            try (PortSource guests = guest(dialled)) {
                Port guest = guests.tryOpen();
                final Port host = hosts.tryOpen();
                guest = guest == null ? guests.tryOpen() : guest;
                assertConnected(host, guest);
            }
        }
    }

    @Test
    void theReserveIsTakenBeforeThereIsAWantOfDescriptors() throws IOException {
        try (PortSource hosts = host(PortAddress.Kind.UNIX_LISTEN)) {
            final int peer = UnixConnector.tryConnect(posix, new UnixAddress(path));
            // Not even a reserve could be had any more.
            calls.inject((call, nth, nthOfAll) ->
                call == Call.FCNTL || call == Call.ACCEPT4 && nth == 1 ? Fault.error(Errno.EMFILE) : Fault.NONE);
            assertNull(hosts.tryOpen());
            assertEquals(0, posix.read(peer, bytes.address(), 1), "the peer is told");
            calls.inject(FaultSchedule.NEVER);
            posix.close(peer);
        }
    }

    @Test
    void withoutAReserveThereIsNoListener() throws IOException {
        calls.inject(FaultSchedule.always(Call.FCNTL, Fault.error(Errno.EMFILE)));
        assertThrows(IOException.class, () -> host(PortAddress.Kind.UNIX_LISTEN));
        calls.inject(FaultSchedule.NEVER);
        assertFalse(Files.exists(Path.of(path)));
        host(PortAddress.Kind.UNIX_LISTEN).close();
    }

    /** Whoever has no descriptors now may have some by the next attempt. */
    @ParameterizedTest
    @CsvSource({"RING, SOCKET", "UNIX, SOCKET", "FILE, OPEN"})
    void aWantOfDescriptorsIsWaitedOut(final PortAddress.Kind kind, final Call call) throws IOException {
        final PortAddress address = kind == PortAddress.Kind.FILE ? PortAddress.parse("file:/dev/null") : new PortAddress(kind, path);
        final PortAddress.Kind listening = kind == PortAddress.Kind.RING ? kind : PortAddress.Kind.UNIX_LISTEN;
        try (PortSource hosts = host(listening); PortSource guests = PortSources.guest(posix, address)) {
            for (final int errno : new int[] {Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM}) {
                calls.inject(FaultSchedule.always(call, Fault.error(errno)));
                assertNull(guests.tryOpen());
            }
            calls.inject(FaultSchedule.NEVER);
            Port guest = guests.tryOpen();
            final Port host = kind == PortAddress.Kind.FILE ? null : hosts.tryOpen();
            guest = guest == null ? guests.tryOpen() : guest;
            assertNotNull(guest);
            guest.close();
            if (host != null) {
                host.close();
            }
        }
    }

    /** Whichever call fails, the peer is lost and nothing else: the next one is served, and no descriptor is left over. */
    @ParameterizedTest
    @EnumSource(value = Call.class, names = {"MEMFD_CREATE", "FTRUNCATE", "MMAP", "SENDMSG", "SETSOCKOPT"})
    void aFailedHandOverCostsOnePeer(final Call call) throws IOException {
        final PortAddress.Kind kind = call == Call.SETSOCKOPT ? PortAddress.Kind.UNIX_LISTEN : PortAddress.Kind.RING;
        final PortAddress.Kind dialled = kind == PortAddress.Kind.RING ? kind : PortAddress.Kind.UNIX;
        try (PortSource hosts = host(kind); PortSource guests = guest(dialled)) {
            final int peer = UnixConnector.tryConnect(posix, new UnixAddress(path));
            calls.inject(FaultSchedule.always(call, Fault.error(Errno.ENOMEM)));
            assertNull(hosts.tryOpen());
            calls.inject(FaultSchedule.NEVER);
            assertEquals(0, posix.read(peer, bytes.address(), 1), "the peer is told");
            posix.close(peer);
            Port guest = guests.tryOpen();
            final Port host = hosts.tryOpen();
            guest = guest == null ? guests.tryOpen() : guest;
            assertConnected(host, guest);
        }
    }

    @Test
    void aDeviceThatIsNotThereYetIsWaitedFor() throws IOException {
        try (PortSource source = guest(PortAddress.Kind.FILE)) {
            assertEquals(-1, source.fd());
            assertNull(source.tryOpen());
        }
    }

    @Test
    void whatIsNoDeviceIsRefused() throws IOException {
        Files.writeString(Path.of(path), "plain");
        for (final String other : new String[] {path, directory.toString()}) {
            try (PortSource source = PortSources.host(posix, PortAddress.parse("file:" + other))) {
                final String message = assertThrows(IOException.class, source::tryOpen).getMessage();
                assertTrue(message.contains("not a character device or terminal: path=" + other), message);
            }
        }
    }

    @Test
    void aDevicesEndOfFileEndsTheHostsPort() throws IOException {
        try (PortSource source = PortSources.host(posix, PortAddress.parse("file:/dev/null")); Port port = source.tryOpen()) {
            port.onReady(Linux.EPOLLIN);
            assertEquals(PortStatus.CLOSED, port.reader().poll());
        }
    }

    @Test
    void aConsolesEndOfFileMeansThatNoHostIsThere() throws IOException {
        try (PortSource source = PortSources.guest(posix, PortAddress.parse("file:/dev/null")); Port port = source.tryOpen()) {
            port.onReady(Linux.EPOLLIN | Linux.EPOLLHUP);
            assertEquals(0, port.reader().poll());
            assertEquals(Linux.EPOLLIN | Linux.EPOLLET, port.prepareToSleep(true, false), "a known hang-up ends no more waits");
            port.onReady(Linux.EPOLLIN);
            assertEquals(0, port.reader().poll());
            assertEquals(Linux.EPOLLIN, port.prepareToSleep(true, false), "a host has come");
        }
    }

    /** A host is met by the first byte, in either direction; when it goes, so does what was said to it, but not the device. */
    @Test
    void aConsoleEndsWithTheHostThatItHasMet() throws IOException {
        try (PortSource source = PortSources.guest(posix, PortAddress.parse("file:/dev/null"))) {
            for (int host = 0; host < 3; host++) {
                try (Port port = source.tryOpen()) {
                    port.onReady(Linux.EPOLLIN | Linux.EPOLLHUP);
                    assertEquals(0, port.reader().poll());
                    assertFalse(port.isPeerGone());
                    port.onReady(Linux.EPOLLIN | Linux.EPOLLOUT);
                    assertEquals(1, port.writer().write(bytes, 0, 1));
                    port.onReady(Linux.EPOLLIN | Linux.EPOLLHUP);
                    assertTrue(port.isPeerGone());
                    assertEquals(PortStatus.CLOSED, port.reader().poll());
                    assertEquals("the host has left the console", port.detail());
                }
                calls.inject(FaultSchedule.always(Call.OPEN, Fault.error(Errno.EIO)));
            }
        }
    }

    @Test
    void aConsoleThatFailsIsOpenedAnew() throws IOException {
        try (PortSource source = PortSources.guest(posix, PortAddress.parse("file:/dev/null"))) {
            try (Port port = source.tryOpen()) {
                calls.inject(FaultSchedule.always(Call.READ, Fault.error(Errno.ENODEV)));
                port.onReady(Linux.EPOLLIN | Linux.EPOLLHUP);
                assertEquals(PortStatus.CLOSED, port.reader().poll());
            }
            calls.inject(FaultSchedule.always(Call.OPEN, Fault.error(Errno.ENOENT)));
            assertNull(source.tryOpen());
            calls.inject(FaultSchedule.NEVER);
            source.tryOpen().close();
        }
    }
}
