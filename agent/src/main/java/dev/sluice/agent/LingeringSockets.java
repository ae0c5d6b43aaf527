package dev.sluice.agent;

import dev.sluice.protocol.IdGrid;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Predicate;
import org.agrona.collections.Int2IntCounterMap;

/**
 * The sockets of connections whose clients have gone, the oldest first. They have their time whether the port takes anything or not, since
 * they have nothing to say to it, and whoever is still there comes before them.
 *
 * <p>One owner thread.
 */
final class LingeringSockets {
    private final LinkedHashMap<Long, LingeringSocket> bySerial = new LinkedHashMap<>();

    /**
     * Takes a socket over and begins with it.
     *
     * @param serial by which its events are known
     * @param socket that all its events are for from now on
     * @param nowNs monotonic time
     */
    void add(final long serial, final LingeringSocket socket, final long nowNs) {
        bySerial.put(serial, socket);
        advance(serial, nowNs);
    }

    /**
     * Epoll has reported something.
     *
     * @param serial of what was reported
     * @param nowNs monotonic time
     * @return whether that was one of these sockets
     */
    boolean advance(final long serial, final long nowNs) {
        if (bySerial.isEmpty()) {
            return false;
        }
        final LingeringSocket socket = bySerial.get(serial);
        if (socket != null && socket.advance(nowNs)) {
            bySerial.remove(serial);
        }
        return socket != null;
    }

    /**
     * Cuts those that are out of time. All have the same, so the oldest is the first to be out of it.
     *
     * @param nowNs monotonic time
     * @return nanoseconds until the next is, {@link Long#MAX_VALUE} when there is none
     */
    long supervise(final long nowNs) {
        final Iterator<LingeringSocket> sockets = bySerial.values().iterator();
        while (sockets.hasNext()) {
            final LingeringSocket oldest = sockets.next();
            if (oldest.remainingNs(nowNs) > 0) {
                return oldest.remainingNs(nowNs);
            }
            oldest.cut();
            sockets.remove();
        }
        return Long.MAX_VALUE;
    }

    /** Cuts the oldest of the client that has the most of them, so that nobody's many are paid for by others. */
    void freePlace() {
        final Int2IntCounterMap counts = new Int2IntCounterMap(0);
        int most = 0;
        for (final LingeringSocket socket : bySerial.values()) {
            most = Math.max(most, counts.incrementAndGet(IdGrid.indexOf(socket.id())));
        }
        final int length = most;
        cutFirst(socket -> counts.get(IdGrid.indexOf(socket.id())) == length);
    }

    /**
     * Cuts the oldest that has memory.
     *
     * @return whether there was one
     */
    boolean freeMemory() {
        return cutFirst(LingeringSocket::hasMemory);
    }

    private boolean cutFirst(final Predicate<LingeringSocket> which) {
        final Iterator<LingeringSocket> sockets = bySerial.values().iterator();
        while (sockets.hasNext()) {
            final LingeringSocket socket = sockets.next();
            if (which.test(socket)) {
                socket.cut();
                sockets.remove();
                return true;
            }
        }
        return false;
    }

    int size() {
        return bySerial.size();
    }

    boolean isEmpty() {
        return bySerial.isEmpty();
    }

    /** Cuts all. */
    void cutAll() {
        bySerial.values().forEach(LingeringSocket::cut);
        bySerial.clear();
    }
}
