package dev.sluice.client;

import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.MessageType;
import java.util.OptionalInt;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The state of one program's session. The {@code on...} methods are for the connection's reader thread, the others for callers. It ends
 * once: with an exit code or with a failure, whichever comes first.
 */
final class Session {
    /** Input window towards an agent that knows no windows; what others grant never adds up to more. */
    static final long UNLIMITED_INPUT = Long.MAX_VALUE / 2;

    private static final int SIGKILL = 9;
    /** Kept of the input window, so that the end of input can be sent whatever has been sent before. */
    private static final int END_OF_INPUT_LENGTH = DataFrame.frameLength(MessageType.EXEC_STDIN, 0);

    private final int id;
    private final SessionControls controls;
    private final OutputSink stdout;
    private final OutputSink stderr;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long inputCredit;
    private boolean inputClosed;
    private boolean abandoned;
    private boolean started;
    private boolean ended;
    private long pid;
    private int exitCode;
    private boolean outputTruncated;
    private Supplier<SandboxException> failure;

    /**
     * A session that has not begun.
     *
     * @param id          its correlation id
     * @param controls    what it has to send besides its input
     * @param stdout      where its standard output goes
     * @param stderr      where its standard error goes
     * @param inputWindow how many bytes of input frames the agent takes before it grants more
     */
    Session(final int id, final SessionControls controls, final OutputSink stdout, final OutputSink stderr, final long inputWindow) {
        this.id = id;
        this.controls = controls;
        this.stdout = stdout;
        this.stderr = stderr;
        this.inputCredit = inputWindow;
    }

    int id() {
        return id;
    }

    OutputSink stdout() {
        return stdout;
    }

    OutputSink stderr() {
        return stderr;
    }

    void onStarted(final long newPid) {
        lock.lock();
        try {
            started = true;
            pid = newPid;
            changed.signalAll();
            if (abandoned) {
                // An agent that was still starting the program may have had nothing to kill before.
                controls.signal(SIGKILL);
            }
        } finally {
            lock.unlock();
        }
    }

    void onInputGranted(final long bytes) {
        lock.lock();
        try {
            inputCredit = Math.min(inputCredit + bytes, UNLIMITED_INPUT);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void onInputClosed() {
        lock.lock();
        try {
            inputClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The program has ended.
     *
     * @param code      its exit code, or 128 + n when signal n ended it
     * @param truncated whether its output was lost in part
     */
    void onExited(final int code, final boolean truncated) {
        end(code, truncated, null);
    }

    /** The session has failed, or its connection has. */
    void onFailed(final Supplier<SandboxException> reason) {
        end(0, false, reason);
    }

    private void end(final int code, final boolean truncated, final Supplier<SandboxException> reason) {
        // The outputs first: whoever sees that the session has ended finds them complete.
        stdout.end(reason);
        stderr.end(reason);
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                exitCode = code;
                outputTruncated = truncated;
                failure = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the program runs, or has run already. */
    void awaitStarted(final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            while (!started && !ended) {
                deadline.await(changed, "the program to start");
            }
            if (failure != null) {
                throw failure.get();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end and returns the exit code. */
    int awaitEnd(final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            while (!ended) {
                deadline.await(changed, "the program to end");
            }
            if (failure != null) {
                throw failure.get();
            }
            return exitCode;
        } finally {
            lock.unlock();
        }
    }

    OptionalInt exitCode() {
        lock.lock();
        try {
            return ended && failure == null ? OptionalInt.of(exitCode) : OptionalInt.empty();
        } finally {
            lock.unlock();
        }
    }

    boolean outputTruncated() {
        lock.lock();
        try {
            return outputTruncated;
        } finally {
            lock.unlock();
        }
    }

    long pid() {
        lock.lock();
        try {
            return pid;
        } finally {
            lock.unlock();
        }
    }

    /** Signals the program, 1 to {@link SessionControls#MAX_SIGNAL}; nothing happens when it has ended. */
    void signal(final int signal) {
        lock.lock();
        try {
            if (!ended) {
                controls.signal(signal);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nobody is interested in the program any more: kills it unless it has ended. */
    void abandon() {
        lock.lock();
        try {
            abandoned = true;
            if (!ended) {
                controls.signal(SIGKILL);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the agent takes more input, and uses that up.
     *
     * @param wanted         how many bytes of data there are to send, at least 1
     * @param maxFrameLength how long the frame may be, in bytes on the wire
     * @return how many bytes of data to send now, in one frame
     */
    int takeInputCredit(final int wanted, final int maxFrameLength, final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            int length = sendable(wanted, maxFrameLength);
            while (length == 0 && !ended && !inputClosed) {
                deadline.await(changed, "the program to read its input");
                length = sendable(wanted, maxFrameLength);
            }
            if (ended || inputClosed) {
                throw failure != null ? failure.get() : new InputClosedException(
                    ended ? "the program has ended" : "the program has closed its standard input");
            }
            inputCredit -= DataFrame.frameLength(MessageType.EXEC_STDIN, length);
            return length;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back what {@link #takeInputCredit} took for a frame that was not sent. */
    void returnInputCredit(final int length) {
        onInputGranted(DataFrame.frameLength(MessageType.EXEC_STDIN, length));
    }

    /** Tells whether there is still somebody to send the end of input to. */
    boolean takesInput() {
        lock.lock();
        try {
            return !ended && !inputClosed;
        } finally {
            lock.unlock();
        }
    }

    private int sendable(final int wanted, final int maxFrameLength) {
        final long within = Math.min(inputCredit - END_OF_INPUT_LENGTH, maxFrameLength);
        return within <= 0 ? 0 : Math.min(wanted, DataFrame.dataLengthWithin(MessageType.EXEC_STDIN, within));
    }
}
