package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ConnectFailedException;
import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecResult;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.GuestBootstrap.SecurityProfile;
import dev.sluice.protocol.GuestEnv;
import dev.sluice.protocol.GuestMount;
import dev.sluice.protocol.GuestNetwork;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** {@code sluice agent --init} as the first process of a real guest: from the kernel's first program to the machine's end. */
class GuestInitTest {
    /** On an idle machine a boot takes 4 s, and the agent's start as long again. */
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(180);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CAP_SYS_ADMIN = 21;
    private static final String HOST_NAME = "box";
    private static final String MOUNT_POINT = "/mnt/data";
    private static final int FILE_BYTES = 300_000;
    private static final String DISK_BYTES = "8M";

    @Test
    @TimeLimit(seconds = 600)
    void aGuestIsMadeServesAndIsPoweredOff() throws Exception {
        Sluice.assumeBuilt();
        Tools.assumeInstalled("mke2fs", "apt-get install e2fsprogs");
        Tools.assumeInstalled("debugfs", "apt-get install e2fsprogs");
        try (Workspace workspace = new Workspace()) {
            final Path disk = workspace.path("disk");
            run(workspace, "mke2fs", "-q", "-t", "ext4", disk.toString(), DISK_BYTES);
            final AgentGuest guest = AgentGuest.prepare(workspace, disk);
            final Path console = workspace.path("console.sock");
            final Path bootstrap = Files.write(workspace.path("bootstrap"), payload(bootstrap()));
            final Program machine = guest.boot(console);
            final String[] relay = {
                "relay", "--guest", "unix:" + console, "--bootstrap", bootstrap.toString(),
                "--listen", workspace.path("agent.sock").toString()};
            final Program first = workspace.sluice(relay);
            final byte[] content = new byte[FILE_BYTES];
            new Random(Seeds.next("content")).nextBytes(content);
            try (SandboxClient client = connect(workspace, machine, first)) {
                theGuestIsWhatItsHostWants(client);
                orphansAreReaped(client);
                filesAreKept(client, content);
                lateHost(workspace, relay, first, client);
            }
            try (SandboxClient client = connect(workspace, machine, null)) {
                assertEquals("again\n", exec(client, "echo again"));
                client.shutdown(LIMIT);
                assertEquals(0, machine.awaitExit(LIMIT), () -> machine.stdout().text());
            }
            assertTrue(machine.stdout().text().contains("reboot: Power down"), machine.stdout().text());
            final Path copy = workspace.path("copy");
            assertTrue(run(workspace, "debugfs", "-R", "stats", disk.toString()).lines()
                .anyMatch(line -> line.matches("Filesystem state: +clean")), "unmounted, or made read-only");
            run(workspace, "debugfs", "-R", "dump /content " + copy, disk.toString());
            assertArrayEquals(content, Files.readAllBytes(copy));
        }
    }

    private static String run(final Workspace workspace, final String... command) throws Exception {
        final Program program = workspace.start(List.of(command));
        assertEquals(0, program.awaitExit(LIMIT), () -> program.stderr().text());
        return program.stdout().text();
    }

    private static GuestBootstrap bootstrap() {
        final GuestNetwork network = new GuestNetwork(
            AgentGuest.INTERFACE, ByteString.copyOf((byte) 2, (byte) 0, (byte) 0, (byte) 0x12, (byte) 0x34, (byte) 0x56), 1400,
            new GuestNetwork.Ip(ByteString.copyOf((byte) 192, (byte) 0, (byte) 2, (byte) 10), 24,
                ByteString.copyOf((byte) 192, (byte) 0, (byte) 2, (byte) 1), null), null);
        return GuestBootstrap.builder()
            .hostname(HOST_NAME).network(network).defaultCwd(ByteString.of("/tmp"))
            .defaultEnv(List.of(new GuestEnv(ByteString.of("COLOUR"), ByteString.of("a=b c"))))
            .diskMounts(List.of(new GuestMount.Disk(AgentGuest.DISK, ByteString.of(MOUNT_POINT), "ext4", GuestMount.Flags.NONE)))
            .tmpfsMounts(List.of(new GuestMount.Tmpfs(ByteString.of("/scratch"), 1L, null, GuestMount.Flags.NONE)))
            .securityProfile(SecurityProfile.RESTRICTED).build();
    }

    /** What a relay's file has to hold. */
    private static byte[] payload(final GuestBootstrap bootstrap) throws Exception {
        final byte[] frame = Frames.encode(7, 0, bootstrap);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, frame);
            final Envelope envelope = new Envelope().wrap(
                memory, FrameDescriptor.BODY_OFFSET, frame.length - FrameDescriptor.BODY_OFFSET);
            return envelope.payloadMemory().asSlice(envelope.payloadOffset(), envelope.payloadLength()).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static SandboxClient connect(final Workspace workspace, final Program machine, final Program relay) throws Exception {
        try {
            return Await.success(ConnectFailedException.class, BOOT_LIMIT, () -> {
                assertTrue(machine.isAlive(), "the machine has ended");
                return SandboxClient.connect(workspace.path("agent.sock"), CONNECT_LIMIT);
            });
        } catch (final ConnectFailedException | AssertionError e) {
            throw new AssertionError(machine.stdout().text() + machine.stderr().text() + (relay == null ? "" : relay.stderr().text()), e);
        }
    }

    private static String exec(final SandboxClient client, final String script) throws Exception {
        final ExecResult result = client.exec(ExecOptions.shell(script).startDeadline(LIMIT).build());
        assertEquals("", result.stderrText());
        return result.stdoutText();
    }

    private static void theGuestIsWhatItsHostWants(final SandboxClient client) throws Exception {
        final String name = client.exec("uname", "-a").stdoutText();
        assertTrue(name.startsWith("Linux " + HOST_NAME + " " + GuestKernel.find().release()), name);
        assertTrue(client.files().readString("/proc/1/cmdline").contains("agent\0--init\0"), "the agent is the first process");
        assertEquals("/tmp:a=b c\n", exec(client, "echo \"$PWD:$COLOUR\""));
        final String status = exec(client, "cat /proc/self/status");
        assertTrue(status.contains("NoNewPrivs:\t1\n"), status);
        final String effective = status.lines().filter(line -> line.startsWith("CapEff:\t")).findFirst().orElseThrow();
        assertEquals(0, Long.parseUnsignedLong(effective.substring(effective.indexOf('\t') + 1), 16) >> CAP_SYS_ADMIN & 1, effective);
        final String mounts = client.files().readString("/proc/mounts");
        for (final String mount : List.of(
            "/proc proc ", "/sys sysfs ", "/dev devtmpfs ", "/dev/pts devpts ", "/dev/shm tmpfs ", "/sys/fs/cgroup cgroup2 ",
            "/scratch tmpfs rw,nosuid,nodev,", MOUNT_POINT + " ext4 rw,nosuid,nodev,")) {
            assertTrue(mounts.contains(" " + mount), mounts);
        }
        final String network = "/sys/class/net/" + AgentGuest.INTERFACE;
        assertEquals("02:00:00:12:34:56 1400 1\n", exec(client, "cd " + network + "; echo $(cat address mtu carrier)"));
        assertTrue(client.files().readString("/proc/net/fib_trie").contains("|-- 192.0.2.10\n"), "the address");
        // In hexadecimal and the byte order of this machine: 0.0.0.0 by 192.0.2.1.
        assertTrue(client.files().readString("/proc/net/route").contains(AgentGuest.INTERFACE + "\t00000000\t010200C0\t"), "the route");
        assertTrue(client.files().readString("/proc/net/fib_trie").contains("|-- 127.0.0.1\n"), "loopback");
    }

    private static void orphansAreReaped(final SandboxClient client) throws Exception {
        exec(client, "for i in 1 2 3; do (setsid sleep 0.$i >/dev/null 2>&1 &); done");
        Await.until(() -> "no zombies", LIMIT, () -> exec(client, "cat /proc/[0-9]*/stat 2>/dev/null; true").lines()
            .noneMatch(line -> line.contains(" (sleep) ") || line.contains(") Z ")));
    }

    private static void filesAreKept(final SandboxClient client, final byte[] content) throws Exception {
        client.files().write(MOUNT_POINT + "/content", content);
        assertArrayEquals(content, client.files().read(MOUNT_POINT + "/content"));
        assertArrayEquals(content, client.exec("cat", MOUNT_POINT + "/content").stdout());
    }

    /** A relay is replaced: the console stays open in the guest, and nothing of the former one's clients is left there. */
    private static void lateHost(final Workspace workspace, final String[] relay, final Program first, final SandboxClient client)
        throws Exception {
        final ExecSession session = client.start(ExecOptions.shell("echo up; exec cat").build());
        assertEquals('u', session.stdout().read());
        first.kill();
        assertThrows(SandboxException.class, () -> session.waitFor(LIMIT));
        workspace.end(first);
        workspace.sluice(relay);
    }
}
