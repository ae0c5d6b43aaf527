package dev.sluice.junit;

import org.junit.jupiter.api.extension.ExtensionContext.Store;

/**
 * Something that JUnit closes with the context in whose store it is. Releases before 5.13 know it by the interface that later ones
 * deprecate.
 *
 * @param resource what it is
 */
@SuppressWarnings({"deprecation", "try"})
record Owned(AutoCloseable resource) implements AutoCloseable, Store.CloseableResource {
    <T> T as(final Class<T> type) {
        return type.cast(resource);
    }

    @Override
    public void close() throws Exception {
        resource.close();
    }
}
