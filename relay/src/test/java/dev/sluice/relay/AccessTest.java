package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.PortAddress;
import dev.sluice.vsock.UnixAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets to a relay's sockets, who is let in, and who may shut the guest down. */
class AccessTest {
    private static final int STRANGER = 54_321;
    private static final int FRIEND = 12_345;
    private static final int GROUP = 2_345;
    private static final int OTHER_GROUP = 9_876;
    private static final int PERMISSIONS = 07777;

    @TempDir
    Path directory;
    private final OtherUsers users = new OtherUsers();
    private RelayUnderTest box;
    private int ownUid;

    @BeforeEach
    void open() throws IOException {
        box = new RelayUnderTest(directory);
        ownUid = (Integer) Files.getAttribute(directory, "unix:uid");
    }

    @AfterEach
    void close() throws Exception {
        box.close();
    }

    private static int mode(final Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & PERMISSIONS;
    }

    private boolean isGreeted() throws IOException {
        try (SocketChannel channel = Wire.dial(box.socket)) {
            return channel.read(ByteBuffer.allocate(1)) > 0;
        }
    }

    private boolean isGreeted(final int uid, final int gid, final int... groups) throws IOException {
        users.connectAs(uid, gid, groups);
        return isGreeted();
    }

    @Test
    void withoutRulesTheRelaysOwnUserAndRootAreLetIn() throws Exception {
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(new RelayContext().posix(users.posix()))) {
            assertTrue(isGreeted(ownUid, OTHER_GROUP) && isGreeted(0, OTHER_GROUP));
            assertTrue(!isGreeted(STRANGER, GROUP) && !isGreeted(-1, -1) && !isGreeted(STRANGER, 0, 0, GROUP));
            box.assertCount(3, RelayCounter.CLIENTS_REFUSED_ACCESS);
            box.assertCount(2, RelayCounter.CLIENTS_ACCEPTED);
            assertEquals(2, log.linesWith("client refused: pid=" + OtherUsers.PID + " uid=" + STRANGER + " gid=").size());
            assertEquals(2, log.linesWith(" connected").stream().filter(line -> line.contains("pid=" + OtherUsers.PID)).count());
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void c9_allowedUsersAreLetInAndNobodyElse() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext().posix(users.posix()).allowUid(FRIEND))) {
            assertTrue(isGreeted(FRIEND, OTHER_GROUP) && isGreeted(ownUid, OTHER_GROUP));
            assertTrue(!isGreeted(STRANGER, FRIEND) && !isGreeted(STRANGER, OTHER_GROUP, FRIEND), "the number of a user is not a group's");
            box.assertCount(2, RelayCounter.CLIENTS_REFUSED_ACCESS);
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void membersOfAllowedGroupsAreLetInHoweverTheyBelong() throws Exception {
        final RelayContext context = new RelayContext().posix(users.posix()).allowGid(GROUP).allowGid(GROUP + 1);
        try (Wire.End guest = box.startReady(context)) {
            final int[] many = IntStream.rangeClosed(100_000, 101_000).toArray();
            assertTrue(isGreeted(STRANGER, GROUP) && isGreeted(STRANGER, OTHER_GROUP, 1, 2, GROUP + 1), "primary and supplementary");
            assertTrue(!isGreeted(STRANGER, OTHER_GROUP, many));
            many[many.length - 1] = GROUP;
            assertTrue(isGreeted(STRANGER, OTHER_GROUP, many), "the last of a thousand");
            assertTrue(!isGreeted(STRANGER, OTHER_GROUP) && !isGreeted(GROUP, OTHER_GROUP, OTHER_GROUP + 1));
            box.assertCount(3, RelayCounter.CLIENTS_REFUSED_ACCESS);
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void refusedClientsHoldNoPlaceAndDisturbNobody() throws Exception {
        final RelayContext context = new RelayContext().posix(users.posix()).limit(RelayLimit.MAX_CLIENTS, 1);
        users.connectAs(ownUid, 0);
        try (Wire.End guest = box.startReady(context); Wire.Client client = box.connect()) {
            for (int i = 0; i < 300; i++) {
                assertTrue(!isGreeted(STRANGER, GROUP));
            }
            box.assertCount(300, RelayCounter.CLIENTS_REFUSED_ACCESS);
            assertTrue(box.count(RelayCounter.LOG_LINES_OMITTED) > 0, "a flood of refusals is no flood of lines");
            client.write(Wire.frame(client.id(1), 0, "00"));
            assertArrayEquals(Wire.frame(client.id(1), 0, "00"), guest.readFrame());
        }
    }

    @Test
    void onlyNamedUsersShutTheGuestDown() throws Exception {
        final RelayContext context = new RelayContext().posix(users.posix()).allowUid(FRIEND).allowUid(STRANGER).allowShutdown(FRIEND)
            .limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofMillis(1));
        users.connectAs(STRANGER, OTHER_GROUP);
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(context)) {
            for (final int uid : new int[] {STRANGER, ownUid}) {
                users.connectAs(uid, OTHER_GROUP);
                try (Wire.Client client = box.connect()) {
                    final byte[] before = Wire.frame(client.id(1), 0, "01");
                    client.write(Wire.concat(before, Wire.SHUTDOWN, Wire.frame(client.id(1), 0, "02")));
                    assertArrayEquals(before, guest.readFrame());
                    assertTrue(client.atEnd());
                }
            }
            box.assertCount(2, RelayCounter.SHUTDOWNS_REFUSED);
            assertEquals(2, log.linesWith("--allow-shutdown").size());
            assertTrue(log.linesWith("--allow-shutdown").get(0).contains("uid=" + STRANGER));
            assertTrue(box.isRunning());
            users.connectAs(FRIEND, OTHER_GROUP);
            try (Wire.Client client = box.connect()) {
                client.write(Wire.SHUTDOWN);
                assertArrayEquals(Wire.SHUTDOWN, guest.readFrame(), "the first that reaches the guest");
                assertEquals(RelayOutcome.GUEST_SHUT_DOWN, box.outcome());
            }
        }
    }

    @Test
    void shutdownWithAnIdIsRefusedWhoeverSendsIt() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client witness = box.connect()) {
            for (final int flags : new int[] {4, 5, 6, 0xff}) {
                try (Wire.Client client = box.connect()) {
                    client.write(Wire.frame(client.id(1), flags, "a3617601617470636f72652e657865632e7374646f7574617040"));
                    assertTrue(client.atEnd());
                }
            }
            box.assertCount(4, RelayCounter.CLIENT_FRAMES_BAD_CONTROL);
            witness.write(Wire.frame(witness.id(1), 0, "00"));
            assertArrayEquals(Wire.frame(witness.id(1), 0, "00"), guest.readFrame(), "none of them reached the guest");
        }
    }

    @Test
    void socketsAreAsOpenAsTheRulesNeed() throws Exception {
        final Path inner = directory.resolve("made").resolve("agent.sock");
        assertModes(inner, new RelayContext(), 0600, 0700);
        assertModes(inner, new RelayContext().allowUid(FRIEND), 0666, 0711);
        assertModes(inner, new RelayContext().allowUid(FRIEND).allowGid(ownGid()), 0666, 0711);
        assertModes(inner, new RelayContext().allowGid(ownGid()), 0660, 0750);
    }

    private int ownGid() throws IOException {
        return (Integer) Files.getAttribute(directory, "unix:gid");
    }

    private void assertModes(final Path socket, final RelayContext context, final int socketMode, final int directoryMode)
        throws IOException {
        final PortAddress port = PortAddress.parse("unix:" + directory.resolve("console.sock"));
        try (Relay relay = Relay.open(context.listen(socket).guest(port))) {
            assertEquals(0, relay.counters().get(RelayCounter.CLIENTS_ACCEPTED));
            assertEquals(Integer.toOctalString(socketMode), Integer.toOctalString(mode(socket)));
            assertEquals(Integer.toOctalString(directoryMode), Integer.toOctalString(mode(socket.getParent())));
            assertEquals(0600, mode(Path.of(socket + ".lock")));
        }
        Files.delete(Path.of(socket + ".lock"));
        Files.delete(socket.getParent());
    }

    /** Looked at between any two system calls of the start, under both names the socket has. */
    @Test
    void socketsAreClosedToOthersFromTheFirstInstant() throws Exception {
        final Set<Integer> seen = new TreeSet<>();
        final List<Path> names = List.of(box.socket, Path.of(box.socket + "~"), box.rangeSocket, Path.of(box.rangeSocket + "~"));
        final FaultySyscalls calls = new FaultySyscalls(Posix.system().syscalls());
        calls.inject((call, nth, nthOfAll) -> {
            for (final Path name : names) {
                try {
                    seen.add(mode(name));
                } catch (final NoSuchFileException e) {
                    continue;
                } catch (final IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
            return Fault.NONE;
        });
        try (Wire.End guest = box.startReady(new RelayContext().posix(new Posix(calls))); Wire.Client client = box.connect()) {
            assertTrue(guest.channel.isOpen() && client.channel.isOpen());
        }
        box.stop();
        assertEquals(Set.of(0600), seen);
    }

    @Test
    void inheritedSocketsAreServedAndTheirFilesLeftAlone() throws Exception {
        final Path offset = directory.resolve("activated");
        final Path range = directory.resolve("activated range");
        final RelayContext context = new RelayContext().guest(PortAddress.parse("unix:" + directory.resolve("console.sock")))
            .listen(ListenAddress.parse("fd:" + listener(offset))).listen(ListenAddress.parse("range:fd:" + listener(range)));
        box.start(Relay.open(context));
        try (Wire.End guest = box.nextGuest(Wire.READY); Wire.Client client = Wire.Client.connect(offset);
            Wire.RangeClient other = Wire.RangeClient.connect(range)) {
            assertEquals(List.of(0, 1), List.of(client.range(), other.range()));
            assertTrue(guest.channel.isOpen());
        }
        box.stop();
        assertTrue(Files.exists(offset) && Files.exists(range), "whoever made them keeps them");
        assertThrows(IOException.class, () -> Wire.dial(offset), "and nobody listens any more");
        assertTrue(!Files.exists(Path.of(offset + ".lock")));
    }

    @Test
    void inheritedDescriptorsThatAreNoListenersAreRefused() throws Exception {
        final Posix posix = Posix.system();
        final int file = posix.open(directory.resolve("file").toString(), Linux.O_RDWR | Linux.O_CREAT | Linux.O_CLOEXEC, 0600);
        final int[] pair = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        for (final int fd : new int[] {file, pair[0], 1_000_000}) {
            final RelayContext context = new RelayContext().guest(PortAddress.parse("unix:" + directory.resolve("console.sock")))
                .listen(box.socket).listen(ListenAddress.parse("fd:" + fd));
            assertThrows(IOException.class, () -> Relay.open(context));
            assertTrue(!Files.exists(box.socket), "what was opened before is closed again");
        }
        for (final int fd : new int[] {file, pair[0], pair[1]}) {
            posix.close(fd);
        }
    }

    /** {@return a descriptor as a service manager would leave one: listening, blocking} */
    private static int listener(final Path path) throws IOException {
        final Posix posix = Posix.system();
        final int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            posix.bind(fd, UnixAddress.of(path).toSockaddr(arena));
        }
        posix.listen(fd, 10);
        return fd;
    }

    @Test
    void realUsersAreToldApart() throws Exception {
        assumeTrue(ownUid == 0 && Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs root and setpriv");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        final RelayContext context = new RelayContext().allowUid(FRIEND).allowGid(GROUP).allowShutdown(0)
            .limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofMillis(1));
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(context)) {
            final String refused = peer(STRANGER, OTHER_GROUP, List.of());
            assertTrue(refused.endsWith(" refused"), refused);
            final String pid = refused.substring(0, refused.indexOf(' '));
            assertEquals(1, log.linesWith("client refused: pid=" + pid + " uid=" + STRANGER + " gid=" + OTHER_GROUP).size());
            assertTrue(peer(STRANGER, OTHER_GROUP, List.of("--groups", "77," + GROUP)).endsWith(" greeted"), "a supplementary group");
            final String befriended = peer(FRIEND, OTHER_GROUP, List.of(), HexFormat.of().formatHex(Wire.SHUTDOWN));
            assertTrue(befriended.endsWith(" greeted"), befriended);
            box.assertCount(1, RelayCounter.SHUTDOWNS_REFUSED);
            try (Wire.Client root = box.connect()) {
                root.write(Wire.SHUTDOWN);
                assertArrayEquals(Wire.SHUTDOWN, guest.readFrame());
            }
        }
    }

    /** Runs a client as another user. @return what it printed */
    private String peer(final int uid, final int gid, final List<String> options, final String... bytes) throws Exception {
        final Path classes = directory.resolve("classes");
        final String name = PeerProgram.class.getName();
        final Path file = classes.resolve(name.replace('.', '/') + ".class");
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent());
            Files.copy(PeerProgram.class.getResourceAsStream("PeerProgram.class"), file);
        }
        final List<String> command = new ArrayList<>(List.of("/usr/bin/setpriv", "--reuid", "" + uid, "--regid", "" + gid));
        command.addAll(options.isEmpty() ? List.of("--clear-groups") : options);
        command.addAll(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto", "-XX:TieredStopAtLevel=1",
            "-cp", classes.toString(), name, box.socket.toString()));
        command.addAll(List.of(bytes));
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            assertTrue(process.waitFor(40, TimeUnit.SECONDS), () -> "no end: " + command);
            return new String(process.getInputStream().readAllBytes(), US_ASCII).strip();
        } finally {
            process.destroyForcibly();
            process.getInputStream().close();
        }
    }
}
