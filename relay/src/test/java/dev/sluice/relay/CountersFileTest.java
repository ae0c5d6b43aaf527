package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.port.PortAddress;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The counters file, as another process sees it: before, while and after its relay runs, and when it is none. */
class CountersFileTest {
    private static final int COUNT = RelayCounter.values().length;

    @TempDir
    Path directory;
    private Path path;

    @BeforeEach
    void setUp() {
        path = directory.resolve("counters");
    }

    private RelayContext context() {
        return context("agent.sock");
    }

    private RelayContext context(final String socket) {
        return new RelayContext()
            .listen(directory.resolve(socket))
            .guest(PortAddress.parse("unix:" + directory.resolve("console.sock")))
            .countersFile(path);
    }

    private CountersSnapshot read() throws IOException {
        return CountersFileReader.read(Posix.system(), path);
    }

    private static long value(final CountersSnapshot snapshot, final RelayCounter counter) {
        return snapshot.readings().get(counter.ordinal()).value();
    }

    private CountersSnapshot await(final Predicate<CountersSnapshot> condition) throws IOException {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        for (CountersSnapshot snapshot = read(); ; snapshot = read()) {
            if (condition.test(snapshot)) {
                return snapshot;
            }
            assertTrue(System.nanoTime() < deadline, "waited in vain: " + snapshot);
            Thread.onSpinWait();
        }
    }

    private CountersSnapshot awaitValue(final RelayCounter counter, final long value) throws IOException {
        return await(snapshot -> value(snapshot, counter) == value);
    }

    /** Runs a relay with a counters file while something looks at it. */
    private RelayOutcome whileRunning(final RelayContext context, final Observation observation) throws Exception {
        try (Wire.GuestConsole console = new Wire.GuestConsole(directory.resolve("console.sock")); Relay relay = Relay.open(context)) {
            final CompletableFuture<RelayOutcome> outcome = CompletableFuture.supplyAsync(() -> {
                try {
                    return relay.run();
                } catch (final IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            try (Wire.End guest = console.accept()) {
                guest.write(Wire.READY);
                assertTrue(relay.awaitReady(Duration.ofSeconds(10)));
                observation.of(relay, guest);
            } finally {
                relay.shutdown();
                outcome.get(10, TimeUnit.SECONDS);
            }
            return outcome.get();
        }
    }

    private interface Observation {
        void of(Relay relay, Wire.End guest) throws Exception;
    }

    @Test
    void anotherProcessSeesWhatTheRelayCountsAndMeasures() throws Exception {
        final Instant before = Instant.now().minusMillis(1);
        whileRunning(context(), (relay, guest) -> {
            try (Wire.Client client = Wire.Client.connect(directory.resolve("agent.sock"))) {
                client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
                final CountersSnapshot open = awaitValue(RelayCounter.SESSIONS_OPEN, 1);
                assertTrue(open.alive());
                assertEquals(ProcessHandle.current().pid(), open.pid());
                assertFalse(open.started().isBefore(before) || open.started().isAfter(Instant.now()));
                assertNull(open.ended());
                assertNull(open.outcome());
                assertEquals(1, value(open, RelayCounter.CLIENTS_CONNECTED));
                assertEquals(1, value(open, RelayCounter.GUEST_READY));
                assertEquals(1, value(open, RelayCounter.SESSIONS_OPENED));
                assertEquals(1, value(open, RelayCounter.FRAMES_TO_GUEST));
                guest.write(Wire.frame(client.id(1), 1, Wire.EXITED_BODY));
                client.readFrame();
                assertEquals(1, value(awaitValue(RelayCounter.SESSIONS_OPEN, 0), RelayCounter.SESSIONS_ENDED));
                client.write(Wire.frame(client.id(2), 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
                awaitValue(RelayCounter.SESSIONS_OPEN, 1);
            }
            final CountersSnapshot left = awaitValue(RelayCounter.RANGES_QUARANTINED, 1);
            assertEquals(0, value(left, RelayCounter.CLIENTS_CONNECTED));
            assertEquals(1, value(left, RelayCounter.SESSIONS_OPEN), "the session of a client that left has not ended");
        });
    }

    @Test
    void whatWaitsForAGuestThatDoesNotReadIsMeasured() throws Exception {
        whileRunning(context(), (relay, guest) -> {
            try (Wire.Client client = Wire.Client.connect(directory.resolve("agent.sock"))) {
                client.channel.configureBlocking(false);
                final ByteBuffer frame = ByteBuffer.wrap(Wire.frame(client.id(1), 0, new byte[30_000]));
                while (value(read(), RelayCounter.GUEST_WAITING_BYTES) == 0) {
                    if (client.channel.write(frame) >= 0 && !frame.hasRemaining()) {
                        frame.rewind();
                    }
                }
            }
        });
    }

    @Test
    void theFileIsOfThisUserAloneAndExactlyAsLongAsDrawn() throws Exception {
        try (Relay relay = Relay.open(context())) {
            assertNotNull(relay);
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertEquals(CountersDescriptor.fileLength(COUNT), Files.size(path));
            assertTrue((Long) Files.getAttribute(path, "unix:ino") > 0);
            assertFalse(Files.exists(directory.resolve("counters~")));
        }
    }

    @Test
    void afterTheEndTheFileTellsTheOutcomeAndTheLastValues() throws Exception {
        final RelayOutcome outcome = whileRunning(context(), (relay, guest) -> {
            try (Wire.Client client = Wire.Client.connect(directory.resolve("agent.sock"))) {
                assertArrayEquals(Wire.READY, client.ready);
            }
        });
        final CountersSnapshot after = read();
        assertEquals(RelayOutcome.STOPPED, outcome);
        assertEquals("STOPPED", after.outcome());
        assertFalse(after.alive());
        assertFalse(after.ended().isBefore(after.started()));
        assertEquals(1, value(after, RelayCounter.CLIENTS_ACCEPTED));
        assertEquals(0, value(after, RelayCounter.CLIENTS_CONNECTED));
        assertEquals(0, value(after, RelayCounter.GUEST_READY));
    }

    @Test
    void countersOfAClosedRelayStayReadable() throws Exception {
        final Relay[] closed = new Relay[1];
        whileRunning(context(), (relay, guest) -> {
            closed[0] = relay;
            Wire.Client.connect(directory.resolve("agent.sock")).close();
        });
        assertEquals(1, closed[0].counters().get(RelayCounter.CLIENTS_ACCEPTED));
    }

    @Test
    void aThreadThatReadsWhileTheRelayClosesIsNotHurt() throws Exception {
        for (int i = 0; i < 50; i++) {
            final Relay relay = Relay.open(context());
            final CompletableFuture<Long> reader = CompletableFuture.supplyAsync(() -> {
                long sum = 0;
                for (int n = 0; n < 20_000; n++) {
                    sum += relay.counters().get(RelayCounter.CLIENTS_ACCEPTED);
                }
                return sum;
            });
            relay.close();
            assertEquals(0, reader.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aRelayThatCannotStartLeavesAFileThatSaysSo() throws Exception {
        final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
        faults.inject(FaultSchedule.always(Call.EPOLL_CTL, Fault.error(Errno.ENOSPC)));
        assertThrows(IOException.class, () -> Relay.open(context().posix(new Posix(faults))));
        assertEquals("FAILED", read().outcome());
        assertFalse(read().alive());
    }

    @Test
    void theFileOfALivingRelayIsNotReplaced() throws Exception {
        try (Relay relay = Relay.open(context())) {
            final IOException refused = assertThrows(IOException.class,
                () -> Relay.open(context("other.sock")));
            assertTrue(refused.getMessage().contains("in use by another relay"), refused.getMessage());
            assertTrue(read().alive());
            assertEquals(0, relay.counters().get(RelayCounter.CLIENTS_ACCEPTED));
            assertFalse(Files.exists(directory.resolve("counters~")));
        }
    }

    @Test
    void theFileOfADeadRelayIsReplacedByANewOne() throws Exception {
        Relay.open(context()).close();
        final byte[] dead = Files.readAllBytes(path);
        ByteBuffer.wrap(dead).order(ByteOrder.nativeOrder()).putInt(CountersDescriptor.STATE_OFFSET, CountersDescriptor.RUNNING);
        Files.write(path, dead);
        assertFalse(read().alive(), "no end is in it, and nobody holds its lock: it died");
        assertNull(read().ended());
        final Object deadInode = Files.getAttribute(path, "unix:ino");
        // What a relay leaves that was killed before it had its file ready.
        Files.write(directory.resolve("counters~"), new byte[100_000]);
        try (Relay relay = Relay.open(context())) {
            assertNotNull(relay);
            assertTrue(read().alive());
            assertEquals(COUNT, read().readings().size());
            assertFalse(deadInode.equals(Files.getAttribute(path, "unix:ino")), "written into, it would mislead who still looks at it");
        }
    }

    @Test
    void whatIsNoCountersFileIsLeftAlone() throws Exception {
        Files.writeString(path, "precious data of somebody\n");
        refuses("not a counters file");
        assertEquals("precious data of somebody\n", Files.readString(path));
        Files.delete(path);
        Files.createSymbolicLink(path, directory.resolve("elsewhere"));
        refuses("not a counters file");
        Files.delete(path);
        Files.createDirectory(path);
        refuses("not a counters file");
        Files.delete(path);
        Files.createSymbolicLink(directory.resolve("counters~"), directory.resolve("elsewhere"));
        assertThrows(IOException.class, () -> Relay.open(context()));
        assertFalse(Files.exists(directory.resolve("elsewhere")));
    }

    private void refuses(final String why) {
        final IOException refused = assertThrows(IOException.class, () -> Relay.open(context()));
        assertTrue(refused.getMessage().contains(why), refused.getMessage());
    }

    @Test
    void aFullDiskIsAnErrorAtTheStartAndLeavesNothing() throws Exception {
        for (final FaultSchedule schedule : List.of(
            FaultSchedule.always(Call.WRITE, Fault.error(Errno.ENOSPC)), FaultSchedule.onNth(Call.WRITE, 1, Fault.shortCount(1000))
                .or(FaultSchedule.onNth(Call.WRITE, 2, Fault.error(Errno.ENOSPC))))) {
            final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
            faults.inject(schedule);
            final IOException failure = assertThrows(IOException.class, () -> CountersFile.create(new Posix(faults), path));
            assertTrue(failure.getMessage().contains("no room"), failure.getMessage());
            assertEquals(List.of(), filesLeft());
        }
    }

    @Test
    void everyCallThatFailsIsReportedAndLeavesNothing() throws Exception {
        final FaultySyscalls counted = new FaultySyscalls(Posix.system().syscalls());
        final long calls;
        try (CountersFile file = CountersFile.create(new Posix(counted), path)) {
            assertNotNull(file.values());
            calls = counted.count();
        }
        Files.delete(path);
        int reported = 0;
        for (long n = 1; n <= calls; n++) {
            final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
            faults.inject(FaultSchedule.onNthOfAll(n, Fault.error(Errno.EIO)));
            try (CountersFile file = CountersFile.create(new Posix(faults), path)) {
                assertNotNull(file.values());
                Files.delete(path);
            } catch (final IOException e) {
                reported++;
            }
            assertEquals(List.of(), filesLeft(), "call " + n);
        }
        assertTrue(reported >= 6, "open, fchmod, flock, ftruncate, write, mmap: " + reported);
    }

    private List<Path> filesLeft() throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void agronasOwnReaderUnderstandsBothRegions() throws Exception {
        whileRunning(context(), (relay, guest) -> {
            Wire.Client.connect(directory.resolve("agent.sock")).close();
            awaitValue(RelayCounter.CLIENTS_ACCEPTED, 1);
            final ByteBuffer file = ByteBuffer.allocateDirect((int) Files.size(path)).put(Files.readAllBytes(path)).flip();
            final UnsafeBuffer whole = new UnsafeBuffer(file);
            final int values = CountersDescriptor.valuesOffset(COUNT);
            final CountersReader reader = new CountersReader(
                new UnsafeBuffer(whole, CountersDescriptor.HEADER_LENGTH, COUNT * CountersReader.METADATA_LENGTH),
                new UnsafeBuffer(whole, values, COUNT * CountersReader.COUNTER_LENGTH), US_ASCII);
            final List<String> labels = new ArrayList<>();
            reader.forEach((id, label) -> labels.add(label));
            assertEquals(Arrays.stream(RelayCounter.values()).map(RelayCounter::label).toList(), labels);
            final int accepted = RelayCounter.CLIENTS_ACCEPTED.ordinal();
            assertEquals(1, reader.getCounterValue(accepted));
            assertEquals(RelayCounter.Kind.COUNTER.typeId(), reader.getCounterTypeId(accepted));
            assertEquals(CountersReader.RECORD_ALLOCATED, reader.getCounterState(accepted));
            assertEquals(CountersReader.NOT_FREE_TO_REUSE, reader.getFreeForReuseDeadline(accepted));
        });
    }

    @Test
    void theReaderSaysWhatIsWrongWithAFile() throws Exception {
        Relay.open(context()).close();
        final byte[] good = Files.readAllBytes(path);
        assertUnreadable(new byte[0], "is not a counters file");
        assertUnreadable("#!/bin/sh\n".getBytes(US_ASCII), "is not a counters file");
        assertUnreadable(Arrays.copyOf(good, 100), "cut off");
        assertUnreadable(Arrays.copyOf(good, good.length - 1), "cut off");
        assertUnreadable(Arrays.copyOf(good, good.length + 1), "damaged");
        assertUnreadable(Arrays.copyOf(good, 10_000_000), "damaged");
        assertUnreadable(with(good, CountersDescriptor.VERSION_OFFSET, 2), "version 2");
        for (final int count : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, CountersDescriptor.MAX_COUNT + 1}) {
            assertUnreadable(with(good, CountersDescriptor.COUNT_OFFSET, count), "number of counters");
        }
        assertUnreadable(with(good, CountersDescriptor.COUNT_OFFSET, COUNT + 1), "cut off");
        assertUnreadable(with(good, CountersDescriptor.STATE_OFFSET, 3), "state");
        for (final int length : new int[] {-1, 49, Integer.MAX_VALUE}) {
            assertUnreadable(with(good, CountersDescriptor.OUTCOME_LENGTH_OFFSET, length), "length of outcome");
        }
        final int third = CountersDescriptor.metadataOffset(2);
        assertUnreadable(with(good, third + CountersDescriptor.LABEL_LENGTH_OFFSET, 381), "length of label of counter 2");
        assertUnreadable(with(good, third + CountersDescriptor.LABEL_OFFSET, 0x1b5b324a), "label of counter 2");
        assertUnreadable(with(good, third + CountersDescriptor.KEY_OFFSET, 0x0a), "metric name of counter 2");
        assertUnreadable(with(good, third + CountersDescriptor.TYPE_ID_OFFSET, 9), "type id of counter 2");
        assertUnreadable(with(good, third + CountersDescriptor.RECORD_STATE_OFFSET, -1), "state of counter 2");
        Files.delete(path);
        assertThrows(IOException.class, this::read);
        Files.createDirectory(path);
        assertThrows(IOException.class, this::read);
    }

    private static byte[] with(final byte[] file, final int offset, final int value) {
        final byte[] changed = file.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.nativeOrder()).putInt(offset, value);
        return changed;
    }

    private void assertUnreadable(final byte[] content, final String why) throws IOException {
        Files.write(path, content);
        final IOException refused = assertThrows(IOException.class, this::read);
        assertTrue(refused.getMessage().contains(path.toString()) && refused.getMessage().contains(why), refused.getMessage());
    }

    @Test
    void noChangeOfBytesMakesTheReaderFailInAnotherWay() throws Exception {
        Relay.open(context()).close();
        final byte[] good = Files.readAllBytes(path);
        final Random random = new Random(Seeds.next("damage"));
        int read = 0;
        for (int i = 0; i < 5000; i++) {
            final byte[] bad = good.clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                final int place = random.nextBoolean() ? random.nextInt(CountersDescriptor.OUTCOME_OFFSET) : random.nextInt(bad.length);
                bad[place] = (byte) (random.nextBoolean() ? random.nextInt() : 1 << random.nextInt(8));
            }
            Files.write(path, bad);
            try {
                read();
                read++;
            } catch (final IOException e) {
                assertTrue(e.getMessage().contains("counters file"), e.getMessage());
            }
        }
        assertTrue(read > 0, "some changes are to values and are not noticed");
    }
}
