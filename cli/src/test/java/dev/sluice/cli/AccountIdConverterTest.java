package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class AccountIdConverterTest {
    @Test
    void everyNumberOfAnAccountIsTaken() {
        final AccountIdConverter converter = new AccountIdConverter();
        assertEquals(0, converter.convert("0"));
        assertEquals(65534, converter.convert("65534"));
        // Users of containers and of directory services have numbers like these.
        assertEquals((int) 2_147_483_648L, converter.convert("2147483648"));
        assertEquals(-2, converter.convert("4294967294"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "4294967295", "99999999999", "root", "1 ", "+1", "0x10"})
    void whatIsNoneIsRefusedWithTheValue(final String text) {
        final TypeConversionException e = assertThrows(TypeConversionException.class, () -> new AccountIdConverter().convert(text));
        assertTrue(e.getMessage().startsWith("'" + text + "' is no number of a user or group"), e.getMessage());
    }
}
