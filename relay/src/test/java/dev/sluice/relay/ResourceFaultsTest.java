package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fault scenarios F, resources of the host: each method is named after its row. */
@TimeLimit(seconds = 30)
class ResourceFaultsTest {
    @TempDir
    Path directory;
    private final JumpingClock clock = new JumpingClock();
    private final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
    /** Set when the ends begin to leave. */
    private final AtomicBoolean farewell = new AtomicBoolean();
    private RelayUnderTest box;

    @BeforeEach
    void open() throws IOException {
        box = new RelayUnderTest(directory);
    }

    @AfterEach
    void close() throws Exception {
        faults.inject(FaultSchedule.NEVER);
        box.close();
    }

    private RelayContext context() {
        return new RelayContext().posix(new Posix(faults)).clock(clock);
    }

    private static void assertPasses(final Wire.Client client, final Wire.End guest) throws IOException {
        final byte[] frame = Wire.frame(client.id(1), 0, text("still served"));
        client.write(frame);
        assertArrayEquals(frame, guest.readFrame());
        guest.write(frame);
        assertArrayEquals(frame, client.readFrame());
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM})
    void f1_wantOfDescriptorsPausesAcceptingAndNothingElse(final int errno) throws Exception {
        try (Wire.End guest = box.startReady(context()); Wire.Client client = box.connect()) {
            faults.inject(FaultSchedule.always(Call.ACCEPT4, Fault.error(errno)));
            final CompletableFuture<Wire.Client> waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return box.connect();
                } catch (final IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }, Wire.THREADS);
            box.awaitCounter(RelayCounter.ACCEPTS_PAUSED, 4);
            assertPasses(client, guest);
            final long paused = box.count(RelayCounter.ACCEPTS_PAUSED);
            assertTrue(faults.count(Call.ACCEPT4) <= paused + 2, "tries: " + faults.count(Call.ACCEPT4));
            assertTrue(faults.count(Call.EPOLL_WAIT) <= 10 * paused + 10, "no busy loop: " + faults.count(Call.EPOLL_WAIT));
            faults.inject(FaultSchedule.NEVER);
            try (Wire.Client late = waiting.get()) {
                assertPasses(late, guest);
            }
        }
    }

    @Test
    void f1_connectionThatEndsBeforeItIsAcceptedIsNoReasonToPause() throws Exception {
        try (Wire.End guest = box.startReady(context())) {
            faults.inject(FaultSchedule.onNth(Call.ACCEPT4, 1, Fault.error(Errno.ECONNABORTED)));
            try (Wire.Client client = box.connect()) {
                assertPasses(client, guest);
            }
            box.assertCount(0, RelayCounter.ACCEPTS_PAUSED);
        }
    }

    @Test
    void f1_clientThatCannotBeWatchedIsTurnedAwayAlone() throws Exception {
        try (Wire.End guest = box.startReady(context()); Wire.Client client = box.connect()) {
            faults.inject(FaultSchedule.onNth(Call.EPOLL_CTL, 1, Fault.error(28)));
            assertThrows(IOException.class, box::connect);
            assertPasses(client, guest);
            try (Wire.Client next = box.connect()) {
                assertPasses(next, guest);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MMAP", "EPOLL_CREATE1", "EVENTFD", "SOCKET", "BIND", "LISTEN", "FLOCK", "FCHMOD"})
    void f6_relayThatCannotHaveWhatItNeedsDoesNotStartAndLeavesNothing(final Call call) throws Exception {
        faults.inject(FaultSchedule.always(call, Fault.error(Errno.ENOMEM)));
        assertThrows(IOException.class, () -> box.start(context()));
        assertTrue(Files.notExists(box.socket) && Files.notExists(Path.of(box.socket + "~")));
        faults.inject(FaultSchedule.NEVER);
        box = anotherBox();
        try (Wire.End guest = box.startReady(context()); Wire.Client client = box.connect()) {
            assertPasses(client, guest);
        }
    }

    /** The console's socket is taken by the first. */
    private RelayUnderTest anotherBox() throws Exception {
        box.close();
        return new RelayUnderTest(Files.createDirectory(directory.resolve("another")));
    }

    /** The launcher makes a process that has run out of memory exit; what can be shown here is that no loop lives on half dead. */
    @Test
    void f6_errorInTheLoopEndsItForEverybody() throws Exception {
        final OutOfMemoryError failure = new OutOfMemoryError("made by the test");
        assertSame(failure, assertLoopFails(failure));
    }

    @Test
    void f12_exceptionInTheLoopEndsItForEverybody() throws Exception {
        final IllegalStateException failure = new IllegalStateException("a defect");
        assertSame(failure, assertLoopFails(failure));
    }

    private Throwable assertLoopFails(final Throwable thrown) throws Exception {
        box.start(context().listener(new RelayListener() {
            @Override
            public void onReady() {
                throwAnything(thrown);
            }
        }));
        try (Wire.End waiting = new Wire.End(Wire.dial(box.socket)); Wire.End guest = box.console.accept()) {
            box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            guest.write(Wire.READY);
            final ExecutionException failure = assertThrows(ExecutionException.class, box::outcome);
            waiting.readToEnd();
            assertTrue(guest.atEnd(), "and nobody waits for a relay that is no more");
            box.stop();
            assertThrows(IOException.class, () -> Wire.dial(box.socket));
            return failure.getCause();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwAnything(final Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void f7_clientsNeedNoThreads() throws Exception {
        try (Wire.End guest = box.startReady(context()); Wire.Client first = box.connect()) {
            assertPasses(first, guest);
            final Set<Thread> before = Thread.getAllStackTraces().keySet();
            for (int i = 0; i < 50; i++) {
                try (Wire.Client client = box.connect(); Wire.RangeClient other = Wire.RangeClient.connect(box.rangeSocket)) {
                    assertPasses(client, guest);
                    assertTrue(other.channel.isOpen());
                }
            }
            final Set<Thread> more = new HashSet<>(Thread.getAllStackTraces().keySet());
            more.removeAll(before);
            assertTrue(more.stream().noneMatch(thread -> thread.getName().contains("sluice") || thread.getName().contains("relay")),
                more::toString);
        }
    }

    /** The relay does not run for an hour, everybody else does: nobody is to blame for what it did not see. */
    @Test
    void f8_starvedRelayBlamesNobody() throws Exception {
        final RelayContext context = context().limit(RelayLimit.IDLE_TIMEOUT, Duration.ofMinutes(10));
        try (Wire.End guest = box.startReady(context); Wire.Client sender = box.connect(); Wire.Client cut = box.connect()) {
            final byte[] flood = Wire.frame(sender.id(1), 0, new byte[1_000_000]);
            final CompletableFuture<Void> flooding = sender.writeLater(flood);
            box.awaitCounter(RelayCounter.BYTES_TO_GUEST, 1);
            final byte[] halved = Wire.frame(cut.id(1), 0, text("in two parts"));
            final CountDownLatch stopped = new CountDownLatch(1);
            final CountDownLatch goOn = new CountDownLatch(1);
            faults.inject((call, nth, nthOfAll) -> {
                if (call == Call.EPOLL_WAIT) {
                    stopped.countDown();
                    awaitQuietly(goOn);
                }
                return Fault.NONE;
            });
            cut.write(Arrays.copyOf(halved, 12));
            stopped.await();
            clock.jump(Duration.ofHours(1));
            cut.write(Arrays.copyOfRange(halved, 12, halved.length));
            // The guest has read everything there was before the relay runs again.
            final int taken = (int) box.count(RelayCounter.BYTES_TO_GUEST);
            guest.read(taken);
            goOn.countDown();
            guest.read(flood.length + halved.length - taken);
            flooding.get();
            assertPasses(cut, guest);
            assertEquals(List.of(0L, 0L, 0L), List.of(box.count(RelayCounter.GUESTS_STALLED),
                box.count(RelayCounter.CLIENT_FRAMES_STALLED), box.count(RelayCounter.CLIENTS_EVICTED_SLOW)));
        }
    }

    /** The relay and its guest do not run for an hour, as when a sandbox is paused with all that belongs to it. */
    @Test
    void f8_guestThatWasStoppedWithTheRelayIsNotBlamed() throws Exception {
        try (Wire.End guest = box.startReady(context()); Wire.Client sender = box.connect()) {
            final byte[] flood = Wire.frame(sender.id(1), 0, new byte[1_000_000]);
            final CompletableFuture<Void> flooding = sender.writeLater(flood);
            box.awaitCounter(RelayCounter.BYTES_TO_GUEST, 1);
            RelayUnderTest.awaitQuiet(faults);
            final CountDownLatch stopped = new CountDownLatch(1);
            final CountDownLatch goOn = new CountDownLatch(1);
            faults.inject((call, nth, nthOfAll) -> {
                if (call == Call.EPOLL_WAIT) {
                    stopped.countDown();
                    awaitQuietly(goOn);
                }
                return Fault.NONE;
            });
            try (Wire.RangeClient waking = Wire.RangeClient.connect(box.rangeSocket)) {
                stopped.await();
                clock.jump(Duration.ofHours(1));
                waking.write(Wire.frame(waking.id(1), 0, text("something to wake up for")));
                goOn.countDown();
                box.awaitCounter(RelayCounter.TIMES_NOT_RUN, 1);
                assertArrayEquals(flood, guest.read(flood.length));
                assertArrayEquals(Wire.frame(waking.id(1), 0, text("something to wake up for")), guest.readFrame());
            }
            flooding.get();
            assertPasses(sender, guest);
            box.assertCount(0, RelayCounter.GUESTS_STALLED);
        }
    }

    private static void awaitQuietly(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void f9_signalsAtEveryCallChangeNothing() throws Exception {
        final Set<Call> interruptible = Set.of(Call.READ, Call.WRITE, Call.WRITEV, Call.SEND, Call.EPOLL_WAIT, Call.ACCEPT4, Call.OPEN,
            Call.FLOCK, Call.FCNTL, Call.RECVMSG, Call.SENDMSG);
        faults.inject((call, nth, nthOfAll) -> interruptible.contains(call) && nth % 2 == 1 ? Fault.INTERRUPTED : Fault.NONE);
        box.start(context());
        assertTrafficPasses();
    }

    @Test
    void f10_singleBytesAtEveryCallChangeNothing() throws Exception {
        final Fault one = Fault.shortCount(1);
        final Set<Call> moving = Set.of(Call.READ, Call.WRITEV, Call.SEND);
        // The wake-up is an eventfd, whose count is not a stream that could come in parts: faults end with the traffic.
        faults.inject((call, nth, nthOfAll) -> moving.contains(call) ? one : Fault.NONE);
        box.start(context().posix(EdgeKeepingCalls.over(faults)));
        assertTrafficPasses();
    }

    @Test
    void f11_callsThatAreRefusedForNothingAndWakeUpsForNothingChangeNothing() throws Exception {
        final Random random = new Random(Seeds.next("refusals"));
        final Set<Call> refused = Set.of(Call.WRITEV, Call.SEND, Call.ACCEPT4);
        faults.inject((call, nth, nthOfAll) -> {
            if (random.nextInt(3) > 0) {
                return Fault.NONE;
            }
            // A read is refused while both ends are there: with one gone, a kernel has bytes or the end, and never nothing.
            final boolean refusedRead = call == Call.READ && !farewell.get();
            if (refusedRead || refused.contains(call)) {
                return Fault.error(Errno.EAGAIN);
            }
            return call == Call.EPOLL_WAIT ? Fault.INTERRUPTED : Fault.NONE;
        });
        box.start(context().posix(EdgeKeepingCalls.over(faults)));
        assertTrafficPasses();
    }

    /** Frames of all sizes both ways, then ends with bytes still on their way: everything arrives. */
    private void assertTrafficPasses() throws Exception {
        final Random random = new Random(Seeds.next("traffic"));
        try (Wire.End guest = box.nextGuest(Wire.READY); Wire.Client client = box.connect(); Wire.Client leaving = box.connect()) {
            final ByteArrayOutputStream frames = new ByteArrayOutputStream();
            for (int i = 0; i < 40; i++) {
                final byte[] body = new byte[random.nextInt(i % 8 == 0 ? 6_000 : 300)];
                random.nextBytes(body);
                frames.writeBytes(Wire.frame(client.id(1 + i), 0, body));
            }
            final byte[] stream = frames.toByteArray();
            final CompletableFuture<Void> up = client.writeLater(stream);
            final CompletableFuture<Void> down = guest.writeLater(stream);
            assertArrayEquals(stream, guest.read(stream.length));
            assertArrayEquals(stream, client.read(stream.length));
            up.get();
            down.get();
            farewell.set(true);
            // A hang-up with data left: of a client, then of the guest.
            final byte[] farewell = Wire.frame(leaving.id(1), 0, new byte[5_000]);
            leaving.write(farewell);
            leaving.channel.close();
            assertArrayEquals(farewell, guest.readFrame());
            guest.write(stream);
            guest.channel.close();
            assertArrayEquals(stream, client.readToEnd());
        }
        box.assertCount(0, RelayCounter.CLIENT_IO_ERRORS);
    }
}
