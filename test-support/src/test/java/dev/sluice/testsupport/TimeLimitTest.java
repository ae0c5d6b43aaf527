package dev.sluice.testsupport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimeLimitTest {
    @Test
    void interruptsAndFailsAMethodThatRunsTooLongAndDumpsAllThreads() {
        final PrintStream standardError = System.err;
        final ByteArrayOutputStream captured = new ByteArrayOutputStream();
        final Throwable failure;
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            failure = Fixtures.failureOf(Fixtures.run(Stuck.class));
        } finally {
            System.setErr(standardError);
        }
        assertTrue(failure.getMessage().contains("Stuck.waits ran past its limit of 1 s"), failure.getMessage());
        assertInstanceOf(InterruptedException.class, failure.getCause());
        final String dump = captured.toString(StandardCharsets.UTF_8);
        assertTrue(dump.contains("Stuck.waits"), dump);
        assertTrue(dump.contains("sluice-test-watchdog"), dump);
        assertTrue(Stuck.afterEachRan, "what follows the method still runs, uninterrupted");
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void failsAMethodThatSwallowsTheInterrupt() {
        final Throwable failure = Fixtures.failureOf(Fixtures.run(Swallowing.class));
        assertTrue(failure.getMessage().contains("ran past its limit"), failure.getMessage());
    }

    @Test
    void theMethodsOwnLimitGoesBeforeTheClasss() {
        assertEquals(0, Fixtures.run(LongerThanItsClass.class).allEvents().failed().count());
    }

    @Test
    void haltsTheJvmWhenAMethodDoesNotEnd() throws Exception {
        final String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        final Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-D" + Watchdog.GRACE_PROPERTY + "=1", "-cp", classPath, EndlessProgram.class.getName())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
        final String standardError = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(Watchdog.HALTED, process.exitValue(), standardError);
        assertTrue(standardError.contains("halting the JVM"), standardError);
        assertTrue(standardError.contains("Endless.spins"), standardError);
    }

    static class Stuck {
        static boolean afterEachRan;

        @Test
        @TimeLimit(seconds = 1)
        void waits() throws Exception {
            new CountDownLatch(1).await(600, TimeUnit.SECONDS);
        }

        @AfterEach
        void runs() throws Exception {
            afterEachRan = !Thread.currentThread().isInterrupted();
        }
    }

    @TimeLimit(seconds = 1)
    static class Swallowing {
        @Test
        void waits() {
            try {
                new CountDownLatch(1).await(600, TimeUnit.SECONDS);
            } catch (final InterruptedException e) {
                assertFalse(Thread.currentThread().isInterrupted());
            }
        }
    }

    @TimeLimit(seconds = 1)
    static class LongerThanItsClass {
        @Test
        @TimeLimit(seconds = 30)
        void takesItsTime() throws Exception {
            assertFalse(new CountDownLatch(1).await(1500, TimeUnit.MILLISECONDS));
        }
    }

    static class Endless {
        @Test
        @TimeLimit(seconds = 1)
        void spins() {
            while (true) {
                Thread.onSpinWait();
            }
        }
    }

    static final class EndlessProgram {
        private EndlessProgram() {
        }

        public static void main(final String[] args) {
            Fixtures.run(Endless.class);
        }
    }
}
