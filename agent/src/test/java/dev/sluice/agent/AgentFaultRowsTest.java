package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed.Kind;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.ExecRlimit;
import dev.sluice.protocol.ExecSignal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rows of the fault list that concern programs. */
class AgentFaultRowsTest {
    /** Nobody else's on any machine. */
    private static final int BOMBER = 1_654_321;

    /** Whoever writes it chooses the next pid: Documentation/admin-guide/sysctl/kernel.rst. */
    private static final Path LAST_PID = Path.of("/proc/sys/kernel/ns_last_pid");

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

    @Test
    void h1_aForkBombIsStoppedByItsLimitAndEndsWhole() throws IOException {
        assumeTrue(Linux.geteuid() == 0, "not root: nobody else to run the bomb as");
        host.send(1, HostEnd.shell("b() { b | b & }; b; b; b; echo lit; exec sleep 1000").user(ByteString.of(Integer.toString(BOMBER)))
            .rlimits(List.of(new ExecRlimit("nproc", 60, 60))).build());
        for (int id = 2; id <= 20; id++) {
            assertEquals("ok\n", host.run(id, HostEnd.request("echo", "ok")).out());
        }
        host.send(1, new ExecSignal(9));
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (hasProcesses(BOMBER)) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "the bomb goes on");
            host.next(10_000_000);
        }
    }

    private static boolean hasProcesses(final int uid) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes.filter(path -> path.getFileName().toString().matches("[0-9]+")).anyMatch(path -> {
                try {
                    return (int) Files.getAttribute(path, "unix:uid") == uid;
                } catch (final IOException e) {
                    return false;
                }
            });
        }
    }

    @Test
    void h5_aSignalNeverReachesAnotherProcessOfTheSamePid() throws IOException {
        // What is signalled has not been reaped, so its pid is nobody else's: every program ends by its own signal or its own exit.
        for (int id = 1; id <= 100; id++) {
            host.exec(id, "true");
            host.send(id, new ExecSignal(15));
        }
        for (int id = 1; id <= 100; id++) {
            host.send(1000 + id, HostEnd.shell("exit 7").build());
        }
        int ended = 0;
        final List<ExecResult> results = new ArrayList<>(IntStream.rangeClosed(0, 1100).mapToObj(i -> new ExecResult()).toList());
        while (ended < 200) {
            final HostEnd.Received frame = host.next();
            results.get(frame.id()).take(frame);
            ended += frame.isTerminal() ? 1 : 0;
        }
        for (int id = 1001; id <= 1100; id++) {
            assertEquals(new ExecExited(7, 0, false), results.get(id).exited());
        }
    }

    @Test
    void h5_aPidThatAnotherProcessHasGotIsNotTheProgramsAnyMore() throws Exception {
        assumeTrue(Files.isWritable(LAST_PID), LAST_PID + " is missing or not writable: no pid can be chosen");
        agent.close();
        agent = TestAgent.start(context -> context.drainDeadline(Duration.ofMinutes(10)));
        host = agent.host();
        // The leader has ended, nobody is left in its group, and the session goes on because its output is kept open.
        host.send(1, HostEnd.shell("setsid sleep 1000 & echo $$ $!").build());
        final ExecResult result = new ExecResult();
        while (!result.out().endsWith("\n")) {
            result.take(host.next());
        }
        final String[] pids = result.out().strip().split(" ");
        final long pid = Long.parseLong(pids[0]);
        awaitState(pid, 'Z');
        try (PidTaker taker = PidTaker.start(pid, 20)) {
            assertEquals("not taken", taker.said(), "it is kept for as long as somebody may signal it");
        }
        host.send(1, new ExecSignal(9));
        assertTrue(ProcessHandle.of(Long.parseLong(pids[1])).orElseThrow().destroyForcibly(), "it is not the program's group");
        while (result.terminal == null) {
            result.take(host.next());
        }
        assertEquals(new ExecExited(0, 0, false), result.exited());
        try (PidTaker taker = PidTaker.start(pid, 5000)) {
            assertEquals("taken", taker.said());
            host.send(1, new ExecSignal(9));
            assertEquals("behind it\n", host.run(2, HostEnd.request("echo", "behind it")).out());
            assertTrue(ProcessHandle.of(pid).orElseThrow().isAlive(), "it is somebody else's");
        }
    }

    private static void awaitState(final long pid, final char state) throws IOException {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        while (stat.charAt(stat.lastIndexOf(')') + 2) != state) {
            assertTrue(System.nanoTime() - deadlineNs < 0, stat);
            LockSupport.parkNanos(1_000_000);
            stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        }
    }

    /** Somebody else who wants a process of a pid that has been another's: the leader of a session, and so of a group, that sleeps. */
    private record PidTaker(Process shell) implements AutoCloseable {
        private static final String SCRIPT = "i=0; while [ $i -lt $1 ]; do echo $(($0 - 1)) >" + LAST_PID + "; setsid sleep 1000 & "
            + "if [ $! = $0 ]; then echo taken; read end; kill $!; exit; fi; kill $!; wait; i=$((i + 1)); done; echo not taken";

        static PidTaker start(final long pid, final int tries) throws IOException {
            return new PidTaker(new ProcessBuilder("sh", "-c", SCRIPT, Long.toString(pid), Integer.toString(tries))
                .redirectErrorStream(true).start());
        }

        String said() throws IOException {
            return shell.inputReader().readLine();
        }

        @Override
        public void close() throws IOException {
            shell.getOutputStream().close();
            try {
                if (!shell.waitFor(HostEnd.LIMIT_NS, TimeUnit.NANOSECONDS)) {
                    shell.destroyForcibly();
                    throw new AssertionError("does not end");
                }
            } catch (final InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void h6_aSignalThatRacesWithTheEndIsNoError() throws IOException {
        for (int id = 1; id <= 50; id++) {
            host.send(id, HostEnd.request("true").build());
            for (int i = 0; i < 20; i++) {
                host.send(id, new ExecSignal(10));
            }
            final ExecExited exited = host.collect(id).exited();
            assertTrue(exited.signal() == 0 && exited.code() == 0 || exited.signal() == 10, exited.toString());
            host.send(id, new ExecSignal(9));
        }
        assertEquals(0, agent.count(AgentCounter.SESSION_IO_ERRORS));
        assertEquals("ok\n", host.run(99, HostEnd.request("echo", "ok")).out());
    }

    @Test
    void h9_whatIsTooLongOrImpossibleIsToldBeforeAnythingRuns() throws IOException {
        final ByteString longString = ByteString.of("x".repeat(128 * 1024));
        assertFailure(1, "E2BIG", HostEnd.request("true").args(List.of(longString)));
        assertFailure(2, "E2BIG", HostEnd.request("true").env(List.of(ByteString.of("A=" + longString))));
        assertFailure(3, "EINVAL", HostEnd.request("true", "a\0b"));
        assertFailure(4, "EINVAL", HostEnd.request("true").env(List.of(ByteString.of("A=\0"))));
        final List<ByteString> many = IntStream.range(0, 100_000).mapToObj(i -> ByteString.of("V" + i + "=1")).toList();
        final ExecResult counted = host.run(5, HostEnd.shell("env | grep -c ^V").env(many));
        assertEquals("100000\n", counted.out());
        final List<ByteString> tooMany = IntStream.range(0, 25_000).mapToObj(i -> ByteString.of("V" + i + "=" + "y".repeat(120))).toList();
        assertFailure(6, "E2BIG", HostEnd.request("true").env(tooMany));
        assertEquals("[a=b]\n", host.run(7, HostEnd.shell("echo \"[$1]\"").args(
            List.of(ByteString.of("-c"), ByteString.of("echo \"[$1]\""), ByteString.of("sh"), ByteString.of("a=b")))).out());
        assertFailure(8, "E2BIG", HostEnd.request("x").env(List.of(ByteString.of("PATH=" + ":".repeat(4_000_000)))));
        final ExecResult nowhere = host.run(9, HostEnd.request("true").cwd(ByteString.of("/" + "x".repeat(5000))));
        assertEquals(Kind.BAD_CWD, nowhere.failed().kind());
        assertEquals("ENAMETOOLONG", nowhere.failed().errnoName());
        assertEquals(0, agent.count(AgentCounter.SESSION_IO_ERRORS));
    }

    /** What a request costs in memory goes by the number of its strings more than by its length. */
    @Test
    void h9_soManyStringsThatTheyCostMemoryAreRefusedByTheirNumber() throws IOException {
        final ByteString[] strings = new ByteString[ExecRequest.MAX_STRINGS];
        Arrays.fill(strings, ByteString.of("a"));
        final List<ByteString> all = List.of(strings);
        final ByteString[] script = {ByteString.of("-c"), ByteString.of("echo $#"), ByteString.of("sh")};
        final List<ByteString> many = Stream.concat(Stream.of(script), all.stream().skip(script.length)).toList();
        assertEquals(many.size() - script.length + "\n", host.run(1, HostEnd.request("sh").args(many)).out());
        final List<ByteString> variable = List.of(ByteString.of("A=b"));
        final List<ExecRlimit> limits = Collections.nCopies(ExecRequest.MAX_RLIMITS + 1, new ExecRlimit("core", 0, 0));
        final String tooMany = "more arguments and variables than 131072";
        assertTooMany(tooMany, HostEnd.request("true").args(many).env(variable));
        assertTooMany(tooMany, HostEnd.request("true").env(all).args(variable));
        assertTooMany("more resource limits than 1024", HostEnd.request("true").rlimits(limits));
        assertEquals("ok\n", host.run(3, HostEnd.request("echo", "ok").rlimits(limits.subList(1, limits.size()))).out());
    }

    private void assertTooMany(final String message, final ExecRequest.Builder request) throws IOException {
        final ExecResult result = host.run(2, request);
        assertEquals(Kind.BAD_ARGS, result.failed().kind());
        assertEquals("E2BIG", result.failed().errnoName());
        assertEquals("request", result.failed().stage());
        assertTrue(result.failed().message().contains(message), result.failed().message());
    }

    private void assertFailure(final int id, final String errnoName, final ExecRequest.Builder request) throws IOException {
        final ExecResult result = host.run(id, request);
        assertEquals(Kind.BAD_ARGS, result.failed().kind());
        assertEquals(errnoName, result.failed().errnoName());
    }

    @Test
    void h11_bytesThatAreNoTextComeBackAsTheyWere() throws IOException {
        final Path parent = Files.createTempDirectory("sluice-odd-");
        final byte[] name = {(byte) 0xff, (byte) 0xfe, ' ', '\n', '"', (byte) 0xc3};
        final String script = "mkdir \"$1\" && cd \"$1\" && pwd | od -An -tx1 | tr -d ' \\n'; cd ..; rmdir \"$1\"";
        try {
            final ExecResult made = host.run(1, HostEnd.request("sh").args(
                List.of(ByteString.of("-c"), ByteString.of(script), ByteString.of("sh"), ByteString.copyOf(name)))
                .cwd(ByteString.of(parent.toString())));
            assertTrue(made.out().endsWith(HexFormat.of().formatHex(name) + "0a"), made.out() + made.err());
        } finally {
            Files.delete(parent);
        }
    }

    @Test
    void h17_theEndOfInputComesBehindTheInputAndABrokenPipeIsNoEnd() throws IOException {
        host.exec(1, "sha256sum");
        final byte[] piece = new byte[100_000];
        for (int i = 0; i < 30; i++) {
            host.stdin(1, piece);
        }
        host.stdin(1);
        final ExecResult summed = host.collect(1);
        assertEquals(sha256(new byte[3_000_000]) + "  -\n", summed.out());
        host.send(2, HostEnd.shell("trap 'echo alive; exit 0' USR1; exec <&-; echo closed; while :; do sleep 0.05; done").build());
        final ExecResult broken = new ExecResult();
        while (!broken.out().contains("closed")) {
            broken.take(host.next());
        }
        host.stdin(2, "lost".getBytes(StandardCharsets.US_ASCII));
        while (broken.stdinErrors.isEmpty()) {
            broken.take(host.next());
        }
        host.send(2, new ExecSignal(10));
        while (broken.terminal == null) {
            broken.take(host.next());
        }
        assertEquals("closed\nalive\n", broken.out());
        assertEquals(1, broken.stdinErrors.size());
        assertEquals("EPIPE", broken.stdinErrors.getFirst().errnoName());
        assertEquals(new ExecExited(0, 0, false), broken.exited());
    }

    private static String sha256(final byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (final NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void h18_signalsAreDefaultAndUnblockedInEveryKindOfStart() throws IOException {
        final List<ExecRequest.Builder> kinds = List.of(
            HostEnd.request("cat", "/proc/self/status"), HostEnd.request("cat", "/proc/self/status").tty(24, 80),
            HostEnd.request("cat", "/proc/self/status").rlimits(List.of(new ExecRlimit("core", 0, 0))));
        for (int i = 0; i < kinds.size(); i++) {
            final String status = host.run(1 + i, kinds.get(i)).out();
            for (final String mask : List.of("SigBlk", "SigIgn", "SigCgt")) {
                assertTrue(status.contains(mask + ":\t0000000000000000"), mask + ": " + status);
            }
        }
    }

    @Test
    void h12_noDescriptorIsLeakedInAnyKindOfStart() throws IOException {
        final List<ExecRequest.Builder> kinds = List.of(
            HostEnd.request("ls", "/proc/self/fd"), HostEnd.request("ls", "-1", "/proc/self/fd").tty(24, 80),
            HostEnd.request("ls", "/proc/self/fd").rlimits(List.of(new ExecRlimit("core", 0, 0))));
        for (int i = 0; i < kinds.size(); i++) {
            assertEquals("0 1 2 3", host.run(1 + i, kinds.get(i)).out().strip().replaceAll("\\s+", " "), "3 is what ls reads");
        }
    }

    @Test
    void h20_startsTakeNoDirectoryThatTheyCannotDoWithout() throws IOException {
        // The place where a child is held has a name for a moment only, and leaves none behind.
        final List<ExecRlimit> limits = List.of(new ExecRlimit("core", 0, 0));
        final Set<Path> before = holdPoints();
        for (int id = 1; id <= 20; id++) {
            assertEquals(0, host.run(id, HostEnd.request("true").rlimits(limits)).exited().code());
        }
        final Set<Path> left = holdPoints();
        left.removeAll(before);
        // Those of other agents go away, too.
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (left.retainAll(holdPoints()) || !left.isEmpty()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, left.toString());
            host.next(10_000_000);
        }
        assertNotEquals(0, agent.count(AgentCounter.SESSIONS_ENDED));
    }

    private static Set<Path> holdPoints() throws IOException {
        final Set<Path> found = new HashSet<>();
        for (final String directory : List.of("/dev/shm", "/run", "/dev", "/tmp")) {
            try (Stream<Path> files = Files.list(Path.of(directory))) {
                files.filter(file -> file.getFileName().toString().matches("\\.[0-9a-f]{8}-[0-9a-z]{6}")).forEach(found::add);
            }
        }
        return found;
    }
}
