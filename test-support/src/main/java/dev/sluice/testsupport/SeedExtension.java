package dev.sluice.testsupport;

import java.util.List;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Attaches the seeds a failed test has drawn to its failure, so that the report alone is enough to replay it. */
public final class SeedExtension implements BeforeEachCallback, TestExecutionExceptionHandler {
    /** Creates the extension; JUnit does. */
    public SeedExtension() {
    }

    @Override
    public void beforeEach(final ExtensionContext context) {
        Seeds.drain();
    }

    @Override
    public void handleTestExecutionException(final ExtensionContext context, final Throwable failure) throws Throwable {
        final List<String> seeds = Seeds.drain();
        if (!seeds.isEmpty()) {
            failure.addSuppressed(new SeedNote(String.join("; ", seeds)));
        }
        throw failure;
    }

    /** Carries the seeds through whatever prints the failure. */
    private static final class SeedNote extends Exception {
        private static final long serialVersionUID = 1L;

        SeedNote(final String seeds) {
            super(seeds, null, false, false);
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }
}
