package dev.sluice.cli;

import dev.sluice.client.DeadlineExceededException;
import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs one program in a sandbox in the place of this process: its input and outputs are ours, it gets the signals we get, and its exit code
 * becomes ours. One with a terminal has ours: it gets the keys that make signals, and the signals that we get are our own end, of which it
 * is told by hanging up.
 */
final class ProgramRunner {
    private static final int BUFFER_LENGTH = 64 * 1024;
    /** So many signals to a program that does not end by them end us. */
    private static final int PATIENCE = 3;
    /** The exit code comes with the end of the outputs; this is for a program that has both outputs closed for it here. */
    private static final Duration UNTIL_EXIT_CODE = Duration.ofDays(365);
    private static final Duration UNTIL_NOTICE = Duration.ofSeconds(5);
    private static final Duration UNTIL_INPUT_ENDED = Duration.ofMillis(100);
    /** What was typed before the terminal went away gets this long to be taken, if anybody takes it. */
    private static final Duration UNTIL_TYPED = Duration.ofSeconds(1);
    /** A shell that is told that its terminal has hung up gets this long to write its history, an editor to save what is unsaved. */
    private static final Duration UNTIL_HUNG_UP = Duration.ofSeconds(2);
    private static final Duration UNTIL_SCREEN_LEFT = Duration.ofSeconds(1);
    private static final String DETACHED = "detached: that has hung up on the program, which ends it";

    /** The program has ended by itself, or its session failed: the session knows. */
    private static final Ending OF_ITSELF = new Ending(ExitCode.OK, null);

    private final ExecSession session;
    private final Attachment attachment;
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();
    private final AtomicInteger signals = new AtomicInteger();
    private final TypeAhead typeAhead = new TypeAhead();
    private final ScreenModes screen = new ScreenModes();
    private volatile Ending hungUp;

    private ProgramRunner(final ExecSession session, final Attachment attachment) {
        this.session = session;
        this.attachment = attachment;
    }

    /** Why there is no more to do for the program; without a message where none is due. */
    private record Ending(int exitCode, String message) {
    }

    /**
     * Runs a program to its end, or to the end of somebody's interest in it.
     *
     * @param options    what to run; its terminal and input are as the attachment says
     * @param attachment how
     * @return the exit code for this process, which should end now: its standard input is closed
     */
    static int run(final SandboxClient client, final ExecOptions options, final Attachment attachment)
        throws SandboxException, InterruptedException, PosixException {
        try (ExecSession session = start(client, options, attachment.startDeadline())) {
            return session == null ? ExitCode.SLUICE_FAILED : new ProgramRunner(session, attachment).run();
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

    private int run() throws SandboxException, InterruptedException, PosixException {
        final boolean keys = attachment.terminal() && attachment.input();
        final Ending ending;
        try (LocalTerminal terminal = keys ? LocalTerminal.enter() : null) {
            if (terminal != null) {
                terminal.follow(size -> session.resize(size.rows(), size.columns()));
            }
            TerminationSignals.forwardTo(attachment.terminal() ? this::end : this::signal);
            ending = attach();
        }
        if (attachment.terminal()) {
            leaveScreen(ending.message != null);
        }
        return exitCode(ending);
    }

    /** A program that was cut off has left the screen as it had it. @param speaks whether we have something to say next */
    private void leaveScreen(final boolean speaks) throws InterruptedException {
        final byte[] sequence;
        synchronized (screen) {
            sequence = screen.leave(speaks);
        }
        if (sequence.length > 0 && StandardStream.out().isTerminal()) {
            // Not waited for at length: the terminal may take nothing any more.
            Thread.ofPlatform().daemon().name("sluice-screen").start(() -> writeQuietly(sequence)).join(UNTIL_SCREEN_LEFT);
        }
    }

    private static void writeQuietly(final byte[] sequence) {
        try {
            StandardStream.out().write(sequence, 0, sequence.length);
        } catch (final IOException e) {
            // Nobody sees that screen any more.
            return;
        }
    }

    private Ending attach() throws InterruptedException {
        final Thread typist = Thread.ofPlatform().daemon().name("sluice-stdin-session").unstarted(this::passTyped);
        final Thread input = Thread.ofPlatform().daemon().name("sluice-stdin")
            .unstarted(attachment.terminal() ? () -> readTerminal(typist) : this::pumpInput);
        if (attachment.input()) {
            input.start();
        }
        if (attachment.timeout() != null) {
            final Ending timedOut = new Ending(ExitCode.TIMED_OUT,
                "the program has not ended within " + TimeConverter.format(attachment.timeout()) + " and is killed");
            ended.completeOnTimeout(timedOut, attachment.timeout().toNanos(), TimeUnit.NANOSECONDS);
        }
        final Thread errors = Thread.ofPlatform().daemon().name("sluice-stderr")
            .start(() -> pumpOutput(session.stderr(), StandardStream.err()));
        // Not here: whoever reads what is written may stop to, and all other ends are to be seen then, too.
        Thread.ofPlatform().daemon().name("sluice-stdout").start(() -> {
            pumpOutput(session.stdout(), StandardStream.out());
            joinQuietly(errors);
            ended.complete(OF_ITSELF);
        });
        try {
            return ended.join();
        } finally {
            // A JVM that ends gives threads in system calls 300 ms to come back, which one that waits for input does when interrupted.
            input.interrupt();
            if (attachment.input()) {
                input.join(UNTIL_INPUT_ENDED);
            }
            if (typist.isAlive()) {
                typist.interrupt();
                typist.join(UNTIL_INPUT_ENDED);
            }
        }
    }

    private int exitCode(final Ending ending) throws SandboxException, InterruptedException {
        if (ending == OF_ITSELF && hungUp == null) {
            final int exitCode = session.waitFor(UNTIL_EXIT_CODE);
            if (session.isOutputTruncated()) {
                Diagnostics.print("the output may lack its end: a process that the program left behind kept it open");
            }
            return exitCode;
        }
        final Ending reason = ending == OF_ITSELF ? hungUp : ending;
        if (reason.message != null) {
            // Not waited for at length: whoever reads it may be the terminal that takes nothing any more.
            Diagnostics.log(reason.message);
        }
        return reason.exitCode;
    }

    private void signal(final int number) {
        if (signals.incrementAndGet() >= PATIENCE) {
            Runtime.getRuntime().halt(ExitCode.SIGNALLED + number);
        }
        session.signal(number);
    }

    /** Ends a program that has a terminal, the second time at once. */
    private void end(final int number) {
        if (signals.incrementAndGet() == 1) {
            hangUp(number);
        } else {
            giveUp(new Ending(ExitCode.SIGNALLED + number, null));
        }
    }

    /** Ends a program as the end of its terminal does. @param number of the signal that brought that about */
    private synchronized void hangUp(final int number) {
        if (hungUp == null) {
            hungUp = new Ending(ExitCode.SIGNALLED + number, null);
            session.signal(Linux.SIGHUP);
            ended.completeOnTimeout(hungUp, UNTIL_HUNG_UP.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void pumpInput() {
        final byte[] buffer = new byte[BUFFER_LENGTH];
        try (OutputStream input = session.stdin()) {
            for (int length = readInput(buffer); length > 0; length = readInput(buffer)) {
                input.write(buffer, 0, length);
            }
        } catch (final IOException e) {
            // The program takes no more, or the connection is gone: whoever waits for the exit code is told why.
            return;
        }
    }

    /** Reads what is typed, whether the program takes it or not: the detach keys are to be seen. @param typist passes on the rest */
    private void readTerminal(final Thread typist) {
        final byte[] buffer = new byte[BUFFER_LENGTH];
        typist.start();
        try {
            for (int length = readInput(buffer); length > 0; length = readInput(buffer)) {
                final byte[] typed = attachment.detachKeys().pass(buffer, length);
                if (typed == null) {
                    giveUp(new Ending(ExitCode.SIGNALLED + Linux.SIGHUP, DETACHED));
                    return;
                }
                typeAhead.put(typed);
            }
            typeAhead.end();
            if (!ended.isDone()) {
                // Every key is one there; so this is no person's end of input.
                typist.join(UNTIL_TYPED);
                hangUp(Linux.SIGHUP);
            }
        } catch (final InterruptedException e) {
            // The program has ended.
            return;
        } finally {
            typeAhead.end();
        }
    }

    private void passTyped() {
        try (OutputStream input = session.stdin()) {
            for (byte[] typed = typeAhead.take(); typed != null; typed = typeAhead.take()) {
                input.write(typed);
            }
        } catch (final IOException | InterruptedException e) {
            // The program takes no more, or the connection is gone: whoever waits for the exit code is told why.
            typeAhead.discard();
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
                giveUp(new Ending(ExitCode.SLUICE_FAILED, "cannot read standard input: " + e.getMessage()));
            }
            return -1;
        }
    }

    private void pumpOutput(final InputStream output, final StandardStream target) {
        final byte[] buffer = new byte[BUFFER_LENGTH];
        boolean wanted = true;
        try {
            for (int length = output.read(buffer); length > 0; length = output.read(buffer)) {
                wanted = wanted && write(target, buffer, length);
                if (attachment.terminal()) {
                    synchronized (screen) {
                        screen.follow(buffer, length);
                    }
                }
            }
        } catch (final IOException e) {
            // The session has failed; whoever waits for the exit code is told why.
            return;
        }
    }

    /** @return false when that stream takes no more */
    private boolean write(final StandardStream target, final byte[] buffer, final int length) {
        try {
            target.write(buffer, 0, length);
            return true;
        } catch (final IOException e) {
            // Whoever read us has what they wanted; nobody else writes a line about that either.
            final boolean quiet = target.hasPeer();
            if (quiet && attachment.terminal() && target.isTerminal()) {
                hangUp(Linux.SIGHUP);
            } else {
                giveUp(quiet ? new Ending(ExitCode.SIGNALLED + Linux.SIGPIPE, null) : new Ending(ExitCode.SLUICE_FAILED, e.getMessage()));
            }
            return false;
        }
    }

    private void giveUp(final Ending reason) {
        ended.complete(reason);
        session.close();
    }

    private static void joinQuietly(final Thread thread) {
        try {
            thread.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
