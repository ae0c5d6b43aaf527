package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.port.PortAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A relay on a thread of its own between real sockets: a console that its guests are played on, and one socket of each handshake. */
final class RelayUnderTest {
    static final Duration LIMIT = Duration.ofSeconds(10);

    /** No longer than the 15 bytes that the kernel keeps of it. */
    private static final String THREAD_NAME = "relay-on-test";
    private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Where clients get the 4-byte handshake. */
    final Path socket;
    /** Where clients get the 8-byte handshake. */
    final Path rangeSocket;
    final Wire.GuestConsole console;
    private final Path consolePath;
    private final Path ringPath;
    private Relay relay;
    private CompletableFuture<RelayOutcome> outcome;

    RelayUnderTest(final Path directory) throws IOException {
        socket = directory.resolve("agent.sock");
        rangeSocket = directory.resolve("range.sock");
        consolePath = directory.resolve("console.sock");
        ringPath = directory.resolve("ring");
        console = new Wire.GuestConsole(consolePath);
    }

    /**
     * Opens the relay and sets it going. Clients here have no windows, and on a busy machine take their time to read: unless a test has set
     * something else, nobody is evicted for that.
     */
    void start(final RelayContext context) throws IOException {
        start(Relay.open(patient(context).listen(socket).listen(ListenAddress.parse("range:" + rangeSocket))
            .guest(PortAddress.parse("unix:" + consolePath))));
    }

    /** Starts the relay with a ring for its guest instead of the console, and the first guest, which is ready. */
    RingGuest startRing(final RelayContext context) throws IOException {
        start(Relay.open(patient(context).listen(socket).guest(PortAddress.parse("ring:" + ringPath))));
        return nextRingGuest();
    }

    /** Lets the next guest come to the ring and be ready. */
    RingGuest nextRingGuest() throws IOException {
        final long ready = count(RelayCounter.GUESTS_READY);
        final RingGuest guest = new RingGuest(ringPath);
        guest.write(Wire.READY);
        awaitCounter(RelayCounter.GUESTS_READY, ready + 1);
        return guest;
    }

    /** Sets a relay going that was opened elsewhere. */
    void start(final Relay opened) {
        relay = opened;
        outcome = new CompletableFuture<>();
        Thread.ofPlatform().name(THREAD_NAME).start(() -> {
            try {
                outcome.complete(opened.run());
            } catch (final Throwable e) {
                outcome.completeExceptionally(e);
            }
        });
    }

    private static RelayContext patient(final RelayContext context) {
        for (final RelayLimit limit : List.of(RelayLimit.HEAD_OF_LINE_LIMIT, RelayLimit.HEAD_OF_LINE_BUDGET)) {
            if (context.limit(limit) == limit.defaultValue()) {
                context.limit(limit, LIMIT);
            }
        }
        return context;
    }

    /** Starts the relay and its first guest, which says core.ready of generation 1. */
    Wire.End startReady(final RelayContext context) throws Exception {
        return startReady(context, Wire.READY);
    }

    /** Starts the relay and its first guest. @return the guest's end of the port */
    Wire.End startReady(final RelayContext context, final byte[] readyFrame) throws Exception {
        start(context);
        return nextGuest(readyFrame);
    }

    /** Lets the next guest come and be ready. */
    Wire.End nextGuest(final byte[] readyFrame) throws Exception {
        final long ready = count(RelayCounter.GUESTS_READY);
        final Wire.End guest = console.accept();
        try {
            guest.write(readyFrame);
            awaitCounter(RelayCounter.GUESTS_READY, ready + 1);
            return guest;
        } catch (final IOException | AssertionError e) {
            guest.close();
            throw e;
        }
    }

    Wire.Client connect() throws IOException {
        return Wire.Client.connect(socket);
    }

    Relay relay() {
        return relay;
    }

    long count(final RelayCounter counter) {
        return relay.counters().get(counter);
    }

    void awaitCounter(final RelayCounter counter, final long value) {
        await(counter + " >= " + value, () -> count(counter) >= value);
    }

    void assertCount(final long expected, final RelayCounter counter) {
        assertCount(expected, counter, counter.toString());
    }

    /** What is seen at a peer may be seen before the relay has counted it, so a count is waited for; more than it is wrong. */
    void assertCount(final long expected, final RelayCounter counter, final String message) {
        awaitCounter(counter, expected);
        assertEquals(expected, count(counter), message);
    }

    static void await(final String what, final BooleanSupplier condition) {
        final long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "waited in vain for " + what);
            Thread.onSpinWait();
        }
    }

    /** Waits until the relay sleeps and has made no call for a while: whatever it could do is done. */
    static void awaitQuiet(final FaultySyscalls counted) {
        final long[] seen = {-1, System.nanoTime()};
        await("a loop that sleeps", () -> {
            if (counted.count() != seen[0] || !loopSleeps()) {
                seen[0] = counted.count();
                seen[1] = System.nanoTime();
            }
            return System.nanoTime() - seen[1] > QUIET_NS;
        });
    }

    /** Asks the kernel: in Java terms a thread in a system call runs, and one that has made none for long may only want for a processor. */
    private static boolean loopSleeps() {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (final Path task : tasks.toList()) {
                final String stat = Files.readString(task.resolve("stat"));
                if (stat.contains("(" + THREAD_NAME + ") ")) {
                    return stat.charAt(stat.lastIndexOf(')') + 2) == 'S';
                }
            }
            return false;
        } catch (final IOException e) {
            // A thread that has ended meanwhile; the loop's is still there.
            return false;
        }
    }

    /** Waits until the relay has ended by itself or by order. */
    RelayOutcome outcome() throws InterruptedException, ExecutionException, TimeoutException {
        return outcome.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
    }

    boolean isRunning() {
        return !outcome.isDone();
    }

    /** Waits for the end and closes. */
    void stop() throws IOException, InterruptedException, TimeoutException {
        relay.shutdown();
        try {
            outcome();
        } catch (final ExecutionException e) {
            // The test has asked for the outcome if it matters; what is left is to close.
            assertTrue(outcome.isCompletedExceptionally());
        }
        relay.close();
        relay = null;
        console.dropWaiting();
    }

    /** Ends what is left, and looks whether the sockets are gone. */
    void close() throws Exception {
        if (relay != null) {
            stop();
        }
        console.close();
        assertFalse(Files.exists(socket), "the relay removes its socket");
        assertFalse(Files.exists(rangeSocket), "the relay removes its socket");
    }
}
