package dev.sluice.agent;

import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.MessageType;
import java.util.ArrayDeque;

/**
 * What one program's session does next: a state machine without clock, descriptors or bytes. Events go in as calls, what is due comes out
 * as answers to questions; the edge around it spawns, reads, writes and encodes.
 *
 * <pre>
 *   STARTING --started--&gt; RUNNING --leaderExited--&gt; DRAINING --finished--&gt; ENDING --replied(EXITED)--&gt; ENDED
 *      |                                               both outputs ended,                              ^
 *      +--failed--------------------------------------------------------&gt; ENDING --replied(FAILED)------+
 * </pre>
 *
 * <p>Promises: {@code started} is due before any output; the terminal answer is due exactly once, after both outputs have ended and, unless
 * the session is {@link #truncated}, after every byte of them has been sent; no data frame is allowed that the peer's windows do not cover.
 *
 * <p>Times are nanoseconds of a clock that stands still while the port takes nothing. One owner thread.
 */
final class ExecSession {
    /** Streams as the windows extension numbers them. */
    static final int STDIN = 0;
    /** See {@link #STDIN}. */
    static final int STDOUT = 1;
    /** See {@link #STDIN}. */
    static final int STDERR = 2;

    /** Answers in the order in which they are sent when several are due. */
    static final int REPLY_NONE = 0;
    /** The program runs. */
    static final int REPLY_STARTED = 1;
    /** Input could not be given to the program. */
    static final int REPLY_STDIN_ERROR = 2;
    /** The peer may send more input. */
    static final int REPLY_WINDOW = 4;
    /** Terminal: the program could not be started. */
    static final int REPLY_FAILED = 8;
    /** Terminal: the program has ended. */
    static final int REPLY_EXITED = 16;

    private static final int MAX_SIGNAL = 64;
    /** Signals kept for a program that is being started: more than there are. */
    private static final int PENDING_SIGNALS = 256;
    private static final int SIGKILL = 9;
    private static final int SIGNAL_STATUS_BASE = 128;

    /** Where a session is in its life. */
    enum Phase { STARTING, RUNNING, DRAINING, ENDING, ENDED }

    private enum Stdin { OPEN, ENDED, BROKEN, REFUSED }

    private final int id;
    private final int stdinLimit;
    private final ReceiveWindow stdinWindow;
    private final SendWindow[] windows;
    private final boolean terminal;
    private final boolean[] outputOpen;
    private final ResizeQueue resizes = new ResizeQueue();
    private final long[] owed = new long[STDERR + 1];
    private final DrainTimer drain;
    private Phase phase = Phase.STARTING;
    private Stdin stdin = Stdin.OPEN;
    private long stdinQueued;
    private int stdinErrno;
    private int due;
    private final ArrayDeque<Integer> pendingSignals = new ArrayDeque<>(1);
    private boolean killed;
    private boolean truncated;
    private int exitCode;
    private int exitSignal;

    /**
     * A session whose program is being started.
     *
     * @param id its correlation id
     * @param terminal whether it has a terminal: one output, an input without an end, and a size
     * @param outputWindow what the peer grants at first of each output, in wire bytes; {@link SendWindow#UNLIMITED} for one without windows
     * @param limits what the session may take
     */
    ExecSession(final int id, final boolean terminal, final long outputWindow, final SessionLimits limits) {
        this.id = id;
        this.terminal = terminal;
        this.outputOpen = new boolean[] {false, true, !terminal};
        this.stdinLimit = limits.stdinLimit();
        this.stdinWindow = outputWindow == SendWindow.UNLIMITED ? null : new ReceiveWindow(limits.stdinWindow());
        this.windows = new SendWindow[] {null, new SendWindow(outputWindow), new SendWindow(outputWindow)};
        this.drain = new DrainTimer(limits.drainNs());
    }

    int id() {
        return id;
    }

    Phase phase() {
        return phase;
    }

    boolean hasTerminal() {
        return terminal;
    }

    /** @return whether output was cut off rather than read to its end */
    boolean truncated() {
        return truncated;
    }

    /** @return the exit status, or 128 plus the signal that ended the program */
    int exitCode() {
        return exitCode;
    }

    /** @return the signal that ended the program, 0 for none */
    int exitSignal() {
        return exitSignal;
    }

    /** @return why input could not be given to the program */
    int stdinErrno() {
        return stdinErrno;
    }

    // Start and end of the program.

    /** The program runs. */
    void started() {
        require(Phase.STARTING);
        phase = Phase.RUNNING;
        due |= REPLY_STARTED;
    }

    /** The program could not be started. */
    void failed() {
        require(Phase.STARTING);
        phase = Phase.ENDING;
        due |= REPLY_FAILED;
    }

    /**
     * The program itself has ended; what it started may still run and write.
     *
     * @param status exit status, or the signal
     * @param signalled whether it is a signal
     * @param unreadStdout bytes in the pipe at that moment: what is the program's own is among them and will not be cut off
     * @param unreadStderr the same of the error output
     * @param nowNs the time
     */
    void leaderExited(final int status, final boolean signalled, final long unreadStdout, final long unreadStderr, final long nowNs) {
        require(Phase.RUNNING);
        phase = Phase.DRAINING;
        exitCode = signalled ? SIGNAL_STATUS_BASE + status : status;
        exitSignal = signalled ? status : 0;
        owed[STDOUT] = unreadStdout;
        owed[STDERR] = unreadStderr;
        stdinQueued = 0;
        updateDrain(nowNs);
    }

    /** @return whether nothing but cleaning up is left to do: end what remains of the program's group, reap it, call {@link #finished} */
    boolean finishDue() {
        return phase == Phase.DRAINING && !outputOpen[STDOUT] && !outputOpen[STDERR];
    }

    /** The program has been reaped. */
    void finished() {
        require(Phase.DRAINING);
        phase = Phase.ENDING;
        due |= REPLY_EXITED;
    }

    /**
     * The session cannot go on, and all it still sends is that.
     *
     * @return whether it has anything to send: not when its terminal answer is due already, or has been sent
     */
    boolean abort() {
        if (phase.compareTo(Phase.DRAINING) > 0) {
            return false;
        }
        phase = Phase.ENDING;
        due = REPLY_FAILED;
        outputOpen[STDOUT] = false;
        outputOpen[STDERR] = false;
        return true;
    }

    // Output.

    boolean outputOpen(final int stream) {
        return outputOpen[stream];
    }

    /** @return how many bytes of data the next frame of an output may carry, 0 when none may be sent now */
    int outputAllowance(final int stream, final int most) {
        if (!outputOpen[stream] || (due & REPLY_STARTED) != 0 || phase == Phase.STARTING) {
            return 0;
        }
        final long available = windows[stream].available();
        final MessageType type = outputType(stream);
        return available >= DataFrame.frameLength(type, most) ? most : DataFrame.dataLengthWithin(type, available);
    }

    /** A frame of output goes out. */
    void outputSent(final int stream, final int dataLength, final long nowNs) {
        windows[stream].sent(DataFrame.frameLength(outputType(stream), dataLength));
        owed[stream] = Math.max(0, owed[stream] - dataLength);
        updateDrain(nowNs);
    }

    /** Everything of an output has been read. */
    void outputEnded(final int stream, final long nowNs) {
        outputOpen[stream] = false;
        owed[stream] = 0;
        updateDrain(nowNs);
    }

    /** An output could not be read to its end. */
    void outputCut(final int stream, final long nowNs) {
        if (outputOpen[stream]) {
            truncated = true;
            outputEnded(stream, nowNs);
        }
    }

    static MessageType outputType(final int stream) {
        return stream == STDOUT ? MessageType.EXEC_STDOUT : MessageType.EXEC_STDERR;
    }

    // What remains after the program's end.

    /** @return nanoseconds until {@link #truncateDue} has to be asked; {@link Long#MAX_VALUE} when no time will change its answer */
    long drainRemainingNs(final long nowNs) {
        return phase == Phase.DRAINING ? drain.remainingNs(nowNs) : Long.MAX_VALUE;
    }

    /** @return whether the pipes have been open for too long after the program's end, and nothing of its own is in them any more */
    boolean truncateDue(final long nowNs) {
        return phase == Phase.DRAINING && drain.remainingNs(nowNs) == 0 && (killed || owed[STDOUT] == 0 && owed[STDERR] == 0);
    }

    /** Gives up on what is still unread. */
    void truncate(final long nowNs) {
        outputCut(STDOUT, nowNs);
        outputCut(STDERR, nowNs);
    }

    /** Nobody waits for the output any more. The program has to be killed as well, unless it is just being started: that is remembered. */
    void abandon(final long nowNs) {
        signal(SIGKILL, nowNs);
        if (phase.compareTo(Phase.DRAINING) <= 0) {
            truncate(nowNs);
        }
    }

    private void updateDrain(final long nowNs) {
        if (phase == Phase.DRAINING) {
            // A peer that had the program killed does not get to hold up its end by not reading.
            if (!killed && (held(STDOUT) || held(STDERR))) {
                drain.pause(nowNs);
            } else {
                drain.run(nowNs);
            }
        }
    }

    private boolean held(final int stream) {
        return outputOpen[stream] && outputAllowance(stream, 1) == 0;
    }

    // Signals.

    /**
     * The peer wants a signal sent to the program and whatever shares its process group.
     *
     * @return whether to send it now; a signal for a program that is just being started is kept for {@link #takePendingSignal}
     */
    boolean signal(final int signal, final long nowNs) {
        if (signal < 1 || signal > MAX_SIGNAL || phase.compareTo(Phase.DRAINING) > 0) {
            return false;
        }
        if (signal == SIGKILL) {
            killed = true;
            updateDrain(nowNs);
        }
        if (phase == Phase.STARTING) {
            // Of more than that, none is missed that has not come again.
            if (pendingSignals.size() == PENDING_SIGNALS && !pendingSignals.removeFirstOccurrence(signal)) {
                pendingSignals.removeFirst();
            }
            pendingSignals.add(signal);
            return false;
        }
        return true;
    }

    /** @return the next signal kept while the program was being started, the first that came first, which is the caller's to send; or 0 */
    int takePendingSignal() {
        final Integer signal = pendingSignals.poll();
        return signal == null ? 0 : signal;
    }

    // Input.

    /**
     * A frame of input has come.
     *
     * @param frameLength bytes on the wire
     * @param dataLength bytes of data, 0 for the input's end
     * @return what to do with it
     */
    StdinVerdict stdinReceived(final long frameLength, final int dataLength) {
        if (stdin == Stdin.ENDED || phase.compareTo(Phase.RUNNING) > 0) {
            return StdinVerdict.LATE;
        }
        if (stdin == Stdin.REFUSED) {
            return StdinVerdict.REFUSE;
        }
        if (dataLength == 0 && terminal) {
            emptyReceived(frameLength);
            return StdinVerdict.NOTHING;
        }
        if (dataLength == 0) {
            final boolean broken = stdin == Stdin.BROKEN;
            stdin = Stdin.ENDED;
            return broken ? StdinVerdict.BROKEN : StdinVerdict.END;
        }
        if (stdinWindow != null && !stdinWindow.received(frameLength, dataLength)) {
            return StdinVerdict.REFUSE;
        }
        if (stdin == Stdin.BROKEN) {
            consumed(dataLength);
            return StdinVerdict.BROKEN;
        }
        stdinQueued += dataLength;
        resizes.received(dataLength);
        return StdinVerdict.TAKE;
    }

    /** Its sender has counted it, so it is counted here; nothing of it is kept, so it is not held against anybody. */
    private void emptyReceived(final long frameLength) {
        if (stdinWindow != null) {
            stdinWindow.received(frameLength, 0);
        }
    }

    /** The program's pipe has taken queued input. */
    void stdinWritten(final long dataLength) {
        stdinQueued -= dataLength;
        resizes.written(dataLength);
        consumed(dataLength);
    }

    /** @return whether the input's end has come and everything before it has been written */
    boolean stdinCloseDue() {
        return stdin == Stdin.ENDED && stdinQueued == 0;
    }

    /** @return bytes that wait for the program to read them */
    long stdinQueued() {
        return stdinQueued;
    }

    /**
     * Tells whether a peer without windows has sent as much as is kept for a program that does not read it.
     *
     * @param memoryFull whether no more is kept for any program
     * @return whether no more is to be taken now
     */
    boolean stdinCongested(final boolean memoryFull) {
        return stdinWindow == null && stdin == Stdin.OPEN && stdinQueued > 0 && (memoryFull || stdinQueued >= stdinLimit);
    }

    /**
     * The program has closed its input: what is queued is thrown away, and so is what comes, but its sender may go on.
     *
     * @param errno what writing failed with
     */
    void stdinBroken(final int errno) {
        // One whose input was refused has been told so.
        final boolean tell = stdin == Stdin.OPEN || stdin == Stdin.ENDED && stdinQueued > 0;
        if (stdin == Stdin.OPEN) {
            stdin = Stdin.BROKEN;
        }
        final long discarded = stdinQueued;
        stdinQueued = 0;
        resizes.written(discarded);
        consumed(discarded);
        if (tell && phase == Phase.RUNNING) {
            stdinErrno = errno;
            due |= REPLY_STDIN_ERROR;
        }
    }

    /**
     * Nothing more of the input is taken. What is queued will still be written, but the program will not be shown an end of input, so that
     * it can not take a part for the whole; its peer is told, and may end it.
     *
     * @param errno the reason to tell
     */
    void refuseStdin(final int errno) {
        if (stdin == Stdin.OPEN && phase.compareTo(Phase.RUNNING) <= 0) {
            stdin = Stdin.REFUSED;
            stdinErrno = errno;
            due |= REPLY_STDIN_ERROR;
        }
    }

    private void consumed(final long dataLength) {
        if (stdinWindow != null) {
            stdinWindow.consumed(dataLength);
        }
    }

    // The size of the terminal.

    /** The terminal is to have a new size. Without one, nothing is. */
    void resize(final int rows, final int columns) {
        if (terminal && phase.compareTo(Phase.RUNNING) <= 0) {
            resizes.add(rows, columns);
        }
    }

    /** @return a size to set now, which is the caller's to do: the input that came before it has been written; or null */
    ResizeQueue.Resize takeResize() {
        return phase == Phase.RUNNING ? resizes.poll() : null;
    }

    // Windows and answers.

    /** The peer has gone: output is taken from now on whatever it had granted. */
    void detach(final long nowNs) {
        windows[STDOUT] = new SendWindow(SendWindow.UNLIMITED);
        windows[STDERR] = new SendWindow(SendWindow.UNLIMITED);
        updateDrain(nowNs);
    }

    /** The peer lets more of an output come. Anything but an output's number is ignored. */
    void grant(final int stream, final long bytes, final long nowNs) {
        if (stream == STDOUT || stream == STDERR) {
            windows[stream].grant(bytes);
            updateDrain(nowNs);
        }
    }

    /** @return bytes of input to grant the peer */
    long stdinGrant() {
        final boolean useful = phase == Phase.RUNNING && (stdin == Stdin.OPEN || stdin == Stdin.BROKEN);
        return useful && stdinWindow != null ? stdinWindow.grantDue() : 0;
    }

    /** @return the answer to send next, one of the REPLY constants */
    int nextReply() {
        final int answers = due | (stdinGrant() > 0 ? REPLY_WINDOW : 0);
        return Integer.lowestOneBit(answers);
    }

    /** An answer goes out. */
    void replied(final int reply) {
        due &= ~reply;
        if (reply == REPLY_WINDOW) {
            stdinWindow.granted(stdinWindow.grantDue());
        } else if (reply == REPLY_FAILED || reply == REPLY_EXITED) {
            require(Phase.ENDING);
            phase = Phase.ENDED;
        }
    }

    private void require(final Phase expected) {
        if (phase != expected) {
            throw new IllegalStateException("session " + Integer.toUnsignedString(id) + ": phase=" + phase + " expected=" + expected);
        }
    }
}
