package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.ExecStdinError;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.WindowFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/**
 * The edge of one session: its program's pipes or terminal, and the encoding of its frames; the process itself is {@link ProgramChild}'s.
 * What happens when is decided by {@link ExecSession}.
 *
 * <p>The program is reaped last, when its session has nothing left but the terminal answer.
 *
 * <p>One owner thread. A {@link PosixException} out of any method concerns this session alone; the caller calls {@link #abort}.
 */
final class ExecProcess extends Outlet implements InputSink {
    private final LoopResources resources;
    private final Posix posix;
    private PortOutput output;
    private AgentCounter outputCounter = AgentCounter.EXEC_OUTPUT_BYTES;
    private final FlowClock clock;
    private final ExecSession session;
    private final InputPipe stdin;
    private final OutputPipe[] outputs;
    private final long serial;
    private final Consumer<ExecProcess> onEnded;
    private final ProgramChild child;
    private int pid;
    private ExecFailed failure;
    private int lastOutput = ExecSession.STDERR;

    ExecProcess(
        final long serial, final ExecSession session, final LoopResources resources, final FlowClock clock,
        final Consumer<ExecProcess> onEnded) {
        this.serial = serial;
        this.session = session;
        this.resources = resources;
        this.posix = resources.posix();
        this.output = resources.output();
        this.clock = clock;
        this.onEnded = onEnded;
        this.child = new ProgramChild(resources, EventToken.of(EventToken.EXIT, serial));
        this.stdin = new InputPipe(resources, EventToken.of(EventToken.STDIN, serial));
        this.outputs = new OutputPipe[] {
            null,
            new OutputPipe(resources, EventToken.of(EventToken.STDOUT, serial)),
            new OutputPipe(resources, EventToken.of(EventToken.STDERR, serial))};
    }

    ExecSession session() {
        return session;
    }

    long serial() {
        return serial;
    }

    /** @return whether the program has been started and not been reaped */
    boolean hasChild() {
        return child.isThere();
    }

    int pid() {
        return pid;
    }

    // Start and end.

    /** The program runs; everything of the launch becomes this object's, also when this fails. */
    void started(final Launch.Started launch) throws PosixException {
        pid = child.take(launch.child(), launch.group());
        stdin.open(launch.stdin());
        try {
            outputs[ExecSession.STDOUT].open(launch.stdout());
        } finally {
            if (launch.stderr() >= 0) {
                outputs[ExecSession.STDERR].open(launch.stderr());
            }
        }
        session.started();
        resources.counters().increment(AgentCounter.SESSIONS_STARTED);
        output.wantReply(this);
        child.watchExit();
        // Before the outputs that nobody waits for are closed: a program that is killed for that is not to die of SIGPIPE.
        sendPendingSignals();
        closeEndedOutputs();
        flushStdin();
    }

    private void sendPendingSignals() {
        for (int signal = session.takePendingSignal(); signal != 0; signal = session.takePendingSignal()) {
            child.signalGroup(signal);
        }
    }

    /** The program could not be started. */
    void failed(final ExecFailed reason) {
        session.failed();
        failure = reason;
        stdin.close();
        resources.counters().increment(AgentCounter.SESSIONS_FAILED);
        output.wantReply(this);
    }

    /** The pidfd is readable. */
    void onExit() throws PosixException {
        if (session.phase() != ExecSession.Phase.RUNNING) {
            return;
        }
        final ProgramChild.End end = child.end();
        if (end == null) {
            return;
        }
        child.unwatchExit();
        stdin.close();
        session.leaderExited(end.status(), end.signalled(), unread(ExecSession.STDOUT), unread(ExecSession.STDERR), clock.nowNs());
        // Often the end of the pipes is there as well: found without another wait.
        outputs[ExecSession.STDOUT].presumeReady();
        outputs[ExecSession.STDERR].presumeReady();
        wantData();
        finishIfDue();
    }

    private long unread(final int stream) {
        if (!outputs[stream].isOpen()) {
            return 0;
        }
        final int result = posix.syscalls().ioctl(outputs[stream].fd(), Linux.FIONREAD, resources.scratch().address());
        // Without an answer the most that a pipe holds by default is taken to be there.
        return result < 0 ? PortOutput.DATA_LENGTH : resources.scratch().get(ValueLayout.JAVA_INT, 0);
    }

    private void finishIfDue() throws PosixException {
        if (session.finishDue()) {
            if (!resources.context().keepBackground()) {
                child.signalGroup(Linux.SIGKILL);
            }
            child.reap();
            session.finished();
            resources.counters().increment(session.truncated() ? AgentCounter.SESSIONS_TRUNCATED : AgentCounter.SESSIONS_ENDED);
            output.wantReply(this);
        }
    }

    /** The time for what is left behind is up. */
    void truncateIfDue() throws PosixException {
        if (session.truncateDue(clock.nowNs())) {
            session.truncate(clock.nowNs());
            closeEndedOutputs();
            finishIfDue();
        }
    }

    private void closeEndedOutputs() {
        for (int stream = ExecSession.STDOUT; stream <= ExecSession.STDERR; stream++) {
            if (!session.outputOpen(stream)) {
                outputs[stream].close();
            }
        }
    }

    /** Kills the program without waiting for anybody to take its output; what is left of the session is its terminal answer. */
    void abandon() throws PosixException {
        session.abandon(clock.nowNs());
        if (hasChild()) {
            child.signalGroup(Linux.SIGKILL);
            closeEndedOutputs();
            finishIfDue();
        }
    }

    /** Kills the group and lets go of the pipes; {@link #leaveBehind} does the rest. For sessions that cannot go on. */
    void kill() {
        stdin.close();
        outputs[ExecSession.STDOUT].close();
        outputs[ExecSession.STDERR].close();
        if (hasChild()) {
            child.signalGroup(Linux.SIGKILL);
        }
    }

    /** Lets go of a program that has been killed: it may take its time to end. */
    void leaveBehind() {
        if (hasChild()) {
            child.leaveBehind();
        }
    }

    /** Ends a session that the agent itself cannot go on with: its client is told. */
    void abort(final Exception reason) {
        resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
        abort("agent error: " + reason);
    }

    /** Ends a session whose host has gone; what is left of it is an answer to nobody. */
    void endDetached() {
        abort("its host has gone");
    }

    private void abort(final String reason) {
        kill();
        leaveBehind();
        if (session.abort()) {
            failure = ExecFailures.of(Kind.OTHER, ExecFailures.STAGE_AGENT, reason);
            output.wantReply(this);
        }
    }

    /**
     * The host has gone, and has no part in the session any more. The program is left what it has been sent, and its input stays open and
     * silent: an end could make it take a part for the whole.
     *
     * @param dropped takes what the session sends from now on
     */
    void detach(final PortOutput dropped) {
        output = dropped;
        outputCounter = AgentCounter.EXEC_OUTPUT_DROPPED_BYTES;
        session.detach(clock.nowNs());
        wantReply();
        wantData();
    }

    // Signals.

    /** The client, or the agent's end, wants the group to get a signal. */
    void signal(final int signal) {
        if (session.signal(signal, clock.nowNs())) {
            child.signalGroup(signal);
        }
    }

    // Input.

    /** A frame of input has come. */
    void stdinReceived(final long frameLength, final MemorySegment memory, final long offset, final int length) throws PosixException {
        switch (session.stdinReceived(frameLength, length)) {
            case TAKE -> takeStdin(memory, offset, length);
            case END -> closeStdinIfDue();
            case NOTHING -> {
                // A terminal takes an end of input as a character, which comes as data.
            }
            case BROKEN -> resources.counters().add(AgentCounter.STDIN_BROKEN_BYTES, length);
            case REFUSE -> {
                session.refuseStdin(Errno.ENOBUFS);
                resources.counters().add(AgentCounter.STDIN_REFUSED_BYTES, length);
            }
            case LATE -> resources.counters().add(AgentCounter.STDIN_LATE_BYTES, length);
            default -> throw new AssertionError();
        }
        wantReply();
    }

    private void takeStdin(final MemorySegment memory, final long offset, final int length) throws PosixException {
        final boolean closedEarly = session.phase() == ExecSession.Phase.RUNNING && !stdin.isOpen();
        final long written = closedEarly ? -Errno.EPIPE : stdin.put(memory, offset, length);
        if (written < 0) {
            breakStdin((int) -written);
        } else {
            session.stdinWritten(written);
        }
    }

    /** Epoll has reported the input pipe. */
    void onStdinEvent(final int events) throws PosixException {
        if (stdin.isOpen() && stdin.onEvent(events) && session.stdinQueued() == 0) {
            // Nobody reads it any more. The client is told when it sends something.
            stdin.close();
        } else {
            flushStdin();
        }
    }

    private void flushStdin() throws PosixException {
        final long written = stdin.flush();
        if (written < 0) {
            breakStdin((int) -written);
        } else {
            session.stdinWritten(written);
            closeStdinIfDue();
        }
        resizeIfDue();
        wantReply();
    }

    /** The client's terminal has a new size. */
    void resize(final int rows, final int columns) {
        session.resize(rows, columns);
        resizeIfDue();
    }

    private void resizeIfDue() {
        for (ResizeQueue.Resize size = session.takeResize(); size != null; size = session.takeResize()) {
            final OutputPipe terminal = outputs[ExecSession.STDOUT];
            if (terminal.isOpen()
                && PseudoTerminal.resize(posix, terminal.fd(), resources.scratch(), size.rows(), size.columns()) < 0) {
                resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
            }
        }
    }

    private void breakStdin(final int errno) {
        resources.counters().add(AgentCounter.STDIN_BROKEN_BYTES, session.stdinQueued());
        stdin.close();
        session.stdinBroken(errno);
    }

    private void closeStdinIfDue() {
        if (session.stdinCloseDue() && hasChild()) {
            stdin.close();
        }
    }

    @Override
    public long queuedInput() {
        return session.stdinQueued();
    }

    @Override
    public long stallLimitNs() {
        return resources.context().stdinStallLimit().toNanos();
    }

    /** The program has not read any of its input for too long. */
    @Override
    public void refuseInput() {
        refuseInput(Errno.ENOBUFS);
    }

    /** Nothing more of the input is taken. @param errno why, to tell the client */
    void refuseInput(final int errno) {
        session.refuseStdin(errno);
        wantReply();
    }

    // Output.

    /** The client lets more output come. */
    void grant(final int stream, final long bytes) {
        session.grant(stream, bytes, clock.nowNs());
        wantData();
    }

    /** Epoll has reported an output pipe. */
    void onOutputEvent(final int stream, final int events) throws PosixException {
        outputs[stream].onEvent(events);
        endIfNothingLeft(stream);
        wantData();
    }

    /** An end takes no window: it is found without reading when there is none, so that the program's own end is not held up by it. */
    private void endIfNothingLeft(final int stream) throws PosixException {
        final OutputPipe pipe = outputs[stream];
        if (pipe.isHungUp() && session.outputAllowance(stream, 1) == 0 && pipe.isEmpty(resources.scratch())) {
            pipe.close();
            session.outputEnded(stream, clock.nowNs());
            finishIfDue();
        }
    }

    private void wantData() {
        if (hasData()) {
            output.wantData(this);
        }
    }

    @Override
    boolean hasData() {
        return mayRead(ExecSession.STDOUT) || mayRead(ExecSession.STDERR);
    }

    private boolean mayRead(final int stream) {
        return outputs[stream].isReady() && session.outputAllowance(stream, 1) > 0;
    }

    @Override
    int writeData(final MemorySegment memory, final long offset) {
        try {
            return writeDataOfEither(memory, offset);
        } catch (final PosixException | RuntimeException e) {
            abort(e);
            return 0;
        }
    }

    private int writeDataOfEither(final MemorySegment memory, final long offset) throws PosixException {
        for (int turn = 0; turn < 2; turn++) {
            lastOutput = lastOutput == ExecSession.STDOUT ? ExecSession.STDERR : ExecSession.STDOUT;
            if (mayRead(lastOutput)) {
                final int length = readOutput(lastOutput, memory, offset);
                if (length > 0) {
                    return length;
                }
            }
        }
        return 0;
    }

    private int readOutput(final int stream, final MemorySegment memory, final long offset) throws PosixException {
        final int most = session.outputAllowance(stream, PortOutput.DATA_LENGTH);
        final long count = posix.read(outputs[stream].fd(), memory.address() + offset + DataFrame.MAX_HEADER_LENGTH, most);
        if (count > 0) {
            final int length = (int) count;
            final MessageType type = ExecSession.outputType(stream);
            final int head = DataFrame.headerLength(type, length);
            if (head != DataFrame.MAX_HEADER_LENGTH) {
                // Short heads belong to short data, up to a page or so: closing the gap costs next to nothing.
                MemorySegment.copy(memory, offset + DataFrame.MAX_HEADER_LENGTH, memory, offset + head, length);
            }
            DataFrame.encodeHeader(memory, offset, type, AgentProtocol.GENERATION, session.id(), length);
            session.outputSent(stream, length, clock.nowNs());
            resources.counters().add(outputCounter, length);
            if (length < most && session.phase() == ExecSession.Phase.RUNNING && !session.hasTerminal()) {
                // Most likely that was all, and finding out costs a call. If it was not, epoll says so. Terminals give 4 KiB at a time.
                outputs[stream].onEmpty();
            }
            endIfNothingLeft(stream);
            return head + length;
        }
        if (count == -Errno.EAGAIN) {
            outputs[stream].onEmpty();
        } else {
            outputs[stream].close();
            if (count == 0 || session.hasTerminal() && count == -Errno.EIO) {
                // EIO: nobody has the terminal open any more, and everything has been read. Source: n_tty_read in drivers/tty/n_tty.c.
                session.outputEnded(stream, clock.nowNs());
            } else {
                resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
                session.outputCut(stream, clock.nowNs());
            }
            finishIfDue();
        }
        return 0;
    }

    // Answers.

    private void wantReply() {
        if (session.nextReply() != ExecSession.REPLY_NONE) {
            output.wantReply(this);
        }
    }

    @Override
    int writeReply(final MemorySegment memory, final long offset) {
        final int reply = session.nextReply();
        if (reply == ExecSession.REPLY_NONE) {
            // After the terminal answer the id may be another session's already: nothing is forgotten twice.
            return 0;
        }
        final int id = session.id();
        final int length = switch (reply) {
            case ExecSession.REPLY_STARTED -> Replies.encode(memory, offset, id, new ExecStarted(pid));
            case ExecSession.REPLY_STDIN_ERROR -> Replies.encode(memory, offset, id, stdinError(session.stdinErrno()));
            case ExecSession.REPLY_WINDOW ->
                WindowFrame.encode(memory, offset, AgentProtocol.GENERATION, id, WindowFrame.STDIN, session.stdinGrant());
            case ExecSession.REPLY_FAILED -> Replies.encode(memory, offset, id, failure);
            case ExecSession.REPLY_EXITED ->
                Replies.encode(memory, offset, id, new ExecExited(session.exitCode(), session.exitSignal(), session.truncated()));
            default -> throw new AssertionError("reply " + reply);
        };
        session.replied(reply);
        if (reply == ExecSession.REPLY_STARTED) {
            wantData();
        } else if (session.phase() == ExecSession.Phase.ENDED) {
            onEnded.accept(this);
        }
        return length;
    }

    private static ExecStdinError stdinError(final int errno) {
        return new ExecStdinError(errno, Errno.name(errno), "io error: " + Errno.text(errno) + " (os error " + errno + ")");
    }
}
