package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.ExecRlimit;
import dev.sluice.protocol.ExecSignal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who programs run as, and what they may use. */
class AgentIdentityTest {
    private static final String NOBODY = "65534";
    private static final List<String> RESOURCES = List.of(
        "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending", "msgqueue", "nice",
        "rtprio", "rttime");

    @TempDir
    private Path directory;
    private TestAgent agent;
    private HostEnd host;

    @BeforeEach
    void start() throws IOException {
        agent = TestAgent.start();
        host = agent.host();
    }

    @AfterEach
    void end() throws IOException {
        agent.close();
    }

    private static void needsRoot() {
        assumeTrue(Linux.geteuid() == 0, "not root: nobody else to be");
    }

    private static ExecRequest.Builder as(final String user, final String script) {
        return HostEnd.shell(script).user(ByteString.of(user));
    }

    private static Map<String, String> status(final String text) {
        final Map<String, String> status = new TreeMap<>();
        text.lines().map(line -> line.split(":\\s*", 2)).filter(pair -> pair.length == 2)
            .forEach(pair -> status.put(pair[0], pair[1].strip()));
        return status;
    }

    @Test
    void aProgramRunsAsAnotherUserWithAllThatBelongsToIt() throws IOException {
        needsRoot();
        final Map<String, String> status = status(host.run(1, as(NOBODY + ":12345", "cat /proc/self/status; echo Home: $HOME")).out());
        assertEquals(NOBODY + "\t" + NOBODY + "\t" + NOBODY + "\t" + NOBODY, status.get("Uid"));
        assertEquals("12345\t12345\t12345\t12345", status.get("Gid"));
        assertEquals("12345", status.get("Groups"));
        assertEquals("0000000000000000", status.get("CapEff"));
        assertEquals("0000000000000000", status.get("CapPrm"));
        assertEquals("0000000000000000", status.get("CapAmb"));
        assertEquals("/nonexistent", status.get("Home"));
        final String home = host.run(2, as(NOBODY, "echo $HOME").env(List.of(ByteString.of("HOME=/own")))).out();
        assertEquals("/own\n", home);
        assertEquals("0:0\n", host.run(3, HostEnd.shell("echo $(id -u):$(id -g)")).out(), "the agent has stayed who it was");
    }

    @Test
    void aProgramOfAnotherUserCanOpenItsStreams() throws IOException {
        needsRoot();
        final ExecResult result = host.run(1, as(NOBODY, "echo out >/dev/stdout; echo err >/dev/stderr"));
        assertEquals("out\n", result.out());
        assertEquals("err\n", result.err());
        final ExecResult terminal = host.run(2, as(NOBODY, "stat -c %u:%G:%a $(tty); echo t >/dev/tty").tty(24, 80));
        assertEquals(NOBODY + ":tty:620\r\nt\r\n", terminal.out());
    }

    @Test
    void aProgramOfAnotherUserIsSignalledAndEnds() throws IOException {
        needsRoot();
        host.send(1, as(NOBODY, "sleep 1000 & echo up; wait").build());
        final HostEnd.Received started = host.next();
        host.next();
        host.send(1, new ExecSignal(15));
        assertEquals(new ExecExited(143, 15, false), host.collect(1, started).exited());
    }

    @Test
    void h10_whatTheUserMayNotUseIsToldAsItIs() throws IOException {
        needsRoot();
        final Path hidden = Files.createDirectory(directory.resolve("hidden"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        final Path program = Files.writeString(hidden.resolve("tool"), "#!/bin/sh\necho hidden\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("rwx------"));
        assertEquals(Kind.BAD_CWD, host.run(1, as(NOBODY, "pwd").cwd(ByteString.of(hidden.toString()))).failed().kind());
        assertEquals(Kind.BAD_CWD, host.run(2, as(NOBODY, "pwd").cwd(ByteString.of(hidden.toString())).tty(24, 80)).failed().kind());
        assertEquals(Kind.PERMISSION_DENIED, host.run(3, HostEnd.request(program.toString()).user(ByteString.of(NOBODY))).failed().kind());
        // What is hidden from the user is passed over in its PATH.
        final ExecRequest.Builder search = HostEnd.request("tool").user(ByteString.of(NOBODY))
            .env(List.of(ByteString.of("PATH=" + hidden + ":/bin:/usr/bin")));
        assertEquals(Kind.PERMISSION_DENIED, host.run(4, search).failed().kind());
        final ExecRequest.Builder found = HostEnd.request("true").user(ByteString.of(NOBODY))
            .env(List.of(ByteString.of("PATH=" + hidden + ":/bin:/usr/bin")));
        assertEquals(0, host.run(5, found).exited().code());
    }

    @Test
    void allSixteenLimitsReachTheProgram() throws IOException {
        final List<ExecRlimit> limits = new ArrayList<>();
        for (final String resource : RESOURCES) {
            // Odd, and below what hard limits are without asking; what a program needs to be loaded is left large.
            final long soft = switch (resource) {
                case "as", "data", "stack", "rss", "fsize" -> 4_000_000_000L;
                case "nice", "rtprio" -> 0;
                case "core", "locks", "msgqueue", "memlock", "sigpending" -> 3;
                default -> 37;
            };
            limits.add(new ExecRlimit(resource.length() % 2 == 0 ? resource.toUpperCase(Locale.ROOT) : resource, soft,
                soft == 0 ? 0 : soft + 1));
        }
        final ExecResult result = host.run(1, HostEnd.request("cat", "/proc/self/limits").rlimits(limits));
        final String out = result.out();
        assertEquals(new ExecExited(0, 0, false), result.terminal, () -> result.err());
        final Map<String, String> rows = new TreeMap<>();
        out.lines().skip(1).forEach(line -> rows.put(line.substring(0, 26).strip(), line.substring(26).strip().replaceAll(" {2,}", " ")));
        assertEquals(16, rows.size(), out);
        assertEquals("37 38 seconds", rows.get("Max cpu time"));
        assertEquals("4000000000 4000000001 bytes", rows.get("Max address space"));
        assertEquals("3 4 bytes", rows.get("Max core file size"));
        assertEquals("37 38 processes", rows.get("Max processes"));
        assertEquals("37 38 files", rows.get("Max open files"));
        assertEquals("0 0", rows.get("Max nice priority"));
        assertEquals("37 38 us", rows.get("Max realtime timeout"));
        assertEquals("3 4 signals", rows.get("Max pending signals"));
    }

    /** As login(1) would give them: also where the agent has no power over limits of others. */
    @ParameterizedTest
    @ValueSource(strings = {NOBODY + ":" + NOBODY, "0:" + NOBODY, NOBODY + ":12345"})
    void anotherUsersProgramHasItsLimits(final String user) throws IOException {
        needsRoot();
        final List<ExecRlimit> limits =
            List.of(new ExecRlimit("nofile", 20, 30), new ExecRlimit("core", 0, 0), new ExecRlimit("nproc", 400, 500));
        final ExecResult result = host.run(1, as(user, "ulimit -Sn; ulimit -Hn; ulimit -Hc; exec cat /proc/self/status").rlimits(limits));
        assertTrue(result.out().startsWith("20\n30\n0\n"), result.out() + result.err());
        final Map<String, String> status = status(result.out());
        final String[] ids = user.split(":");
        assertEquals(String.join("\t", ids[0], ids[0], ids[0], ids[0]), status.get("Uid"));
        assertEquals(String.join("\t", ids[1], ids[1], ids[1], ids[1]), status.get("Gid"));
        assertEquals("20\r\n", host.run(2, as(user, "ulimit -n").tty(24, 80).rlimits(limits)).out());
    }

    /** More than fs.nr_open: nobody may. */
    @ParameterizedTest
    @ValueSource(strings = {"0", NOBODY})
    void aLimitThatMayNotBeRaisedIsRefusedByItsName(final String user) throws IOException {
        needsRoot();
        final ExecRlimit limit = new ExecRlimit("nofile", 5, Long.MAX_VALUE);
        final ExecFailed failed = host.run(1, as(user, "true").rlimits(List.of(limit))).failed();
        assertEquals(Kind.RESOURCE_LIMIT, failed.kind());
        assertEquals("EPERM", failed.errnoName());
        assertEquals("rlimit", failed.stage());
        assertTrue(failed.message().contains("nofile=5:" + Long.MAX_VALUE), failed.message());
    }

    @Test
    void limitsOfNoneAndOfTwoAtATerminal() throws IOException {
        final ExecResult result = host.run(1, HostEnd.shell("ulimit -n; ulimit -c").tty(24, 80)
            .rlimits(List.of(new ExecRlimit("nofile", 5, 100), new ExecRlimit("CORE", 0, -1), new ExecRlimit("nofile", 20, 100))));
        assertEquals("20\r\n0\r\n", result.out());
    }

    @Test
    void aLimitBelowWhatTheStartNeedsIsNoObstacle() throws IOException {
        final ExecResult result = host.run(1, HostEnd.shell("ulimit -n").rlimits(List.of(new ExecRlimit("nofile", 4, 4))));
        assertEquals("4\n", result.out() + result.err());
    }

    @Test
    void h12_aSeparateStartLeaksNoDescriptor() throws IOException {
        final List<ExecRlimit> limits = List.of(new ExecRlimit("core", 0, 0));
        assertEquals("0\n1\n2\n3\n", host.run(1, HostEnd.request("ls", "/proc/self/fd").rlimits(limits)).out(), "3 is what ls reads");
        final ExecResult ids = host.run(2, HostEnd.shell("cut -d' ' -f1,5,6 /proc/$$/stat; exec grep -E 'Sig(Blk|Ign)' /proc/self/status")
            .rlimits(limits));
        final String pid = Long.toString(ids.started.pid());
        assertTrue(ids.out().startsWith(pid + " " + pid + " " + pid + "\n"), ids.out());
        assertEquals(2, ids.out().split("0000000000000000").length - 1, "h18: " + ids.out());
    }

    @Test
    void manyLimitedStartsAtOnceKeepApart() throws IOException {
        final int sessions = 100;
        for (int id = 1; id <= sessions; id++) {
            host.send(id, HostEnd.shell("ulimit -n").rlimits(List.of(new ExecRlimit("nofile", 100 + id, 1000))).build());
        }
        final List<ExecResult> results = new ArrayList<>();
        for (int id = 0; id <= sessions; id++) {
            results.add(new ExecResult());
        }
        for (int ended = 0; ended < sessions;) {
            final HostEnd.Received frame = host.next();
            results.get(frame.id()).take(frame);
            ended += frame.isTerminal() ? 1 : 0;
        }
        for (int id = 1; id <= sessions; id++) {
            assertEquals(100 + id + "\n", results.get(id).out());
        }
    }

    @Test
    void signalsKeepTheirOrder() throws IOException {
        host.send(1, HostEnd.shell("trap 'echo usr1' USR1; trap 'echo usr2; exit 0' USR2; echo up; while :; do sleep 0.02; done").build());
        final HostEnd.Received started = host.next();
        host.next();
        for (int i = 0; i < 200; i++) {
            host.send(1, new ExecSignal(Linux.SIGSTOP));
            host.send(1, new ExecSignal(Linux.SIGCONT));
        }
        host.send(1, new ExecSignal(Linux.SIGUSR2));
        assertTrue(host.collect(1, started).out().endsWith("usr2\n"), "it has not stayed stopped");
    }
}
