package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ForwardRuleTest {
    private final ForwardRule.Converter converter = new ForwardRule.Converter();

    @ParameterizedTest
    @CsvSource({
        "db:5432, 127.0.0.1:5432, db:5432",
        "8080:localhost:80, 127.0.0.1:8080, localhost:80",
        "0:10.0.0.1:65535, 127.0.0.1:0, 10.0.0.1:65535",
        "0.0.0.0:8080:localhost:80, 0.0.0.0:8080, localhost:80",
        "[::1]:8080:[::1]:80, [0:0:0:0:0:0:0:1]:8080, [::1]:80",
        "[fe80::2]:80, 127.0.0.1:80, [fe80::2]:80",
        "/tmp/a socket:web:80, /tmp/a socket, web:80",
        "./with:colon:web:80, ./with:colon, web:80"
    })
    void readsWhatIsWritten(final String text, final String local, final String target) {
        final ForwardRule rule = converter.convert(text);
        assertEquals(local, ForwardRule.format(rule.local()));
        assertEquals(target, rule.target());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "80", "host", ":80", "host:", "host:x", "host:0", "host:65536", "host:99999999999999999999", "1:2:3:4:5",
        "x:host:80", "70000:host:80", "::1:80", "[::1:80", "host:-1", "a b:c d:80:host:80"})
    void refusesTheRestNamingIt(final String text) {
        final TypeConversionException failure = assertThrows(TypeConversionException.class, () -> converter.convert(text));
        assertTrue(failure.getMessage().startsWith("'" + text + "'"), failure.getMessage());
    }
}
