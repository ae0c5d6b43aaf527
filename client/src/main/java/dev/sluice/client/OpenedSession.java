package dev.sluice.client;

import dev.sluice.client.Connection.Link;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import java.util.function.IntConsumer;

/**
 * A session whose request is on its way.
 *
 * @param <T>     what its outputs go to
 * @param session its state
 * @param stdin   its standard input
 * @param stdout  where its standard output goes
 * @param stderr  where its standard error goes
 */
record OpenedSession<T extends OutputSink>(Session session, SessionInput stdin, T stdout, T stderr) {
    /** Makes the sink of one output. */
    @FunctionalInterface
    interface SinkFactory<T extends OutputSink> {
        /** Makes a sink with that window, which tells the other how many bytes to grant. */
        T create(ReceiveWindow window, IntConsumer grants);
    }

    /**
     * Begins a session: enters it first, so that no answer can be missed, then sends the request. Leaves nothing behind if that fails.
     *
     * @param link          of the connection
     * @param options       what to run
     * @param sinks         makes the outputs
     * @param startDeadline for room for one more session, and for its request
     * @param deadline      for each write to the input
     */
    static <T extends OutputSink> OpenedSession<T> open(
        final Link link, final ExecOptions options, final SinkFactory<T> sinks, final Deadline startDeadline, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final boolean windows = link.ready().sluiceWindow() > 0;
        final int window = windows ? link.budget().takeInitial(startDeadline) : 0;
        final OpenedSession<T> opened = enter(link, sinks, window, deadline);
        boolean sent = false;
        try {
            send(link, opened.session, request(options, window), startDeadline);
            sent = true;
        } finally {
            if (!sent) {
                opened.session.onFailed(() -> new ConnectionLostException("the request was not sent", null));
                link.sessions().remove(opened.session);
            }
        }
        return opened;
    }

    private static <T extends OutputSink> OpenedSession<T> enter(
        final Link link, final SinkFactory<T> sinks, final int window, final Deadline deadline) throws SandboxException {
        final long inputWindow = window > 0 ? link.ready().sluiceWindow() : Session.UNLIMITED_INPUT;
        return link.sessions().add(id -> {
            final SessionControls controls = new SessionControls(link.sendBuffer(), link.generation(), id);
            final T stdout = sinks.create(
                new ReceiveWindow(link.budget(), window), bytes -> controls.grant(WindowFrame.STDOUT, bytes));
            final T stderr = sinks.create(
                new ReceiveWindow(link.budget(), window), bytes -> controls.grant(WindowFrame.STDERR, bytes));
            final Session session = new Session(id, controls, stdout, stderr, inputWindow);
            return new OpenedSession<>(session, new SessionInput(session, link.sendBuffer(), link.generation(), deadline), stdout, stderr);
        });
    }

    private static ExecRequest request(final ExecOptions options, final int window) {
        return ExecRequest.builder(options.command())
            .args(options.arguments())
            .env(options.environment())
            .cwd(options.workingDirectory())
            .sluiceWindow(window)
            .build();
    }

    private static void send(final Link link, final Session session, final ExecRequest request, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final byte[] frame;
        try {
            frame = Frames.encode(link.generation(), session.id(), request);
        } catch (final ProtocolException e) {
            throw new IllegalArgumentException("arguments and environment do not fit a request: " + e.getMessage(), e);
        }
        link.sendBuffer().send(frame, deadline);
    }
}
