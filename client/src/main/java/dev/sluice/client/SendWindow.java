package dev.sluice.client;

import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.MessageType;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * How much of one stream the agent takes before it grants more, in bytes on the wire of whole data frames. Thread safe.
 */
final class SendWindow {
    /** Window towards an agent that knows no windows; what others grant never adds up to more. */
    static final long UNLIMITED = Long.MAX_VALUE / 2;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final MessageType type;
    private final String waitedFor;
    /** Kept of the window, so that the end of the stream can be sent whatever has been sent before. */
    private final int endLength;
    private long credit;
    private Supplier<SandboxException> closed;

    /**
     * A window that is open.
     *
     * @param type      the stream's data frames, the last of which is empty
     * @param window    bytes the agent takes at first, or {@link #UNLIMITED}
     * @param waitedFor what a wait for more is called in messages
     */
    SendWindow(final MessageType type, final long window, final String waitedFor) {
        this.type = type;
        this.waitedFor = waitedFor;
        this.endLength = DataFrame.frameLength(type, 0);
        this.credit = window;
    }

    MessageType type() {
        return type;
    }

    /**
     * Waits until the agent takes more, and uses that up.
     *
     * @param wanted         how many bytes of data there are to send, at least 1
     * @param maxFrameLength how long the frame may be, in bytes on the wire
     * @return how many bytes of data to send now, in one frame
     */
    int take(final int wanted, final int maxFrameLength, final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            int length = sendable(wanted, maxFrameLength);
            while (length == 0 && closed == null) {
                deadline.await(changed, waitedFor, Outcome.NOT_SENT);
                length = sendable(wanted, maxFrameLength);
            }
            if (closed != null) {
                throw closed.get();
            }
            credit -= DataFrame.frameLength(type, length);
            return length;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back what {@link #take} took for a frame that was not sent. */
    void giveBack(final int length) {
        grant(DataFrame.frameLength(type, length));
    }

    /** The agent takes so many bytes more. */
    void grant(final long bytes) {
        lock.lock();
        try {
            credit = Math.min(credit + bytes, UNLIMITED);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing of the stream is taken any more: whoever sends is thrown such an exception. Only the first call counts. */
    void close(final Supplier<SandboxException> reason) {
        lock.lock();
        try {
            if (closed == null) {
                closed = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether there is still somebody to send the stream to. */
    boolean isOpen() {
        lock.lock();
        try {
            return closed == null;
        } finally {
            lock.unlock();
        }
    }

    /** Throws what a sender is thrown when the stream is not taken any more. */
    void requireOpen() throws SandboxException {
        lock.lock();
        try {
            if (closed != null) {
                throw closed.get();
            }
        } finally {
            lock.unlock();
        }
    }

    private int sendable(final int wanted, final int maxFrameLength) {
        final long within = Math.min(credit - endLength, maxFrameLength);
        return within <= 0 ? 0 : Math.min(wanted, DataFrame.dataLengthWithin(type, within));
    }
}
