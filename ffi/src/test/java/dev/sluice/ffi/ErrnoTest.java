package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Field;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ErrnoTest {
    /** Second names of numbers that have another. */
    private static final Set<String> SYNONYMS = Set.of("EWOULDBLOCK", "EDEADLOCK", "ENOTSUP");

    @Test
    void namesEveryErrorNumberOfTheHeaders() throws IllegalAccessException {
        int checked = 0;
        for (final Field field : Linux.class.getFields()) {
            if (field.getName().matches("E[A-Z0-9]+") && field.getType() == int.class && !SYNONYMS.contains(field.getName())
                && !field.getName().matches("ECHO.*|EPOLL.*|EFD.*")) {
                assertEquals(field.getName(), Errno.name(field.getInt(null)));
                checked++;
            }
        }
        assertTrue(checked >= 130, "checked " + checked);
    }

    @Test
    void constantsHaveTheNumbersOfTheirNames() throws IllegalAccessException {
        for (final Field field : Errno.class.getFields()) {
            if (!SYNONYMS.contains(field.getName())) {
                assertEquals(field.getName(), Errno.name(field.getInt(null)));
            }
        }
    }

    @Test
    void describesWhatHasNoName() {
        assertEquals("E0", Errno.name(0));
        assertEquals("E-1", Errno.name(-1));
        assertEquals("E41", Errno.name(41), "a gap in the table");
        assertEquals("E999", Errno.name(999));
        assertEquals("Unknown error 999", Errno.text(999));
        assertEquals("Resource temporarily unavailable", Errno.text(Errno.EAGAIN));
        assertEquals("Memory page has hardware error", Errno.text(Linux.EHWPOISON), "the last one");
    }

    @Test
    void isUsableInCaseLabels() {
        final String meaning = switch (Errno.EPIPE) {
            case Errno.EAGAIN -> "later";
            case Errno.EPIPE -> "gone";
            default -> "other";
        };
        assertEquals("gone", meaning);
    }
}
