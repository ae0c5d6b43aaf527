package dev.sluice.client;

import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Ready;
import dev.sluice.protocol.Touched;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Runs programs in a sandbox, through its relay's socket. One client is one connection; any number of programs run over it at once, for any
 * number of threads, platform or virtual. Pure JDK, without native access.
 *
 * <p>Every wait ends: at its deadline, when the thread is interrupted, or when the connection is lost, which fails whatever is under way
 * with {@link ConnectionLostException} at once. A client whose connection is lost stays so; connect anew.
 *
 * <p>Owns a socket, two daemon threads and less than 2 MiB of memory outside the heap, until closed.
 */
public final class SandboxClient implements AutoCloseable {
    private static final byte[] NO_INPUT = {};

    private final Connection connection;
    private final EndFuture closed = new EndFuture();

    private SandboxClient(final Connection connection) {
        this.connection = connection;
        connection.ended().thenRunAsync(closed::end, Thread::startVirtualThread);
    }

    /**
     * Connects to a relay and waits until its guest is ready.
     *
     * @param socket   the relay's socket
     * @param deadline how long to wait at most
     * @return the client, to be closed
     * @throws ConnectFailedException when no connection came about in that time
     * @throws SandboxException       as above
     * @throws InterruptedException   when this thread is interrupted
     */
    public static SandboxClient connect(final Path socket, final Duration deadline) throws SandboxException, InterruptedException {
        return new SandboxClient(Connection.connect(socket, deadline));
    }

    /**
     * What the agent in the guest said when it was ready.
     *
     * @return its message
     */
    public Ready ready() {
        return connection.link().peer().ready();
    }

    /**
     * The generation of the protocol that is spoken with this sandbox: the older of ours, 7, and its agent's.
     *
     * @return 1 to 7
     */
    public int generation() {
        return connection.link().peer().generation();
    }

    /**
     * Tells whether the sandbox's agent is new enough for messages of a type. What needs those it is too old for throws
     * {@link UnsupportedOperationInSandboxException} without sending anything.
     *
     * @param type the type
     * @return true when they can be sent
     */
    public boolean supports(final MessageType type) {
        return connection.link().peer().supports(type);
    }

    /**
     * Tells whether the connection stands.
     *
     * @return false once it is lost or closed
     */
    public boolean isOpen() {
        return connection.isOpen();
    }

    /**
     * The end of the connection, for those who wait for it: that it is lost, or closed. Whatever was under way has failed by then. To
     * look, ask {@link #isOpen}.
     *
     * <p>All callers get the same future, which only the end completes: to cancel or complete it, also by {@code orTimeout} and the like,
     * does nothing; {@link CompletableFuture#copy} makes one to do that with. What depends on it runs on a virtual thread when it was
     * attached before the end, on the thread that attaches it when afterwards; with an {@code Async} method always on a virtual thread.
     * What is attached stays so for the connection's life.
     *
     * @return completed when the connection has ended, whatever ended it
     */
    public CompletableFuture<Void> onClosed() {
        return closed;
    }

    /**
     * Frames from the guest that belonged to no session, could not be decoded or meant nothing. They are dropped.
     *
     * @return how many there were
     */
    public long ignoredFrames() {
        return connection.link().dispatcher().ignored();
    }

    /**
     * Runs a program without input to its end and collects its output, with all options at their defaults.
     *
     * @param command   name or path of the program
     * @param arguments what is passed to it, its name not among them
     * @return how it ended and what it wrote
     * @throws SandboxException     as {@link #exec(ExecOptions, byte...)}
     * @throws InterruptedException as there
     */
    public ExecResult exec(final String command, final String... arguments) throws SandboxException, InterruptedException {
        return exec(ExecOptions.command(command, arguments).build(), NO_INPUT);
    }

    /**
     * Runs a program to its end and collects its output. Whatever is thrown, the program is killed if it still runs. At its deadline it is
     * killed first; when it has ended, or 5 seconds later, what it wrote comes with the exception.
     *
     * @param options what to run
     * @param input   its standard input, whole; a program need not read all of it
     * @return how it ended and what it wrote, up to the limit of the options
     * @throws ExecFailedException       when it could not be started, or the guest was lost
     * @throws DeadlineExceededException when it did not start or not end in time
     * @throws ConnectionLostException   when the connection was lost; the program may have run or not
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted
     * @throws IllegalArgumentException  when arguments and environment are larger than a frame, 4 MiB, or there is input for options that
     *     say that there is none
     */
    public ExecResult exec(final ExecOptions options, final byte... input) throws SandboxException, InterruptedException {
        if (input.length > 0 && !options.hasInput()) {
            throw new IllegalArgumentException("input for options with noInput: length=" + input.length);
        }
        final Deadline deadline = options.sessionDeadline(ExecOptions.DEFAULT_EXEC_DEADLINE);
        final Deadline startDeadline = options.startDeadline().orEarlier(deadline);
        final ExecOptions actual = input.length == 0 ? options.withoutInput() : options;
        return Execution.open(connection.link(), actual, startDeadline, deadline).run(input);
    }

    /**
     * Runs a script without input to its end and collects its output, as {@link #exec(ExecOptions, byte...)} with the options of
     * {@link ExecOptions#shell}.
     *
     * @param script what the sandbox's {@code /bin/sh} is to run
     * @return how it ended and what it wrote
     * @throws SandboxException     as {@link #exec(ExecOptions, byte...)}
     * @throws InterruptedException as there
     */
    public ExecResult shell(final String script) throws SandboxException, InterruptedException {
        return exec(ExecOptions.shell(script).build(), NO_INPUT);
    }

    /**
     * Runs a program as {@link #exec(ExecOptions, byte...)} does, on a virtual thread of its own. Cancelling the future, or completing it
     * in any other way, kills the program.
     *
     * @param options what to run
     * @param input   its standard input, whole; copied
     * @return completed with how it ended, or with what {@code exec} would throw
     */
    public CompletableFuture<ExecResult> execAsync(final ExecOptions options, final byte... input) {
        final byte[] copy = input.clone();
        return VirtualTask.start("sluice-client-exec " + connection.path(), () -> exec(options, copy));
    }

    /**
     * Starts a program and returns when it runs. What it writes is to be read, what it is to read is to be written, and the session is to
     * be closed.
     *
     * @param options what to run
     * @return the running program
     * @throws ExecFailedException       when it could not be started
     * @throws DeadlineExceededException when it did not start in time; it is killed if it does later
     * @throws ConnectionLostException   when the connection was lost; the program may have run or not
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted; the program is killed
     * @throws IllegalArgumentException  when arguments and environment are larger than a frame, 4 MiB
     */
    public ExecSession start(final ExecOptions options) throws SandboxException, InterruptedException {
        final Deadline deadline = options.sessionDeadline(Deadline.UNLIMITED);
        final Deadline startDeadline = options.startDeadline().orEarlier(deadline);
        final OpenedProgram<StreamedOutput> opened =
            OpenedProgram.open(connection.link(), options, StreamedOutput::new, startDeadline, deadline);
        final ExecSession session = new ExecSession(opened, options, deadline);
        boolean started = false;
        try {
            opened.state().awaitStarted(startDeadline);
            started = true;
        } finally {
            if (!started) {
                session.close();
            }
        }
        return session;
    }

    /**
     * The sandbox's file system.
     *
     * @return its files, with {@link SandboxFiles#DEFAULT_DEADLINE}
     */
    public SandboxFiles files() {
        return new SandboxFiles(new FileRequests(connection.link()), SandboxFiles.DEFAULT_DEADLINE);
    }

    /**
     * Connects to a TCP port from inside the sandbox.
     *
     * @param host     a name or an address, as the sandbox knows it
     * @param port     the port, 0 to 65535
     * @param deadline how long to wait at most; the agent itself gives up after 30 s
     * @return the connection, to be closed
     * @throws TcpFailedException                     when it did not come about
     * @throws DeadlineExceededException              when it did not in time; it is closed if it does later
     * @throws UnsupportedOperationInSandboxException when the sandbox's agent is too old
     * @throws ConnectionLostException                when the connection to the sandbox was lost
     * @throws SandboxException                       one of these
     * @throws InterruptedException                   when this thread is interrupted
     * @throws IllegalArgumentException               when there is no such port
     */
    public TcpStream connectTcp(final String host, final int port, final Duration deadline) throws SandboxException, InterruptedException {
        return TcpStream.connect(connection.link(), host, port, Deadline.after(deadline));
    }

    /**
     * Messages that the caller encodes and decodes, over this connection.
     *
     * @return the tier below all else that this client offers; several may be used at once
     */
    public RawMessages raw() {
        return new RawMessages(connection.link());
    }

    /**
     * Asks the sandbox's agent whether it answers.
     *
     * @param time how long to wait at most
     * @return how long the answer took
     * @throws UnsupportedOperationInSandboxException when the agent is older than generation 6
     * @throws SandboxErrorException                  when it refused
     * @throws DeadlineExceededException              when there was no answer in time
     * @throws ConnectionLostException                when the connection was lost
     * @throws SandboxException                       one of these
     * @throws InterruptedException                   when this thread is interrupted
     */
    public Duration ping(final Duration time) throws SandboxException, InterruptedException {
        final long begin = System.nanoTime();
        Call.ask(connection.link(), MessageType.PING, MessageType.PONG, Deadline.after(time));
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /**
     * Counts as activity in the sandbox, so that it does not end for having been idle.
     *
     * @param time how long to wait at most
     * @return the number of this activity, unsigned; later ones have larger numbers
     * @throws SandboxException     as {@link #ping}
     * @throws InterruptedException when this thread is interrupted
     */
    public long touch(final Duration time) throws SandboxException, InterruptedException {
        return ((Touched) Call.ask(connection.link(), MessageType.TOUCH, MessageType.TOUCHED, Deadline.after(time))).activitySeq();
    }

    /**
     * Shuts the sandbox down: its programs are ended, its file systems written back, and the connection ends, which this waits for. Finding
     * out whether the relay let us do that takes up to a second more.
     *
     * @param time how long to wait at most
     * @throws ShutdownRefusedException  when the relay closed the connection instead, and the sandbox runs on
     * @throws DeadlineExceededException when the sandbox has not ended in time; it may later
     * @throws ConnectionLostException   when the connection was lost before the order was sent
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted
     */
    public void shutdown(final Duration time) throws SandboxException, InterruptedException {
        new GuestShutdown(connection).run(Deadline.after(time));
    }

    /** Ends the connection; programs that still run are killed by the relay. Waits for the connection's own threads only. */
    @Override
    public void close() {
        connection.close();
    }
}
