package dev.sluice.client;

import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.TcpConnect;
import dev.sluice.protocol.WindowFrame;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * A TCP connection that the sandbox has made for us. Thread safe; each of the two streams is meant for one thread at a time, platform or
 * virtual.
 *
 * <p>Each direction ends by itself. The peer's end is the end of {@link #inputStream}; ours is {@link #shutdownOutput}. A connection that
 * breaks, by a reset for instance, is a {@link TcpFailedException} for whoever reads or writes. Up to 448 KiB that nobody reads are under
 * way; they keep no other session waiting, unless the sandbox's agent knows no flow windows.
 *
 * <p>Reads and writes wait as long as it takes; interrupting the thread or closing the connection ends them.
 */
public final class TcpStream implements Closeable {
    private final Link link;
    private final Session session;
    private final TcpSession state;
    private final InputStream input;
    private final DataOutput output;
    /** Where the end of the output is in what the connection sends. Whoever ends the output has it. */
    private long endPosition = SendBuffer.NOT_QUEUED;
    private boolean closed;

    private TcpStream(final Link link, final OpenedSession<TcpSession> opened, final SendWindow window) {
        this.link = link;
        this.session = opened.session();
        this.state = opened.handler();
        final Deadline unlimited = Deadline.after(Deadline.UNLIMITED);
        this.input = new OutputSource(state.received(), unlimited, "data from " + state);
        this.output = new DataOutput(session, window, unlimited, this::sendEnd);
    }

    private void sendEnd(final Deadline until) throws SandboxException, InterruptedException {
        if (endPosition == SendBuffer.NOT_QUEUED) {
            // Noted first: what it ends may be told before this returns.
            state.outputEnded(true);
            try {
                endPosition = session.send(new EmptyMessage(MessageType.TCP_EOF), until);
            } finally {
                state.outputEnded(endPosition != SendBuffer.NOT_QUEUED);
            }
        }
        if (endPosition != SendBuffer.NOT_QUEUED) {
            link.sendBuffer().flush(endPosition, until);
        }
    }

    /** Connects; see {@link SandboxClient#connectTcp}. */
    static TcpStream connect(final Link link, final String host, final int port, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final SendWindow window = new SendWindow(MessageType.TCP_DATA, link.sendWindow(), "the peer of the connection to take more");
        final OpenedSession<TcpSession> opened = link.open(
            MessageType.TCP_CONNECT,
            1,
            (made, receiveWindow) -> new TcpSession(host, port, received(link, made, receiveWindow), window),
            receiveWindow -> new TcpConnect(host, port, receiveWindow),
            deadline);
        final TcpStream stream = new TcpStream(link, opened, window);
        boolean connected = false;
        try {
            opened.handler().awaitConnected(deadline);
            connected = true;
        } finally {
            if (!connected) {
                stream.close();
            }
        }
        return stream;
    }

    private static StreamedOutput received(final Link link, final Session session, final int window) {
        return new StreamedOutput(
            new ReceiveWindow(link.budget(), window), bytes -> session.controls().grant(WindowFrame.FROM_GUEST, bytes));
    }

    /**
     * What the peer sends. Closing it drops what is still to come and leaves the other direction as it is.
     *
     * @return the stream, always the same
     */
    public InputStream inputStream() {
        return input;
    }

    /**
     * What the peer is sent. Unbuffered: a write returns when all of it is on its way, and waits while the peer takes no more. Closing it
     * is {@link #shutdownOutput}.
     *
     * @return the stream, always the same
     */
    public OutputStream outputStream() {
        return output;
    }

    /**
     * Ends what the peer is sent, behind everything that was written. It can go on sending. On return the relay has all of it, so that it
     * goes on to the sandbox even if this process ends.
     *
     * @throws IOException when the connection is lost, or this thread is interrupted
     */
    public void shutdownOutput() throws IOException {
        shutdownOutput(Deadline.UNLIMITED);
    }

    /**
     * Likewise, but waits no longer than that for the relay to have all of it.
     *
     * @param deadline how long to wait at most
     * @throws IOException when the connection is lost, it did not happen in time, or this thread is interrupted
     */
    public void shutdownOutput(final Duration deadline) throws IOException {
        try {
            output.end(Deadline.after(deadline));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted ending a connection's output").initCause(e);
        }
    }

    /**
     * Waits until the connection has ended by itself: {@link #shutdownOutput} was called, the sandbox's kernel has been given all that was
     * written, and the peer has ended its direction, all of which the sandbox's agent tells in the end. What came from the peer can still
     * be read.
     *
     * <p>An agent without flow windows does not tell. With one this waits for a failure, and is false when the time is over.
     *
     * @param time how long to wait at most
     * @return false when it has not ended by then; it goes on
     * @throws TcpFailedException      when the connection broke, or was closed, before
     * @throws ConnectionLostException when the connection to the sandbox was lost; whether everything has arrived is not known
     * @throws SandboxException        one of these
     * @throws InterruptedException    when this thread is interrupted; the connection goes on
     */
    public boolean awaitClosed(final Duration time) throws SandboxException, InterruptedException {
        return state.awaitEnd(Deadline.after(time));
    }

    /**
     * Closes the connection, both ways and at once, without waiting. What was written and has not reached the peer may be lost, unless
     * {@link #shutdownOutput} was called before: then our agent goes on delivering it for a while (60 s by default). To be sure that it has
     * arrived, call {@link #awaitClosed} before. The peer of a connection that is given less than was written finds it reset.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        state.close();
        state.received().discard();
        final EmptyMessage last = new EmptyMessage(MessageType.TCP_CLOSE);
        if (link.peer().hasWindows()) {
            // Answered with core.tcp.closed, or crossed by what has ended the session already.
            session.controls().post(last);
        } else {
            // Other agents do not answer.
            session.controls().postLast(last, () -> link.sessions().remove(session));
        }
    }
}
