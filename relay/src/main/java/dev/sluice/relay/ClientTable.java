package dev.sluice.relay;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.Handshake;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.IdRange;
import dev.sluice.vsock.PeerCredentials;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * The connected clients: takes them in, writes to them, lets them go.
 *
 * <p>Input is watched edge-triggered, so that a client that has to wait for the guest costs no system call; EPOLLOUT is asked for only
 * while a socket is full, because every read of its peer would raise it.
 *
 * <p>One owner thread. No allocation but per connection.
 */
final class ClientTable {
    private static final int INPUT_EVENTS = Linux.EPOLLIN | Linux.EPOLLRDHUP | Linux.EPOLLET;
    /** Reads made of what a closing client still sends, so that closing does not reset bytes it has not read. */
    private static final int DISCARD_READS = 8;
    /** So much is written at once; a socket takes about as much, and its reader may start on it. */
    private static final int WRITE_BYTES = 128 * 1024;

    private final Posix posix;
    private final Epoll epoll;
    private final RangeTable ranges;
    private final RelayCounters counters;
    private final RelayContext context;
    private final RelayMemory memory;
    private final RelayLog log;
    private final GatherWriter gather;
    private final HeaderScratch scratch;
    private final MemorySegment handshakePrefix;
    private final ClientConnection[] byRange = new ClientConnection[RangeTable.RANGES];
    /** Also closed ones, until the next flush: each of their ranges may have got a new client meanwhile. */
    private final ClientConnection[] dirty = new ClientConnection[2 * RangeTable.RANGES];
    private int dirtyCount;
    private final ClientConnection[] live = new ClientConnection[RangeTable.RANGES];
    private int liveCount;
    private Upstream upstream;
    private ExecLogTap tap;

    ClientTable(
        final Posix posix, final Epoll epoll, final RangeTable ranges, final RelayCounters counters, final RelayContext context,
        final RelayMemory memory, final RelayLog log, final Arena arena) {
        this.posix = posix;
        this.epoll = epoll;
        this.ranges = ranges;
        this.counters = counters;
        this.context = context;
        this.memory = memory;
        this.log = log;
        this.gather = new GatherWriter(posix, arena);
        this.scratch = new HeaderScratch(arena);
        this.handshakePrefix = arena.allocate(Handshake.RANGE_FORM_LENGTH);
    }

    void upstream(final Upstream value) {
        upstream = value;
    }

    /** Sets who is told of sessions for the exec log; null without one. */
    void tap(final ExecLogTap value) {
        tap = value;
    }

    ClientConnection byRange(final int range) {
        return byRange[range];
    }

    int connected() {
        return liveCount;
    }

    /** {@return whether there is room for a client, but no range of ids until sessions of clients that left have ended} */
    boolean mustWaitForRange() {
        return liveCount < context.limit(RelayLimit.MAX_CLIENTS) && !ranges.hasAvailable();
    }

    /** Takes in an accepted descriptor; it is closed at once when no range is free. @return the client, or null when it was refused */
    ClientConnection accepted(
        final int fd, final ListenAddress.Form form, final PeerCredentials peer, final boolean mayShutDown, final long nowNs) {
        final int range = liveCount < context.limit(RelayLimit.MAX_CLIENTS) ? ranges.take() : RangeTable.NO_RANGE;
        if (range == RangeTable.NO_RANGE) {
            counters.increment(RelayCounter.CLIENTS_REFUSED_FULL);
            log.warning(RelayLog.Subject.REFUSED, "client refused: pid={0} uid={1}: {2} are connected already (see --max-clients)",
                peer.pid(), peer.uid(), liveCount);
            posix.closeQuietly(fd);
            return null;
        }
        if (tap != null) {
            tap.rangeTaken(range);
        }
        final ClientConnection client = new ClientConnection(
            range, fd, form, peer, memory, new ClientAdmission(range, ranges, mayShutDown, tap, counters));
        client.deadlineNs(nowNs + context.limit(RelayLimit.READY_DEADLINE));
        byRange[range] = client;
        live[liveCount++] = client;
        try {
            epoll.add(fd, INPUT_EVENTS, EpollToken.client(range));
            counters.increment(RelayCounter.CLIENTS_ACCEPTED);
            log.info(RelayLog.Subject.CONNECTED, "{0} connected", client);
            return client;
        } catch (final PosixException e) {
            log.warning(RelayLog.Subject.REFUSED, "client refused: {0}", e.getMessage());
            close(client);
            return null;
        }
    }

    /** Sends the handshake; from here on the client is served. */
    void greet(final ClientConnection client, final MemorySegment readyFrame) {
        final IdRange range = IdGrid.range(client.range());
        final int length = client.form() == ListenAddress.Form.RANGE
            ? Handshake.encodeRangeForm(handshakePrefix, 0, range)
            : Handshake.encodeOffsetForm(handshakePrefix, 0, range);
        client.state(ClientConnection.State.OPEN);
        append(client, handshakePrefix, 0, length);
        append(client, readyFrame, 0, Math.toIntExact(readyFrame.byteSize()));
        upstream.enqueue(client);
    }

    void onEvents(final int range, final int events) {
        final ClientConnection client = byRange[range];
        if (client == null || client.state() == ClientConnection.State.CLOSED) {
            return;
        }
        if ((events & (Linux.EPOLLHUP | Linux.EPOLLERR)) != 0) {
            client.endOutput();
        }
        if ((events & Linux.EPOLLOUT) != 0) {
            client.awaitingWritable(false);
            markDirty(client);
        }
        if ((events & (Linux.EPOLLIN | Linux.EPOLLRDHUP | Linux.EPOLLHUP | Linux.EPOLLERR)) != 0 && !client.inputEnded()) {
            client.readable(true);
            if (client.state() == ClientConnection.State.AWAITING_READY && client.outputEnded()) {
                close(client);
            } else {
                upstream.enqueue(client);
            }
        }
        settle(client);
    }

    /** Room for bytes towards this client, its unsent spans included. Tries the socket first when there is none. */
    int room(final ClientConnection client) {
        int room = roomNow(client);
        if (room == 0 && !client.awaitingWritable()) {
            write(client);
            room = roomNow(client);
        }
        return room;
    }

    private static int roomNow(final ClientConnection client) {
        return client.output().room() - client.spans().bytes();
    }

    /** Copies bytes for a client; {@link #room} was asked before. They are written at {@link #flush}. */
    void append(final ClientConnection client, final MemorySegment source, final long offset, final int length) {
        final ClientSpans spans = client.spans();
        if (!spans.isEmpty() && (spans.isFull() || !scratch.hasRoom(length))) {
            write(client);
        }
        if (spans.isEmpty()) {
            client.output().append(source, offset, length);
        } else {
            scratch.put(spans, source, offset, length);
        }
        markDirty(client);
    }

    /** Notes bytes for a client where they lie; {@link #room} was asked before. They must stay until {@link #flush}. */
    void gather(final ClientConnection client, final MemorySegment source, final long offset, final int length) {
        final ClientSpans spans = client.spans();
        if (spans.isFull()) {
            write(client);
        }
        spans.add(source, offset, length);
        markDirty(client);
        if (spans.bytes() >= WRITE_BYTES) {
            write(client);
        }
    }

    private void markDirty(final ClientConnection client) {
        if (!client.dirty()) {
            client.dirty(true);
            dirty[dirtyCount++] = client;
        }
    }

    /** A session has ended by a frame that its client did not get; that may be what a client that has said its last word waits for. */
    void sessionEnded(final int range) {
        if (byRange[range] != null) {
            markDirty(byRange[range]);
        }
    }

    /** Writes what is pending for every client that got bytes since the last call. */
    void flush() {
        for (int i = 0; i < dirtyCount; i++) {
            final ClientConnection client = dirty[i];
            dirty[i] = null;
            client.dirty(false);
            if (client.state() != ClientConnection.State.CLOSED) {
                write(client);
                settle(client);
            }
        }
        dirtyCount = 0;
        scratch.reset();
    }

    private void write(final ClientConnection client) {
        final ClientOutput output = client.output();
        final ClientSpans spans = client.spans();
        if (client.outputEnded()) {
            spans.clear();
            output.discard();
            return;
        }
        if (client.awaitingWritable()) {
            spans.keep(output, 0);
            return;
        }
        if (output.pending() == 0 && spans.isEmpty()) {
            watchWritable(client, false);
            return;
        }
        final long written = gather.write(client.fd(), output, spans);
        if (written < 0) {
            if (written != -Errno.EPIPE && written != -Errno.ECONNRESET) {
                counters.increment(RelayCounter.CLIENT_IO_ERRORS);
                log.warning(RelayLog.Subject.CLIENT_IO, "{0}: write: {1}", client, Errno.name((int) -written));
            }
            client.endOutput();
            client.readable(!client.inputEnded());
            upstream.enqueue(client);
        } else {
            watchWritable(client, output.pending() > 0);
        }
    }

    private void watchWritable(final ClientConnection client, final boolean wanted) {
        client.awaitingWritable(wanted);
        if (client.watchingWritable() != wanted) {
            client.watchingWritable(wanted);
            try {
                epoll.modify(client.fd(), INPUT_EVENTS | (wanted ? Linux.EPOLLOUT : 0), EpollToken.client(client.range()));
            } catch (final PosixException e) {
                log.warning(RelayLog.Subject.LOCAL, "{0}: {1}", client, e.getMessage());
                client.endOutput();
            }
        }
    }

    /** Closes a connection that has nothing left to do. */
    void settle(final ClientConnection client) {
        final boolean outputDone = client.outputEnded() || client.output().pending() == 0 && client.spans().isEmpty();
        final boolean done = switch (client.state()) {
            case CLOSED -> false;
            case AWAITING_READY -> client.outputEnded();
            case ENDING -> outputDone;
            case OPEN -> !client.wantsTurn() && !client.awaitingAssembly()
                && (client.outputEnded() || outputDone && isLingering(client) && client.deadlineNs() - upstream.nowNs() <= 0);
        };
        if (done) {
            close(client);
        }
    }

    /** Whether a client has said its last, and no session of it is open: it is left alone for a while, then closed. */
    private boolean isLingering(final ClientConnection client) {
        return client.inputEnded() && ranges.sessions(client.range()).count() == 0;
    }

    /** Lets a client take what is pending for it, then closes it; nothing more is read from it. */
    void end(final ClientConnection client, final long deadlineNs) {
        if (client.state() == ClientConnection.State.CLOSED || client.state() == ClientConnection.State.ENDING) {
            return;
        }
        client.state(ClientConnection.State.ENDING);
        client.deadlineNs(deadlineNs);
        markDirty(client);
    }

    /** Closes a client's descriptor now. What it has handed over whole still goes to the guest; then its range goes into quarantine. */
    void close(final ClientConnection client) {
        if (client.state() == ClientConnection.State.CLOSED) {
            return;
        }
        client.spans().clear();
        if (client.input().hasIncompleteFrame()) {
            counters.increment(RelayCounter.CLIENT_FRAMES_CUT);
        }
        if (client.state() == ClientConnection.State.ENDING && !client.inputEnded()) {
            discardInput(client);
        }
        client.state(ClientConnection.State.CLOSED);
        client.output().discard();
        posix.closeQuietly(client.fd());
        forgetLive(client);
        upstream.clientClosed(client);
    }

    /** Closing a Unix socket with unread bytes makes its peer see a reset instead of what was sent to it, so they are read away. */
    private void discardInput(final ClientConnection client) {
        final MemorySegment input = client.input().memory();
        final int end = client.input().run().end();
        final long room = input.byteSize() - end;
        for (int i = 0; i < DISCARD_READS && room > 0 && posix.read(client.fd(), input.address() + end, room) > 0; i++) {
            client.input().forgetIncompleteFrame();
        }
    }

    /** Gives back what a closed client held; nothing of it is on its way to the guest any more. */
    void released(final ClientConnection client, final long nowNs) {
        byRange[client.range()] = null;
        memory.giveBack(client.place());
        ranges.leave(client.range(), nowNs, nowNs + context.limit(RelayLimit.QUARANTINE_DEADLINE));
    }

    private void forgetLive(final ClientConnection client) {
        for (int i = 0; i < liveCount; i++) {
            if (live[i] == client) {
                live[i] = live[--liveCount];
                live[liveCount] = null;
                return;
            }
        }
    }

    /** Calls for every client that is not closed, in no particular order; the action may close the client it is given, and no other. */
    void forEach(final Consumer<ClientConnection> action) {
        for (int i = liveCount - 1; i >= 0; i--) {
            action.accept(live[i]);
        }
    }

    /** {@return the i-th of {@link #connected} clients; closing one moves the last into its place} */
    ClientConnection live(final int index) {
        return live[index];
    }

    /** {@return whether some client is waited for by the clock} */
    boolean anyDeadline() {
        for (int i = 0; i < liveCount; i++) {
            if (!live[i].isOpen() || live[i].input().hasIncompleteFrame() || isLingering(live[i])) {
                return true;
            }
        }
        return false;
    }
}
