package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CopyOperandTest {
    private static final Path SOCKET = Path.of("/run/given");

    @ParameterizedTest
    @CsvSource({"/run/box/s:/tmp/, /run/box/s, /tmp/", "box:a:b, box, a:b", "box:, box, ."})
    void whatPrecedesTheColonIsTheSandbox(final String text, final String socket, final String path) {
        final CopyOperand.Sandbox operand = (CopyOperand.Sandbox) CopyOperand.parse("SRC", text, null);
        assertEquals(Path.of(socket), operand.socket());
        assertEquals(path, operand.given().toString());
    }

    @ParameterizedTest
    @CsvSource({"file", "/tmp/file/", "./a:b", "../a:b"})
    void theRestIsHere(final String text) {
        final CopyOperand.Host operand = (CopyOperand.Host) CopyOperand.parse("SRC", text, null);
        assertEquals(Path.of(text), operand.path());
        assertEquals(text, operand.given().toString());
    }

    @Test
    void withASocketTheColonAloneDecides() {
        assertEquals(new CopyOperand.Sandbox(SOCKET, ((CopyOperand.Sandbox) CopyOperand.parse("DST", ":/a:b", SOCKET)).given()),
            CopyOperand.parse("DST", ":/a:b", SOCKET));
        assertEquals(Path.of("/data/12:30"), ((CopyOperand.Host) CopyOperand.parse("SRC", "/data/12:30", SOCKET)).path());
    }

    @Test
    void aNameThatIsNoTextIsAPathAllTheSame() {
        final Path path = ((CopyOperand.Host) CopyOperand.parse("SRC", "/tmp/\u00ff\u0001%", null)).path();
        assertTrue(path.toUri().toString().endsWith("/%FF%01%25"), path.toUri().toString());
        final Path relative = ((CopyOperand.Host) CopyOperand.parse("SRC", "\u00ff", null)).path();
        assertTrue(relative.toUri().toString().startsWith(Path.of("").toAbsolutePath().toUri().toString())
            && relative.toUri().toString().endsWith("/%FF"), relative.toUri().toString());
    }

    @Test
    void refusesWhatIsNeither() {
        assertTrue(refusal(":/tmp").contains("--socket says which"), refusal(":/tmp"));
        assertTrue(refusal("").contains("'' is no path"), refusal(""));
    }

    private static String refusal(final String text) {
        return assertThrows(IllegalArgumentException.class, () -> CopyOperand.parse("DST", text, null)).getMessage();
    }
}
