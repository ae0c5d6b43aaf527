package dev.sluice.ring;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Mapping;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import java.io.Closeable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One end of a console ring: a writer, a reader, and the socket that handed the memory over, which carries wake-ups and says when the peer
 * is gone.
 *
 * <p>A wake-up is one byte, sent without waiting; when the socket is full there are more than enough on their way. It is sent only to a
 * side that has announced that it sleeps ({@link WaitWord}): for bytes to read, or for a quarter of its unread limit to have become free.
 * A peer that sends more wake-ups than were announced has broken the rules like one that writes a bad length.
 *
 * <p><b>Threads.</b> One owner thread. No allocation in steady state. <b>Ownership.</b> Owns the mapping and the socket.
 */
public final class RingChannel implements Closeable {
    /** The peer closed its end or died, and everything it sent has been read. */
    public static final int CLOSED = -1;
    /** The peer broke the rules of the ring; {@link #detail} says how. */
    public static final int BROKEN = RingReader.BROKEN;

    private static final int SEND_FLAGS = Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL;
    private static final int READY = Linux.EPOLLIN | Linux.EPOLLHUP | Linux.EPOLLERR;
    private static final int WAKE_UPS_PER_READ = 256;

    /** Which end of the ring. */
    public enum Side {
        /** Writes the direction from host to guest, reads the other. */
        HOST,
        /** Writes the direction from guest to host, reads the other. */
        GUEST
    }

    private final Posix posix;
    private final int socket;
    private final Mapping mapping;
    private final RingWriter writer;
    private final RingReader reader;
    /** This side's waits, which the peer ends. */
    private final WaitWord ownReadWait;
    private final WaitWord ownRoomWait;
    /** The peer's waits, which this side ends. */
    private final WaitWord peerReadWait;
    private final WaitWord peerRoomWait;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment wakeUps = arena.allocate(WAKE_UPS_PER_READ);
    private long sleepsAnnounced;
    private long wakeUpsSent;
    private long wakeUpsHeldBack;
    private long wakeUpsReceived;
    private boolean wakeUpOwed;
    private boolean peerGone;
    private boolean unaskedWakeUps;
    private String detail = "";
    private boolean closed;

    /**
     * Joins one end over memory laid out as {@link RingDescriptor} says.
     *
     * @param posix the system
     * @param socket to the peer, non-blocking; becomes the channel's
     * @param mapping of the whole memory; becomes the channel's
     * @param side which end this is
     * @param hostToGuestCapacity in bytes, a valid capacity
     * @param guestToHostCapacity in bytes, a valid capacity
     * @param unreadLimit how many bytes this side leaves unread by the peer, cut down to the capacity
     */
    public RingChannel(
        final Posix posix, final int socket, final Mapping mapping, final Side side, final int hostToGuestCapacity,
        final int guestToHostCapacity, final int unreadLimit) {
        this.posix = posix;
        this.socket = socket;
        this.mapping = mapping;
        final MemorySegment toGuest = direction(mapping, RingDescriptor.HEADER_PAGE_LENGTH, hostToGuestCapacity);
        final MemorySegment toHost =
            direction(mapping, RingDescriptor.guestToHostOffset(hostToGuestCapacity), guestToHostCapacity);
        final boolean host = side == Side.HOST;
        final MemorySegment outbound = host ? toGuest : toHost;
        final MemorySegment inbound = host ? toHost : toGuest;
        final int outboundCapacity = host ? hostToGuestCapacity : guestToHostCapacity;
        final int inboundCapacity = host ? guestToHostCapacity : hostToGuestCapacity;
        writer = new RingWriter(outbound, outboundCapacity, unreadLimit);
        reader = new RingReader(inbound, inboundCapacity);
        ownRoomWait = new WaitWord(outbound, (long) outboundCapacity + RingDescriptor.PRODUCER_WAIT_OFFSET);
        peerReadWait = new WaitWord(outbound, (long) outboundCapacity + RingDescriptor.CONSUMER_WAIT_OFFSET);
        ownReadWait = new WaitWord(inbound, (long) inboundCapacity + RingDescriptor.CONSUMER_WAIT_OFFSET);
        peerRoomWait = new WaitWord(inbound, (long) inboundCapacity + RingDescriptor.PRODUCER_WAIT_OFFSET);
    }

    private static MemorySegment direction(final Mapping mapping, final long offset, final int capacity) {
        return mapping.segment().asSlice(offset, RingDescriptor.directionLength(capacity));
    }

    /** {@return the socket: to be watched for EPOLLIN while asleep} */
    public int fd() {
        return socket;
    }

    /** {@return the spans that {@link #poll} finds; read and advanced by the owner, released with {@link #release}} */
    public RingReader reader() {
        return reader;
    }

    /**
     * Looks for bytes from the peer unless some are unread already.
     *
     * @return the length of the reader's current span, 0 when there is nothing now, {@link #BROKEN} or {@link #CLOSED}; what came before
     *     an end is handed out before the end
     */
    public int poll() {
        if (reader.length() == 0 && isBroken()) {
            return BROKEN;
        }
        final int found = reader.poll();
        if (found != 0) {
            return found;
        }
        if (reader.holdsOnlyEmptyRecords()) {
            release();
        }
        return status();
    }

    /** Gives the peer back the space of all records passed, and wakes it if it waits for that. */
    public void release() {
        if (reader.release() && peerRoomWait.takeIfReached(reader.releasedPosition())) {
            wakePeer();
        }
    }

    /**
     * Takes bytes for the peer, as many as there is room for. {@link #flush} makes them visible.
     *
     * @param memory where they lie; only read during the call
     * @param offset of the first byte in {@code memory}
     * @param length how many
     * @return how many were taken, {@link #BROKEN} or {@link #CLOSED}
     */
    public int write(final MemorySegment memory, final long offset, final int length) {
        final int status = status();
        return status != 0 ? status : writer.write(memory, offset, length);
    }

    /** Makes everything taken visible to the peer, and wakes it if it waits for that. */
    public void flush() {
        if (writer.publish() && peerReadWait.takeIfReached(writer.position())) {
            wakePeer();
        }
    }

    /** {@return bytes of records that the peer has not released; from 0 to the unread limit whatever the peer does} */
    public int unread() {
        return writer.unread();
    }

    /** {@return whether waiting for room is over, or the ring broken: see {@link RingWriter#hasUsefulRoom}} */
    public boolean hasUsefulRoom() {
        return writer.hasUsefulRoom();
    }

    /**
     * Flushes, announces what this side is about to sleep for, and looks once more.
     *
     * @param wantRead whether bytes from the peer, or its end, should end the sleep
     * @param wantWrite whether useful room towards the peer should end the sleep
     * @return whether to sleep; false when there is work now
     */
    public boolean prepareToSleep(final boolean wantRead, final boolean wantWrite) {
        flush();
        if (wakeUpOwed) {
            wakePeer();
        }
        if (hasWork(wantRead, wantWrite)) {
            return false;
        }
        if (peerGone) {
            return true;
        }
        if (wantRead) {
            sleepsAnnounced++;
            ownReadWait.announce(reader.nextPosition());
        } else {
            ownReadWait.withdraw();
        }
        if (wantWrite) {
            sleepsAnnounced++;
            ownRoomWait.announce(writer.usefulRoomPosition());
        } else {
            ownRoomWait.withdraw();
        }
        if (hasWork(wantRead, wantWrite)) {
            withdraw();
            return false;
        }
        return true;
    }

    /**
     * What to wait for when {@link #prepareToSleep} has allowed it.
     *
     * @return an epoll event mask: EPOLLIN for wake-ups; EPOLLOUT while one could not be sent, so that it is not lost; EPOLLET, with
     *     nothing else, once the peer is gone, since its socket is ready for ever
     */
    public int eventsToAwait() {
        if (peerGone) {
            return Linux.EPOLLET;
        }
        return wakeUpOwed ? Linux.EPOLLIN | Linux.EPOLLOUT : Linux.EPOLLIN;
    }

    /**
     * Takes note of the end of a sleep, whatever ended it; takes wake-ups off the socket with at most one call.
     *
     * @param events what epoll reported for the socket, or 0
     */
    public void onReady(final int events) {
        withdraw();
        if ((events & READY) == 0 || peerGone) {
            return;
        }
        final long count = posix.read(socket, wakeUps.address(), WAKE_UPS_PER_READ);
        if (count > 0) {
            wakeUpsReceived += count;
            if (wakeUpsReceived > sleepsAnnounced && !unaskedWakeUps) {
                unaskedWakeUps = true;
                explain("wake-ups nobody asked for: received=" + wakeUpsReceived + " announced=" + sleepsAnnounced);
            }
        } else if (count == 0) {
            peerGone("peer closed its end");
        } else if (count != -Errno.EAGAIN) {
            peerGone("read of wake-ups: " + Errno.name((int) -count));
        }
    }

    /** {@return whether the peer has closed its end or died; what it wrote before may still be unread} */
    public boolean isPeerGone() {
        return peerGone;
    }

    /** {@return why the channel ended or broke, for logs; an empty string while it is sound} */
    public String detail() {
        if (reader.brokenReason() != null) {
            return reader.brokenReason();
        }
        return writer.brokenReason() != null ? writer.brokenReason() : detail;
    }

    /** {@return how often this side announced a sleep, for reading and for room each counted} */
    public long sleepsAnnounced() {
        return sleepsAnnounced;
    }

    /** {@return wake-ups this side sent} */
    public long wakeUpsSent() {
        return wakeUpsSent;
    }

    /** {@return wake-ups this side had to try again because the socket was full} */
    public long wakeUpsHeldBack() {
        return wakeUpsHeldBack;
    }

    /** {@return wake-ups this side received} */
    public long wakeUpsReceived() {
        return wakeUpsReceived;
    }

    /** Closes the socket and unmaps the memory; no span may be used afterwards. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            posix.closeQuietly(socket);
            mapping.close();
            arena.close();
        }
    }

    private boolean hasWork(final boolean wantRead, final boolean wantWrite) {
        return wantRead && poll() != 0 || wantWrite && (status() != 0 || writer.hasUsefulRoom());
    }

    private int status() {
        if (isBroken()) {
            return BROKEN;
        }
        return peerGone ? CLOSED : 0;
    }

    private boolean isBroken() {
        return unaskedWakeUps || reader.brokenReason() != null || writer.brokenReason() != null;
    }

    private void withdraw() {
        ownReadWait.withdraw();
        ownRoomWait.withdraw();
    }

    private void wakePeer() {
        final long sent = posix.send(socket, wakeUps.address(), 1, SEND_FLAGS);
        wakeUpOwed = false;
        if (sent > 0) {
            wakeUpsSent++;
        } else if (sent == -Errno.EAGAIN || sent == -Errno.ENOBUFS || sent == -Errno.ENOMEM) {
            wakeUpOwed = true;
            wakeUpsHeldBack++;
        } else {
            peerGone("wake-up: " + Errno.name((int) -sent));
        }
    }

    private void peerGone(final String how) {
        peerGone = true;
        explain(how);
    }

    private void explain(final String reason) {
        if (detail.isEmpty()) {
            detail = reason;
        }
    }
}
