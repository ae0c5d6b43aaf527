package dev.sluice.testsupport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SeedsTest {
    private String given;

    @BeforeEach
    void keepWhatTheBuildWasGiven() {
        given = System.getProperty(Seeds.PROPERTY);
        System.clearProperty(Seeds.PROPERTY);
    }

    @AfterEach
    void restore() {
        if (given == null) {
            System.clearProperty(Seeds.PROPERTY);
        } else {
            System.setProperty(Seeds.PROPERTY, given);
        }
    }

    @Test
    void drawsAnotherSeedEachTime() {
        assertNotEquals(Seeds.next("first"), Seeds.next("second"));
        System.setProperty(Seeds.PROPERTY, "${sluice.seed}");
        assertNotEquals(Seeds.next("first"), Seeds.next("second"));
    }

    @Test
    void replaysTheGivenSeed() {
        System.setProperty(Seeds.PROPERTY, "-42");
        assertEquals(-42, Seeds.next("replayed"));
        System.setProperty(Seeds.PROPERTY, "forty-two");
        assertThrows(IllegalArgumentException.class, () -> Seeds.next("replayed"));
    }

    @Test
    void aFailureNamesTheSeedsItsTestHasDrawn() {
        final Throwable failure = Fixtures.failureOf(Fixtures.run(Failing.class));
        assertEquals("drawn and failed", failure.getMessage());
        assertEquals("seed of failing: -Dsluice.seed=" + Failing.seed, failure.getSuppressed()[0].toString());
        assertTrue(failure.getSuppressed()[0].getStackTrace().length == 0);
    }

    static class Failing {
        static long seed;

        @Test
        void fails() {
            seed = Seeds.next("failing");
            throw new IllegalStateException("drawn and failed");
        }
    }
}
