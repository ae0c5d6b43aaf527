package dev.sluice.execlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
    @TempDir
    Path directory;

    private final LogLineEncoder encoder = new LogLineEncoder();
    private final byte[] buffer = new byte[1 << 20];

    private void write(final int age, final byte[] bytes, final int length) throws IOException {
        final Path file = directory.resolve(LogFiles.name(age));
        Files.write(file, Arrays.copyOf(bytes, length), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void write(final int age, final long time, final LogSource source, final String data, final long session) throws IOException {
        final byte[] bytes = data.getBytes(UTF_8);
        write(age, buffer, encoder.encode(buffer, 0, time, source, bytes, 0, bytes.length, session));
    }

    private void write(final int age, final String text) throws IOException {
        write(age, text.getBytes(UTF_8), text.length());
    }

    /** Lines 0 to 19, five in each file, the oldest first. */
    private void fill() throws IOException {
        for (int i = 0; i < 20; i++) {
            write(3 - i / 5, i * 1000L, LogSource.of(i % 3), "line " + i, 1 + i % 2);
        }
    }

    private static List<String> texts(final LogReader reader) throws IOException {
        final List<String> texts = new ArrayList<>();
        for (LogLine line = reader.next(); line != null; line = reader.next()) {
            texts.add(new String(line.data(), UTF_8));
        }
        return texts;
    }

    private List<String> texts(final LogQuery query) throws IOException {
        try (LogReader reader = ExecLog.read(directory, query)) {
            return texts(reader);
        }
    }

    private static List<String> numbered(final int... numbers) {
        return Arrays.stream(numbers).mapToObj(number -> "line " + number).toList();
    }

    private void rotate() throws IOException {
        for (int age = LogFiles.MAX_ROTATED; age > 0; age--) {
            final Path from = directory.resolve(LogFiles.name(age - 1));
            if (Files.exists(from)) {
                Files.move(from, directory.resolve(LogFiles.name(age)), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @Test
    void linesComeFromTheOldestFileOn() throws IOException {
        fill();
        assertEquals(20, texts(LogQuery.OUTPUTS).size());
        assertEquals("line 0", texts(LogQuery.OUTPUTS).getFirst());
        assertEquals("line 19", texts(LogQuery.OUTPUTS).getLast());
        Files.delete(directory.resolve("exec.log.2"));
        assertEquals(15, texts(LogQuery.OUTPUTS).size(), "a number is missing after a crash between two renames");
    }

    @Test
    void aFourthRotatedFileIsNotRead() throws IOException {
        fill();
        Files.copy(directory.resolve("exec.log.3"), directory.resolve("exec.log.4"));
        assertEquals(20, texts(LogQuery.OUTPUTS).size());
    }

    @Test
    void filtersChoose() throws IOException {
        fill();
        assertEquals(numbered(3, 4, 5), texts(LogQuery.OUTPUTS.since(Instant.ofEpochSecond(3)).until(Instant.ofEpochSecond(6))));
        assertEquals(numbered(1, 4, 7, 10, 13, 16, 19), texts(LogQuery.OUTPUTS.sources(EnumSet.of(LogSource.STDERR))));
        assertEquals(numbered(2, 8, 14), texts(LogQuery.OUTPUTS.sources(EnumSet.of(LogSource.OUTPUT)).session(1)));
        assertEquals(List.of(), texts(LogQuery.OUTPUTS.session(9)));
    }

    @Test
    void systemLinesComeOnlyWhenAskedForButGapsWithWhatTheyCut() throws IOException {
        write(0, 0, LogSource.SYSTEM, LogLineEncoder.STARTED, 0);
        write(0, buffer, encoder.encodeGap(buffer, 0, 0, 1, new LogGap(LogSource.STDERR, 10, "EIO")));
        write(0, 0, LogSource.STDOUT, "out", 1);
        assertEquals(List.of("--- gap: 10 bytes of stderr lost: EIO ---\n", "out"), texts(LogQuery.OUTPUTS));
        assertEquals(List.of("out"), texts(LogQuery.OUTPUTS.sources(EnumSet.of(LogSource.STDOUT))));
        assertEquals(2, texts(LogQuery.OUTPUTS.sources(EnumSet.of(LogSource.SYSTEM))).size());
        assertEquals(3, texts(LogQuery.EVERYTHING).size());
    }

    @Test
    void everyTailIsTheEndOfTheWhole() throws IOException {
        fill();
        write(0, "torn");
        final LogQuery early = LogQuery.OUTPUTS.until(Instant.ofEpochSecond(9));
        for (final LogQuery query : List.of(LogQuery.OUTPUTS, LogQuery.OUTPUTS.session(2), early)) {
            final List<String> whole = texts(query);
            for (int tail = 0; tail <= whole.size() + 1; tail++) {
                assertEquals(whole.subList(Math.max(0, whole.size() - tail), whole.size()), texts(query.tail(tail)));
            }
        }
    }

    @Test
    void tailFindsLinesLongerThanItsWindow() throws IOException {
        for (int i = 0; i < 4; i++) {
            write(0, 0, LogSource.STDOUT, "x".repeat(100_000) + i, 1);
        }
        final List<String> tail = texts(LogQuery.OUTPUTS.tail(2));
        assertEquals(2, tail.size());
        assertTrue(tail.getLast().endsWith("3"));
    }

    @Test
    void whatIsNoLineIsSkippedAndCounted() throws IOException {
        write(1, "garbage\n\n{\"t\":1}\n");
        write(1, 0, LogSource.STDOUT, "good", 1);
        write(1, "cut by a crash");
        write(0, 0, LogSource.STDOUT, "also good", 1);
        write(0, "{\"t\":\"2026-05");
        try (LogReader reader = ExecLog.read(directory, LogQuery.OUTPUTS)) {
            assertEquals(List.of("good", "also good"), texts(reader));
            assertEquals(3, reader.skippedLines());
            assertEquals(2, reader.tornLines());
        }
    }

    @Test
    void anEmptyDirectoryIsAnEmptyLogAndNoDirectoryIsAnError() throws IOException {
        assertEquals(List.of(), texts(LogQuery.OUTPUTS));
        assertThrows(NoSuchFileException.class, () -> ExecLog.read(directory.resolve("none"), LogQuery.OUTPUTS));
        final Path file = Files.createFile(directory.resolve("file"));
        assertThrows(NotDirectoryException.class, () -> ExecLog.read(file, LogQuery.OUTPUTS.follow(true)));
    }

    @Test
    void aLineBeyondEveryBoundIsSkipped() throws IOException {
        final byte[] much = new byte[1 << 20];
        Arrays.fill(much, (byte) 'x');
        for (int i = 0; i < 33; i++) {
            write(0, much, much.length);
        }
        write(0, "\n");
        write(0, 0, LogSource.STDOUT, "behind it", 1);
        try (LogReader reader = ExecLog.read(directory, LogQuery.OUTPUTS)) {
            assertEquals(List.of("behind it"), texts(reader));
            assertEquals(1, reader.skippedLines());
        }
        assertEquals(List.of("behind it"), texts(LogQuery.OUTPUTS.tail(5)));
    }

    @Test
    void aFollowerSeesEachLineOnceOverRotations() throws IOException {
        final Random random = new Random(Seeds.next("rotations"));
        int written = 0;
        final List<String> seen = new ArrayList<>();
        try (LogReader reader = ExecLog.read(directory, LogQuery.OUTPUTS.follow(true))) {
            assertNull(reader.next(), "no file yet");
            for (int step = 0; step < 300; step++) {
                int rotations = 0;
                for (int i = random.nextInt(6); i > 0; i--) {
                    if (random.nextInt(3) == 0 && rotations < 2 && Files.exists(directory.resolve(LogFiles.CURRENT))) {
                        rotate();
                        rotations++;
                    } else {
                        write(0, 0, LogSource.STDOUT, "line " + written++, 1);
                    }
                }
                seen.addAll(texts(reader));
            }
            assertEquals(0, reader.missedFiles());
            assertEquals(0, reader.skippedLines());
        }
        assertEquals(written, seen.size());
        for (int i = 0; i < written; i++) {
            assertEquals("line " + i, seen.get(i));
        }
    }

    @Test
    void aFollowerTakesALineWhenItIsWhole() throws IOException {
        final int length = encoder.encode(buffer, 0, 0, LogSource.STDOUT, "late".getBytes(UTF_8), 0, 4, 1);
        try (LogReader reader = ExecLog.read(directory, LogQuery.OUTPUTS.follow(true))) {
            for (int i = 0; i < length; i++) {
                assertNull(reader.next());
                write(0, new byte[] {buffer[i]}, 1);
            }
            assertEquals(List.of("late"), texts(reader));
        }
    }

    @Test
    void aFollowerIsNotMisledByARepair() throws IOException {
        write(0, 0, LogSource.STDOUT, "first", 1);
        final long size = Files.size(directory.resolve(LogFiles.CURRENT));
        try (LogReader reader = ExecLog.read(directory, LogQuery.OUTPUTS.follow(true))) {
            write(0, "{\"t\":\"2026-05-03T12:00:00.001Z\",\"s\":\"stdout\",\"d\":\"cut by a cra");
            assertEquals(List.of("first"), texts(reader));
            try (var channel = java.nio.channels.FileChannel.open(directory.resolve(LogFiles.CURRENT), StandardOpenOption.WRITE)) {
                channel.truncate(size);
            }
            write(0, 0, LogSource.STDOUT, "second", 1);
            assertEquals(List.of("second"), texts(reader));
            assertEquals(0, reader.skippedLines());
            Files.write(directory.resolve(LogFiles.CURRENT), new byte[0]);
            assertEquals(List.of(), texts(reader));
            write(0, 0, LogSource.STDOUT, "third", 1);
            assertEquals(List.of("third"), texts(reader), "emptied by somebody");
        }
    }

    @Test
    void aFollowerThatIsTooLateSaysSo() throws IOException {
        write(0, 0, LogSource.STDOUT, "first", 1);
        try (LogReader reader = ExecLog.read(directory, LogQuery.OUTPUTS.follow(true))) {
            assertEquals(List.of("first"), texts(reader));
            for (int i = 0; i < 6; i++) {
                rotate();
                write(0, 0, LogSource.STDOUT, "line " + i, 1);
            }
            assertEquals(numbered(2, 3, 4, 5), texts(reader));
            assertEquals(1, reader.missedFiles());
        }
    }

    @Test
    void whatASessionWroteIsRecoveredExactlyAndItsGapsAreCounted() throws IOException {
        final Random random = new Random(Seeds.next("sessions"));
        final ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int i = 0; i < 500; i++) {
            final byte[] bytes = random.nextBoolean() ? RandomBytes.any(random, 500) : RandomBytes.text(random, 100);
            final int session = random.nextInt(1, 4);
            if (session == 2) {
                expected.writeBytes(bytes);
            }
            write(3 - i / 125, buffer, encoder.encode(buffer, 0, i, LogSource.STDOUT, bytes, 0, bytes.length, session));
        }
        write(0, buffer, encoder.encodeGap(buffer, 0, 0, 2, new LogGap(LogSource.STDOUT, 77, "ENOSPC")));
        write(0, buffer, encoder.encodeGap(buffer, 0, 0, 2, new LogGap(LogSource.STDERR, 5, "ENOSPC")));
        final ByteArrayOutputStream actual = new ByteArrayOutputStream();
        final ExecLog.Recovered recovered = ExecLog.recover(directory, 2, LogSource.STDOUT, actual);
        assertArrayEquals(expected.toByteArray(), actual.toByteArray());
        assertEquals(new ExecLog.Recovered(expected.size(), 1, 77), recovered);
    }
}
