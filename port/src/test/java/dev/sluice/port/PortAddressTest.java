package dev.sluice.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortAddressTest {
    @Test
    void understandsTheFourKinds() {
        assertEquals(new PortAddress(PortAddress.Kind.RING, "/run/a"), PortAddress.parse("ring:/run/a"));
        assertEquals(new PortAddress(PortAddress.Kind.UNIX, "a"), PortAddress.parse("unix:a"));
        assertEquals(new PortAddress(PortAddress.Kind.UNIX_LISTEN, "a:b"), PortAddress.parse("unix-listen:a:b"));
        assertEquals(new PortAddress(PortAddress.Kind.FILE, "/dev/vport0p1"), PortAddress.parse("file:/dev/vport0p1"));
        assertEquals("unix-listen:/x", PortAddress.parse("UNIX-LISTEN:/x").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "/run/a", "ring", "tcp:1", "ring :a", " ring:a", "unixlisten:a"})
    void saysWhatItWants(final String text) {
        final String message = assertThrows(IllegalArgumentException.class, () -> PortAddress.parse(text)).getMessage();
        assertEquals("'" + text + "' is no port address (wanted: " + PortAddress.SYNTAX + ")", message);
    }

    @Test
    void pathsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> PortAddress.parse("ring:"));
        assertThrows(IllegalArgumentException.class, () -> PortAddress.parse("file:a\0b"));
        assertThrows(IllegalArgumentException.class, () -> PortAddress.parse("unix:" + "x".repeat(108)));
        assertEquals(200, PortAddress.parse("file:" + "x".repeat(200)).path().length());
        assertThrows(IllegalArgumentException.class, () -> PortAddress.parse("file:a").toUnixAddress());
        assertEquals("a", PortAddress.parse("ring:a").toUnixAddress().path());
    }
}
