package dev.sluice.client;

import dev.sluice.protocol.ExecResize;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * A program that runs in the sandbox. Thread safe; each of the three streams is meant for one thread at a time.
 *
 * <p>The program waits when its output is not read, as with a pipe: up to 448 KiB of each stream are under way. That never keeps another
 * session waiting, unless the sandbox's agent knows no flow windows; then up to 1 MiB of each stream is kept here, and a stream that is not
 * read beyond that holds up every session of its connection.
 *
 * <p>A wait that is interrupted throws {@link InterruptedException}, or in streams {@link java.io.InterruptedIOException} and leaves the
 * thread interrupted; it harms neither the session nor the connection.
 */
public final class ExecSession implements AutoCloseable {
    private final ExecState state;
    private final DataOutput stdin;
    private final StreamedOutput stdoutBytes;
    private final StreamedOutput stderrBytes;
    private final OutputSource stdout;
    private final OutputSource stderr;
    private final ExecOptions options;
    private final Instant created = Instant.now();
    private final Deadline deadline;

    ExecSession(final OpenedProgram<StreamedOutput> opened, final ExecOptions options, final Deadline deadline) {
        this.state = opened.state();
        this.stdin = opened.stdin();
        this.stdoutBytes = opened.stdout();
        this.stderrBytes = opened.stderr();
        this.stdout = new OutputSource(stdoutBytes, deadline, "standard output of the program");
        this.stderr = new OutputSource(stderrBytes, deadline, "standard error of the program");
        this.options = options;
        this.deadline = deadline;
    }

    /**
     * The program's process in the sandbox.
     *
     * @return its process id there
     */
    public long pid() {
        return state.pid();
    }

    /**
     * The program's standard input. Unbuffered: a write returns when all of it is on its way, and waits while the program does not read.
     * Closing it is the end of input. A write throws {@link InputClosedException} when the program takes no more.
     *
     * @return the stream, always the same
     */
    public OutputStream stdin() {
        return stdin;
    }

    /**
     * The program's standard output. It ends when the program has ended and everything has been read; a read throws the session's failure
     * where output was lost. Closing it drops what is still to come.
     *
     * @return the stream, always the same
     */
    public InputStream stdout() {
        return stdout;
    }

    /**
     * The program's standard error; otherwise as {@link #stdout}.
     *
     * @return the stream, always the same
     */
    public InputStream stderr() {
        return stderr;
    }

    /**
     * Sends a signal to the program's process group. Never waits. Nothing happens when the program has ended or the connection is lost;
     * several of the same number may arrive as one.
     *
     * @param signal the signal's number, 1 to 64
     * @throws IllegalArgumentException when there is no such signal
     */
    public void signal(final int signal) {
        if (signal < 1 || signal > SessionControls.MAX_SIGNAL) {
            throw new IllegalArgumentException("signal: " + signal);
        }
        state.signal(signal);
    }

    /**
     * Tells the program the new size of its terminal. Never waits. Nothing happens when the program has ended or the connection is lost; of
     * several sizes in short order only the last may arrive.
     *
     * @param rows height in characters, 0 to 65535
     * @param cols width in characters, 0 to 65535
     * @throws IllegalArgumentException when one is out of range
     * @throws IllegalStateException    when the program was started without a terminal
     */
    public void resize(final int rows, final int cols) {
        if (options.terminal() == null) {
            throw new IllegalStateException("the program has no terminal");
        }
        state.resize(new ExecResize(rows, cols));
    }

    /**
     * Waits for the program to end. It does not end before its output has been read or dropped.
     *
     * @param time how long to wait at most
     * @return its exit code, or 128 + n when signal n ended it
     * @throws DeadlineExceededException when it has not ended by then, or by the session's deadline; the session goes on
     * @throws ExecFailedException       when the guest was lost
     * @throws ConnectionLostException   when the connection was lost
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted; the session goes on
     */
    public int waitFor(final Duration time) throws SandboxException, InterruptedException {
        return state.awaitEnd(Deadline.after(time).orEarlier(deadline));
    }

    /**
     * The end of the program, for those who do not wait. What depends on the future runs on a virtual thread; to cancel or complete it does
     * nothing to the program.
     *
     * @return completed with the exit code, or 128 + n when signal n ended the program, or with the {@link SandboxException} that
     *     {@link #waitFor} would throw; another one at each call
     */
    public CompletableFuture<Integer> onExit() {
        final CompletableFuture<Integer> future = new CompletableFuture<>();
        state.exit().whenCompleteAsync((code, failure) -> {
            if (failure == null) {
                future.complete(code);
            } else {
                future.completeExceptionally(failure);
            }
        }, Thread::startVirtualThread);
        return future;
    }

    /**
     * This session as a {@link Process}, for code that was written for local ones. Its streams are the session's.
     *
     * <p>{@link Process#destroy} sends signal 15, {@link Process#destroyForcibly} signal 9; both drop the output, as local processes do.
     * A lost connection makes {@link Process#waitFor} throw {@link java.io.UncheckedIOException}, {@link Process#exitValue}
     * {@link IllegalThreadStateException}, and ends {@link Process#isAlive}. {@link Process#pid} is a number of the sandbox, and there is
     * no {@link ProcessHandle} for it: what needs one throws {@link UnsupportedOperationException}.
     *
     * @return a view of this session
     */
    public Process toProcess() {
        return new SandboxProcess(this, options, created);
    }

    /**
     * How the program ended, without waiting.
     *
     * @return its exit code, or 128 + n when signal n ended it; empty while it runs and when the session has failed
     */
    public OptionalInt exitCode() {
        return state.exitCode();
    }

    /**
     * Tells whether the agent ended the session before all output was there, as when a background process keeps a stream open. Known when
     * the program has ended.
     *
     * @return true when it said so
     */
    public boolean isOutputTruncated() {
        return state.outputTruncated();
    }

    /** Ends the interest in the program: kills it if it still runs, and drops its output. Does not wait. */
    @Override
    public void close() {
        state.abandon();
        dropOutput();
    }

    /** Tells whether the program has ended, or the session has failed. */
    boolean hasEnded() {
        return state.hasEnded();
    }

    /** Reads from now on find the end of the stream. */
    void dropOutput() {
        stdoutBytes.discard();
        stderrBytes.discard();
    }
}
