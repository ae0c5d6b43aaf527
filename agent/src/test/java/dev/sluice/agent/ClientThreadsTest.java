package dev.sluice.agent;

import static dev.sluice.agent.FileClient.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.IdGrid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads for what may block: turns, shares, and what happens when file systems hang. */
class ClientThreadsTest {
    private static final long LIMIT_S = 30;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(LIMIT_S);

    private static void await(final CountDownLatch latch) {
        try {
            assertTrue(latch.await(LIMIT_S, TimeUnit.SECONDS));
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aClientThatHangsLeavesOthersTheirShare() {
        final ClientThreads pool = ClientThreads.forFiles(4);
        final CountDownLatch hang = new CountDownLatch(1);
        final CountDownLatch begun = new CountDownLatch(2);
        final AtomicInteger hanging = new AtomicInteger();
        for (int i = 0; i < 10; i++) {
            pool.submit(1, () -> {
                hanging.incrementAndGet();
                begun.countDown();
                await(hang);
            });
        }
        await(begun);
        final CountDownLatch done = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            pool.submit(2, done::countDown);
        }
        await(done);
        assertEquals(2, hanging.get());
        hang.countDown();
        assertTrue(pool.end(LIMIT_NS));
        assertEquals(10, hanging.get());
    }

    @Test
    void clientsTakeTurns() {
        final ClientThreads pool = ClientThreads.forFiles(1);
        final CountDownLatch go = new CountDownLatch(1);
        final List<Integer> order = new ArrayList<>();
        pool.submit(9, () -> await(go));
        for (int i = 0; i < 3; i++) {
            for (final int band : new int[] {1, 1, 1, 2}) {
                pool.submit(band, () -> order.add(band));
            }
        }
        go.countDown();
        assertTrue(pool.end(LIMIT_NS));
        assertEquals(List.of(1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1), order);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anIdleThreadIsCountedOnOnce(final int otherBand) {
        for (int round = 0; round < 50; round++) {
            final ClientThreads pool = ClientThreads.forFiles(4);
            final AtomicReference<Thread> thread = new AtomicReference<>();
            pool.submit(1, () -> thread.set(Thread.currentThread()));
            final long deadlineNs = System.nanoTime() + LIMIT_NS;
            while (thread.get() == null || thread.get().getState() != Thread.State.TIMED_WAITING) {
                assertTrue(System.nanoTime() - deadlineNs < 0, "the thread does not wait for work");
                Thread.onSpinWait();
            }
            final CountDownLatch both = new CountDownLatch(2);
            for (final int band : new int[] {1, otherBand}) {
                pool.submit(band, () -> {
                    both.countDown();
                    await(both);
                });
            }
            await(both);
            assertTrue(pool.end(LIMIT_NS));
        }
    }

    @Test
    void aJobThatHasNotBegunCanBeTakenBack() {
        final ClientThreads pool = ClientThreads.forFiles(1);
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        final ClientThreads.Job running = pool.submit(1, () -> {
            begun.countDown();
            await(go);
        });
        final AtomicInteger done = new AtomicInteger();
        final ClientThreads.Job waiting = pool.submit(1, done::incrementAndGet);
        await(begun);
        assertFalse(running.cancel());
        assertTrue(waiting.cancel());
        assertFalse(waiting.cancel());
        go.countDown();
        assertTrue(pool.end(LIMIT_NS));
        assertEquals(0, done.get());
        pool.submit(1, done::incrementAndGet);
        assertEquals(1, done.get(), "after the end the caller does it");
    }

    @Test
    void theEndDoesNotWaitForWhatHangs() {
        final ClientThreads pool = ClientThreads.forFiles(1);
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        pool.submit(1, () -> {
            begun.countDown();
            await(go);
        });
        await(begun);
        assertFalse(pool.end(1));
        go.countDown();
        assertTrue(pool.end(LIMIT_NS));
    }

    /** Looks of one client hang in the kernel: another's are answered, and those that wait behind are refused in time. */
    @Test
    void aFileSystemThatHangsHoldsUpItsClientAlone(@TempDir final Path directory) throws Exception {
        final Path file = Files.writeString(directory.resolve("file"), "x");
        final Semaphore hang = new Semaphore(0);
        final CountDownLatch hanging = new CountDownLatch(2);
        final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
        final AtomicLong aheadNs = new AtomicLong();
        try (TestAgent agent = TestAgent.start(context -> {
            context.posix(new Posix(faults)).guardian(false);
            context.clock(() -> System.nanoTime() + aheadNs.get());
            context.files().threads(4).queueLimit(Duration.ofSeconds(LIMIT_S));
        })) {
            final FileClient stuck = new FileClient(agent.host(), 0);
            final FileClient other = new FileClient(agent.host(), IdGrid.RANGE_STEP);
            faults.inject((call, nth, nthOfAll) -> {
                if (call == Call.OPENAT && nth <= 2) {
                    hanging.countDown();
                    hang.acquireUninterruptibly();
                }
                return Fault.NONE;
            });
            final int first = stuck.begin(new FsOp.Stat(bytes(file), true));
            final int second = stuck.begin(new FsOp.Stat(bytes(file), true));
            await(hanging);
            final int behind = stuck.begin(new FsOp.Stat(bytes(file), true));
            assertEquals(1, other.stat(file).size());
            aheadNs.set(LIMIT_NS);
            assertTrue(stuck.response(behind).error().startsWith("no thread for files became free: "));
            hang.release();
            final HostEnd.Received one = agent.host().next();
            hang.release();
            final HostEnd.Received two = agent.host().next();
            assertEquals(first + second, one.id() + two.id());
            assertEquals(1, agent.count(AgentCounter.FILE_STALLS));
        }
    }
}
