package dev.sluice.agent;

/**
 * The memory that data of files waits in, apart for the two directions: so data that waits for the port keeps nothing from being taken in.
 *
 * @param read what has been read and waits for the port
 * @param written what has arrived and waits for a disk
 */
record FileBuffers(FileMemory read, FileMemory written) implements AutoCloseable {
    /** @param limit bytes, half of them for either direction */
    static FileBuffers of(final long limit) {
        return new FileBuffers(new FileMemory(limit / 2), new FileMemory(limit / 2));
    }

    @Override
    public void close() {
        read.close();
        written.close();
    }
}
