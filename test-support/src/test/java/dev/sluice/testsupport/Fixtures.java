package dev.sluice.testsupport;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Runs a class of tests inside a test, with the extensions registered as they are everywhere. */
final class Fixtures {
    private Fixtures() {
    }

    static EngineExecutionResults run(final Class<?> fixture) {
        return EngineTestKit.engine("junit-jupiter")
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
            .selectors(selectClass(fixture))
            .execute();
    }

    static Throwable failureOf(final EngineExecutionResults results) {
        return results.allEvents().failed().stream().findFirst().orElseThrow()
            .getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
    }
}
