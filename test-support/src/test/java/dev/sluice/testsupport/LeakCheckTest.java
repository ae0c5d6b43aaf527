package dev.sluice.testsupport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeakCheckTest {
    @Test
    void namesEverythingThatIsLeftBehind() throws Exception {
        final String message;
        final long child;
        try {
            message = Fixtures.failureOf(Fixtures.run(Leaking.class)).getMessage();
            child = Leaking.process.pid();
        } finally {
            Leaking.release();
        }
        assertTrue(message.contains(Leaking.class.getName() + " left behind:"), message);
        // The pipe and the three ends that lead to the process.
        assertTrue(message.contains("5 descriptor(s) of kind pipe: "), message);
        assertTrue(message.contains("1 descriptor(s) of kind " + Leaking.file), message);
        assertTrue(message.contains("thread \"leaked\" daemon"), message);
        assertTrue(message.contains("child process " + child + " (sleep)"), message);
        assertTrue(message.contains("1 mapping(s) of kind " + Leaking.file), message);
    }

    @Test
    void doesNotBlameWhatIsClosedNorWhatTheJvmKeepsForItself() {
        final var results = Fixtures.run(Clean.class);
        assertEquals(1, results.testEvents().succeeded().count());
        assertEquals(0, results.allEvents().failed().count());
    }

    @Test
    void waitsForWhatEndsByItself() {
        final var results = Fixtures.run(EndingLate.class);
        assertTrue(EndingLate.wasRunningAfterTheTest);
        assertEquals(0, results.allEvents().failed().count());
    }

    static class Leaking {
        static Pipe pipe;
        static Path file;
        static FileChannel channel;
        static Process process;
        static Arena arena;
        static final CountDownLatch RELEASED = new CountDownLatch(1);
        static Thread thread;

        @Test
        void leaks() throws Exception {
            pipe = Pipe.open();
            file = Files.createTempFile("sluice-leak", ".bin");
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            arena = Arena.ofShared();
            channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena);
            process = new ProcessBuilder("sleep", "600").start();
            thread = new Thread(Leaking::await, "leaked");
            thread.setDaemon(true);
            thread.start();
        }

        private static void await() {
            try {
                RELEASED.await(60, TimeUnit.SECONDS);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        static void release() throws Exception {
            RELEASED.countDown();
            pipe.source().close();
            pipe.sink().close();
            channel.close();
            arena.close();
            Files.delete(file);
            process.destroyForcibly().waitFor();
            thread.join();
        }
    }

    static class Clean {
        @Test
        void usesAndCloses() throws Exception {
            final Pipe pipe = Pipe.open();
            pipe.source().close();
            pipe.sink().close();
            assertEquals(0, new ProcessBuilder("true").start().waitFor());
            assertEquals(3, CompletableFuture.supplyAsync(() -> 3).get(10, TimeUnit.SECONDS));
            final Thread virtual = Thread.startVirtualThread(() -> assertFalse(Thread.currentThread().isInterrupted()));
            virtual.join();
        }
    }

    static class EndingLate {
        static boolean wasRunningAfterTheTest;

        @Test
        void startsAProcess() throws Exception {
            // Ends a moment after its input is closed, which no one waits for.
            final Process process = new ProcessBuilder("sh", "-c", "read line; sleep 0.3").start();
            process.getOutputStream().close();
            wasRunningAfterTheTest = process.isAlive();
        }
    }
}
