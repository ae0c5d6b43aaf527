package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.TerminalMode;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Programs in a sandbox on a terminal: what they are told of it, what passes through it, and that it is as it was whatever ends them. The
 * terminal is one of the test's, and the controlling one of each {@code sluice} here, as that of a person is.
 */
@TimeLimit(seconds = 120)
class TerminalTest {
    private static final long LIMIT_SECONDS = 45;
    private static final byte[] NOTHING = {};
    /** Says when it may be typed to. */
    private static final String UP = "stty -echo; printf 'u%s\\n' p; ";
    /** A shell's read fails when a signal comes that it has a trap for. Ends with the exit code that is put behind it. */
    private static final String ECHO_LINES =
        "line=; while [ \"$line\" != end ]; do if read line; then echo got:$line; fi; done; exit ";

    @TempDir
    private static Path shared;
    private static SluiceProcess sandbox;
    private static String socket;

    @TempDir
    private Path temporary;

    @BeforeAll
    static void startASandbox() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/setsid")), "setsid is not installed: no terminal can be anybody's own");
        socket = shared.resolve("box/agent.sock").toString();
        sandbox = SluiceProcess.start(Files.createDirectories(shared.resolve("tmp")), "sandbox", "--listen", socket);
        sandbox.awaitError("sandbox ready");
    }

    @AfterAll
    static void endIt() throws Exception {
        if (sandbox != null) {
            sandbox.terminate();
            assertEquals(0, sandbox.await().exitCode());
        }
    }

    @BeforeEach
    void needsStty() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/stty")) || Files.isExecutable(Path.of("/bin/stty")), "stty is missing");
    }

    /** A {@code sluice} on a terminal. */
    private Process start(final PseudoTerminal terminal, final String... arguments) throws IOException {
        // A build that was started in the background ignores signals, and so would this.
        final List<String> line = new ArrayList<>(List.of("env", "--default-signal", "setsid", "--ctty"));
        line.addAll(SluiceProcess.commandLine(temporary, arguments));
        final ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().put("TERM", "screen-of-the-test");
        return builder.redirectInput(terminal.file()).redirectOutput(terminal.file()).redirectError(terminal.file()).start();
    }

    private Process exec(final PseudoTerminal terminal, final String script, final String... options) throws IOException {
        final List<String> arguments = new ArrayList<>(List.of("exec", "--socket", socket));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("--", "sh", "-c", script));
        return start(terminal, arguments.toArray(String[]::new));
    }

    private static int end(final Process process, final PseudoTerminal terminal) throws Exception {
        final long begin = System.nanoTime();
        // What nobody reads keeps a process from writing, and so from ending.
        while (process.isAlive() && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
            terminal.read(20);
        }
        if (process.isAlive()) {
            process.destroyForcibly();
            throw new AssertionError("still runs: " + terminal.shown());
        }
        terminal.read(0);
        return process.exitValue();
    }

    private static void signal(final Process process, final String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start().waitFor());
    }

    private static void awaitFile(final Path file) throws Exception {
        final long begin = System.nanoTime();
        while (!Files.exists(file)) {
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS), file + " never came");
            Thread.sleep(10);
        }
    }

    /** Waits for the end of the program that has written its number into a file. */
    private static void awaitEnd(final Path file) throws Exception {
        final Optional<ProcessHandle> program = ProcessHandle.of(Long.parseLong(Files.readString(file).strip()));
        if (program.isPresent()) {
            program.get().onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static void awaitMode(final PseudoTerminal terminal, final TerminalMode mode) throws Exception {
        final long begin = System.nanoTime();
        while (!terminal.mode().equals(mode)) {
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS), "mode " + terminal.mode() + ", not " + mode);
            Thread.sleep(10);
        }
    }

    /** A shell that waits for a line acts on its signals when it has one. */
    private static void typeUntil(final PseudoTerminal terminal, final String keys, final String expected) {
        final long begin = System.nanoTime();
        while (!terminal.shown().contains(expected)) {
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS), terminal.shown());
            terminal.type(keys);
            terminal.read(200);
        }
    }

    private static void awaitStopped(final Process process) throws Exception {
        final long begin = System.nanoTime();
        // The state comes behind the name, which is in parentheses.
        while (!Files.readString(Path.of("/proc/" + process.pid() + "/stat")).matches("(?s).*\\) T .*")) {
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS), "never stopped");
            Thread.sleep(10);
        }
    }

    @Test
    void aProgramHasATerminalLikeOursWhichIsRawMeanwhile() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            terminal.resize(31, 91);
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, "trap 'stty size' WINCH; tty >/dev/null && stty size && echo $TERM; " + UP
                + ECHO_LINES + "3", "-it");
            assertTrue(terminal.await("up\r\n").contains("31 91\r\nscreen-of-the-test\r\n"), terminal.shown());
            awaitMode(terminal, before.raw());
            terminal.resize(40, 100);
            typeUntil(terminal, "line\r", "40 100\r\n");
            terminal.await("got:line\r\n");
            terminal.type("end\r");
            assertEquals(3, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
        }
    }

    @ParameterizedTest
    @CsvSource({"-e TERM=vt100,vt100", "-e OTHER=x,screen-of-the-test"})
    void theTypeOfTheTerminalIsOursUnlessItIsSaid(final String option, final String type) throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final List<String> options = new ArrayList<>(List.of("-t"));
            options.addAll(List.of(option.split(" ")));
            final Process process = exec(terminal, "echo $TERM", options.toArray(String[]::new));
            assertEquals(0, end(process, terminal), terminal.shown());
            assertEquals(type + "\r\n", terminal.shown());
        }
    }

    @Test
    void keysThatMakeSignalsAreThePrograms() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final Process process = exec(terminal, "trap 'echo int' INT; trap 'echo quit; exit 4' QUIT; " + UP
                + "while :; do sleep 0.05; done", "-it");
            terminal.await("up\r\n");
            terminal.type("\u0003");
            terminal.await("int\r\n");
            terminal.type("\u001c");
            assertEquals(4, end(process, terminal), terminal.shown());
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM,143", "INT,130", "HUP,129"})
    void aSignalHangsUpAndTheTerminalIsAsItWas(final String name, final int exitCode) throws Exception {
        final Path told = temporary.resolve("told");
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, "trap 'touch " + told + "; exit' HUP; trap '' TERM INT; " + UP
                + "while :; do sleep 0.05; done", "-it");
            terminal.await("up\r\n");
            awaitMode(terminal, before.raw());
            signal(process, name);
            assertEquals(exitCode, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
            assertTrue(Files.exists(told), "the program was told that its terminal hung up");
        }
    }

    @Test
    void aProgramThatDoesNotEndByThatIsKilled() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, "trap '' HUP TERM INT; echo $$ > " + temporary.resolve("pid") + "; " + UP
                + "while :; do sleep 0.05; done", "-it");
            terminal.await("up\r\n");
            signal(process, "TERM");
            assertEquals(143, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
            awaitEnd(temporary.resolve("pid"));
        }
    }

    @Test
    void theTerminalIsAsItWasWhenTheSandboxIsLost() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = start(terminal, "run", "-it", "--", "sh", "-c", UP + "while :; do sleep 0.05; done");
            terminal.await("up\r\n");
            awaitMode(terminal, before.raw());
            // The agent; its program goes with it.
            process.children().forEach(ProcessHandle::destroyForcibly);
            assertEquals(125, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
            assertTrue(terminal.shown().contains("sluice: ") && terminal.shown().endsWith("\r\n"), terminal.shown());
        }
    }

    @ParameterizedTest
    @CsvSource({"ctrl-],1d", "'ctrl-p,ctrl-q',1011", "~,7e"})
    void detachKeysEndTheSessionAndSayWhatThatMeans(final String option, final String keys) throws Exception {
        final Path pid = temporary.resolve("pid");
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, "echo $$ > " + pid + "; " + UP + "exec sleep 600", "-it", "--detach-keys", option);
            terminal.await("up\r\n");
            awaitMode(terminal, before.raw());
            for (final byte key : HexFormat.of().parseHex(keys)) {
                terminal.type(Character.toString(key));
            }
            assertEquals(128 + 1, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
            assertTrue(terminal.shown().endsWith("sluice: detached: that has hung up on the program, which ends it\r\n"),
                terminal.shown());
            awaitEnd(pid);
        }
    }

    @Test
    void aProgramThatIsLeftByTheDetachKeysLeavesItsScreen() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = exec(
                terminal, "printf '\\033[?1049h\\033[?25lon screen'; exec sleep 600", "-it");
            terminal.await("on screen");
            awaitMode(terminal, before.raw());
            terminal.type("\u001d");
            assertEquals(128 + 1, end(process, terminal), terminal.shown());
            final String left = "\u001b[?25h\u001b[r\u001b[?1049l\u001b[m";
            assertTrue(terminal.shown().contains("on screen" + left + "sluice: detached: "), terminal.shown());
        }
    }

    /** The keys are behind more than windows, pipes and terminals hold on the way to a program that takes nothing. */
    @Test
    void detachKeysAreSeenWhileTheProgramTakesNothing() throws Exception {
        final Path pid = temporary.resolve("pid");
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, "echo $$ > " + pid + "; stty raw -echo; printf up; exec sleep 600", "-it");
            terminal.await("up");
            awaitMode(terminal, before.raw());
            final byte[] much = new byte[1_000_000];
            Arrays.fill(much, (byte) 'x');
            terminal.typeMuch(much);
            terminal.type("\u001d");
            assertEquals(128 + 1, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
            awaitEnd(pid);
        }
    }

    /** What a program did not take while it was busy it takes afterwards, to the byte. */
    @Test
    void nothingThatIsTypedAheadIsLost() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Path go = temporary.resolve("go");
            final int length = 2_000_000;
            final Process process = exec(terminal, "stty raw -echo; printf up; until test -e " + go + "; do sleep 0.05; done; "
                + "head -c " + length + " | cksum", "-it");
            terminal.await("up");
            awaitMode(terminal, before.raw());
            final byte[] typed = new byte[length];
            new Random(Seeds.next("typed")).nextBytes(typed);
            for (int i = 0; i < length; i++) {
                typed[i] = typed[i] == 0x1d ? 0 : typed[i];
            }
            terminal.typeMuch(Arrays.copyOf(typed, length / 2));
            Files.createFile(go);
            terminal.typeMuch(Arrays.copyOfRange(typed, length / 2, length));
            assertEquals(0, end(process, terminal), terminal.shown());
            assertEquals(cksum(typed), terminal.shown().substring("up".length()).strip());
        }
    }

    private static String cksum(final byte[] content) throws Exception {
        final Process process = new ProcessBuilder("cksum").start();
        try (OutputStream input = process.getOutputStream()) {
            input.write(content);
        }
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    @Test
    void aTerminalThatGoesAwayIsTheProgramsToo() throws Exception {
        final Path told = temporary.resolve("told");
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final Process process = exec(terminal, "trap 'touch " + told + "; exit' HUP; " + UP + "while :; do sleep 0.05; done", "-it");
            terminal.await("up\r\n");
            terminal.hangUp();
            assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "ends");
            assertEquals(129, process.exitValue());
            awaitFile(told);
        }
    }

    @Test
    void aTerminalThatTakesNothingLosesNothing() throws Exception {
        final int lines = 100_000;
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final Path written = temporary.resolve("written");
            final Process process = exec(terminal, "stty raw; seq " + lines + "; touch " + written + "; exit 5", "-it");
            // Until the terminal is full and for a while longer, nobody reads it.
            terminal.await("1\n2\n");
            assertFalse(process.waitFor(1, TimeUnit.SECONDS));
            assertEquals(5, end(process, terminal));
            final StringBuilder expected = new StringBuilder();
            for (int i = 1; i <= lines; i++) {
                expected.append(i).append('\n');
            }
            assertEquals(expected.toString(), terminal.shown());
        }
    }

    @Test
    void aTerminalThatTakesNothingCanBeLeft() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, "stty raw; printf up; yes", "-it");
            terminal.await("up");
            awaitMode(terminal, before.raw());
            terminal.type("\u001d");
            // Nobody reads what it wrote, nor the line that it would like to write now.
            assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.destroyForcibly() == null, "ends");
            assertEquals(before, terminal.mode());
        }
    }

    @Test
    void whoIsStoppedGivesTheTerminalBackAndTakesItAgain() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            terminal.resize(24, 80);
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, "trap 'stty size' WINCH; " + UP
                + ECHO_LINES + "0", "-it");
            terminal.await("up\r\n");
            awaitMode(terminal, before.raw());
            signal(process, "TSTP");
            awaitMode(terminal, before);
            awaitStopped(process);
            terminal.resize(25, 81);
            signal(process, "CONT");
            awaitMode(terminal, before.raw());
            typeUntil(terminal, "line\r", "25 81\r\n");
            terminal.type("end\r");
            assertEquals(0, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
        }
    }

    @Test
    void withoutATerminalOfItsOwnAProgramGetsOurSignals() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, "echo up; exec sleep 600", "-i");
            terminal.await("up\r\n");
            assertEquals(before, terminal.mode());
            terminal.type("\u0003");
            assertEquals(130, end(process, terminal), terminal.shown());
        }
    }

    @Test
    void aTerminalNeedsATerminal() throws Exception {
        final SluiceProcess.Result refused =
            SluiceProcess.run(temporary, NOTHING, "exec", "--socket", socket, "-it", "--", "true");
        assertEquals(125, refused.exitCode());
        assertEquals("sluice: the input device is not a TTY: -t needs a terminal on standard input (or -n)\n", refused.stderr());
        final SluiceProcess.Result shown = SluiceProcess.run(temporary, NOTHING,
            "exec", "--socket", socket, "-t", "-n", "--", "sh", "-c", "test -t 0 && stty size; exit 6");
        assertEquals("24 80\r\n", shown.stdoutText(), shown.stderr());
        assertEquals(6, shown.exitCode());
    }

    @Test
    void aProgramThatTakesTooLongIsKilledAndTheTerminalAsItWas() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            final Process process = exec(terminal, UP + "exec sleep 600", "-it", "--timeout", "500ms");
            assertEquals(124, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
            assertTrue(terminal.shown().endsWith("sluice: the program has not ended within 500ms and is killed\r\n"), terminal.shown());
        }
    }

    @Test
    void aShellIsALoginShellOnOurTerminal() throws Exception {
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final TerminalMode before = terminal.mode();
            // Typed before there is anybody to read it, and not lost.
            terminal.type("echo \"<$-:$PWD>\"; exit 7\r");
            final Process process = start(terminal, "shell", "--socket", socket, "--shell", "/bin/sh", "-e", "HOME=/nowhere", "-w", "/usr");
            assertEquals(7, end(process, terminal), terminal.shown());
            assertEquals(before, terminal.mode());
            assertTrue(terminal.shown().matches("(?s).*<[a-z]*i[a-z]*:/usr>\r\n.*"), terminal.shown());
        }
    }

    @Test
    void withoutOneThatIsNamedTheShellIsTheAccounts() throws Exception {
        final Process passwd = new ProcessBuilder("sh", "-c", "getent passwd \"$(id -u)\"").start();
        final String account = new String(passwd.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        passwd.waitFor();
        Assumptions.assumeTrue(
            account.matches(".*:/[a-z/]*/(ba|da|z|k)?sh"), "the shell of this account is not one that is known: " + account);
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final Process own = start(terminal, "shell", "--socket", socket, "-e", "HOME=/nowhere");
            terminal.type("echo \"<$SHELL>\"; exit 8\r");
            assertEquals(8, end(own, terminal), terminal.shown());
            assertTrue(terminal.shown().matches("(?s).*</[a-z/]*sh>\r\n.*"), terminal.shown());
        }
    }
}
