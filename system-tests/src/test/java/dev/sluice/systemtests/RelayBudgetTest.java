package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.port.PortAddress;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayCounter;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * What a relay may spend on a frame of 64 bytes, 16 clients with 128 in flight each: system calls and garbage. The relay runs in this
 * process, where both can be counted without slowing it down; its guest and its clients are processes.
 */
class RelayBudgetTest {
    private static final double CALLS_PER_FRAME = 0.1;
    /**
     * A system call that is not compiled to the end yet allocates 40 bytes, of which there is one for every forty frames; an object for
     * every hundredth frame would be over this.
     */
    private static final double BYTES_PER_FRAME = 0.1;
    /** So much makes the compilers do their work. */
    private static final long WARM_UP_FRAMES = 2_000_000;
    private static final long MEASURED_FRAMES = Full.isOn() ? 20_000_000 : 1_000_000;
    private static final int WINDOWS = 5;
    private static final String SECONDS = Full.isOn() ? "30" : "8";
    private static final Duration RUN_LIMIT = Duration.ofSeconds(60);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What is read before and after a run. */
    private record Reading(long frames, long calls, long allocated) {
        double callsPerFrame(final Reading before) {
            return (double) (calls - before.calls) / (frames - before.frames);
        }

        double bytesPerFrame(final Reading before) {
            return (double) (allocated - before.allocated) / (frames - before.frames);
        }
    }

    @Test
    @TimeLimit(seconds = 120)
    void smallFramesCostAFractionOfASystemCallAndNoMemory() throws Exception {
        final FaultySyscalls counted = new FaultySyscalls(Posix.system().syscalls());
        try (Workspace workspace = new Workspace()) {
            final LoadTools tools = LoadTools.compile(workspace);
            final Path console = workspace.path("console.sock");
            final Path socket = workspace.path("agent.sock");
            tools.startGuest(console);
            final RelayContext context = new RelayContext().posix(new Posix(counted)).listen(socket)
                .guest(PortAddress.parse("unix:" + console));
            try (Relay relay = Relay.open(context)) {
                final Thread loop = Thread.ofPlatform().name("relay-under-test").start(() -> runToEnd(relay));
                try {
                    assertTrue(relay.awaitReady(Duration.ofSeconds(10)));
                    measure(tools, socket, () -> read(relay, counted, loop));
                } finally {
                    relay.shutdown();
                    loop.join();
                }
            }
        }
    }

    private static void runToEnd(final Relay relay) {
        try {
            relay.run();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Readings are taken while the load runs: connections and their ends are no frames. */
    private static void measure(final LoadTools tools, final Path socket, final Supplier<Reading> reading) throws Exception {
        final CompletableFuture<String> load = CompletableFuture.supplyAsync(() -> {
            try {
                return tools.run(socket, RUN_LIMIT, "-m", "pipe", "-s", "64", "-n", "16", "-w", "128", "-W", "0", "-t", SECONDS, "-r", "1");
            } catch (final Exception e) {
                throw new CompletionException(e);
            }
        });
        awaitFrames(reading, load, WARM_UP_FRAMES);
        Reading before = reading.get();
        awaitFrames(reading, load, before.frames + MEASURED_FRAMES);
        Reading after = reading.get();
        // On a busy machine the compilers may not be done by now. What allocates for each frame does so in every window.
        for (int i = 1; i < WINDOWS && after.bytesPerFrame(before) > BYTES_PER_FRAME && !load.isDone(); i++) {
            before = after;
            awaitFrames(reading, load, before.frames + MEASURED_FRAMES);
            after = reading.get();
        }
        System.out.printf("%s%nechoed frames=%d, system calls a frame=%.4f, bytes allocated a frame=%.6f%n", load.get(),
            after.frames - before.frames, after.callsPerFrame(before), after.bytesPerFrame(before));
        assertTrue(after.callsPerFrame(before) <= CALLS_PER_FRAME, "system calls a frame: " + after.callsPerFrame(before));
        assertTrue(after.bytesPerFrame(before) <= BYTES_PER_FRAME, "bytes a frame: " + after.bytesPerFrame(before));
    }

    private static void awaitFrames(final Supplier<Reading> reading, final Future<?> load, final long frames) throws Exception {
        Await.until(() -> "echoed frames: " + frames, RUN_LIMIT, () -> reading.get().frames >= frames || load.isDone());
    }

    private static Reading read(final Relay relay, final FaultySyscalls counted, final Thread loop) {
        // An echoed frame goes through the relay twice and counts once.
        return new Reading(
            relay.counters().get(RelayCounter.FRAMES_TO_CLIENTS), counted.count(), THREADS.getThreadAllocatedBytes(loop.threadId()));
    }
}
