package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScreenModesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "text and ^[[1;31mcolours^[[m|''",
        "^[[?1049h^[[22;0;0t^[[?1h^[=^[[?2004h^[[?25l|^[[?25h^[[?2004l^[[?1l^[[r^[[?1049l^[>^[[m",
        "^[[?1049hvi^[[?1049l|''",
        "^[[?25l^[[?25h|''",
        "^[[?1000;1006h^[[?1000l|^[[?1006l^[[m",
        "^[[?1049h^[[?1049h|^[[r^[[?1049l^[[m",
        "^[[?1049h^[c|''",
        "^[=^[>|''",
        "^[[?12h^[[?99999999999999h^[[1049h|''",
        "^[[?10^[[?49h|''",
        "^[[?2004$p^[[?2004s|''"})
    void whatWasNotChangedBackIs(final String output, final String undo) {
        final byte[] bytes = output.replace("^[", "\033").getBytes(StandardCharsets.US_ASCII);
        for (int cut = 0; cut <= bytes.length; cut++) {
            final ScreenModes modes = new ScreenModes();
            modes.follow(bytes, cut);
            for (int i = cut; i < bytes.length; i++) {
                modes.follow(new byte[] {bytes[i]}, 1);
            }
            final String sequence = new String(modes.leave(false), StandardCharsets.US_ASCII).replace("\033", "^[");
            assertEquals("''".equals(undo) ? "" : undo, sequence);
            modes.follow(modes.leave(false), modes.leave(false).length);
            assertEquals(0, modes.leave(false).length, "nothing is left to undo");
        }
    }

    @Test
    void whatIsSaidNextBeginsALine() {
        final ScreenModes modes = new ScreenModes();
        assertEquals(0, modes.leave(true).length);
        modes.follow(new byte[] {'$'}, 1);
        modes.follow(new byte[0], 0);
        assertEquals("\r\n", new String(modes.leave(true), StandardCharsets.US_ASCII));
        assertEquals(0, modes.leave(false).length);
        modes.follow(new byte[] {'\r', '\n'}, 2);
        assertEquals(0, modes.leave(true).length);
    }

    @Test
    void manyParametersAreNoMemory() {
        final ScreenModes modes = new ScreenModes();
        final byte[] parameters = "\033[?".concat("1049;".repeat(100_000)).getBytes(StandardCharsets.US_ASCII);
        modes.follow(parameters, parameters.length);
        modes.follow("h".getBytes(StandardCharsets.US_ASCII), 1);
        assertEquals("\033[r\033[?1049l\033[m", new String(modes.leave(false), StandardCharsets.US_ASCII));
    }
}
