package dev.sluice.client;

/** Is told how far a copying is. */
@FunctionalInterface
public interface CopyProgress {
    /**
     * Something has moved. What this throws ends the copying and is thrown by it.
     *
     * @param status how far it is
     */
    void onProgress(CopyStatus status);
}
