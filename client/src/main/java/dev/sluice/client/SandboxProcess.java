package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A session as a {@link Process}, for code that was written for local ones. */
final class SandboxProcess extends Process {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;

    private final ExecSession session;
    private final ExecOptions options;
    private final Instant started;

    SandboxProcess(final ExecSession session, final ExecOptions options, final Instant started) {
        this.session = session;
        this.options = options;
        this.started = started;
    }

    @Override
    public OutputStream getOutputStream() {
        return session.stdin();
    }

    @Override
    public InputStream getInputStream() {
        return session.stdout();
    }

    @Override
    public InputStream getErrorStream() {
        return session.stderr();
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return session.waitFor(Deadline.UNLIMITED);
        } catch (final SandboxException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean waitFor(final long timeout, final TimeUnit unit) throws InterruptedException {
        try {
            session.waitFor(Duration.ofNanos(unit.toNanos(Math.max(0, timeout))));
            return true;
        } catch (final DeadlineExceededException e) {
            return false;
        } catch (final SandboxException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int exitValue() {
        return session.exitCode().orElseThrow(() -> new IllegalThreadStateException("the program has not ended, or its end is not known"));
    }

    @Override
    public boolean isAlive() {
        return !session.hasEnded();
    }

    @Override
    public void destroy() {
        end(SIGTERM);
    }

    @Override
    public Process destroyForcibly() {
        end(SIGKILL);
        return this;
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    @Override
    public long pid() {
        return session.pid();
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return session.onExit().thenApply(code -> this);
    }

    @Override
    public ProcessHandle.Info info() {
        return new Info(options, started);
    }

    @Override
    public String toString() {
        return "program in a sandbox, pid " + pid() + (isAlive() ? ", running" : ", ended");
    }

    /** As local processes do, which drop their streams: what nobody reads any more must not keep the program from ending. */
    private void end(final int signal) {
        session.signal(signal);
        session.dropOutput();
    }

    /** What is known here of a process that runs elsewhere. */
    private record Info(ExecOptions options, Instant started) implements ProcessHandle.Info {
        @Override
        public Optional<String> command() {
            return Optional.of(options.command().toString());
        }

        @Override
        public Optional<String> commandLine() {
            return Optional.of(String.join(" ", options.command().toString(), String.join(" ", arguments().orElseThrow())).strip());
        }

        @Override
        public Optional<String[]> arguments() {
            final List<ByteString> arguments = options.arguments();
            return Optional.of(arguments.stream().map(ByteString::toString).toArray(String[]::new));
        }

        @Override
        public Optional<Instant> startInstant() {
            return Optional.of(started);
        }

        @Override
        public Optional<Duration> totalCpuDuration() {
            return Optional.empty();
        }

        @Override
        public Optional<String> user() {
            return Optional.ofNullable(options.user()).map(ByteString::toString);
        }
    }
}
