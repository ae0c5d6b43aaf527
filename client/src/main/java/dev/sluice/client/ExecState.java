package dev.sluice.client;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecResize;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.ExecStdinError;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import dev.sluice.protocol.WindowPayload;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The state of one program. It ends once: with an exit code or with a failure, whichever comes first. Thread safe.
 */
final class ExecState implements SessionHandler {
    private static final int SIGKILL = 9;
    /** Added to the number of the signal that ended a program. */
    private static final int SIGNALLED = 128;

    private final Session session;
    private final SendWindow stdin;
    private final OutputSink stdout;
    private final OutputSink stderr;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private boolean abandoned;
    private boolean started;
    private boolean ended;
    private long pid;
    private int exitCode;
    private boolean outputTruncated;
    private Supplier<SandboxException> failure;

    /**
     * A program that has not been started.
     *
     * @param session whose handler this is
     * @param stdin   how much input the agent takes
     * @param stdout  where its standard output goes
     * @param stderr  where its standard error goes
     */
    ExecState(final Session session, final SendWindow stdin, final OutputSink stdout, final OutputSink stderr) {
        this.session = session;
        this.stdin = stdin;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    @Override
    public boolean onFrame(final IncomingFrame frame) throws ProtocolException {
        switch (frame.type()) {
            case EXEC_STDOUT -> output(stdout, frame);
            case EXEC_STDERR -> output(stderr, frame);
            case WINDOW -> onGranted(frame);
            case EXEC_STARTED -> onStarted(((ExecStarted) frame.message()).pid());
            case EXEC_STDIN_ERROR -> {
                final ExecStdinError broken = (ExecStdinError) frame.message();
                stdin.close(() -> new InputClosedException(broken));
            }
            case EXEC_EXITED -> {
                final ExecExited exited = (ExecExited) frame.message();
                end(exited.signal() > 0 ? SIGNALLED + exited.signal() : exited.code(), exited.truncated(), null);
                return true;
            }
            case EXEC_FAILED -> {
                final ExecFailed failed = (ExecFailed) frame.message();
                onFailed(() -> new ExecFailedException(failed));
                return true;
            }
            case ERROR -> {
                return onError((CoreError) frame.message());
            }
            default -> throw frame.unexpected();
        }
        return false;
    }

    @Override
    public void onFailed(final Supplier<SandboxException> reason) {
        end(0, false, reason);
    }

    @Override
    public SandboxException failure(final String text) {
        return new ExecFailedException(new ExecFailed(ExecFailed.Kind.OTHER, null, null, text, "client"));
    }

    private static void output(final OutputSink sink, final IncomingFrame frame) throws ProtocolException {
        final DataPayload data = frame.data();
        sink.append(data.dataMemory(), data.dataOffset(), data.dataLength(), frame.length());
    }

    private void onGranted(final IncomingFrame frame) throws ProtocolException {
        final WindowPayload grant = frame.window();
        if (grant.stream() != WindowFrame.STDIN) {
            throw frame.unexpected();
        }
        stdin.grant(grant.bytes());
    }

    private void onStarted(final long newPid) {
        lock.lock();
        try {
            started = true;
            pid = newPid;
            changed.signalAll();
            if (abandoned) {
                // An agent that was still starting the program may have had nothing to kill before.
                session.controls().signal(SIGKILL);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The agent refused something: the request, which ends the session, or another message of a program that runs. That goes on, although
     * the frame has the terminal flag, and keeps the id until it has ended.
     */
    private boolean onError(final CoreError error) {
        final Supplier<SandboxException> reason = () -> new SandboxErrorException(error);
        if (error.kind() == CoreError.Kind.INVALID_SESSION || !isStarted()) {
            onFailed(reason);
            return true;
        }
        final String refused = error.offendingType();
        if (MessageType.EXEC_STDIN.wireName().equals(refused)) {
            stdin.close(reason);
        } else if (!MessageType.EXEC_SIGNAL.wireName().equals(refused) && !MessageType.EXEC_RESIZE.wireName().equals(refused)) {
            session.controls().signal(SIGKILL);
            onFailed(reason);
        }
        return false;
    }

    private void end(final int code, final boolean truncated, final Supplier<SandboxException> reason) {
        // The streams first: whoever sees that the session has ended finds them complete.
        stdin.close(reason != null ? reason : () -> new InputClosedException("the program has ended"));
        stdout.end(reason);
        stderr.end(reason);
        final boolean first;
        lock.lock();
        try {
            first = !ended;
            if (first) {
                ended = true;
                exitCode = code;
                outputTruncated = truncated;
                failure = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (first && reason == null) {
            exit.complete(code);
        } else if (first) {
            exit.completeExceptionally(reason.get());
        }
    }

    /** Waits until the program runs, or has run already. */
    void awaitStarted(final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            while (!started && !ended) {
                deadline.await(changed, "the program to start", Outcome.UNKNOWN);
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
                deadline.await(changed, "the program to end", Outcome.STARTED);
            }
            if (failure != null) {
                throw failure.get();
            }
            return exitCode;
        } finally {
            lock.unlock();
        }
    }

    /** The end, for those who do not wait; completed on the connection's reader thread, which must not be handed other work. */
    CompletableFuture<Integer> exit() {
        return exit;
    }

    OptionalInt exitCode() {
        lock.lock();
        try {
            return ended && failure == null ? OptionalInt.of(exitCode) : OptionalInt.empty();
        } finally {
            lock.unlock();
        }
    }

    boolean isStarted() {
        lock.lock();
        try {
            return started;
        } finally {
            lock.unlock();
        }
    }

    boolean hasEnded() {
        lock.lock();
        try {
            return ended;
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
                session.controls().signal(signal);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tells the program the size of its terminal; nothing happens when it has ended. */
    void resize(final ExecResize size) {
        lock.lock();
        try {
            if (!ended) {
                session.controls().post(size);
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
                session.controls().signal(SIGKILL);
            }
        } finally {
            lock.unlock();
        }
    }
}
