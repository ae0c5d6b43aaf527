package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.protocol.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SandboxPathTest {
    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "a, a, a, ., false, false", "/a/b, /a/b, b, /a/, false, false", "/a/b//, /a/b, b, /a/, true, false", "/, /, '', ., true, true",
        "//, //, '', ., true, true", "a/., a/., ., a/, false, true", "../, .., .., ., true, true", "..., ..., ..., ., false, false"
    })
    void isTakenApart(final String text, final String bare, final String name, final String parent, final boolean slash,
        final boolean nameless) {
        final SandboxPath path = path(text);
        assertEquals(bare, path.withoutSlashes().toString());
        assertEquals(name, path.name().toString());
        assertEquals(parent, path.parent().toString());
        assertEquals(slash, path.endsInSlash());
        assertEquals(nameless, path.isNameless());
    }

    @Test
    void isPutTogetherOfBytes() {
        final ByteString odd = ByteString.copyOf((byte) 0xFF, (byte) '\n');
        assertEquals(ByteString.copyOf((byte) '/', (byte) 0xFF, (byte) '\n'), path("/").resolve(odd).bytes());
        assertEquals(ByteString.copyOf((byte) 'a', (byte) '/', (byte) 0xFF, (byte) '\n'), path("a").resolve(odd).bytes());
        assertEquals(".", path("").toString());
    }

    private static SandboxPath path(final String text) {
        return SandboxPath.of(ByteString.of(text));
    }
}
