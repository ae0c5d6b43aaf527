package dev.sluice.testsupport;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves behind more than it found: descriptors, threads, child processes, shared memory mappings. What
 * ends asynchronously has a few seconds to do so.
 */
public final class LeakCheckExtension implements BeforeAllCallback, AfterAllCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakCheckExtension.class);
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final long POLL_MILLIS = 10;

    /** Creates the extension; JUnit does. */
    public LeakCheckExtension() {
    }

    @Override
    public void beforeAll(final ExtensionContext context) throws Exception {
        JvmWarmUp.once();
        context.getStore(NAMESPACE).put(context.getUniqueId(), ProcessState.take());
    }

    @Override
    public void afterAll(final ExtensionContext context) throws Exception {
        final ProcessState before = context.getStore(NAMESPACE).remove(context.getUniqueId(), ProcessState.class);
        if (before == null) {
            return;
        }
        final long deadline = System.nanoTime() + SETTLE.toNanos();
        List<String> leaks = ProcessState.take().leaksSince(before);
        while (!leaks.isEmpty() && System.nanoTime() - deadline < 0) {
            Thread.sleep(POLL_MILLIS);
            leaks = ProcessState.take().leaksSince(before);
        }
        if (!leaks.isEmpty()) {
            throw new AssertionError(context.getRequiredTestClass().getName() + " left behind:\n  " + String.join("\n  ", leaks));
        }
    }
}
