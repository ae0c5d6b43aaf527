package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecRlimit;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.GuestBootstrap.SecurityProfile;
import dev.sluice.protocol.GuestEnv;
import dev.sluice.protocol.GuestHandoff;
import dev.sluice.protocol.GuestMount;
import dev.sluice.protocol.GuestNetwork;
import dev.sluice.protocol.InitResolved;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Ready;
import dev.sluice.protocol.Shutdown;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as the first process of a guest, for which namespaces stand. */
class AgentInitTest {
    private static final long DEADLINE_MS = 60_000;
    private static final long QUIET_NS = 300_000_000;
    /** What a process is killed by whose PID namespace is powered off, as a shell shows it: SIGINT. Source: reboot(2). */
    private static final int POWERED_OFF = 128 + 2;
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_SYS_RESOURCE = 24;
    private static final EmptyMessage ACK = new EmptyMessage(MessageType.INIT_ACK);

    @TempDir
    private Path directory;

    @BeforeEach
    void needsNamespaces() throws Exception {
        TestGuest.assumePossible(directory);
        // Other users are to get through to what is mounted in it.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static ByteString octets(final String address) throws IOException {
        return ByteString.copyOf(InetAddress.getByName(address).getAddress());
    }

    private GuestBootstrap.Builder everything() throws IOException {
        final GuestNetwork network = new GuestNetwork(
            "v0", ByteString.copyOf((byte) 2, (byte) 0, (byte) 0, (byte) 0x12, (byte) 0x34, (byte) 0x56), 1400,
            new GuestNetwork.Ip(octets("192.0.2.10"), 24, octets("192.0.2.1"), octets("192.0.2.53")),
            new GuestNetwork.Ip(octets("2001:db8::10"), 64, octets("2001:db8::1"), octets("2001:db8::53")));
        final ByteString work = ByteString.of(directory + "/work");
        return GuestBootstrap.builder()
            .tmpfsMounts(List.of(
                new GuestMount.Tmpfs(ByteString.of(work + "/deep/er"), null, null, new GuestMount.Flags(true, false, false, false)),
                new GuestMount.Tmpfs(work, 8L, 01777L, new GuestMount.Flags(false, true, true, true))))
            .hostname("box").hostAlias("host.internal").network(network)
            .user(ByteString.of("1234:2345")).defaultCwd(work)
            .defaultEnv(List.of(new GuestEnv(ByteString.of("COLOUR"), ByteString.of("a=b c"))))
            .securityProfile(SecurityProfile.RESTRICTED);
    }

    @Test
    void theGuestBecomesWhatItsHostWants() throws Exception {
        try (TestGuest guest = new TestGuest(directory, DEADLINE_MS)) {
            final HostEnd host = guest.connect();
            assertNull(host.next(QUIET_NS), "nothing is said before the host has spoken");
            guest.send(everything().build());
            assertEquals(new InitResolved(1234, 2345), host.next().message());
            assertNull(host.next(QUIET_NS), "the host has to acknowledge");
            guest.send(ACK);
            assertEquals(Ready.class, host.next().message().getClass());
            programsSeeIt(host);
            mountsAreThere(host);
            networkIsThere(host);
            memoryIsNotThatOfTheAgent(host);
            orphansAreReaped(host);
            end(guest, host);
        }
    }

    private static String out(final HostEnd host, final int id, final String script) throws IOException {
        final ExecResult result = host.run(id, HostEnd.shell(script));
        assertEquals(ExecExited.class, result.terminal.getClass(), () -> result.terminal.toString());
        assertEquals("", result.err());
        return result.out().strip();
    }

    private static String rootOut(final HostEnd host, final int id, final String script) throws IOException {
        return host.run(id, HostEnd.shell(script).user(ByteString.of("0:0"))).out().strip();
    }

    private void programsSeeIt(final HostEnd host) throws IOException {
        assertEquals("box", out(host, 1, "uname -n"));
        assertEquals("1234:2345", out(host, 2, "echo $(id -u):$(id -g)"));
        assertEquals(directory + "/work", out(host, 3, "pwd"));
        assertEquals("a=b c", out(host, 4, "echo \"$COLOUR\""));
        assertEquals("NoNewPrivs:\t1", out(host, 6, "grep NoNewPrivs /proc/self/status"));
        final ExecResult own = host.run(7, HostEnd.shell("id -u; pwd").user(ByteString.of("0")).cwd(ByteString.of("/")));
        assertEquals("0\n/\n", own.out(), "what a request asks for comes first");
        // Of what root has otherwise, the ability to mount is missing, for whatever it executes.
        final String refused = host.run(8, HostEnd.shell("mount -t tmpfs none /mnt; id -u").user(ByteString.of("0"))).out();
        assertEquals("0\n", refused);
        assertFalse(rootOut(host, 9, "cat /proc/self/mounts").contains(" /mnt "), "it cannot be mounted");
        for (final String set : List.of("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh")) {
            final String line = rootOut(host, 9, "grep " + set + " /proc/self/status");
            assertEquals(0, Long.parseUnsignedLong(line.substring(line.lastIndexOf('\t') + 1), 16) >> CAP_SYS_ADMIN & 1, line);
        }
    }

    private void mountsAreThere(final HostEnd host) throws IOException {
        final String work = directory + "/work";
        final String mounts = out(host, 10, "cat /proc/self/mounts");
        final String line = mounts.lines().filter(text -> text.contains(" " + work + " ")).findFirst().orElseThrow();
        assertTrue(line.startsWith("tmpfs ") && line.contains("nosuid,nodev,noexec") && line.contains("size=8192k"), line);
        assertEquals("1777", out(host, 11, "stat -c %a " + work));
        assertTrue(mounts.contains(work + "/deep/er tmpfs ro,nosuid,nodev,relatime"), "restricted, though not asked for: " + mounts);
        assertTrue(mounts.contains(" /dev/shm tmpfs "), "what was missing has been mounted: " + mounts);
        assertEquals("1777", out(host, 12, "stat -c %a /dev/shm"));
        assertMountedOnce(mounts, "/sys");
        assertMountedOnce(mounts, "/dev");
    }

    private static void assertMountedOnce(final String mounts, final String point) {
        assertEquals(1, mounts.lines().filter(line -> line.contains(" " + point + " ")).count(), "left alone: " + point + "\n" + mounts);
    }

    private void networkIsThere(final HostEnd host) throws IOException {
        final String link = rootOut(host, 20, "ip link show v0; ip addr show v0; ip route; ip -6 route; ip addr show lo");
        assertTrue(link.contains("mtu 1400") && link.contains("link/ether 02:00:00:12:34:56"), link);
        assertTrue(link.contains("inet 192.0.2.10/24") && link.contains("inet6 2001:db8::10/64"), link);
        assertTrue(link.contains("default via 192.0.2.1 dev v0") && link.contains("default via 2001:db8::1 dev v0"), link);
        assertTrue(link.contains("inet 127.0.0.1/8"), link);
        assertEquals("nameserver 192.0.2.53\nnameserver 2001:db8:0:0:0:0:0:53\n", Files.readString(directory.resolve("resolv.conf")));
        assertEquals(
            "127.0.0.1 localhost\n127.0.1.1 box # sluice\n192.0.2.1 host.internal # sluice\n2001:db8:0:0:0:0:0:1 host.internal # sluice\n",
            Files.readString(directory.resolve("hosts")));
    }

    private static void memoryIsNotThatOfTheAgent(final HostEnd host) throws IOException {
        final String original = Files.readString(Path.of("/proc/self/oom_score_adj")).strip();
        final String expected = mayUseAnyResource() ? "-1000" : original;
        assertEquals(expected, rootOut(host, 30, "cat /proc/1/oom_score_adj"));
        assertEquals(original, out(host, 31, "cat /proc/self/oom_score_adj"), "a program that was held");
    }

    private static boolean mayUseAnyResource() throws IOException {
        final String line = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(text -> text.startsWith("CapEff:"))
            .findFirst().orElseThrow();
        return (Long.parseLong(line.substring("CapEff:".length()).strip(), 16) & 1L << CAP_SYS_RESOURCE) != 0;
    }

    private static void orphansAreReaped(final HostEnd host) throws IOException {
        final String orphan = rootOut(host, 40, "(sleep 0.01 & echo $!)");
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        int id = 41;
        // Each program has the loop look for orphans.
        while (!rootOut(host, id++, "test -e /proc/" + orphan + " || echo gone").equals("gone")) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "the orphan is reaped");
        }
    }

    private static void end(final TestGuest guest, final HostEnd host) throws Exception {
        final String namespace = rootOut(host, 100, "readlink /proc/1/ns/pid");
        assertTrue(namespace.startsWith("pid:["), namespace);
        assertNotEquals(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString(), namespace, "not to be powered off");
        host.exec(101, "sh", "-c", "trap '' TERM; setsid sleep 1000 & while :; do sleep 1000; done");
        host.next();
        guest.send(new Shutdown());
        assertThrows(EOFException.class, () -> {
            while (true) {
                host.next();
            }
        });
        final String log = guest.awaitEnd();
        assertTrue(log.contains("outcome: SHUT_DOWN"), log);
        assertTrue(!log.contains("not powered off"), log);
        assertEquals(POWERED_OFF, guest.exitCode(), log);
    }

    @Test
    void limitsAreThoseOfItsPrograms() throws Exception {
        try (TestGuest guest = new TestGuest(directory, DEADLINE_MS)) {
            final HostEnd host = guest.connect();
            guest.send(GuestBootstrap.builder().rlimits(List.of(new ExecRlimit("nofile", 77, 99), new ExecRlimit("CORE", 0, 0))).build());
            assertEquals(new InitResolved(0, 0), host.next().message());
            guest.send(ACK);
            // Not a byte of what follows the acknowledgement is lost.
            host.exec(1, "sh", "-c", "echo $(ulimit -Sn) $(ulimit -Hn) $(ulimit -Hc) $(cat /proc/self/oom_score_adj)");
            assertEquals(Ready.class, host.next().message().getClass());
            final String score = Files.readString(Path.of("/proc/self/oom_score_adj")).strip();
            assertEquals("77 99 0 " + score + "\n", host.collect(1).out());
            final ExecResult own = host.run(2, HostEnd.shell("ulimit -Sn; ulimit -Hc").rlimits(List.of(new ExecRlimit("nofile", 55, 66))));
            assertEquals("55\n0\n", own.out(), "what a request asks for comes first");
        }
    }

    @Test
    void whatTheGuestCannotBecomeIsSaidAndEndsIt() throws Exception {
        final GuestBootstrap refused = GuestBootstrap.builder()
            .handoffInit(new GuestHandoff(ByteString.of("auto"), List.of(), null, List.of())).build();
        assertEndsWith("handoff_init is not supported", refused);
        assertEndsWith("core.bootstrap: user: guest user not found: \"nosuch\"",
            GuestBootstrap.builder().user(ByteString.of("nosuch")).build());
    }

    private void assertEndsWith(final String reason, final GuestBootstrap bootstrap) throws Exception {
        Files.deleteIfExists(directory.resolve("port.sock"));
        try (TestGuest guest = new TestGuest(directory, DEADLINE_MS)) {
            final HostEnd host = guest.connect();
            guest.send(bootstrap);
            assertThrows(EOFException.class, host::next);
            final String log = guest.awaitEnd();
            assertTrue(log.contains(reason), log);
            assertEquals(POWERED_OFF, guest.exitCode(), log);
        }
    }

    @Test
    void aHostThatSaysNothingEndsTheGuest() throws Exception {
        try (TestGuest guest = new TestGuest(directory, 200)) {
            final HostEnd host = guest.connect();
            assertThrows(EOFException.class, host::next);
            final String log = guest.awaitEnd();
            assertTrue(log.contains("waited for core.bootstrap"), log);
        }
    }
}
