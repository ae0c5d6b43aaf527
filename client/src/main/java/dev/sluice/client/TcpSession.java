package dev.sluice.client;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.protocol.WindowFrame;
import dev.sluice.protocol.WindowPayload;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The state of one connection from inside the sandbox. It ends once, with the first failure or when it is closed. Thread safe. */
final class TcpSession implements SessionHandler {
    private final String host;
    private final int port;
    private final StreamedOutput input;
    private final SendWindow output;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean connected;
    private boolean ended;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean delivered;
    private boolean closed;
    private Supplier<SandboxException> failure;

    /**
     * A connection that is not asked for yet.
     *
     * @param host   where to, for messages
     * @param port   where to, for messages
     * @param input  where the bytes go that come
     * @param output the window of those that are sent
     */
    TcpSession(final String host, final int port, final StreamedOutput input, final SendWindow output) {
        this.host = host;
        this.port = port;
        this.input = input;
        this.output = output;
    }

    @Override
    public boolean onFrame(final IncomingFrame frame) throws ProtocolException {
        switch (frame.type()) {
            case TCP_DATA -> {
                final DataPayload data = frame.data();
                input.append(data.dataMemory(), data.dataOffset(), data.dataLength(), frame.length());
                return false;
            }
            case WINDOW -> {
                onGrant(frame);
                return false;
            }
            case TCP_CONNECTED -> {
                onConnected();
                return false;
            }
            case TCP_EOF -> {
                onEndOfInput();
                return false;
            }
            case TCP_CLOSED -> onClosed();
            case TCP_FAILED -> onFailed(failed(((TcpFailed) frame.message()).error()));
            case ERROR -> {
                final CoreError error = (CoreError) frame.message();
                onFailed(failed("the agent refused a frame: " + error.kind().wireName() + ": " + error.message()));
            }
            default -> throw frame.unexpected();
        }
        return true;
    }

    private void onGrant(final IncomingFrame frame) throws ProtocolException {
        final WindowPayload grant = frame.window();
        if (grant.stream() != WindowFrame.TO_GUEST) {
            throw frame.unexpected();
        }
        output.grant(grant.bytes());
    }

    private void onConnected() {
        lock.lock();
        try {
            connected = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void onEndOfInput() {
        lock.lock();
        try {
            inputEnded = true;
        } finally {
            lock.unlock();
        }
        input.end(null);
    }

    /** The agent has closed the connection. That is a failure unless its end of the stream came before. */
    private void onClosed() {
        final boolean complete;
        lock.lock();
        try {
            complete = inputEnded;
            // What ends a connection that we have closed says nothing of what the peer has taken.
            delivered = inputEnded && outputEnded && !ended && !closed;
        } finally {
            lock.unlock();
        }
        end(failed("the connection was closed"), complete);
    }

    @Override
    public void onFailed(final Supplier<SandboxException> reason) {
        end(reason, false);
    }

    @Override
    public SandboxException failure(final String text) {
        return new TcpFailedException(host, port, text);
    }

    private void end(final Supplier<SandboxException> reason, final boolean complete) {
        input.end(complete ? null : reason);
        output.close(reason);
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                failure = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What the peer has sent. */
    StreamedOutput received() {
        return input;
    }

    /** Waits until the connection stands. */
    void awaitConnected(final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            while (!connected && !ended) {
                deadline.await(changed, "the sandbox to connect to " + this, Outcome.UNKNOWN);
            }
            if (!connected) {
                throw failure.get();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Notes whether the end of what the peer is sent is on its way. */
    void outputEnded(final boolean sent) {
        lock.lock();
        try {
            outputEnded = sent;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the connection has ended.
     *
     * @return false when it has not by then
     * @throws SandboxException when it ended otherwise than with the end of both directions
     */
    boolean awaitEnd(final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            long remaining = deadline.remainingNanos();
            while (!ended && !closed && remaining > 0) {
                changed.awaitNanos(remaining);
                remaining = deadline.remainingNanos();
            }
            if (ended && !delivered) {
                throw failure.get();
            }
            if (closed && !ended) {
                throw failure("closed");
            }
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** This side has closed the connection: whoever reads, writes or waits is told. */
    void close() {
        output.close(failed("closed"));
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Supplier<SandboxException> failed(final String text) {
        return () -> failure(text);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
