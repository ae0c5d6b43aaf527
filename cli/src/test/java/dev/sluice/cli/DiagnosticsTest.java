package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the commands print and how they read their arguments, without a process of their own. */
class DiagnosticsTest {
    @Test
    void aMessageIsOneLineThatDoesNothingToATerminal() {
        assertEquals("a b\\x1b[31mc\\x0d\\u009b\u00e9 d", TerminalText.line("a\nb\u001b[31mc\r\u009b\u00e9\td"));
        assertEquals("a\\x0d b", TerminalText.line("a\r\nb"));
        assertEquals("\\u202etxt.exe\\u2028", TerminalText.line("\u202etxt.exe\u2028"));
    }

    @Test
    void numbersInTheLogAreNotGrouped() {
        final PrintStream before = System.err;
        final ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            new CommandLog().getLogger("test", DiagnosticsTest.class.getModule())
                .log(Level.WARNING, "process {0} of {1}: {2} ms", 1234567, "x", 2000L);
            Diagnostics.flush();
        } finally {
            System.setErr(before);
        }
        assertEquals("sluice: process 1234567 of x: 2000 ms\n", printed.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"250ms, 250", "30, 30000", "30s, 30000", "5m, 300000", "2H, 7200000", "0, 0", "365000s, 365000000"})
    void timesAreReadTheSameEverywhere(final String text, final long millis) {
        assertEquals(Duration.ofMillis(millis), new TimeConverter().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5s", "s", "5 s", "5d", "9999999999999999h", "0x10", "1e3"})
    void whatIsNoTimeIsNamed(final String text) {
        final String message =
            assertThrows(CommandLine.TypeConversionException.class, () -> new TimeConverter().convert(text)).getMessage();
        assertEquals("'" + text + "' is no time: write it as 250ms, 30s, 5m or 2h (allowed: 0 to 8760h)", message);
    }

    @Test
    void aTimeThatIsTooLongIsToldWhatIsAllowed() {
        final String message =
            assertThrows(CommandLine.TypeConversionException.class, () -> new TimeConverter().convert("366000000s")).getMessage();
        assertEquals("'366000000s' (allowed: 0 to 8760h)", message);
    }

    @Test
    void argumentsAreTheLastOfTheCommandLineByteForByte() throws Exception {
        final byte[] line = "java\0-jar\0x.jar\0run\0\0\u00ff\0".getBytes(StandardCharsets.ISO_8859_1);
        final String[] arguments = RawArguments.last(line, 3);
        assertArrayEquals(new String[] {"run", "", "\u00ff"}, arguments);
        assertEquals(ByteString.copyOf((byte) 0xFF), RawArguments.bytes(arguments[2]));
        assertEquals("\u00e9", RawArguments.text("\u00c3\u00a9"));
        assertThrows(IOException.class, () -> RawArguments.last(line, 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "run --help", "exec --help", "relay --help", "agent --help", "doctor --help", "--version",
        "run --version", "relay -V", "logs --version"})
    void helpAndVersionGoToStandardOutput(final String arguments) {
        final StringWriter out = new StringWriter();
        final CommandLine commandLine = Main.commandLine().setOut(new PrintWriter(out));
        assertEquals(0, commandLine.execute(arguments.split(" ")));
        assertTrue(out.toString().contains("sluice"), out.toString());
    }

    @Test
    void whatTheJdkLogsInDetailIsNotShown() {
        final CommandLog log = new CommandLog();
        CommandLog.printFrom(Level.DEBUG);
        try {
            assertTrue(log.getLogger("dev.sluice.relay.Relay", null).isLoggable(Level.DEBUG));
            assertFalse(log.getLogger("java.lang.Runtime", null).isLoggable(Level.DEBUG));
            assertTrue(log.getLogger("java.lang.Runtime", null).isLoggable(Level.INFO));
        } finally {
            CommandLog.printFrom(Level.WARNING);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "exec"})
    void commandsThatRunProgramsListTheirExitCodes(final String command) {
        final StringWriter out = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(out)).execute(command, "--help"));
        assertTrue(out.toString().matches("(?s).*\n +127 +the program was not found\n.*"), out.toString());
    }

    @Test
    void doctorFindsWhatSluiceNeedsAndSaysSoInTextAndJson() {
        final StringWriter text = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(text)).execute("doctor"), text::toString);
        assertTrue(text.toString().lines().anyMatch(line -> line.matches("memfd +ok +.*")), text.toString());
        final StringWriter json = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(json)).execute("doctor", "--json"));
        assertTrue(json.toString().contains("\"memfd\": {\"works\": true, \"required\": true, \"detail\": \""), json.toString());
        assertEquals("\"a\\\"\\\\\\u000a\"", JsonText.quoted("a\"\\\n"));
    }
}
