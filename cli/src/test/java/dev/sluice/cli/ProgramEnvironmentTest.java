package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Variables and limits of programs, as they are given on a command line. */
class ProgramEnvironmentTest {
    @TempDir
    Path directory;

    private final ProgramEnvironment variables =
        new ProgramEnvironment(List.of("HOME=/root", "EMPTY=", "ODD", "TERM=vt220", "HOME=/other"));

    private List<String> list() {
        return variables.toList().stream().map(Object::toString).toList();
    }

    @Test
    void theLastOfANameCounts() {
        variables.add("A=1");
        variables.add("B=x=y");
        variables.add("A=");
        assertEquals(List.of("A=", "B=x=y"), list());
    }

    @Test
    void aNameAloneIsOneOfOurs() {
        List.of("HOME", "EMPTY", "ODD", "NONE").forEach(variables::add);
        assertEquals(List.of("HOME=/root", "EMPTY="), list());
    }

    @Test
    void bytesStayAsTheyAre() {
        variables.add("\u00ff=\u0080");
        assertEquals("\u00ff=\u0080", new String(variables.toList().getFirst().toByteArray(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void filesHaveOneVariableALine() throws Exception {
        final Path file = Files.writeString(directory.resolve("env"), "# comment\n\n  A=1 \nHOME\nB='x'#y\nNONE\n");
        variables.addFile(file.toString());
        assertEquals(List.of("A=1 ", "HOME=/root", "B='x'#y"), list());
        Files.writeString(file, "A=1\nfoo bar=2\n");
        assertEquals(file + ": line 2: a name with a space in it",
            assertThrows(IllegalArgumentException.class, () -> variables.addFile(file.toString())).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=", "=x"})
    void aVariableNeedsAName(final String variable) {
        assertEquals("'" + variable + "': a variable needs a name",
            assertThrows(IllegalArgumentException.class, () -> variables.add(variable)).getMessage());
    }

    @Test
    void theTerminalsTypeIsOursOrTheCustomaryOne() {
        variables.addTerminalType();
        assertEquals(List.of("TERM=vt220"), list());
        final ProgramEnvironment without = new ProgramEnvironment(List.of("TERM="));
        without.addTerminalType();
        assertEquals("TERM=xterm", without.toList().getFirst().toString());
        final ProgramEnvironment said = new ProgramEnvironment(List.of("TERM=vt220"));
        said.add("TERM=dumb");
        said.addTerminalType();
        assertEquals(List.of("TERM=dumb"), said.toList().stream().map(Object::toString).toList());
    }

    @Test
    void limitsHaveASoftAndAHardNumber() {
        final ResourceLimit.Converter converter = new ResourceLimit.Converter();
        assertEquals(new ResourceLimit("nofile", 1024, 4096), converter.convert("nofile=1024:4096"));
        assertEquals(new ResourceLimit("cpu", 5, 5), converter.convert("CPU=5"));
        assertEquals(new ResourceLimit("core", 0, -1), converter.convert("core=0:unlimited"));
        assertEquals(new ResourceLimit("as", -1, -1), converter.convert("as=18446744073709551615"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nofile", "nofile=", "nofile=a", "nofile=2:1", "files=1", "=1", "nofile=1:2:3", "nofile=-2",
        "nofile=unlimited:1"})
    void refusesLimitsThatAreNone(final String text) {
        final String message =
            assertThrows(TypeConversionException.class, () -> new ResourceLimit.Converter().convert(text)).getMessage();
        assertEquals("'" + text + "' (NAME=SOFT[:HARD], allowed: ", message.substring(0, message.indexOf("allowed: ") + 9));
    }
}
