package dev.sluice.port;

import java.io.Closeable;
import java.io.IOException;

/**
 * Where ports come from: one open port at a time, and the next after the last has ended. A listener that the peer connects to, or an
 * address that is dialled until it answers. Never blocks for longer than a local hand-over takes.
 *
 * <p>One owner thread calls everything. Ports handed out belong to the caller; closing the source closes what it listens or dials with,
 * not them.
 */
public interface PortSource extends Closeable {
    /**
     * What to wait for.
     *
     * @return a descriptor whose EPOLLIN says that {@link #tryOpen} is worth a call, or -1 when it has to be tried from time to time;
     * constant
     */
    int fd();

    /**
     * Opens the next port if its peer is there now.
     *
     * @return the port, or null when the peer is not there yet
     * @throws IOException when no later call can succeed either; the message says what was tried and what to do
     */
    Port tryOpen() throws IOException;

    /**
     * Why the last {@link #tryOpen} gave no port, for people who wait for one.
     *
     * @return a few words, such as "nobody listens there"; an empty string when nothing is known
     */
    default String obstacle() {
        return "";
    }

    /** Stops listening or dialling and removes the socket file that this source made. Idempotent. */
    @Override
    void close() throws IOException;
}
