package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogGap;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.execlog.LogSource;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tap, ring, writer and files with one clock and no thread: everything is recorded exactly, or marked as missing where it is missing. */
class ExecLogWriterTest {
    private static final int SESSIONS = 4;
    private static final int FIRST_ID = 1;
    private static final int FRAMES = 100_000;

    @TempDir
    Path directory;
    private final FaultySyscalls faulty = new FaultySyscalls(Posix.system().syscalls());
    private final ExecLogShared shared = new ExecLogShared();
    private final RelayCounters counters = new RelayCounters();
    private final ExecLogRing ring = new ExecLogRing(1 << 19);
    private long nowNs;

    private ExecLogTap tap(final ExecLogPolicy policy) {
        final ExecLogTap tap = new ExecLogTap(ring, shared, () -> nowNs, policy, counters, () -> { });
        tap.guestReady(MemorySegment.ofArray(Wire.READY));
        return tap;
    }

    private static void open(final ExecLogTap tap, final int id) {
        final byte[] request = ExecLogFrames.request(false, 0);
        tap.opened(id, MemorySegment.ofArray(request), 0, request.length);
    }

    private static void send(final ExecLogTap tap, final int id, final int flags, final byte[] body) {
        tap.frameStart(id, body.length);
        tap.body(MemorySegment.ofArray(body), 0, body.length);
        tap.frameEnd((flags & 1) != 0);
    }

    /** What a log says of a session: its bytes, with so many zeroes for each gap. */
    private byte[] withGaps(final Path log, final long session) throws IOException {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (LogReader reader = ExecLog.read(log, LogQuery.OUTPUTS.session(session))) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                all.writeBytes(line.gap() == null ? line.data() : new byte[(int) line.gap().bytes()]);
            }
            assertEquals(0, reader.skippedLines() + reader.tornLines());
        }
        return all.toByteArray();
    }

    @Test
    void paddingAtTheEndOfTheRingIsNotTheEndOfTheRecords() throws IOException {
        final Path log = directory.resolve("padding");
        final ExecLogTap tap = tap(ExecLogPolicy.GAP);
        final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        try (ExecLogVolume volume = new ExecLogVolume(Posix.system(), log, 0, 3, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            open(tap, FIRST_ID);
            final byte[] data = new byte[5000];
            Arrays.fill(data, (byte) 'x');
            // Thrice round, with one record at a time in the ring: somewhere padding is all that is left of a turn.
            for (int frames = 3 * ring.capacity() / data.length; frames > 0; frames--) {
                sent.writeBytes(data);
                send(tap, FIRST_ID, 0, ExecLogFrames.output("stdout", data));
                int done;
                do {
                    done = writer.doWork(nowNs, 0);
                } while (done > 0);
                assertTrue(ring.isEmpty(), "a writer that has nothing to do has left nothing");
            }
        }
        assertArrayEquals(sent.toByteArray(), withGaps(log, 1));
    }

    @Test
    void everyByteIsRecordedOrMarkedWhereItIsMissing() throws IOException {
        final Random random = new Random(Seeds.next("faults"));
        // What a seed brings differs; more of them until both kinds of loss have happened.
        for (int run = 0; run < 30 || run < 600 && !bothKindsOfLoss(); run++) {
            final Path log = directory.resolve("log" + run);
            final ByteArrayOutputStream[] sent = new ByteArrayOutputStream[SESSIONS];
            final ExecLogTap tap = tap(ExecLogPolicy.GAP);
            try (ExecLogVolume volume = new ExecLogVolume(new Posix(faulty), log, 0, 3, shared)) {
                final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
                for (int i = 0; i < SESSIONS; i++) {
                    sent[i] = new ByteArrayOutputStream();
                    open(tap, FIRST_ID + i);
                }
                faulty.inject(faults(random));
                for (int step = 0; step < 2000; step++) {
                    final int session = random.nextInt(SESSIONS);
                    final byte[] data = new byte[random.nextInt(20) == 0 ? random.nextInt(100_000) : random.nextInt(200)];
                    // No zeroes: they stand for what is missing.
                    for (int at = 0; at < data.length; at++) {
                        data[at] = (byte) (1 + random.nextInt(255));
                    }
                    sent[session].writeBytes(data);
                    tap.startPass();
                    send(tap, FIRST_ID + session, 0, ExecLogFrames.output("stdout", data));
                    tap.endPass();
                    if (random.nextInt(12) == 0) {
                        nowNs += random.nextInt(200_000_000);
                        writer.doWork(nowNs, 0);
                    }
                }
                faulty.inject(FaultSchedule.NEVER);
                for (int i = 0; i < SESSIONS; i++) {
                    send(tap, FIRST_ID + i, ExecLogFrames.TERMINAL, java.util.HexFormat.of().parseHex(Wire.EXITED_BODY));
                }
                do {
                    nowNs += ExecLogWriter.LAST_RETRY_NS;
                    tap.endPass();
                } while (writer.doWork(nowNs, 0) > 0 || tap.hasDue());
            }
            for (int i = 0; i < SESSIONS; i++) {
                final byte[] expected = sent[i].toByteArray();
                final byte[] actual = withGaps(log, i + 1);
                assertEquals(expected.length, actual.length, "run " + run);
                for (int at = 0; at < actual.length; at++) {
                    if (actual[at] == 0) {
                        expected[at] = 0;
                    }
                }
                assertArrayEquals(expected, actual, "run " + run);
            }
        }
        assertTrue(bothKindsOfLoss(), "both kinds of loss have happened");
    }

    private boolean bothKindsOfLoss() {
        shared.publish(counters);
        return counters.get(RelayCounter.EXEC_LOG_BYTES_FAILED) > 0 && counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND) > 0;
    }

    private static FaultSchedule faults(final Random random) {
        final int[] errors = {Errno.ENOSPC, Errno.EDQUOT, Errno.EIO};
        return (call, nth, nthOfAll) -> {
            if (call == Call.WRITE) {
                final int kind = random.nextInt(6);
                return kind == 0 ? Fault.error(errors[random.nextInt(3)])
                    : kind < 3 ? Fault.shortCount(1 + random.nextInt(30_000)) : kind == 3 ? Fault.INTERRUPTED : Fault.NONE;
            }
            return call == Call.FTRUNCATE && random.nextBoolean() ? Fault.error(Errno.EIO) : Fault.NONE;
        };
    }

    @Test
    void nothingOfWhatAWindowedSessionMaySendIsEverLost() {
        final Random random = new Random(Seeds.next("windows"));
        final ExecLogTap tap = new ExecLogTap(ring, shared, () -> nowNs, ExecLogPolicy.GAP, counters, () -> { });
        tap.guestReady(MemorySegment.ofArray(ExecLogFrames.readyWithWindows()));
        final int window = 16_384;
        final byte[] request = ExecLogFrames.request(false, window);
        final int sessions = 8;
        for (int id = 1; id <= sessions; id++) {
            tap.opened(id, MemorySegment.ofArray(request), 0, request.length);
            assertTrue(tap.session(id).credit() != null);
        }
        open(tap, 100);
        // Every session uses its window up with frames of whatever size, between those of one that has none and floods.
        final int[][] left = new int[sessions][2];
        for (final int[] streams : left) {
            Arrays.fill(streams, window);
        }
        int open = 2 * sessions;
        while (open > 0) {
            send(tap, 100, 0, ExecLogFrames.output("stdout", new byte[random.nextInt(20_000)]));
            final int session = random.nextInt(sessions);
            final int stream = random.nextInt(2);
            final int most = left[session][stream] - 46;
            if (left[session][stream] > 0) {
                final byte[] frame = ExecLogFrames.output(stream == 0 ? "stdout" : "stderr",
                    new byte[most < 0 ? 0 : Math.min(most, random.nextInt(3) == 0 ? random.nextInt(4000) : random.nextInt(8))]);
                send(tap, 1 + session, 0, frame);
                left[session][stream] -= 9 + frame.length;
                if (left[session][stream] < 46) {
                    left[session][stream] = 0;
                    open--;
                }
            }
            tap.endPass();
        }
        for (int id = 1; id <= sessions; id++) {
            assertTrue(!tap.session(id).hasLost(), "session " + id);
        }
        assertTrue(counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND) > 0, "the one without windows has lost something");
    }

    @Test
    void placesOfSessionsAreGivenBackWhenTheyAreAccountedFor() throws IOException {
        final ExecLogTap tap = new ExecLogTap(ring, shared, () -> nowNs, ExecLogPolicy.GAP, counters, () -> { });
        tap.guestReady(MemorySegment.ofArray(ExecLogFrames.readyWithWindows()));
        final byte[] request = ExecLogFrames.request(false, 65_536);
        try (ExecLogVolume volume = new ExecLogVolume(new Posix(faulty), directory.resolve("log"), 0, 3, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            for (int i = 0; i < 3000; i++) {
                tap.opened(1, MemorySegment.ofArray(request), 0, request.length);
                assertTrue(tap.session(1).credit() != null, "session " + i);
                final byte[] body = ExecLogFrames.output("stderr", new byte[100]);
                if (i % 3 == 0) {
                    // The guest is lost inside the frame.
                    tap.frameStart(1, body.length);
                    tap.body(MemorySegment.ofArray(body), 0, 100);
                    tap.guestReady(MemorySegment.ofArray(ExecLogFrames.readyWithWindows()));
                } else {
                    send(tap, 1, 0, body);
                    send(tap, 1, ExecLogFrames.TERMINAL, java.util.HexFormat.of().parseHex(Wire.EXITED_BODY));
                }
                tap.endPass();
                writer.doWork(nowNs, 0);
            }
            assertEquals(0, ring.reserved() == 0 ? 0 : ring.reserved() % LogCredit.reserved(65_536));
        }
        final ExecLog.Recovered last = ExecLog.recover(directory.resolve("log"), 3000, LogSource.STDERR, new ByteArrayOutputStream());
        assertEquals(new ExecLog.Recovered(100, 0, 0), last);
    }

    @Test
    void theOneLineOfAGapStandsForAllOfAnOutage() throws IOException {
        final Path log = directory.resolve("log");
        final ExecLogTap tap = tap(ExecLogPolicy.GAP);
        try (ExecLogVolume volume = new ExecLogVolume(new Posix(faulty), log, 0, 3, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            faulty.inject(FaultSchedule.always(Call.WRITE, Fault.error(Errno.ENOSPC)));
            final int sessions = ExecLogBacklog.MAX_STREAMS + 10;
            for (int i = 1; i <= sessions; i++) {
                open(tap, i);
                for (int frame = 0; frame < 3; frame++) {
                    send(tap, i, frame == 2 ? ExecLogFrames.TERMINAL : 0, ExecLogFrames.output("stdout", new byte[10]));
                }
                tap.endPass();
                writer.doWork(nowNs, 0);
                nowNs += 1_000_000_000;
            }
            faulty.inject(FaultSchedule.NEVER);
            nowNs += ExecLogWriter.LAST_RETRY_NS;
            while (writer.doWork(nowNs, 0) > 0) {
                tap.endPass();
            }
        }
        int gaps = 0;
        long bytes = 0;
        try (LogReader reader = ExecLog.read(log, LogQuery.OUTPUTS)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                // What was still in the ring when there was room again is recorded.
                gaps += line.gap() == null ? 0 : 1;
                bytes += line.gap() == null ? line.data().length : line.gap().bytes();
            }
        }
        assertTrue(gaps > 4000 && gaps <= ExecLogBacklog.MAX_STREAMS + 1, "one a stream, and one for those beyond the bound: " + gaps);
        assertEquals((ExecLogBacklog.MAX_STREAMS + 10) * 30L, bytes);
    }

    /** Lines of everything, as {@code session text}. */
    private static List<String> lines(final Path log) throws IOException {
        final List<String> lines = new ArrayList<>();
        try (LogReader reader = ExecLog.read(log, LogQuery.EVERYTHING)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                lines.add(line.session() + " " + new String(line.data(), java.nio.charset.StandardCharsets.UTF_8).strip());
            }
        }
        return lines;
    }

    /** A guest comes, one program writes ten bytes and ends, the guest goes. */
    private static void playGuest(final ExecLogTap tap, final int id) {
        tap.guestReady(MemorySegment.ofArray(Wire.READY));
        open(tap, id);
        send(tap, id, 0, ExecLogFrames.output("stdout", "0123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        send(tap, id, ExecLogFrames.TERMINAL, java.util.HexFormat.of().parseHex(Wire.EXITED_BODY));
        tap.guestGone();
        tap.endPass();
    }

    @Test
    void startsAndStopsThatTheRingHasNoRoomForAreACount() throws IOException {
        final Path log = directory.resolve("log");
        final ExecLogTap tap = tap(ExecLogPolicy.GAP);
        final int restarts = 100_000;
        for (int i = 0; i < restarts; i++) {
            tap.guestReady(MemorySegment.ofArray(Wire.READY));
            tap.endPass();
        }
        try (ExecLogVolume volume = new ExecLogVolume(new Posix(faulty), log, 0, 3, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            // The count too is kept when the disk does not take it.
            faulty.inject(FaultSchedule.onNth(Call.WRITE, 1, Fault.error(Errno.EIO)));
            do {
                nowNs += ExecLogWriter.LAST_RETRY_NS;
                tap.endPass();
            } while (writer.doWork(nowNs, 0) > 0 || tap.hasDue());
        }
        final List<String> lines = lines(log);
        long told = 0;
        for (final String line : lines) {
            told += line.endsWith("left out ---") ? Long.parseLong(line.split(" ")[2]) : 1;
        }
        assertEquals(1 + 2 * restarts, told);
        assertEquals("0 --- sandbox started ---", lines.getLast());
    }

    @Test
    void failClosedCondemnsEverySessionOnceWheneverItWasOpened() {
        final ExecLogTap tap = tap(ExecLogPolicy.FAIL_CLOSED);
        final List<Integer> ended = new ArrayList<>();
        open(tap, 1);
        shared.failing(true);
        tap.endPass();
        open(tap, 2);
        shared.failing(false);
        open(tap, 3);
        shared.failing(true);
        tap.endPass();
        tap.endPass();
        tap.endCondemned(session -> ended.add(session.id()));
        assertEquals(List.of(1, 2, 3), ended);
    }

    @Test
    void aRangeThatIsGivenOutAnewHasNoSessionsAndOthersKeepTheirs() {
        final ExecLogTap tap = tap(ExecLogPolicy.GAP);
        for (int range = 0; range < RangeTable.RANGES; range++) {
            for (int id = 1; id <= 3; id++) {
                open(tap, RangeTable.idOffset(range) + id);
            }
        }
        tap.rangeTaken(0);
        tap.rangeTaken(RangeTable.RANGES - 1);
        for (int range = 0; range < RangeTable.RANGES; range++) {
            for (int id = 1; id <= 3; id++) {
                assertEquals(range == 0 || range == RangeTable.RANGES - 1, tap.session(RangeTable.idOffset(range) + id) == null);
            }
        }
        assertEquals(null, tap.session(0), "an id of nobody's");
        tap.guestGone();
        assertEquals(null, tap.session(RangeTable.idOffset(1) + 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOSPC, Errno.EIO})
    void startsAndStopsDuringAnOutageAreRecordedBetweenTheGapsOnceThereIsRoom(final int error) throws IOException {
        final Path log = directory.resolve("log");
        final ExecLogTap tap = new ExecLogTap(ring, shared, () -> nowNs, ExecLogPolicy.GAP, counters, () -> { });
        try (ExecLogVolume volume = new ExecLogVolume(new Posix(faulty), log, 0, 3, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            playGuest(tap, 1);
            while (writer.doWork(nowNs, 0) > 0) {
                nowNs++;
            }
            faulty.inject(FaultSchedule.always(Call.WRITE, Fault.error(error)));
            for (int guest = 2; guest <= 4; guest++) {
                playGuest(tap, guest);
                // Some of it while the disk is tried, some while it is not.
                nowNs += 150_000_000L;
                while (writer.doWork(nowNs, 0) > 0) {
                    nowNs++;
                }
            }
            faulty.inject(FaultSchedule.NEVER);
            nowNs += ExecLogWriter.LAST_RETRY_NS;
            playGuest(tap, 5);
            while (writer.doWork(nowNs, 0) > 0) {
                nowNs++;
            }
        }
        final List<String> expected = new ArrayList<>();
        for (int guest = 1; guest <= 5; guest++) {
            final boolean lost = guest >= 2 && guest <= 4;
            expected.add("0 --- sandbox started ---");
            expected.add(guest + (lost ? " --- gap: 10 bytes of stdout lost: " + Errno.name(error) + " ---" : " 0123456789"));
            expected.add("0 --- sandbox stopped ---");
        }
        assertEquals(expected, lines(log));
        assertEquals(3, shared.count(RelayCounter.EXEC_LOG_GAPS));
        assertEquals(30, shared.count(RelayCounter.EXEC_LOG_BYTES_FAILED));
    }

    @Test
    void moreStartsAndStopsThanAreKeptAreACountBetweenTheFirstAndTheLast() throws IOException {
        final Path log = directory.resolve("log");
        final ExecLogTap tap = new ExecLogTap(ring, shared, () -> nowNs, ExecLogPolicy.GAP, counters, () -> { });
        try (ExecLogVolume volume = new ExecLogVolume(new Posix(faulty), log, 0, 3, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            for (int outage = 0; outage < 2; outage++) {
                faulty.inject(FaultSchedule.always(Call.WRITE, Fault.error(Errno.ENOSPC)));
                for (int guest = 1; guest <= ExecLogBacklog.MAX_MARKERS; guest++) {
                    playGuest(tap, guest);
                    while (writer.doWork(nowNs, 0) > 0) {
                        nowNs += 10_000_000;
                    }
                }
                faulty.inject(FaultSchedule.NEVER);
                nowNs += ExecLogWriter.LAST_RETRY_NS;
                while (writer.doWork(nowNs, 0) > 0) {
                    nowNs++;
                }
            }
        }
        final List<String> markers = lines(log).stream().filter(line -> line.startsWith("0 ")).toList();
        assertEquals(2 * (ExecLogBacklog.MAX_MARKERS + 1), markers.size());
        final List<String> ofSecond = markers.subList(ExecLogBacklog.MAX_MARKERS + 1, markers.size());
        assertEquals("0 --- sandbox started ---", ofSecond.getFirst());
        assertEquals("0 --- " + ExecLogBacklog.MAX_MARKERS + " starts and stops of the sandbox left out ---",
            ofSecond.get(ExecLogBacklog.MAX_MARKERS - 1));
        assertEquals("0 --- sandbox stopped ---", ofSecond.getLast());
        assertEquals(2 * ExecLogBacklog.MAX_MARKERS, shared.count(RelayCounter.EXEC_LOG_GAPS));
    }

    @Test
    void f5_aSessionRecordsItsQuotaAndTheRestIsCounted() throws IOException {
        final Path log = directory.resolve("log");
        final ExecLogTap tap = tap(ExecLogPolicy.GAP);
        tap.quota(1000);
        try (ExecLogVolume volume = new ExecLogVolume(new Posix(faulty), log, 0, 3, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            open(tap, 1);
            open(tap, 2);
            send(tap, 2, 0, ExecLogFrames.output("stdout", new byte[1000]));
            for (int i = 0; i < 10_000; i++) {
                send(tap, 1, 0, ExecLogFrames.output(i % 2 == 0 ? "stdout" : "stderr", new byte[30]));
                tap.endPass();
                while (writer.doWork(nowNs, 0) > 0) {
                    nowNs++;
                }
            }
            assertEquals(300_000 - 1000, counters.get(RelayCounter.EXEC_LOG_BYTES_OVER_QUOTA));
            assertTrue(shared.count(RelayCounter.EXEC_LOG_GAPS) > 2, "it is told before the session ends");
            send(tap, 1, ExecLogFrames.TERMINAL, java.util.HexFormat.of().parseHex(Wire.EXITED_BODY));
            tap.endPass();
            while (writer.doWork(nowNs, 0) > 0) {
                nowNs++;
            }
        }
        long recorded = 0;
        long counted = 0;
        int gaps = 0;
        try (LogReader reader = ExecLog.read(log, LogQuery.OUTPUTS.session(1))) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                recorded += line.gap() == null ? line.data().length : 0;
                counted += line.gap() == null ? 0 : line.gap().bytes();
                gaps += line.gap() == null ? 0 : 1;
                assertTrue(line.gap() == null || line.gap().cause().equals(LogGap.QUOTA));
            }
        }
        assertEquals(1000, recorded);
        assertEquals(299_000, counted);
        assertTrue(gaps <= 40, "one whenever it has doubled: " + gaps);
        assertEquals(new ExecLog.Recovered(1000, 0, 0), ExecLog.recover(log, 2, LogSource.STDOUT, new ByteArrayOutputStream()),
            "another session is not concerned");
        assertEquals(0, counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND));
    }

    @Test
    void f5_failClosedEndsASessionThatIsOverItsQuota() {
        final ExecLogTap tap = tap(ExecLogPolicy.FAIL_CLOSED);
        tap.quota(100);
        open(tap, 1);
        send(tap, 1, 0, ExecLogFrames.output("stdout", new byte[100]));
        assertTrue(!tap.session(1).isCondemned());
        send(tap, 1, 0, ExecLogFrames.output("stdout", new byte[1]));
        assertTrue(tap.session(1).isCondemned());
    }

    @Test
    void aFrameAllocatesNothingOnItsWayToTheDisk() throws IOException {
        final Path log = directory.resolve("log");
        final ExecLogTap tap = tap(ExecLogPolicy.GAP);
        final byte[] text = "some text that is written line by line, äöü\n".repeat(20).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        final byte[] large = ExecLogFrames.output("stdout", text);
        final byte[] small = ExecLogFrames.output("stderr", Arrays.copyOf(text, 60));
        final MemorySegment largeMemory = MemorySegment.ofArray(large);
        final MemorySegment smallMemory = MemorySegment.ofArray(small);
        open(tap, 1);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        try (ExecLogVolume volume = new ExecLogVolume(Posix.system(), log, 16 << 20, 1, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            for (int attempt = 0; attempt < 100 && least > 0; attempt++) {
                final long before = threads.getCurrentThreadAllocatedBytes();
                long rotating = 0;
                final long beforeNs = System.nanoTime();
                for (int i = 0; i < FRAMES; i++) {
                    tap.startPass();
                    tap.frameStart(1, large.length);
                    tap.body(largeMemory, 0, 300);
                    tap.body(largeMemory, 300, large.length - 300);
                    tap.frameEnd(false);
                    tap.frameStart(1, small.length);
                    tap.body(smallMemory, 0, small.length);
                    tap.frameEnd(false);
                    tap.endPass();
                    if (i % 128 == 127) {
                        final long rotations = shared.count(RelayCounter.EXEC_LOG_ROTATIONS);
                        final long beforeBatch = threads.getCurrentThreadAllocatedBytes();
                        writer.doWork(nowNs, 0);
                        // Code that runs once in a hundred batches is interpreted for long, and an interpreted call allocates.
                        rotating += shared.count(RelayCounter.EXEC_LOG_ROTATIONS) == rotations
                            ? 0 : threads.getCurrentThreadAllocatedBytes() - beforeBatch;
                    }
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before - rotating);
                System.out.printf("tap and writer: %.0f MB/s%n", FRAMES * (text.length + 60) * 1e3 / (System.nanoTime() - beforeNs));
            }
        }
        assertEquals(0, least, "bytes allocated for frames and batches");
        assertEquals(0, counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND));
    }

    @Test
    void aDiskThatHangsDoesNotMakeTheRelayGrow() throws IOException {
        final Path log = directory.resolve("log");
        final ExecLogTap tap = tap(ExecLogPolicy.GAP);
        final int sessions = 20_000;
        for (int id = 1; id <= sessions; id++) {
            final byte[] request = ExecLogFrames.request(id % 4 == 0, 0);
            tap.opened(id, MemorySegment.ofArray(request), 0, request.length);
            send(tap, id, 0, ExecLogFrames.output(id % 3 == 0 ? "stderr" : "stdout", new byte[1000]));
            send(tap, id, ExecLogFrames.TERMINAL, java.util.HexFormat.of().parseHex(Wire.EXITED_BODY));
            tap.endPass();
        }
        final int inRing = ring.capacity() / 1000;
        assertTrue(tap.dueSessions() <= ExecLogTap.MAX_DUE + inRing + 2, "kept for later: " + tap.dueSessions());
        try (ExecLogVolume volume = new ExecLogVolume(Posix.system(), log, 0, 3, shared)) {
            final ExecLogWriter writer = new ExecLogWriter(ring.ring(), volume, shared);
            while (writer.doWork(nowNs, 0) > 0 || tap.hasDue()) {
                tap.endPass();
            }
        }
        long bytes = 0;
        long unnumbered = 0;
        try (LogReader reader = ExecLog.read(log, LogQuery.OUTPUTS)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                final long told = line.gap() == null ? line.data().length : line.gap().bytes();
                bytes += told;
                unnumbered += line.session() == 0 ? told : 0;
            }
        }
        assertEquals(sessions * 1000L, bytes, "every byte is recorded or counted");
        assertTrue(unnumbered > 0 && unnumbered <= (sessions - ExecLogTap.MAX_DUE) * 1000L, "without a number: " + unnumbered);
        assertEquals(0, tap.dueSessions());
    }

    @Test
    void failClosedEndsASessionThatTheLogIsTooSlowFor() {
        final ExecLogTap tap = tap(ExecLogPolicy.FAIL_CLOSED);
        open(tap, 1);
        open(tap, 2);
        int frames = 0;
        while (!tap.session(1).isCondemned()) {
            send(tap, 1, 0, ExecLogFrames.output("stdout", new byte[20_000]));
            assertTrue(++frames < 100);
        }
        final List<Long> ended = new ArrayList<>();
        tap.endPass();
        tap.endCondemned(session -> ended.add(session.number()));
        assertEquals(List.of(1L), ended, "the other has lost nothing");
        assertTrue(tap.frameStart(1, 10), "its frames are for nobody now");
        tap.frameEnd(false);
    }
}
