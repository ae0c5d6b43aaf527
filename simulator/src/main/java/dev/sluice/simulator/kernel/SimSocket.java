package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A Unix stream socket, after net/unix/af_unix.c.
 *
 * <p>What its rules come to:
 * <ul>
 * <li>Bytes travel in chunks of one write, long ones cut. The sender pays for a chunk until the receiver has taken all of it: it can write
 * while it pays for less than its buffer, and is reported writable only while it pays for a quarter or less.</li>
 * <li>Whoever closes with unread bytes resets its peer: the peer reads what there is, then ECONNRESET once, then the end. Writing to a
 * closed peer is EPIPE either way.</li>
 * <li>Descriptors travel with the first byte of their chunk, and a read ends behind a chunk that had some.</li>
 * </ul>
 *
 * <p>The program under simulation has sockets as descriptors; everybody else in the world holds these objects and calls the public methods,
 * which are never interrupted and never short without need.
 */
public final class SimSocket extends SimFile {
    private static final int BOTH = 3;
    private static final int RECEIVE = 1;
    private static final int SEND = 2;
    /** How much the kernel puts into one chunk at most: 32 KiB of pages and what is left of a page. */
    private static final int CHUNK_MAX = 36 * 1024;

    /** Bytes of one write on their way, and the open files that travel with them. */
    private static final class Chunk {
        private final byte[] bytes;
        private final List<SimFile> files;
        private int taken;
        private boolean filesTaken;

        private Chunk(final byte[] bytes, final List<SimFile> files) {
            this.bytes = bytes;
            this.files = files;
        }

        private int rest() {
            return bytes.length - taken;
        }
    }

    /** Where received bytes go. */
    interface Sink {
        void accept(byte[] bytes, int offset, int length);
    }

    private final ArrayDeque<Chunk> received = new ArrayDeque<>();
    private ArrayDeque<SimSocket> backlog;
    private int backlogMax;
    private SimSocket peer;
    private int sendCapacity;
    private int paidBytes;
    private int receivedBytes;
    private int shutdown;
    private int error;
    private boolean wasConnected;
    private boolean closed;
    private boolean heard;

    SimSocket(final int sendCapacity) {
        this.sendCapacity = sendCapacity;
    }

    static SimSocket[] pair(final int sendCapacity, final int peerSendCapacity) {
        final SimSocket one = new SimSocket(sendCapacity);
        final SimSocket other = new SimSocket(peerSendCapacity);
        one.join(other);
        other.join(one);
        return new SimSocket[] {one, other};
    }

    private void join(final SimSocket newPeer) {
        peer = newPeer;
        wasConnected = true;
    }

    void sendCapacity(final int bytes) {
        sendCapacity = bytes;
    }

    int sendCapacity() {
        return sendCapacity;
    }

    /** {@return how many bytes that were sent from here the peer has not taken, whole chunks counted} */
    public int paidBytes() {
        return paidBytes;
    }

    /** {@return how many bytes wait to be received here} */
    public int receivedBytes() {
        return receivedBytes;
    }

    /** {@return whether the peer has taken any of the bytes that were sent from here} */
    public boolean isHeard() {
        return heard;
    }

    /** {@return whether the peer can still be written to and has not been closed} */
    public boolean isOpen() {
        return wasConnected && (shutdown & SEND) == 0;
    }

    boolean isEndAnnounced() {
        return (shutdown & RECEIVE) != 0;
    }

    boolean isListening() {
        return backlog != null;
    }

    int listen(final int maxWaiting) {
        if (wasConnected) {
            return -Errno.EINVAL;
        }
        if (backlog == null) {
            backlog = new ArrayDeque<>();
        }
        backlogMax = maxWaiting;
        return 0;
    }

    /** Puts a connection in a listener's queue. @return 0 or -errno, as connect(2) of a non-blocking socket */
    int connect(final SimSocket listener, final int peerSendCapacity) {
        if (listener == null || !listener.isListening() || (listener.shutdown & RECEIVE) != 0) {
            return -Errno.ECONNREFUSED;
        }
        if (listener.backlog.size() > listener.backlogMax) {
            return -Errno.EAGAIN;
        }
        if (wasConnected || isListening()) {
            return isListening() ? -Errno.EINVAL : -Errno.EISCONN;
        }
        final SimSocket accepted = new SimSocket(peerSendCapacity);
        join(accepted);
        accepted.join(this);
        listener.backlog.add(accepted);
        listener.wake(Linux.EPOLLIN);
        return 0;
    }

    /**
     * Takes a connection out of a listener's queue.
     *
     * @return the connection, or null when none waits
     */
    public SimSocket accept() {
        return backlog.poll();
    }

    /**
     * Sends bytes, as many as there is room for.
     *
     * @param bytes what to send; copied
     * @param offset of the first
     * @param length how many
     * @return how many were taken, or -errno: EAGAIN, EPIPE, ENOTCONN
     */
    public int send(final byte[] bytes, final int offset, final int length) {
        return send(bytes, offset, length, List.of());
    }

    /** As {@link #send(byte[], int, int)}, with open files, of which the message takes references. */
    int send(final byte[] bytes, final int offset, final int length, final List<SimFile> files) {
        if (!wasConnected) {
            return -Errno.ENOTCONN;
        }
        if ((shutdown & SEND) != 0 || (peer.shutdown & RECEIVE) != 0) {
            if ((shutdown & SEND) == 0 && isWritable()) {
                // The kernel finds out about the peer's end after having made a chunk, and gives that back.
                wake(Linux.EPOLLOUT);
            }
            return -Errno.EPIPE;
        }
        int sent = 0;
        while (sent < length && paidBytes < sendCapacity) {
            // A message with files is one chunk, whatever the buffer: a real one is never as small as simulated ones.
            final int size = files.isEmpty() ? Math.min(length - sent, Math.min(Math.max(1, sendCapacity / 2), CHUNK_MAX)) : length;
            final byte[] copy = new byte[size];
            System.arraycopy(bytes, offset + sent, copy, 0, size);
            final Chunk chunk = new Chunk(copy, sent == 0 ? files : List.of());
            chunk.files.forEach(SimFile::retain);
            paidBytes += size;
            peer.received.add(chunk);
            peer.receivedBytes += size;
            sent += size;
            peer.wake(Linux.EPOLLIN);
        }
        return sent == 0 && length > 0 ? -Errno.EAGAIN : sent;
    }

    /** How much a send would take now. */
    int sendRoom() {
        return wasConnected && (shutdown & SEND) == 0 ? Math.max(0, sendCapacity - paidBytes) : 0;
    }

    /**
     * Receives bytes.
     *
     * @param target where they go
     * @param offset of the first
     * @param length how many at most, at least 1
     * @return how many came, 0 at the end of the stream, or -errno: EAGAIN, ECONNRESET
     */
    public int receive(final byte[] target, final int offset, final int length) {
        return receive(target, offset, length, new ArrayList<>());
    }

    /**
     * As {@link #receive(byte[], int, int)}, for messages that carry memory.
     *
     * @param target where the bytes go
     * @param offset of the first
     * @param length how many at most, at least 1
     * @param memories where memory that came along is added, to be released with {@link SimMemory#close}
     * @return how many bytes came, 0 at the end of the stream, or -errno
     */
    public int receive(final byte[] target, final int offset, final int length, final List<SimMemory> memories) {
        final int[] at = {offset};
        final List<SimFile> files = new ArrayList<>();
        final int count = receive(length, (bytes, from, part) -> {
            System.arraycopy(bytes, from, target, at[0], part);
            at[0] += part;
        }, files);
        for (final SimFile file : files) {
            if (file instanceof SimMemory memory) {
                memories.add(memory);
            } else {
                file.release();
            }
        }
        return count;
    }

    /** As {@link #receive(byte[], int, int)}; open files that come along are added to a list with their references, or let go. */
    int receive(final int length, final Sink sink, final List<SimFile> files) {
        if (!wasConnected) {
            return -Errno.EINVAL;
        }
        if (received.isEmpty()) {
            if (error != 0) {
                final int reported = error;
                error = 0;
                return -reported;
            }
            return (shutdown & RECEIVE) != 0 ? 0 : -Errno.EAGAIN;
        }
        int count = 0;
        boolean sawFiles = false;
        while (count < length && !sawFiles && !received.isEmpty()) {
            final Chunk chunk = received.peek();
            final int part = Math.min(length - count, chunk.rest());
            sink.accept(chunk.bytes, chunk.taken, part);
            chunk.taken += part;
            count += part;
            sawFiles = takeFiles(chunk, files);
            if (chunk.rest() == 0) {
                received.poll();
                payBack(chunk);
            }
        }
        receivedBytes -= count;
        peer.heard = true;
        return count;
    }

    private static boolean takeFiles(final Chunk chunk, final List<SimFile> files) {
        if (chunk.filesTaken || chunk.files.isEmpty()) {
            return false;
        }
        chunk.filesTaken = true;
        if (files == null) {
            chunk.files.forEach(SimFile::release);
        } else {
            files.addAll(chunk.files);
        }
        return true;
    }

    private void payBack(final Chunk chunk) {
        peer.paidBytes -= chunk.bytes.length;
        if (peer.isWritable()) {
            peer.wake(Linux.EPOLLOUT);
        }
    }

    private boolean isWritable() {
        return !isListening() && (long) paidBytes * 4 <= sendCapacity;
    }

    /**
     * shutdown(2).
     *
     * @param how {@code SHUT_RD}, {@code SHUT_WR} or {@code SHUT_RDWR}
     * @return 0, or -errno
     */
    public int shutdown(final int how) {
        final boolean receiving = how != Linux.SHUT_WR;
        final boolean sending = how != Linux.SHUT_RD;
        shutdown |= (receiving ? RECEIVE : 0) | (sending ? SEND : 0);
        wake(0);
        if (wasConnected) {
            peer.shutdown |= (receiving ? SEND : 0) | (sending ? RECEIVE : 0);
            peer.wake(0);
        }
        return 0;
    }

    /** Closes an end that is not a descriptor of the program under simulation. Idempotent. */
    public void close() {
        if (!closed) {
            closed = true;
            released();
        }
    }

    @Override
    void released() {
        shutdown = BOTH;
        if (wasConnected) {
            peer.shutdown = BOTH;
            if (!received.isEmpty()) {
                peer.error = Errno.ECONNRESET;
            }
            peer.wake(0);
        }
        for (Chunk chunk = received.poll(); chunk != null; chunk = received.poll()) {
            takeFiles(chunk, null);
            payBack(chunk);
        }
        receivedBytes = 0;
        if (backlog != null) {
            for (SimSocket waiting = backlog.poll(); waiting != null; waiting = backlog.poll()) {
                waiting.peer.error = Errno.ECONNRESET;
                waiting.released();
            }
        }
    }

    @Override
    int events() {
        if (backlog != null) {
            return backlog.isEmpty() ? 0 : Linux.EPOLLIN;
        }
        return (error != 0 ? Linux.EPOLLERR : 0)
            | (shutdown == BOTH || !wasConnected ? Linux.EPOLLHUP : 0)
            | ((shutdown & RECEIVE) != 0 ? Linux.EPOLLRDHUP | Linux.EPOLLIN : 0)
            | (received.isEmpty() ? 0 : Linux.EPOLLIN)
            | (isWritable() ? Linux.EPOLLOUT : 0);
    }

    int takeError() {
        final int reported = error;
        error = 0;
        return reported;
    }

    @Override
    SimFile detached() {
        return new SimSocket(0);
    }

    @Override
    String describe() {
        return isListening() ? "listener" : "socket";
    }
}
