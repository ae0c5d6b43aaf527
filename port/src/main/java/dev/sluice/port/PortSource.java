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
     *     constant until {@link #restore} says otherwise
     */
    int fd();

    /**
     * Opens the next port if its peer is there now.
     *
     * @return the port, or null when the peer is not there yet
     * @throws IOException when no later call can be expected to succeed either, if none has so far; the message says what was tried and
     *     what to do
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

    /**
     * Listens anew if the path of the socket is gone, as when a cleaner of temporary directories removed it: nobody can connect then. To
     * be called from time to time while no port is open, by an owner that has seen that nobody waits at {@link #fd}: who did would be lost.
     *
     * @return whether {@link #fd} is another now; the former is closed
     * @throws IOException when that is not possible now; a later call may succeed
     */
    default boolean restore() throws IOException {
        return false;
    }

    /** Stops listening or dialling and removes the socket file that this source made. Idempotent. */
    @Override
    void close() throws IOException;
}
