package dev.sluice.client;

import java.time.Duration;

/** One run of a program from its request to its end, with its input given and its output collected. */
final class Execution {
    /** How long a program that was killed at its deadline may take to end: for what it wrote before to arrive. */
    static final Duration DRAIN_DEADLINE = Duration.ofSeconds(5);

    private final OpenedProgram<CollectedOutput> program;
    private final Deadline startDeadline;
    private final Deadline deadline;

    private Execution(final OpenedProgram<CollectedOutput> program, final Deadline startDeadline, final Deadline deadline) {
        this.program = program;
        this.startDeadline = startDeadline;
        this.deadline = deadline;
    }

    /** Sends the request. */
    static Execution open(final Link link, final ExecOptions options, final Deadline startDeadline, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final OpenedProgram.SinkFactory<CollectedOutput> sinks =
            (window, grants) -> new CollectedOutput(window, grants, options.outputLimit());
        return new Execution(OpenedProgram.open(link, options, sinks, startDeadline, deadline), startDeadline, deadline);
    }

    /** Feeds the program, unless the input is empty, and waits for its end. Whatever is thrown, it is killed if it still runs. */
    ExecResult run(final byte[] input) throws SandboxException, InterruptedException {
        boolean complete = false;
        try {
            program.state().awaitStarted(startDeadline);
            final ExecResult result = new ExecResult(finish(input), program);
            complete = true;
            return result;
        } finally {
            if (!complete) {
                program.state().abandon();
                program.stdout().discard();
                program.stderr().discard();
            }
        }
    }

    private int finish(final byte[] input) throws SandboxException, InterruptedException {
        try {
            feed(input);
            return program.state().awaitEnd(deadline);
        } catch (final DeadlineExceededException e) {
            program.state().abandon();
            drain();
            throw new DeadlineExceededException(
                e.getMessage(), Outcome.STARTED, program.stdout().toByteArray(), program.stderr().toByteArray(), e);
        }
    }

    private void feed(final byte[] input) throws SandboxException, InterruptedException {
        if (input.length > 0) {
            try {
                program.stdin().send(input, 0, input.length, deadline);
                program.stdin().end(deadline);
            } catch (final InputClosedException e) {
                // Its exit code says whether that was all it wanted.
                return;
            }
        }
    }

    private void drain() throws InterruptedException {
        try {
            program.state().awaitEnd(Deadline.after(DRAIN_DEADLINE));
        } catch (final SandboxException e) {
            // What came until now is all there will be.
            return;
        }
    }
}
