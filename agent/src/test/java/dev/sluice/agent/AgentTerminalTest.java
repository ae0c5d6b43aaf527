package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.ExecResize;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.WindowGrant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AgentTerminalTest {
    private static final int INTERRUPT = 3;
    private static final int SUSPEND = 26;

    private TestAgent agent;
    private HostEnd host;

    @BeforeEach
    void start() throws IOException {
        agent = TestAgent.start(context -> context.drainDeadline(Duration.ofMillis(300)));
        host = agent.host();
    }

    @AfterEach
    void end() throws IOException {
        agent.close();
    }

    private static ExecRequest.Builder terminal(final String script) {
        return HostEnd.shell(script).tty(31, 97);
    }

    private void type(final int id, final String text) throws IOException {
        host.stdin(id, text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads until the session's output ends with a text; other sessions' frames are dropped. */
    private void awaitOutput(final int id, final ExecResult result, final String text) throws IOException {
        while (!result.out().contains(text)) {
            final HostEnd.Received frame = host.next();
            if (frame.id() == id) {
                result.take(frame);
            }
            assertTrue(result.terminal == null || result.out().contains(text), () -> "ended: " + result.out());
        }
    }

    private ExecResult finish(final int id, final ExecResult result) throws IOException {
        while (result.terminal == null) {
            final HostEnd.Received frame = host.next();
            if (frame.id() == id) {
                result.take(frame);
            }
        }
        return result;
    }

    @Test
    void theTerminalIsTheControllingOneAndHasTheSize() throws IOException {
        final ExecResult result = host.run(1, terminal(
            "stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all; echo own >/dev/tty; echo err >&2; ls /proc/$$/fd; exit 4"));
        assertEquals("31 97\r\nall\r\nown\r\nerr\r\n0\r\n1\r\n2\r\n", result.out().replaceAll(" +", "\r\n").replaceFirst("\r\n", " "));
        assertEquals("", result.err());
        assertEquals(new ExecExited(4, 0, false), result.exited());
    }

    @Test
    void theProgramLeadsItsSessionAndTheForeground() throws IOException {
        final ExecResult result = host.run(1, terminal("cut -d' ' -f1,5,6,8 /proc/$$/stat"));
        final String pid = Long.toString(result.started.pid());
        final String[] fields = result.out().strip().split(" ");
        assertEquals(List.of(pid, pid, pid, pid), List.of(fields));
    }

    @Test
    void anEmptyInputFrameIsNoEnd() throws IOException {
        host.send(1, terminal("read x; echo got:$x; read y; echo end:$?").build());
        host.stdin(1);
        type(1, "one\n");
        host.stdin(1);
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "got:one\r\n");
        type(1, "\004");
        assertTrue(finish(1, result).out().endsWith("end:1\r\n"), result.out());
    }

    @Test
    void h7_outputIsReadToItsLastByteAfterTheTerminalHasHungUp() throws IOException {
        final String expected = IntStream.rangeClosed(1, 40_000).mapToObj(i -> i + "\r\n").collect(Collectors.joining());
        for (int id = 1; id <= 5; id++) {
            final ExecResult result = host.run(id, terminal("exec seq 1 40000"));
            assertEquals(expected, result.out());
            assertEquals(new ExecExited(0, 0, false), result.exited());
        }
    }

    @Test
    void h7_nothingIsLostWhenTheReaderIsLate() throws IOException {
        // The window has room for nothing more when the terminal hangs up.
        host.send(1, terminal("printf 0123456789").sluiceWindow(HostEnd.wireLength(MessageType.EXEC_STDOUT, 4)).build());
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "0123");
        assertEquals("ok\n", host.run(2, HostEnd.request("echo", "ok")).out());
        host.send(1, new WindowGrant(ExecSession.STDOUT, 4096));
        assertEquals("0123456789", finish(1, result).out());
        assertEquals(new ExecExited(0, 0, false), result.exited());
    }

    @Test
    void h8_aResizeStormEndsAtTheLastSize() throws IOException {
        host.send(1, terminal("read x; stty size; read x; stty size").build());
        for (int i = 1; i <= 5000; i++) {
            host.send(1, new ExecResize(i % 500, i));
        }
        type(1, "\n");
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "0 5000\r\n");
        host.send(1, new ExecResize(12, 34));
        type(1, "\n");
        assertTrue(finish(1, result).out().endsWith("12 34\r\n"), result.out());
    }

    @Test
    void sizesAndInputKeepTheirOrder() throws IOException {
        // Sent while the program is being started: nothing is written yet, everything waits.
        host.send(1, terminal("trap 'stty size' WINCH; stty -echo; echo up; while read x; do echo $x; done").build());
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "up\r\n");
        type(1, "a\n");
        awaitOutput(1, result, "a\r\n");
        host.send(1, new ExecResize(10, 20));
        awaitOutput(1, result, "10 20\r\n");
        type(1, "\004");
        finish(1, result);
    }

    @Test
    void h8_interruptReachesTheForegroundOnly() throws IOException {
        host.send(1, terminal("trap 'echo caught; exit 5' INT; echo up; while :; do sleep 0.02; done").build());
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "up\r\n");
        host.stdin(1, (byte) INTERRUPT);
        assertTrue(finish(1, result).out().contains("caught"));
        assertEquals(5, result.exited().code());
    }

    @Test
    void h8_jobControlWorks() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash here");
        host.send(1, HostEnd.request("bash", "--norc", "-i").tty(24, 80)
            .env(List.of(ByteString.of("PS1=$ "), ByteString.of("TERM=dumb"), ByteString.of("HISTFILE="))).build());
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "$ ");
        // What is continued has the terminal already: whatever comes after "cont" is the job's. It starts nothing: between vfork and exec
        // a shell cannot be stopped.
        type(1, "bash -c 'trap \"echo cont\" CONT; echo job; while :; do read -t 0.05; done'\n");
        awaitOutput(1, result, "\njob\r\n");
        host.stdin(1, (byte) SUSPEND);
        // Whatever is typed before the shell asks again may be the job's.
        awaitOutput(1, result, "Stopped");
        awaitOutput(1, result, "done'\r\n$ ");
        type(1, "jobs | wc -l; fg\n");
        awaitOutput(1, result, "\n1\r\n");
        awaitOutput(1, result, "\ncont\r\n");
        host.stdin(1, (byte) INTERRUPT);
        awaitOutput(1, result, "^C\r\n$ ");
        type(1, "echo st:$?\n");
        awaitOutput(1, result, "st:130");
        type(1, "exit 3\n");
        assertEquals(new ExecExited(3, 0, false), finish(1, result).exited());
    }

    @Test
    void h8_aBackgroundJobThatHoldsTheTerminalDoesNotHoldTheSession() throws IOException {
        final ExecResult result = host.run(1, terminal("trap '' HUP; sleep 1000 & echo $!"));
        assertEquals(new ExecExited(0, 0, true), result.exited());
        AgentExecTest.awaitGone(Long.parseLong(result.out().strip()));
    }

    @Test
    void h8_aLineLongerThanTheTerminalTakesEndsWhereTheKernelSays() throws IOException {
        host.send(1, terminal("stty -echo; echo up; read x; echo ${#x}").build());
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "up\r\n");
        final byte[] line = new byte[6000];
        Arrays.fill(line, (byte) 'x');
        host.stdin(1, line);
        type(1, "\n");
        finish(1, result);
        assertTrue(result.out().contains("4095"), result.out());
    }

    @Test
    void aProgramThatDoesNotReadItsTerminalHoldsUpNobody() throws IOException {
        host.send(1, terminal("stty raw -echo; echo up; exec sleep 1000").sluiceWindow(64 * 1024).build());
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "up");
        final byte[] input = new byte[50_000];
        host.stdin(1, input);
        host.stdin(1, input);
        host.stdin(1, input);
        assertEquals("ok\n", host.run(2, HostEnd.request("echo", "ok")).out());
        host.send(1, new ExecSignal(9));
        assertEquals(137, finish(1, result).exited().code());
    }

    @Test
    void largeInputReachesAProgramThatReads() throws IOException {
        host.send(1, terminal("stty raw -echo; echo up; head -c 1000000 | cksum").sluiceWindow(64 * 1024).build());
        final ExecResult result = new ExecResult();
        awaitOutput(1, result, "up");
        final byte[] piece = new byte[20_000];
        Arrays.fill(piece, (byte) 'y');
        int sent = 0;
        int window = AgentContext.STDIN_WINDOW_DEFAULT;
        while (sent < 1_000_000) {
            final int length = HostEnd.wireLength(MessageType.EXEC_STDIN, piece.length);
            if (window + result.stdinGranted >= length) {
                host.stdin(1, piece);
                sent += piece.length;
                window -= length;
            } else {
                result.take(host.next());
            }
        }
        finish(1, result);
        assertEquals("3405787004 1000000", lastLine(result.out()));
    }

    private static String lastLine(final String text) {
        final String[] lines = text.strip().split("\r?\n");
        return lines[lines.length - 1].strip();
    }

    @Test
    void outputThatNobodyTakesStopsTheProgram() throws IOException {
        host.send(1, terminal("yes").sluiceWindow(10_000).build());
        final ExecResult result = new ExecResult();
        while (result.out().length() < 5_000) {
            result.take(host.next());
        }
        assertEquals("ok\n", host.run(2, HostEnd.request("echo", "ok")).out());
        host.send(1, new ExecSignal(9));
        assertEquals(137, finish(1, result).exited().code());
    }

    @Test
    void aProgramThatIsMissingIsToldAsWithoutATerminal() throws IOException {
        assertEquals("not_found", host.run(1, HostEnd.request("/no/such").tty(1, 1)).failed().kind().wireName());
        assertEquals("bad_cwd", host.run(2, HostEnd.request("true").cwd(ByteString.of("/no")).tty(1, 1)).failed().kind().wireName());
    }
}
