package dev.sluice.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecFailed;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What exec collects, as seen by a relay that answers with golden frames. */
class ExecTest {
    private ScriptedRelay relay;
    private SandboxClient client;

    @BeforeEach
    void connect() throws Exception {
        relay = new ScriptedRelay();
        client = relay.connect();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        relay.close();
    }

    @Test
    void sendsTheRequestAndTheEndOfInputAndCollectsTheOutput() throws Exception {
        final ExecOptions options = ExecOptions.command("/bin/echo", "hi").environment("A", "1").workingDirectory("/").build();
        final Task<ExecResult> running = Task.start(() -> client.exec(options));
        final byte[] request = relay.receive();
        // The golden request, whose program has a resource limit: without that.
        final byte[] payload = Wire.hex("a963636d64692f62696e2f6563686f64617267738162686963656e768163"
            + "413d3163637764612f6475736572f663747479f4"
            + "64726f7773181864636f6c73185067726c696d69747380");
        assertArrayEquals(Wire.frame("core.exec.request", 1, Wire.SESSION_START, payload), request);
        relay.send(Wire.STARTED_42);
        assertArrayEquals(Wire.STDIN_EOF, relay.receive());
        relay.send(Wire.STDOUT_HI, Wire.data("core.exec.stderr", 1, "oh".getBytes(UTF_8)), Wire.STDOUT_HI, Wire.EXITED_0);
        final ExecResult result = running.get();
        assertEquals(0, result.exitCode());
        assertEquals("hi\nhi\n", result.stdoutText());
        assertEquals("oh", result.stderrText());
        assertTrue(result.isComplete());
        assertEquals("exit code 0, 6 bytes of standard output, 2 of standard error", result.toString());
    }

    @Test
    void passesOnBytesThatAreNoText() throws Exception {
        final byte[] name = {(byte) 0xFF, 'x', (byte) 0x80};
        final ExecOptions options = ExecOptions.command(ByteString.copyOf(name)).arguments(List.of(ByteString.copyOf(name))).build();
        final Task<ExecResult> running = Task.start(() -> client.exec(options));
        final byte[] request = relay.receive();
        final String digits = HexFormat.of().formatHex(request);
        assertTrue(digits.contains("63636d6443ff7880" + "6461726773" + "8143ff7880"), digits);
        relay.send(Wire.STARTED_42, Wire.EXITED_MINUS_1);
        assertEquals(-1, running.get().exitCode());
    }

    @Test
    void sendsItsInputBeforeTheEndOfInput() throws Exception {
        final byte[] input = new byte[100_000];
        new Random(1).nextBytes(input);
        final Task<ExecResult> running = Task.start(() -> client.exec(ExecOptions.command("wc").build(), input));
        relay.start();
        byte[] received = {};
        byte[] piece = Wire.dataOf(relay.receive("core.exec.stdin"));
        while (piece.length > 0) {
            received = Wire.concat(received, piece);
            piece = Wire.dataOf(relay.receive("core.exec.stdin"));
        }
        assertArrayEquals(input, received);
        relay.send(Wire.EXITED_0);
        assertEquals(0, running.get().exitCode());
    }

    @Test
    void throwsWhatTheAgentSaysOfAProgramThatDidNotStart() throws Exception {
        final Task<ExecResult> running = Task.start(() -> client.exec("x"));
        relay.receive();
        relay.send(Wire.FAILED_NOT_FOUND);
        final ExecFailedException failure = assertThrows(ExecFailedException.class, running::get);
        assertEquals(ExecFailed.Kind.NOT_FOUND, failure.kind());
        assertEquals(2, failure.errno().orElseThrow());
        assertEquals("ENOENT", failure.errnoName());
        assertEquals("Command::spawn", failure.stage());
        assertEquals("spawn \"x\": No such file or directory (os error 2)", failure.getMessage());
    }

    @Test
    void anExitCodeIsAnExitCodeEvenWithoutAStart() throws Exception {
        final Task<ExecResult> running = Task.start(() -> client.exec("x"));
        relay.receive();
        relay.send(Wire.EXITED_MINUS_1);
        assertEquals(-1, running.get().exitCode());
    }

    @Test
    void tellsASignalFromTheAgentsOwnField() throws Exception {
        final Task<ExecResult> running = Task.start(() -> client.exec("x"));
        relay.start();
        final byte[] payload = Wire.concat(Wire.head(5, 3), Wire.text("code"), Wire.head(0, 0), Wire.text("signal"), Wire.head(0, 15),
            Wire.text("truncated"), new byte[] {(byte) 0xF5});
        relay.send(Wire.frame("core.exec.exited", 1, Wire.TERMINAL, payload));
        assertEquals(143, running.get().exitCode());
        assertFalse(running.get().isComplete());
    }

    @Test
    void keepsOutputUpToTheLimitAndCountsTheRest() throws Exception {
        final ExecOptions options = ExecOptions.command("yes").outputLimit(1000).build();
        final Task<ExecResult> running = Task.start(() -> client.exec(options));
        relay.start();
        for (int i = 0; i < 700; i++) {
            relay.send(Wire.STDOUT_HI);
        }
        relay.send(Wire.EXITED_0);
        final ExecResult result = running.get();
        assertEquals("hi\n".repeat(334).substring(0, 1000), result.stdoutText());
        assertEquals(2100, result.stdoutLength());
        assertFalse(result.isComplete());
        assertEquals("exit code 0, 2100 bytes of standard output, 0 of standard error, not complete", result.toString());
    }

    @Test
    void killsAProgramThatRunsPastItsDeadline() throws Exception {
        final ExecOptions options = ExecOptions.command("sleep", "600").deadline(Duration.ofMillis(300)).build();
        final Task<ExecResult> running = Task.start(() -> client.exec(options));
        relay.start();
        assertArrayEquals(Wire.STDIN_EOF, relay.receive());
        assertThrows(DeadlineExceededException.class, running::get);
        assertArrayEquals(Wire.SIGNAL_9, relay.receive());
    }

    @Test
    void killsAProgramThatDoesNotStartInTimeAndAgainWhenItHasStarted() throws Exception {
        final ExecOptions options = ExecOptions.command("x").startDeadline(Duration.ofMillis(100)).build();
        final Task<ExecResult> running = Task.start(() -> client.exec(options));
        relay.receive("core.exec.request");
        assertThrows(DeadlineExceededException.class, running::get);
        assertArrayEquals(Wire.SIGNAL_9, relay.receive("core.exec.signal"));
        relay.send(Wire.STARTED_42);
        assertArrayEquals(Wire.SIGNAL_9, relay.receive("core.exec.signal"));
    }

    @Test
    void killsTheProgramOfAnInterruptedThreadAndGoesOnWithOthers() throws Exception {
        final Task<ExecResult> interrupted = Task.start(() -> client.exec("sleep", "600"));
        relay.start();
        assertArrayEquals(Wire.STDIN_EOF, relay.receive());
        interrupted.awaitWaiting();
        interrupted.interrupt();
        assertThrows(InterruptedException.class, interrupted::get);
        assertArrayEquals(Wire.SIGNAL_9, relay.receive());
        final Task<ExecResult> next = Task.start(() -> client.exec("true"));
        relay.send(Wire.withId(Wire.EXITED_0, relay.start()));
        assertEquals(0, next.get().exitCode());
    }

    @Test
    void refusesArgumentsThatFitNoFrame() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> client.exec("x", "a".repeat(4 * 1024 * 1024)));
        final String nearly = "a".repeat(4 * 1024 * 1024 - 1024);
        final Task<ExecResult> running = Task.start(() -> client.exec("x", nearly));
        assertTrue(relay.receive().length > nearly.length());
        relay.send(Wire.withId(Wire.EXITED_0, 2));
        assertEquals(0, running.get().exitCode());
    }

    @Test
    void acceptsAnswersSplitAtEveryByte() throws Exception {
        for (int split = 1; split < Wire.STARTED_42.length + Wire.STDOUT_HI.length + Wire.EXITED_0.length; split++) {
            final Task<ExecResult> running = Task.start(() -> client.exec("x"));
            final int id = Wire.id(relay.receive("core.exec.request"));
            final byte[] all = Wire.concat(
                Wire.withId(Wire.STARTED_42, id), Wire.withId(Wire.STDOUT_HI, id), Wire.withId(Wire.EXITED_0, id));
            relay.send(Arrays.copyOf(all, split));
            relay.send(Arrays.copyOfRange(all, split, all.length));
            assertEquals("hi\n", running.get().stdoutText(), "split at " + split);
        }
    }
}
