package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TypeAheadTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final TypeAhead typeAhead = new TypeAhead();

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void whatIsPutInPiecesIsTakenWhole() throws Exception {
        typeAhead.put(bytes("ab"));
        typeAhead.put(bytes(""));
        typeAhead.put(bytes("c"));
        assertArrayEquals(bytes("abc"), typeAhead.take());
        typeAhead.put(bytes("d"));
        typeAhead.end();
        assertArrayEquals(bytes("d"), typeAhead.take());
        assertNull(typeAhead.take());
    }

    @Test
    void whatHasBeenTakenCountsUntilMoreIsWanted() throws Exception {
        typeAhead.put(new byte[TypeAhead.CAPACITY]);
        assertEquals(TypeAhead.CAPACITY, typeAhead.take().length);
        final Thread typist = put(bytes("x"));
        while (typist.getState() != Thread.State.WAITING) {
            assertTrue(typist.isAlive(), "there is no room");
            Thread.onSpinWait();
        }
        assertArrayEquals(bytes("x"), typeAhead.take());
        assertTrue(typist.join(LIMIT));
    }

    @Test
    void whenNobodyTakesItThereIsAlwaysRoom() throws Exception {
        typeAhead.put(new byte[TypeAhead.CAPACITY]);
        final Thread typist = put(bytes("x"));
        typeAhead.discard();
        assertTrue(typist.join(LIMIT));
        typeAhead.put(new byte[TypeAhead.CAPACITY]);
        typeAhead.put(new byte[TypeAhead.CAPACITY]);
        typeAhead.end();
        assertNull(typeAhead.take());
    }

    private Thread put(final byte[] typed) {
        return Thread.ofPlatform().start(() -> {
            try {
                typeAhead.put(typed);
            } catch (final InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }
}
