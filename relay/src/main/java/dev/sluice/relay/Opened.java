package dev.sluice.relay;

import java.util.ArrayDeque;

/** What a constructor has opened so far, to be closed in reverse order should a later step fail. */
final class Opened {
    private final ArrayDeque<AutoCloseable> resources = new ArrayDeque<>();

    <T extends AutoCloseable> T add(final T resource) {
        resources.push(resource);
        return resource;
    }

    void closeAll(final Exception cause) {
        for (final AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (final Exception e) {
                cause.addSuppressed(e);
            }
        }
    }
}
