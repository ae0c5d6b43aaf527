package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogLineEncoder;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.execlog.LogSource;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of sessions over the lives of several relays on one directory, however they end. */
class ExecLogNumbersTest {
    private static final long SMALL_FILE = 1 << 18;

    @TempDir
    Path parent;
    private Path log;
    private final FaultySyscalls faulty = new FaultySyscalls(Posix.system().syscalls());
    private final ExecLogShared shared = new ExecLogShared();
    private final ExecLogBatch batch = new ExecLogBatch();

    @BeforeEach
    void place() throws IOException {
        log = Files.createDirectory(parent.resolve("log"));
    }

    private ExecLogVolume open(final Path directory) throws IOException {
        return new ExecLogVolume(new Posix(faulty), directory, SMALL_FILE, 3, shared);
    }

    /** Records a line of a session, as the writer does. @return whether it is in the log */
    private boolean record(final ExecLogVolume volume, final long session, final int length) {
        volume.numbers().given(session);
        batch.clear();
        batch.addData(0, ExecLogBatch.key(session, 0), new byte[length], 0, length);
        return volume.append(batch) == 1;
    }

    /** Where the next relay would go on. */
    private long found(final Path directory) throws IOException {
        try (ExecLogVolume volume = open(directory)) {
            return volume.numbers().highest();
        }
    }

    /** What the disk has when a relay is killed. */
    private Path killed(final String name) throws IOException {
        final Path copy = Files.createDirectory(parent.resolve(name));
        try (var files = Files.list(log)) {
            for (final Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static long highestLogged(final Path directory) throws IOException {
        long highest = 0;
        try (LogReader reader = ExecLog.read(directory, LogQuery.EVERYTHING)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                highest = Math.max(highest, line.session());
            }
        }
        return highest;
    }

    @Test
    void aRelayThatEndedInOrderLeavesNoHole() throws IOException {
        assertEquals(0, found(log));
        try (ExecLogVolume volume = open(log)) {
            assertTrue(record(volume, 1, 10));
            assertTrue(record(volume, 700, 10));
            volume.numbers().given(703);
        }
        assertEquals(703, found(log), "also a session that has written nothing");
        assertEquals("0000000000000000703\n", Files.readString(log.resolve(ExecLogNumbers.NAME)));
        assertEquals(703, found(log), "a relay without sessions changes nothing");
    }

    @Test
    void aKilledRelaysNumbersAreNotGivenAgainWhateverRotationHasTaken() throws IOException {
        try (ExecLogVolume volume = open(log)) {
            assertTrue(record(volume, 1000, 10));
            for (int i = 0; i < 2000; i++) {
                assertTrue(record(volume, 3, 1000));
            }
            assertEquals(3, highestLogged(log), "its only line is gone");
            final Path left = killed("left");
            Files.writeString(left.resolve("exec.log"), "{\"t\":\"2026-05-03T12:00:00.0", StandardOpenOption.APPEND);
            final long next = found(left);
            assertTrue(next >= 1000 && next <= 1000 + ExecLogNumbers.STEP, "goes on after " + next);
            assertEquals(1, shared.count(RelayCounter.EXEC_LOG_REPAIRED));
        }
    }

    @Test
    void aLogOfAnotherProgramIsRead() throws IOException {
        final ByteArrayOutputStream lines = new ByteArrayOutputStream();
        final LogLineEncoder encoder = new LogLineEncoder();
        final byte[] line = new byte[200_000];
        // Keys in what programs write are none, and no piece that is read at once begins where a line does.
        final byte[] misleading = ",\"id\":9999999,\\\",\"id\":8888888}\n".repeat(50).getBytes(UTF_8);
        for (int i = 1; i <= 3000; i++) {
            lines.write(line, 0, encoder.encode(line, 0, i, LogSource.STDOUT, misleading, i % 50, i % 100, i));
        }
        lines.writeBytes("{\"t\":\"2026-05-03T12:00:00.001Z\",\"s\":\"stdout\",\"d\":\"\",\"id\":18446744073709551615}\n".getBytes(UTF_8));
        Files.write(log.resolve("exec.log.2"), lines.toByteArray());
        Files.writeString(log.resolve("exec.log"),
            "{\"t\":\"2026-05-03T12:00:00.001Z\",\"s\":\"stdout\",\"d\":\"x\",\"id\":17,\"e\":\"b64\"}\n");
        assertEquals(3000, found(log));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "17\n", "0000000000000000017", "0000000000000000017\n\n", "000000000000000017x\n",
        "9999999999999999999\n", "-000000000000000017\n"})
    void whatIsNoNumberHasTheLogRead(final String content) throws IOException {
        try (ExecLogVolume volume = open(log)) {
            record(volume, 42, 10);
        }
        Files.writeString(log.resolve(ExecLogNumbers.NAME), content);
        try (ExecLogVolume volume = open(log)) {
            assertEquals(42, volume.numbers().highest());
            assertTrue(record(volume, 43, 10));
        }
        assertEquals("0000000000000000043\n", Files.readString(log.resolve(ExecLogNumbers.NAME)));
    }

    @Test
    void noLinkIsFollowed() throws IOException {
        final Path elsewhere = Files.writeString(parent.resolve("elsewhere"), "0000000000000000017\n");
        Files.createSymbolicLink(log.resolve(ExecLogNumbers.NAME), elsewhere);
        final IOException refused = org.junit.jupiter.api.Assertions.assertThrows(IOException.class, () -> open(log));
        assertTrue(refused.getMessage().contains("ELOOP"), refused.getMessage());
        assertEquals("0000000000000000017\n", Files.readString(elsewhere));
    }

    @Test
    void aDirectoryPutInItsPlaceIsToldToo() throws IOException {
        try (ExecLogVolume volume = open(log)) {
            assertTrue(record(volume, 5, 10));
            Files.move(log, parent.resolve("moved"));
            Files.createDirectory(log);
            Files.delete(parent.resolve("moved").resolve("exec.log"));
            Files.delete(parent.resolve("moved").resolve(ExecLogNumbers.NAME));
            Files.delete(parent.resolve("moved"));
            assertTrue(record(volume, 6, 10));
            final long next = found(killed("left"));
            assertTrue(next >= 6, "goes on after " + next);
        }
    }

    @Test
    void aDiskThatTakesTheLineTakesItsNumberFirst() throws IOException {
        final Random random = new Random(Seeds.next("faults"));
        final int[] errors = {Errno.ENOSPC, Errno.EDQUOT, Errno.EIO};
        long number = 0;
        for (int life = 0; life < 100; life++) {
            try (ExecLogVolume volume = open(log)) {
                assertTrue(volume.numbers().highest() >= highestLogged(log));
                number = Math.max(number, volume.numbers().highest());
                faulty.inject((call, nth, nthOfAll) -> switch (call) {
                    case WRITE -> random.nextInt(3) > 0 ? Fault.NONE
                        : random.nextBoolean() ? Fault.error(errors[random.nextInt(3)]) : Fault.shortCount(1 + random.nextInt(30));
                    case OPENAT, LSEEK, FTRUNCATE -> random.nextInt(5) == 0 ? Fault.error(Errno.EIO) : Fault.NONE;
                    default -> Fault.NONE;
                });
                for (int i = random.nextInt(10); i > 0; i--) {
                    number += 1 + random.nextInt(200);
                    record(volume, number, 5);
                    final Path left = killed("left" + life + "-" + i);
                    final long logged = highestLogged(left);
                    try (ExecLogVolume next = new ExecLogVolume(Posix.system(), left, SMALL_FILE, 3, shared)) {
                        assertTrue(next.numbers().highest() >= logged, next.numbers().highest() + " after " + logged);
                    }
                }
            } finally {
                faulty.inject(FaultSchedule.NEVER);
            }
        }
    }

    @Test
    void aNumberThatIsSecuredCostsNoCall() throws IOException {
        try (ExecLogVolume volume = open(log)) {
            assertTrue(record(volume, 1, 10));
            final byte[] secured = Files.readAllBytes(log.resolve(ExecLogNumbers.NAME));
            for (int session = 2; session <= ExecLogNumbers.STEP; session++) {
                assertTrue(record(volume, session, 10));
            }
            assertArrayEquals(secured, Files.readAllBytes(log.resolve(ExecLogNumbers.NAME)));
            assertEquals("0000000000000000257\n", new String(secured, UTF_8));
            assertTrue(record(volume, 258, 10));
            assertTrue(!Arrays.equals(secured, Files.readAllBytes(log.resolve(ExecLogNumbers.NAME))));
        }
    }
}
