package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.protocol.ByteString;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChildEnvironmentTest {
    private static List<ByteString> entries(final String... entries) {
        return Arrays.stream(entries).map(ByteString::of).toList();
    }

    private static void assertEntries(final ChildEnvironment environment, final String... expected) {
        assertArrayEquals(Arrays.stream(expected).map(ByteString::of).toArray(), environment.entries());
    }

    @Test
    void theRequestOverridesWhatTheAgentHas() {
        final ChildEnvironment environment = ChildEnvironment.of(
            entries("A=1", "PATH=/bin", "B=2"), entries("B=3", "C=", "PATH=/x:/y", "C=4", "MARK=x"), ByteString.of("MARK=1"));
        assertEntries(environment, "A=1", "PATH=/x:/y", "B=3", "C=4", "MARK=1");
        assertEquals(ByteString.of("/x:/y"), environment.path());
        assertEquals(0, environment.dropped());
    }

    @Test
    void entriesWithoutANameAreDroppedAndCounted() {
        final ChildEnvironment environment = ChildEnvironment.of(entries("PATH=/bin", "junk"), entries("NONAME", "=x", "", "D=a=b"), null);
        assertEntries(environment, "PATH=/bin", "D=a=b");
        assertEquals(3, environment.dropped());
    }

    @Test
    void withoutAPathTheDefaultIsUsedAndPassedOn() {
        final ChildEnvironment environment = ChildEnvironment.of(entries(), entries("A=1"), null);
        assertEntries(environment, "A=1", "PATH=" + ChildEnvironment.DEFAULT_PATH);
        assertEquals(ChildEnvironment.DEFAULT_PATH, environment.path());
    }

    @Test
    void bytesThatAreNoTextStayAsTheyAre() {
        final ByteString entry = ByteString.copyOf((byte) 'X', (byte) '=', (byte) 0xFF, (byte) 0xFE);
        assertEquals(entry, ChildEnvironment.of(entries("PATH="), List.of(entry), null).entries()[1]);
    }
}
