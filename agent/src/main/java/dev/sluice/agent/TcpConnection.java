package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.protocol.WindowFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/**
 * The edge of one connection: its socket and the encoding of its frames. What happens when is decided by {@link TcpSession}, the making of
 * the connection is {@link TcpDialer}'s.
 *
 * <p>The socket is watched, level triggered, for what is not known already; once it has hung up or failed, which epoll reports
 * whether asked or not, it is not watched any more.
 *
 * <p>A connection that ends before all that its client sent has been written is reset: the other end is not to take a part for the whole.
 * Where the client has said that it had sent all, {@link LingeringSocket} writes it.
 *
 * <p>One owner thread. A {@link PosixException} out of any method concerns this session alone; the caller calls {@link #abort}.
 */
final class TcpConnection extends Outlet implements InputSink {
    private static final int CLOSED = -1;
    private static final int NOT_WATCHED = -1;
    /** Another end that reads as fast as it is written to does not get the loop for itself. */
    private static final int TURN_LENGTH = 1024 * 1024;
    private static final String READ = "read TCP stream: ";
    private static final String WRITE = "write TCP stream: ";
    private static final String SHUTDOWN = "shutdown TCP stream: ";

    private final LoopResources resources;
    private final Posix posix;
    private final PortOutput output;
    private final TcpSession session;
    private final StdinQueue queue;
    private final long serial;
    private final TcpDialer dialer;
    private final Consumer<TcpConnection> onEnded;
    private int fd = CLOSED;
    private int watched = NOT_WATCHED;
    private boolean readable;
    private boolean peerEnded;
    private boolean hungUp;

    TcpConnection(
        final long serial, final TcpSession session, final TcpDialer dialer, final LoopResources resources,
        final Consumer<TcpConnection> onEnded) {
        this.serial = serial;
        this.session = session;
        this.dialer = dialer;
        this.resources = resources;
        this.posix = resources.posix();
        this.output = resources.output();
        this.queue = new StdinQueue(resources.stdinMemory());
        this.onEnded = onEnded;
    }

    TcpSession session() {
        return session;
    }

    long serial() {
        return serial;
    }

    TcpDialer dialer() {
        return dialer;
    }

    /** @return whether the connection is still being made */
    boolean isConnecting() {
        return session.phase() == TcpSession.Phase.CONNECTING;
    }

    // Making the connection.

    /** Goes on with making the connection as far as that goes without waiting. */
    void dial(final long nowNs) throws PosixException {
        if (!isConnecting()) {
            return;
        }
        switch (dialer.advance(nowNs)) {
            case WAITING -> { }
            case CONNECTED -> onConnected();
            case FAILED -> fail(dialer.failure());
            default -> throw new AssertionError();
        }
    }

    private void onConnected() throws PosixException {
        fd = dialer.takeSocket();
        session.connected();
        resources.counters().increment(AgentCounter.CONNECTIONS_MADE);
        output.wantReply(this);
        flush();
    }

    // Events.

    /** Epoll has reported the socket. */
    void onEvent(final int events, final long nowNs) throws PosixException {
        if (isConnecting()) {
            dialer.onEvent();
            dial(nowNs);
            return;
        }
        if (fd == CLOSED) {
            return;
        }
        peerEnded |= (events & (Linux.EPOLLRDHUP | Linux.EPOLLHUP | Linux.EPOLLERR)) != 0;
        hungUp |= (events & (Linux.EPOLLHUP | Linux.EPOLLERR)) != 0;
        readable |= peerEnded || (events & Linux.EPOLLIN) != 0;
        if ((events & Linux.EPOLLERR) != 0) {
            final int errno = posix.getsockoptInt(fd, Linux.SOL_SOCKET, Linux.SO_ERROR);
            if (errno != 0) {
                breakOff((session.isReceiving() && errno != Errno.EPIPE ? READ : WRITE) + text(errno));
            }
        }
        flush();
        endIfNothingLeft();
        wantData();
    }

    // From the client to the other end.

    /** A frame of data has come. */
    void received(final long frameLength, final MemorySegment memory, final long offset, final int length) throws PosixException {
        switch (session.received(frameLength, length)) {
            case TAKE -> take(memory, offset, length);
            case OVERRUN -> fail("more data than the window allows");
            case IGNORE -> resources.counters().increment(AgentCounter.FRAMES_FOR_NOBODY);
            default -> throw new AssertionError();
        }
    }

    private void take(final MemorySegment memory, final long offset, final int length) throws PosixException {
        int written = 0;
        // A sender that encodes data in several pieces has had them joined on the heap, which system calls cannot read.
        if (fd != CLOSED && queue.isEmpty() && length > 0 && memory.isNative()) {
            final long result = posix.send(fd, memory.address() + offset, length, Linux.MSG_NOSIGNAL);
            if (result < 0 && result != -Errno.EAGAIN) {
                breakOff(WRITE + text((int) -result));
                return;
            }
            written = (int) Math.max(0, result);
            noteWritten(written);
        }
        if (written < length) {
            queue.append(memory, offset + written, length - written);
            updateWatch();
        }
        wantReply();
    }

    /** The client sends no more. */
    void eofReceived() throws PosixException {
        session.eofReceived();
        flush();
    }

    private void flush() throws PosixException {
        long sum = 0;
        while (fd != CLOSED && !queue.isEmpty() && sum < TURN_LENGTH) {
            final long written = queue.write(posix, fd);
            if (written == -Errno.EAGAIN) {
                break;
            }
            if (written < 0) {
                breakOff(WRITE + text((int) -written));
                return;
            }
            noteWritten(written);
            sum += written;
        }
        if (fd != CLOSED && session.shutdownDue()) {
            final int result = posix.syscalls().shutdown(fd, Linux.SHUT_WR);
            if (result < 0) {
                breakOff(SHUTDOWN + text(-result));
                return;
            }
            session.shutDown();
        }
        progress();
    }

    private void noteWritten(final long count) {
        session.written(count);
        resources.counters().add(AgentCounter.CONNECTION_BYTES, count);
    }

    private void breakOff(final String reason) throws PosixException {
        queue.clear();
        session.broken(reason);
        if (session.isReceiving()) {
            // Nothing may be left to read, and then no event would come.
            readable = true;
            wantData();
        }
        progress();
    }

    /** After anything that may have changed what is due. */
    private void progress() throws PosixException {
        if (session.isOver()) {
            finish(false);
        } else {
            updateWatch();
            wantReply();
        }
    }

    @Override
    public long queuedInput() {
        return session.queued();
    }

    @Override
    public long stallLimitNs() {
        return resources.context().connections().stallLimit().toNanos();
    }

    /** The other end has not read anything for too long: its stream has a gap now, so it ends. */
    @Override
    public void refuseInput() {
        fail(WRITE + "nothing has been read for " + resources.context().connections().stallLimit().toMillis() + " ms");
    }

    // From the other end to the client.

    /** The client lets more come. */
    void grant(final long bytes) {
        session.grant(bytes);
        wantData();
    }

    /** An end takes no window: it is found without reading when there is none. */
    private void endIfNothingLeft() throws PosixException {
        if (fd != CLOSED && peerEnded && session.isReceiving() && session.sendAllowance(1) == 0 && unread() == 0) {
            final long count = posix.read(fd, resources.scratch().address(), 1);
            if (count <= 0 && count != -Errno.EAGAIN) {
                onReadEnd(count);
            }
        }
    }

    private int unread() {
        final int result = posix.syscalls().ioctl(fd, Linux.FIONREAD, resources.scratch().address());
        return result < 0 ? 1 : resources.scratch().get(ValueLayout.JAVA_INT, 0);
    }

    private void onReadEnd(final long count) throws PosixException {
        if (count == 0) {
            session.receivingEnded();
            progress();
        } else {
            fail(session.error() == null ? READ + text((int) -count) : session.error());
        }
    }

    private void wantData() {
        if (hasData()) {
            output.wantData(this);
        }
    }

    @Override
    boolean hasData() {
        return fd != CLOSED && readable && session.sendAllowance(1) > 0;
    }

    @Override
    int writeData(final MemorySegment memory, final long offset) {
        try {
            return hasData() ? read(memory, offset) : 0;
        } catch (final PosixException | RuntimeException e) {
            abort(e);
            return 0;
        }
    }

    private int read(final MemorySegment memory, final long offset) throws PosixException {
        final int most = session.sendAllowance(PortOutput.DATA_LENGTH);
        final long count = posix.read(fd, memory.address() + offset + DataFrame.MAX_HEADER_LENGTH, most);
        if (count > 0) {
            final int length = (int) count;
            final int head = DataFrame.headerLength(MessageType.TCP_DATA, length);
            if (head != DataFrame.MAX_HEADER_LENGTH) {
                MemorySegment.copy(memory, offset + DataFrame.MAX_HEADER_LENGTH, memory, offset + head, length);
            }
            DataFrame.encodeHeader(memory, offset, MessageType.TCP_DATA, AgentProtocol.GENERATION, session.id(), length);
            session.sent(length);
            resources.counters().add(AgentCounter.CONNECTION_BYTES, length);
            if (length < most && !peerEnded) {
                // Most likely that was all, and finding out costs a call. If it was not, epoll says so.
                readable = false;
                updateWatch();
            }
            endIfNothingLeft();
            return head + length;
        }
        if (count == -Errno.EAGAIN) {
            readable = false;
            updateWatch();
        } else {
            onReadEnd(count);
        }
        return 0;
    }

    // The end.

    /**
     * Parts the socket from a session whose client has ended its stream and is about to be gone: what it sent is to arrive all the same.
     * The session is to be closed or abandoned then, and has no socket any more.
     *
     * @param endNs when the socket is reset, in monotonic time
     * @return what delivers the rest, or null when there is nothing to deliver
     */
    LingeringSocket partSocket(final long endNs) {
        if (fd == CLOSED || hungUp || !session.isDelivering()) {
            return null;
        }
        unwatchQuietly();
        final LingeringSocket rest = new LingeringSocket(
            resources, session.id(), EventToken.of(EventToken.TCP, serial), fd, queue.handOver(), session.isSendingEnded(), endNs);
        fd = CLOSED;
        return rest;
    }

    /** The client does not want the connection any more. Where there is none yet, it is not to believe that what it sent has arrived. */
    void close() {
        if (isConnecting() && session.isEofReceived()) {
            fail(dialer.target() + ": closed before the connection was made, what was sent is lost");
            return;
        }
        final boolean cut = session.queued() > 0;
        session.close();
        finish(cut);
    }

    /** The client has left, and with it whoever would read what comes. */
    void abandon() {
        final boolean cut = !session.isInputComplete();
        session.close();
        finish(cut);
    }

    /** Ends a session that cannot go on: its client is told. */
    void fail(final String reason) {
        if (!session.isOver()) {
            final boolean cut = !session.isInputComplete();
            session.fail(reason);
            finish(cut);
        }
    }

    /** Ends a session that the agent itself cannot go on with: its client is told. */
    void abort(final Exception reason) {
        resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
        fail("agent error: " + reason);
    }

    /** Nobody is there to be told. */
    void destroy() {
        release(!session.isInputComplete());
    }

    private void finish(final boolean cut) {
        release(cut);
        output.wantReply(this);
    }

    private void release(final boolean cut) {
        queue.clear();
        dialer.cancel();
        if (fd != CLOSED) {
            unwatchQuietly();
            if (!cut) {
                posix.closeQuietly(fd);
            } else if (!AbortiveClose.close(posix, fd)) {
                resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
            }
            fd = CLOSED;
        }
    }

    // Watching.

    private void updateWatch() throws PosixException {
        if (fd == CLOSED) {
            return;
        }
        if (hungUp) {
            unwatchQuietly();
            return;
        }
        int wanted = queue.isEmpty() ? 0 : Linux.EPOLLOUT;
        if (session.isReceiving()) {
            wanted |= (readable ? 0 : Linux.EPOLLIN) | (peerEnded ? 0 : Linux.EPOLLRDHUP);
        }
        if (watched == NOT_WATCHED) {
            resources.epoll().add(fd, wanted, EventToken.of(EventToken.TCP, serial));
        } else if (watched != wanted) {
            resources.epoll().modify(fd, wanted, EventToken.of(EventToken.TCP, serial));
        }
        watched = wanted;
    }

    private void unwatchQuietly() {
        if (watched != NOT_WATCHED) {
            watched = NOT_WATCHED;
            try {
                resources.epoll().delete(fd);
            } catch (final PosixException e) {
                // Closing the only descriptor of the socket ends the watch as well.
                resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
            }
        }
    }

    // Answers.

    private void wantReply() {
        if (session.nextReply() != TcpSession.REPLY_NONE) {
            output.wantReply(this);
        }
    }

    @Override
    int writeReply(final MemorySegment memory, final long offset) {
        final int reply = session.nextReply();
        if (reply == TcpSession.REPLY_NONE) {
            return 0;
        }
        final int id = session.id();
        final int length = switch (reply) {
            case TcpSession.REPLY_CONNECTED -> Replies.encode(memory, offset, id, new EmptyMessage(MessageType.TCP_CONNECTED));
            case TcpSession.REPLY_WINDOW ->
                WindowFrame.encode(memory, offset, AgentProtocol.GENERATION, id, WindowFrame.TO_GUEST, session.grantDue());
            case TcpSession.REPLY_EOF -> Replies.encode(memory, offset, id, new EmptyMessage(MessageType.TCP_EOF));
            case TcpSession.REPLY_CLOSED -> Replies.encode(memory, offset, id, new EmptyMessage(MessageType.TCP_CLOSED));
            case TcpSession.REPLY_FAILED -> Replies.encode(memory, offset, id, new TcpFailed(session.error()));
            default -> throw new AssertionError("reply " + reply);
        };
        session.replied(reply);
        if (reply == TcpSession.REPLY_CONNECTED) {
            wantData();
        } else if (session.phase() == TcpSession.Phase.ENDED) {
            resources.counters().increment(
                reply == TcpSession.REPLY_FAILED ? AgentCounter.CONNECTIONS_FAILED : AgentCounter.CONNECTIONS_ENDED);
            onEnded.accept(this);
        }
        return length;
    }

    static String text(final int errno) {
        return Errno.text(errno) + " (os error " + errno + ")";
    }
}
