package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
    @ParameterizedTest
    @CsvSource({
        "/run/a.sock, offset:/run/a.sock", "a.sock, offset:a.sock", "range:/run/a.sock, range:/run/a.sock", "./foo:b, offset:./foo:b",
        "range:./foo:b, range:./foo:b", "/run/foo:b, offset:/run/foo:b", "fd:3, offset:fd:3", "range:fd:3, range:fd:3"})
    void addressesAreReadAsTheyAreWritten(final String text, final String written) {
        assertEquals(written, ListenAddress.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:/run/a.sock", "foo:/run/a.sock", "range:unix:/run/a.sock", "offset:range:a", "Range:/a"})
    void aFormThatThereIsNotIsNoPath(final String text) {
        final IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> ListenAddress.parse(text));
        assertTrue(e.getMessage().contains("'" + text + "'") && e.getMessage().contains(ListenAddress.SYNTAX), e.getMessage());
    }
}
