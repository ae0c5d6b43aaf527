package dev.sluice.client;

import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A program whose request is on its way.
 *
 * @param <T>    what its outputs go to
 * @param state  its state
 * @param stdin  its standard input
 * @param stdout where its standard output goes
 * @param stderr where its standard error goes
 */
record OpenedProgram<T extends OutputSink>(ExecState state, DataOutput stdin, T stdout, T stderr) implements SessionHandler {
    /** Standard output and standard error. */
    private static final int STREAMS = 2;

    /** Makes the sink of one output. */
    @FunctionalInterface
    interface SinkFactory<T extends OutputSink> {
        /** Makes a sink with that window, which tells the other how many bytes to grant. */
        T create(ReceiveWindow window, IntConsumer grants);
    }

    /**
     * Sends the request for a program.
     *
     * @param link          of the connection
     * @param options       what to run
     * @param sinks         makes the outputs
     * @param startDeadline for room for one more session, and for its request
     * @param deadline      for each write to the input
     */
    static <T extends OutputSink> OpenedProgram<T> open(
        final Link link, final ExecOptions options, final SinkFactory<T> sinks, final Deadline startDeadline, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final Link.HandlerFactory<OpenedProgram<T>> factory = (session, window) -> create(link, sinks, session, window, deadline);
        final OpenedProgram<T> opened =
            link.open(MessageType.EXEC_REQUEST, STREAMS, factory, window -> request(options, window), startDeadline).handler();
        boolean complete = false;
        try {
            if (!options.hasInput()) {
                opened.stdin.end(startDeadline);
            }
            complete = true;
        } catch (final ConnectionLostException e) {
            // Whoever waits for the start is told, and what became of the request with it.
            complete = true;
        } catch (final DeadlineExceededException e) {
            throw e.withOutcome(Outcome.UNKNOWN);
        } finally {
            if (!complete) {
                opened.state.abandon();
            }
        }
        return opened;
    }

    private static <T extends OutputSink> OpenedProgram<T> create(
        final Link link, final SinkFactory<T> sinks, final Session session, final int window, final Deadline deadline) {
        final SessionControls controls = session.controls();
        final T stdout = sinks.create(new ReceiveWindow(link.budget(), window), bytes -> controls.grant(WindowFrame.STDOUT, bytes));
        final T stderr = sinks.create(new ReceiveWindow(link.budget(), window), bytes -> controls.grant(WindowFrame.STDERR, bytes));
        final SendWindow input = new SendWindow(MessageType.EXEC_STDIN, link.sendWindow(), "the program to read its input");
        final ExecState state = new ExecState(session, input, stdout, stderr);
        return new OpenedProgram<>(state, new DataOutput(session, input, deadline), stdout, stderr);
    }

    private static ExecRequest request(final ExecOptions options, final int window) {
        final ExecRequest.Builder request = ExecRequest.builder(options.command())
            .args(options.arguments())
            .env(options.environment())
            .cwd(options.workingDirectory())
            .user(options.user())
            .rlimits(options.rlimits())
            .sluiceWindow(window);
        if (options.terminal() != null) {
            request.tty(options.terminal().rows(), options.terminal().cols());
        }
        return request.build();
    }

    @Override
    public boolean onFrame(final IncomingFrame frame) throws ProtocolException {
        return state.onFrame(frame);
    }

    @Override
    public void onFailed(final Supplier<SandboxException> failure) {
        state.onFailed(failure);
    }

    @Override
    public SandboxException failure(final String text) {
        return state.failure(text);
    }
}
