package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the commands print and how they read their arguments, without a process of their own. */
class DiagnosticsTest {
    @Test
    void aMessageIsOneLineThatDoesNothingToATerminal() {
        assertEquals("a b\\x1b[31mc\\x0d\\x9b\u00e9", Diagnostics.printable("a\nb\u001b[31mc\r\u009b\u00e9"));
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
    @ValueSource(strings = {"--help", "run --help", "exec --help", "relay --help", "agent --help", "doctor --help", "--version"})
    void helpAndVersionGoToStandardOutput(final String arguments) {
        final StringWriter out = new StringWriter();
        final CommandLine commandLine = Main.commandLine().setOut(new PrintWriter(out));
        assertEquals(0, commandLine.execute(arguments.split(" ")));
        assertTrue(out.toString().contains("sluice"), out.toString());
    }

    @Test
    void doctorFindsWhatSluiceNeedsAndSaysSoInTextAndJson() {
        final StringWriter text = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(text)).execute("doctor"), text::toString);
        assertTrue(text.toString().lines().anyMatch(line -> line.matches("memfd +ok +.*")), text.toString());
        final StringWriter json = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(json)).execute("doctor", "--json"));
        assertTrue(json.toString().contains("\"memfd\": {\"works\": true, \"required\": true, \"detail\": \""), json.toString());
        assertEquals("\"a\\\"\\\\\\u000a\"", DoctorCommand.quoted("a\"\\\n"));
    }
}
