package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A session as a {@link Process}, and the futures of a client. */
class ProcessViewTest {
    private static final long SECONDS = ScriptedRelay.DEADLINE.toSeconds();

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
    void behavesAsALocalProcess() throws Exception {
        final Process process = start().toProcess();
        assertEquals(42, process.pid());
        assertTrue(process.isAlive());
        assertTrue(process.supportsNormalTermination());
        assertThrows(IllegalThreadStateException.class, process::exitValue);
        assertFalse(process.waitFor(1, TimeUnit.MILLISECONDS));
        assertEquals("/bin/echo a b", process.info().commandLine().orElseThrow());
        assertEquals("nobody", process.info().user().orElseThrow());
        final CompletableFuture<Process> exit = process.onExit();
        process.outputWriter().append("hello\n").flush();
        assertArrayEquals(Wire.data("core.exec.stdin", 1, "hello\n".getBytes()), relay.receive());
        relay.send(Wire.STDOUT_HI, Wire.data("core.exec.stderr", 1, (byte) 'e'), Wire.withId(Wire.EXITED_42, 1));
        assertEquals("hi", process.inputReader().readLine());
        assertEquals("e", process.errorReader().readLine());
        assertEquals(42, process.waitFor());
        assertTrue(process.waitFor(-1, TimeUnit.SECONDS));
        assertTrue(process.waitFor(Long.MAX_VALUE, TimeUnit.DAYS));
        assertEquals(42, process.exitValue());
        assertFalse(process.isAlive());
        assertEquals(process, exit.get(SECONDS, TimeUnit.SECONDS));
        assertThrows(UnsupportedOperationException.class, process::toHandle);
    }

    @Test
    void destroysWithTheSignalsOfLocalProcessesAndDropsTheOutput() throws Exception {
        final Process process = start().toProcess();
        process.destroy();
        assertEquals(15, Wire.number(relay.receive(), "signal"));
        assertEquals(process, process.destroyForcibly());
        assertArrayEquals(Wire.SIGNAL_9, relay.receive());
        relay.send(Wire.STDOUT_HI);
        assertEquals(-1, process.getInputStream().read());
        relay.closePeer();
        assertThrows(UncheckedIOException.class, process::waitFor);
        assertThrows(IllegalThreadStateException.class, process::exitValue);
        assertFalse(process.isAlive());
    }

    @Test
    void whatDependsOnAnExitKeepsNobodyWaiting() throws Exception {
        final ExecSession session = start();
        final CountDownLatch latch = new CountDownLatch(1);
        final CompletableFuture<Integer> slow = session.onExit().thenApply(code -> {
            awaitUninterruptibly(latch);
            return code;
        });
        final CompletableFuture<Integer> failed = session.onExit().exceptionally(failure -> {
            awaitUninterruptibly(latch);
            return -1;
        });
        assertTrue(session.onExit().cancel(true));
        relay.send(Wire.EXITED_0);
        // The reader thread, which brought the end, brings other things while the dependents sleep.
        final Task<ExecResult> next = Task.start(() -> client.exec("x"));
        relay.send(Wire.withId(Wire.EXITED_42, relay.start()));
        assertEquals(42, next.get().exitCode());
        assertFalse(slow.isDone());
        latch.countDown();
        assertEquals(0, slow.get(SECONDS, TimeUnit.SECONDS));
        assertEquals(0, failed.get(SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void runsProgramsBehindFuturesAndKillsThoseThatAreCancelled() throws Exception {
        final ExecOptions options = ExecOptions.shell("echo hi").build();
        final CompletableFuture<ExecResult> running = client.execAsync(options);
        final int id = relay.start();
        relay.send(Wire.withId(Wire.STDOUT_HI, id), Wire.withId(Wire.EXITED_0, id));
        assertEquals("hi\n", running.get(SECONDS, TimeUnit.SECONDS).stdoutText());
        final CompletableFuture<ExecResult> cancelled = client.execAsync(options);
        final int killed = relay.start();
        cancelled.cancel(true);
        assertArrayEquals(Wire.withId(Wire.SIGNAL_9, killed), relay.receive("core.exec.signal"));
        relay.send(Wire.withId(Wire.EXITED_0, killed));
        final CompletableFuture<ExecResult> timedOut = client.execAsync(options).orTimeout(50, TimeUnit.MILLISECONDS);
        final ExecutionException late = assertThrows(ExecutionException.class, () -> timedOut.get(SECONDS, TimeUnit.SECONDS));
        assertEquals(TimeoutException.class, late.getCause().getClass());
        assertEquals("core.exec.signal", Wire.type(relay.receive("core.exec.signal")));
        relay.closePeer();
        final ExecutionException lost =
            assertThrows(ExecutionException.class, () -> client.execAsync(options).get(SECONDS, TimeUnit.SECONDS));
        assertEquals(ConnectionLostException.class, lost.getCause().getClass());
    }

    @Test
    void scriptsAreRunByTheShell() throws Exception {
        final Task<ExecResult> running = Task.start(() -> client.shell("echo e >&2; exit 42"));
        final byte[] request = relay.receive("core.exec.request");
        assertArrayEquals(Wire.withId(Golden.old("extra: exec.request (id 7)"), 1), request);
        relay.send(Wire.withId(Wire.EXITED_42, 1));
        assertEquals(42, running.get().exitCode());
    }

    private static void awaitUninterruptibly(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ExecSession start() throws Exception {
        final ExecOptions options = ExecOptions.command("/bin/echo", "a", "b").user("nobody").build();
        final Task<ExecSession> starting = Task.start(() -> client.start(options));
        relay.start();
        return starting.get();
    }
}
