package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a log: rotation, repair, and everything that a file system and its other users can do to them. */
class ExecLogVolumeTest {
    private static final long FOREVER = 0;

    @TempDir
    Path parent;
    private Path log;
    private final FaultySyscalls faulty = new FaultySyscalls(Posix.system().syscalls());
    private final Posix posix = new Posix(faulty);
    private final ExecLogShared shared = new ExecLogShared();
    private final ExecLogBatch batch = new ExecLogBatch();

    @BeforeEach
    void place() {
        log = parent.resolve("log");
    }

    private ExecLogVolume open(final long maxBytes) throws IOException {
        return new ExecLogVolume(posix, log, maxBytes, 3, shared);
    }

    /** Appends lines {@code from} to {@code to}, of some 1,100 bytes each. @return how many were written */
    private int append(final ExecLogVolume volume, final int from, final int to) {
        batch.clear();
        for (int i = from; i < to; i++) {
            final byte[] data = ("line " + i + " " + "x".repeat(1000)).getBytes(UTF_8);
            batch.addData(0, ExecLogBatch.key(1, 0), data, 0, data.length);
        }
        return volume.append(batch);
    }

    private List<Integer> numbers() throws IOException {
        final List<Integer> numbers = new ArrayList<>();
        try (LogReader reader = ExecLog.read(log, LogQuery.EVERYTHING)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                numbers.add(Integer.valueOf(new String(line.data(), UTF_8).split(" ")[1]));
            }
            assertEquals(0, reader.skippedLines() + reader.tornLines());
        }
        return numbers;
    }

    private static List<Integer> range(final int from, final int to) {
        return java.util.stream.IntStream.range(from, to).boxed().toList();
    }

    private List<String> files() throws IOException {
        try (var entries = Files.list(log)) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void filesAreTheOwnersAlone() throws IOException {
        try (ExecLogVolume volume = open(FOREVER)) {
            assertEquals(3, append(volume, 0, 3));
            assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(log));
            assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(log.resolve("exec.log")));
        }
    }

    @Test
    void f5_logGrowthIsBoundedByRotationWithNoFourthFile() throws IOException {
        final long most = 1 << 18;
        try (ExecLogVolume volume = open(most)) {
            for (int i = 0; i < 2000; i += 50) {
                assertEquals(50, append(volume, i, i + 50));
            }
            assertEquals(List.of("exec.log", "exec.log.1", "exec.log.2", "exec.log.3"), files());
            for (final String file : files()) {
                final long size = Files.size(log.resolve(file));
                assertTrue(size <= most && (size > most - 1200 || file.equals("exec.log")), file + " has " + size);
            }
        }
        final List<Integer> kept = numbers();
        assertEquals(range(kept.getFirst(), 2000), kept);
        assertTrue(shared.count(RelayCounter.EXEC_LOG_ROTATIONS) >= 7);
    }

    @Test
    void theSizeCountsFromWhatIsThere() throws IOException {
        try (ExecLogVolume volume = open(1 << 18)) {
            append(volume, 0, 200);
        }
        try (ExecLogVolume volume = open(1 << 18)) {
            append(volume, 200, 260);
        }
        assertEquals(List.of("exec.log", "exec.log.1"), files());
        assertEquals(range(0, 260), numbers());
    }

    @Test
    void withoutALimitNothingIsRotated() throws IOException {
        try (ExecLogVolume volume = open(FOREVER)) {
            for (int i = 0; i < 1000; i += 100) {
                append(volume, i, i + 100);
            }
        }
        assertEquals(List.of("exec.log"), files());
        assertEquals(range(0, 1000), numbers());
    }

    @Test
    void g2_aKillBetweenAnyTwoCallsOfARotationLosesNoLine() throws IOException {
        // What a kill leaves behind is what is there when every call from some point on fails.
        for (int call = 1; call < 40; call++) {
            log = parent.resolve("log" + call);
            int written = 0;
            final int fatal = call;
            try (ExecLogVolume volume = open(1 << 18)) {
                for (; written < 600; written += 100) {
                    append(volume, written, written + 100);
                }
                faulty.inject((made, nth, nthOfAll) -> nthOfAll >= fatal && made != Call.CLOSE ? Fault.error(Errno.EIO) : Fault.NONE);
                for (; written < 900; written += 100) {
                    final int lines = append(volume, written, written + 100);
                    if (lines < 100) {
                        written += lines;
                        break;
                    }
                }
                faulty.inject(FaultSchedule.NEVER);
            }
            try (ExecLogVolume volume = open(1 << 18)) {
                assertEquals(10, append(volume, written, written + 10));
            }
            assertEquals(range(numbers().getFirst(), written + 10), numbers(), "call " + call);
            assertFalse(files().contains("exec.log.4"));
            assertTrue(numbers().getFirst() <= written - 600, "nothing is thrown away before its time: call " + call);
        }
    }

    @Test
    void aTornLastLineIsRepairedWhereverItIsTorn() throws IOException {
        try (ExecLogVolume volume = open(FOREVER)) {
            append(volume, 0, 3);
        }
        final byte[] whole = Files.readAllBytes(log.resolve("exec.log"));
        for (int length = 0; length <= whole.length; length++) {
            Files.write(log.resolve("exec.log"), Arrays.copyOf(whole, length));
            int lines = 0;
            for (int i = 0; i < length; i++) {
                lines += whole[i] == '\n' ? 1 : 0;
            }
            final long repairs = shared.count(RelayCounter.EXEC_LOG_REPAIRED);
            final boolean torn = length > 0 && whole[length - 1] != '\n';
            try (ExecLogVolume volume = open(FOREVER)) {
                assertEquals(1, append(volume, lines, lines + 1));
            }
            assertEquals(range(0, lines + 1), numbers(), "length " + length);
            assertEquals(torn ? 1 : 0, shared.count(RelayCounter.EXEC_LOG_REPAIRED) - repairs);
        }
    }

    @Test
    void aTornLineLongerThanTheWindowIsRepaired() throws IOException {
        try (ExecLogVolume volume = open(FOREVER)) {
            append(volume, 0, 3);
        }
        final byte[] whole = Files.readAllBytes(log.resolve("exec.log"));
        final byte[] torn = Arrays.copyOf(whole, whole.length + 300_000);
        Files.write(log.resolve("exec.log"), torn);
        try (ExecLogVolume volume = open(FOREVER)) {
            assertEquals(0, volume.error());
        }
        assertArrayEquals(whole, Files.readAllBytes(log.resolve("exec.log")));
        Files.write(log.resolve("exec.log"), new byte[200_000]);
        try (ExecLogVolume volume = open(FOREVER)) {
            assertEquals(0, Files.size(log.resolve("exec.log")), "no line at all");
            assertEquals(0, volume.error());
        }
    }

    @Test
    void f10_shortWritesMakeWholeLines() throws IOException {
        faulty.inject(FaultSchedule.always(Call.WRITE, Fault.shortCount(7)).or(FaultSchedule.always(Call.READ, Fault.shortCount(3))));
        try (ExecLogVolume volume = open(1 << 18)) {
            assertEquals(20, append(volume, 0, 20));
        }
        assertEquals(range(0, 20), numbers());
    }

    @Test
    void f3_errorsLeaveWholeLinesBehind() throws IOException {
        for (final int error : new int[] {Errno.ENOSPC, Errno.EDQUOT, Errno.EIO}) {
            for (int nth = 1; nth < 30; nth++) {
                log = parent.resolve("log" + error + "-" + nth);
                final int failing = nth;
                try (ExecLogVolume volume = open(FOREVER)) {
                    faulty.inject((call, number, ofAll) -> call == Call.WRITE
                        ? number == failing ? Fault.error(error) : Fault.shortCount(777) : Fault.NONE);
                    final int written = append(volume, 0, 10);
                    final boolean failed = faulty.count(Call.WRITE) >= nth;
                    assertEquals(failed ? error : 0, volume.error());
                    assertTrue(written < 10 == failed);
                    assertEquals(range(0, written), numbers(), "the rest of a line is cut off at once");
                    faulty.inject(FaultSchedule.NEVER);
                    assertEquals(5, append(volume, written, written + 5));
                    assertEquals(range(0, written + 5), numbers());
                }
            }
        }
    }

    @Test
    void aLineThatCannotBeCutOffIsCutOffLater() throws IOException {
        try (ExecLogVolume volume = open(FOREVER)) {
            faulty.inject(FaultSchedule.onNth(Call.WRITE, 1, Fault.shortCount(1500))
                .or(FaultSchedule.onNth(Call.WRITE, 2, Fault.error(Errno.ENOSPC)))
                .or(FaultSchedule.always(Call.FTRUNCATE, Fault.error(Errno.EIO))));
            assertEquals(1, append(volume, 0, 5));
            assertEquals(0, append(volume, 1, 5), "nothing is put behind half a line");
            assertEquals(Errno.EIO, volume.error());
            faulty.inject(FaultSchedule.NEVER);
            assertEquals(4, append(volume, 1, 5));
        }
        assertEquals(range(0, 5), numbers());
    }

    @Test
    void f4_aFileThatOthersRenameOrRemoveIsLeftAndMadeAnew() throws IOException {
        try (ExecLogVolume volume = open(FOREVER)) {
            append(volume, 0, 3);
            Files.move(log.resolve("exec.log"), log.resolve("exec.log.1"));
            append(volume, 3, 6);
            assertEquals(range(0, 6), numbers());
            Files.delete(log.resolve("exec.log"));
            append(volume, 6, 9);
            assertEquals(List.of(0, 1, 2, 6, 7, 8), numbers());
            Files.write(log.resolve("exec.log"), new byte[0]);
            append(volume, 9, 12);
            assertEquals(List.of(0, 1, 2, 9, 10, 11), numbers(), "copied and emptied by somebody");
            assertEquals(2, shared.count(RelayCounter.EXEC_LOG_REOPENED));
        }
    }

    @Test
    void f4_nothingIsWrittenElsewhere() throws IOException {
        final Path victim = parent.resolve("victim");
        Files.writeString(victim, "precious");
        try (ExecLogVolume volume = open(FOREVER)) {
            append(volume, 0, 3);
            Files.delete(log.resolve("exec.log"));
            Files.createSymbolicLink(log.resolve("exec.log"), victim);
            assertEquals(0, append(volume, 3, 6));
            assertEquals(Errno.ELOOP, volume.error());
            Files.delete(log.resolve("exec.log"));
            assertEquals(3, append(volume, 3, 6));

            // The whole directory, replaced by a link to another.
            final Path other = Files.createDirectory(parent.resolve("other"));
            Files.delete(log.resolve("exec.log"));
            Files.delete(log);
            Files.createSymbolicLink(log, other);
            assertEquals(0, append(volume, 6, 9));
            try (var entries = Files.list(other)) {
                assertEquals(0, entries.count());
            }
            Files.delete(log);
            assertEquals(0, append(volume, 6, 9), "there is no directory");
            assertEquals(Errno.ENOENT, volume.error());
            Files.createDirectory(log);
            assertEquals(3, append(volume, 6, 9), "one that was made anew is taken");
            assertEquals(range(6, 9), numbers());
        }
        assertEquals("precious", Files.readString(victim));
    }

    @Test
    void f4_aDirectoryThatCannotBeWrittenToIsAnError() throws IOException {
        try (ExecLogVolume volume = open(1 << 18)) {
            append(volume, 0, 200);
            faulty.inject(FaultSchedule.always(Call.RENAMEAT, Fault.error(Errno.EROFS)));
            final int written = append(volume, 200, 400);
            assertEquals(Errno.EROFS, volume.error(), "a file does not grow beyond its bound for want of rotation");
            assertTrue(Files.size(log.resolve("exec.log")) <= 1 << 18);
            faulty.inject(FaultSchedule.NEVER);
            append(volume, 200 + written, 400);
        }
        assertEquals(range(0, 400), numbers());
    }

    @Test
    void aFileWithASecondNameIsLeftAsItIs() throws IOException {
        final Path victim = Files.writeString(parent.resolve("victim"), "precious, without a newline");
        Files.createDirectory(log);
        Files.createLink(log.resolve("exec.log"), victim);
        assertTrue(assertThrows(IOException.class, () -> open(FOREVER)).getMessage().contains("hard links"));
        Files.delete(log.resolve("exec.log"));
        try (ExecLogVolume volume = open(FOREVER)) {
            append(volume, 0, 3);
            Files.createLink(log.resolve("backup"), log.resolve("exec.log"));
            assertEquals(3, append(volume, 3, 6), "a name that is given to it while it is written costs nothing");
            Files.delete(log.resolve("exec.log"));
            Files.createLink(log.resolve("exec.log"), victim);
            assertEquals(0, append(volume, 6, 9));
            assertEquals(Errno.EPERM, volume.error());
            assertTrue(volume.failedCall().contains("hard links"), volume.failedCall());
            Files.delete(log.resolve("exec.log"));
            assertEquals(3, append(volume, 6, 9));
        }
        assertEquals("precious, without a newline", Files.readString(victim));
    }

    @Test
    void aFileOfSomebodyElseIsLeftAsItIs() throws IOException {
        Files.createDirectory(log);
        final Path current = Files.writeString(log.resolve("exec.log"), "precious, without a newline");
        try {
            Files.setAttribute(current, "unix:uid", 12_345);
        } catch (final IOException e) {
            Assumptions.abort("only root can give files away: " + e);
        }
        assertTrue(assertThrows(IOException.class, () -> open(FOREVER)).getMessage().contains("user 12345's"));
        assertEquals("precious, without a newline", Files.readString(current));
    }

    @Test
    void aDirectoryWhereOthersMayReplaceFilesIsRefused() throws IOException {
        Files.createDirectory(log);
        for (final int mode : new int[] {0777, 0702, 0770}) {
            Files.setAttribute(log, "unix:mode", mode);
            assertTrue(assertThrows(IOException.class, () -> open(FOREVER)).getMessage().contains("chmod go-w"));
        }
        Files.setAttribute(log, "unix:mode", 01777);
        open(FOREVER).close();
        Files.setAttribute(log, "unix:mode", 0755);
        try (ExecLogVolume volume = open(FOREVER)) {
            append(volume, 0, 3);
            Files.setAttribute(log, "unix:mode", 0777);
            assertEquals(3, append(volume, 3, 6), "the file is open");
            Files.delete(log.resolve("exec.log"));
            assertEquals(0, append(volume, 6, 9));
            assertEquals(Errno.EPERM, volume.error());
        }
    }

    @Test
    void whatIsNoFileOrNoDirectoryIsRefused() throws IOException, InterruptedException {
        Files.writeString(log, "a file");
        assertTrue(assertThrows(IOException.class, () -> open(FOREVER)).getMessage().contains("ENOTDIR"));
        Files.delete(log);
        Files.createSymbolicLink(log, Files.createDirectory(parent.resolve("elsewhere")));
        assertThrows(IOException.class, () -> open(FOREVER));
        Files.delete(log);
        Files.createDirectory(log);
        assertEquals(0, new ProcessBuilder("mkfifo", log.resolve("exec.log").toString()).start().waitFor());
        assertTrue(assertThrows(IOException.class, () -> open(FOREVER)).getMessage().contains("no file"));
        log = parent.resolve("no/such/parent");
        assertTrue(assertThrows(IOException.class, () -> open(FOREVER)).getMessage().contains("ENOENT"));
    }

    @Test
    void f3_aRealDiskThatIsFullKeepsWholeLinesAndGoesOnWhenThereIsRoom() throws Exception {
        final Path mount = Files.createDirectory(parent.resolve("small"));
        Assumptions.assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount.toString()),
            "mounting a small tmpfs is not permitted here");
        try {
            Files.write(mount.resolve("ballast"), new byte[128 * 1024]);
            log = mount.resolve("log");
            try (ExecLogVolume volume = open(FOREVER)) {
                int written = append(volume, 0, 200);
                assertTrue(written > 50 && written < 200, "written " + written);
                assertEquals(Errno.ENOSPC, volume.error());
                assertEquals(range(0, written), numbers());
                Files.delete(mount.resolve("ballast"));
                written += append(volume, written, written + 50);
                assertEquals(0, volume.error());
                assertEquals(range(0, written), numbers());
            }
        } finally {
            assertTrue(run("umount", mount.toString()));
        }
    }

    private static boolean run(final String... command) throws IOException, InterruptedException {
        final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        final Process process = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
