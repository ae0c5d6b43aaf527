package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.CopyStatus;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressLineTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static CopyStatus status(final long bytes, final long known, final String name) {
        return new CopyStatus(3, 0, 0, 0, 0, bytes, known, name);
    }

    @Test
    void tellsHowFarHowFastAndHowLong() {
        assertEquals(" 25%   10.0 MiB of   40.0 MiB    5.0 MiB/s 00:06 3 files tree/file",
            ProgressLine.of(status(10 << 20, 40 << 20, "tree/file"), 2 * SECOND, 79));
        assertEquals("100%        0 B of        0 B        0 B/s --:-- 3 files ".replace("100%", "  0%"),
            ProgressLine.of(status(0, 0, ""), SECOND, 79));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 79, 200})
    void isNeverLongerThanThereIsRoomAndHasNothingThatMovesTheCursor(final int columns) {
        final String line = ProgressLine.of(status(1, Long.MAX_VALUE, "\u001b[2Jx\n".repeat(100)), 1, columns);
        assertTrue(line.length() <= columns, line);
        assertTrue(line.chars().allMatch(character -> character >= ' '), line);
    }

    @Test
    void ofALongNameTheEndIsShown() {
        final String line = ProgressLine.of(status(1, 2, "x".repeat(200) + "/end"), SECOND, 79);
        assertTrue(line.contains("...x") && line.endsWith("/end") && line.length() == 79, line);
    }

    @Test
    void filesThatGrowAreNoMoreThanAll() {
        assertTrue(ProgressLine.of(status(30, 20, ""), SECOND, 79).startsWith("100%"));
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "1536, 1.5 KiB", "9223372036854775807, 8.0 EiB"})
    void sizesAreReadable(final long bytes, final String text) {
        assertEquals(text, ProgressLine.size(bytes));
    }
}
