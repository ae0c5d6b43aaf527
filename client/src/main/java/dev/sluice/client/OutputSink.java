package dev.sluice.client;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** Where the output of one stream of a session goes. The connection's reader thread calls it, in the order of the stream. */
interface OutputSink {
    /**
     * Takes a piece of the stream.
     *
     * @param memory      where it lies; valid only during the call
     * @param offset      where it starts, in bytes
     * @param length      how long it is, in bytes
     * @param frameLength length of the whole frame on the wire, which is what windows count
     */
    void append(MemorySegment memory, long offset, int length, int frameLength);

    /**
     * The stream has ended. Only the first call counts.
     *
     * @param failure makes what readers are thrown when it has ended early; null when it is complete
     */
    void end(Supplier<SandboxException> failure);
}
