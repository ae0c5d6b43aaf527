package dev.sluice.cli;

import dev.sluice.client.DeadlineExceededException;
import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs one program in a sandbox in the place of this process: its input and outputs are ours, it gets the signals we get, and its exit code
 * becomes ours.
 */
final class ProgramRunner {
    private static final int BUFFER_LENGTH = 64 * 1024;
    private static final int SIGPIPE = 13;
    /** So many signals to a program that does not end by them end us. */
    private static final int PATIENCE = 3;
    /** The exit code comes with the end of the outputs; this is for a program that has both outputs closed for it here. */
    private static final Duration UNTIL_EXIT_CODE = Duration.ofDays(365);
    private static final Duration UNTIL_NOTICE = Duration.ofSeconds(5);
    private static final Duration UNTIL_INPUT_ENDED = Duration.ofMillis(100);

    private final ExecSession session;
    private final AtomicReference<Failure> failure = new AtomicReference<>();
    private final AtomicInteger signals = new AtomicInteger();

    private ProgramRunner(final ExecSession session) {
        this.session = session;
    }

    /** Why the program was given up; without a message where none is due. */
    private record Failure(int exitCode, String message) {
    }

    /**
     * Runs a program to its end, or to the end of somebody's interest in it.
     *
     * @param startDeadline the one that is among the options
     * @return the exit code for this process, which should end now: its standard input is closed
     */
    static int run(final SandboxClient client, final ExecOptions options, final Duration startDeadline)
        throws SandboxException, InterruptedException {
        try (ExecSession session = start(client, options, startDeadline)) {
            return session == null ? ExitCode.SLUICE_FAILED : new ProgramRunner(session).run();
        }
    }

    private static ExecSession start(final SandboxClient client, final ExecOptions options, final Duration startDeadline)
        throws SandboxException, InterruptedException {
        final Thread notice = Thread.ofPlatform().daemon().name("sluice-notice").start(() -> noticeSilence(startDeadline));
        try {
            return client.start(options);
        } catch (final DeadlineExceededException e) {
            Diagnostics.print("the guest has not started the program within " + TimeConverter.format(startDeadline)
                + ", its agent does not answer; should it start later, it is killed");
            return null;
        } finally {
            notice.interrupt();
            // So that nothing is said after the program has begun to.
            notice.join();
        }
    }

    /** For somebody who sits before it and wonders; scripts have the deadline. */
    private static void noticeSilence(final Duration startDeadline) {
        try {
            Thread.sleep(UNTIL_NOTICE);
            if (StandardStream.err().isTerminal()) {
                Diagnostics.print("the guest has not answered yet; waiting for up to " + TimeConverter.format(startDeadline));
            }
        } catch (final InterruptedException e) {
            // It has.
            return;
        }
    }

    private int run() throws SandboxException, InterruptedException {
        TerminationSignals.forwardTo(this::signal);
        final Thread input = Thread.ofPlatform().daemon().name("sluice-stdin").start(this::pumpInput);
        try {
            return copyOutputs();
        } finally {
            // A JVM that ends gives threads in system calls 300 ms to come back, which one that waits for input does when interrupted.
            input.interrupt();
            input.join(UNTIL_INPUT_ENDED);
        }
    }

    private int copyOutputs() throws SandboxException, InterruptedException {
        final Thread errors = Thread.ofPlatform().daemon().name("sluice-stderr")
            .start(() -> pumpOutput(session.stderr(), StandardStream.err()));
        pumpOutput(session.stdout(), StandardStream.out());
        errors.join();
        final Failure reason = failure.get();
        if (reason == null) {
            final int exitCode = session.waitFor(UNTIL_EXIT_CODE);
            if (session.isOutputTruncated()) {
                Diagnostics.print("the output may lack its end: a process that the program left behind kept it open");
            }
            return exitCode;
        }
        if (reason.message != null) {
            Diagnostics.print(reason.message);
        }
        return reason.exitCode;
    }

    private void signal(final int number) {
        if (signals.incrementAndGet() >= PATIENCE) {
            Runtime.getRuntime().halt(ExitCode.SIGNALLED + number);
        }
        session.signal(number);
    }

    private void pumpInput() {
        final byte[] buffer = new byte[BUFFER_LENGTH];
        try (OutputStream input = session.stdin()) {
            int length = readInput(buffer);
            while (length > 0) {
                input.write(buffer, 0, length);
                length = readInput(buffer);
            }
        } catch (final IOException e) {
            // The program takes no more, or the connection is gone: whoever waits for the exit code is told why.
            return;
        }
    }

    private int readInput(final byte[] buffer) {
        final StandardStream stream = StandardStream.in();
        try {
            return stream.read(buffer);
        } catch (final ClosedByInterruptException e) {
            return -1;
        } catch (final IOException e) {
            // A terminal that has gone away is the end of input. Anything else must not pass for it: the program would take a part for all.
            if (!stream.hasPeer()) {
                giveUp(new Failure(ExitCode.SLUICE_FAILED, "cannot read standard input: " + e.getMessage()));
            }
            return -1;
        }
    }

    private void pumpOutput(final InputStream output, final StandardStream target) {
        final byte[] buffer = new byte[BUFFER_LENGTH];
        try {
            int length = output.read(buffer);
            while (length > 0) {
                if (!write(target, buffer, length)) {
                    return;
                }
                length = output.read(buffer);
            }
        } catch (final IOException e) {
            // The session has failed; whoever waits for the exit code is told why.
            return;
        }
    }

    private boolean write(final StandardStream target, final byte[] buffer, final int length) {
        try {
            target.write(buffer, 0, length);
            return true;
        } catch (final IOException e) {
            // Whoever read us has what they wanted; nobody else writes a line about that either.
            final boolean quiet = target.hasPeer();
            giveUp(quiet ? new Failure(ExitCode.SIGNALLED + SIGPIPE, null)
                : new Failure(ExitCode.SLUICE_FAILED, e.getMessage()));
            return false;
        }
    }

    private void giveUp(final Failure reason) {
        failure.compareAndSet(null, reason);
        session.close();
    }
}
