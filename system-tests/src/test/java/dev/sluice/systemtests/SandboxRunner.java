package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ExecFailedException;
import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecResult;
import dev.sluice.client.ExecSession;
import dev.sluice.client.InputClosedException;
import dev.sluice.client.SandboxClient;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecFailed.Kind;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs trials in a sandbox, through a client. One thread. */
final class SandboxRunner implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int OUTPUT_LIMIT = 64 << 20;
    private static final int EPERM = 1;
    private static final int EINVAL = 22;
    /** What an error number is called when it keeps a program from starting; the relay protocol, section 4. */
    private static final Map<Integer, Kind> KINDS = Map.ofEntries(
        Map.entry(1, Kind.PERMISSION_DENIED), Map.entry(2, Kind.NOT_FOUND), Map.entry(7, Kind.BAD_ARGS), Map.entry(8, Kind.NOT_EXECUTABLE),
        Map.entry(13, Kind.PERMISSION_DENIED), Map.entry(20, Kind.NOT_FOUND), Map.entry(21, Kind.NOT_EXECUTABLE),
        Map.entry(26, Kind.NOT_EXECUTABLE), Map.entry(36, Kind.BAD_ARGS), Map.entry(40, Kind.BAD_ARGS));

    private final SandboxClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Uses a client, which stays the caller's. */
    SandboxRunner(final SandboxClient client) {
        this.client = client;
    }

    /** Runs a program in a directory, with what the trial adds to the agent's environment. */
    TrialResult run(final Trial trial, final ByteString directory) throws Exception {
        final ExecOptions.Builder options = ExecOptions.command(trial.command().getFirst())
            .arguments(trial.command().subList(1, trial.command().size()))
            .environment(trial.environment())
            .workingDirectory(directory)
            .outputLimit(OUTPUT_LIMIT)
            .deadline(LIMIT);
        trial.limits().forEach(limit -> options.rlimit(limit.name(), limit.soft(), limit.hard()));
        if (trial.terminal() != null) {
            options.terminal(trial.terminal().rows(), trial.terminal().columns());
        }
        if (trial.hasNoInput()) {
            options.noInput();
        }
        if (!trial.user().isEmpty()) {
            options.user(trial.user());
        }
        try {
            return trial.isAfterOutput() ? stream(options.build(), trial) : collect(options.build(), trial);
        } catch (final ExecFailedException e) {
            return refused(e);
        }
    }

    private TrialResult collect(final ExecOptions options, final Trial trial) throws Exception {
        final ExecResult result = client.exec(options, trial.input());
        assertTrue(result.isComplete(), () -> trial + ": " + result);
        return TrialResult.exit(result.exitCode(), result.stdout(), result.stderr());
    }

    private TrialResult stream(final ExecOptions options, final Trial trial) throws Exception {
        try (ExecSession session = client.start(options)) {
            final Future<byte[]> stderr = threads.submit(() -> session.stderr().readAllBytes());
            final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
            final byte[] buffer = new byte[BUFFER_BYTES];
            final InputStream from = session.stdout();
            Future<?> fed = null;
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                stdout.write(buffer, 0, count);
                if (fed == null) {
                    fed = threads.submit(() -> feed(session, trial));
                }
            }
            if (fed != null) {
                fed.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            final byte[] errors = stderr.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            final int code = session.waitFor(LIMIT);
            assertFalse(session.isOutputTruncated(), trial.toString());
            return TrialResult.exit(code, stdout.toByteArray(), errors);
        }
    }

    private static Void feed(final ExecSession session, final Trial trial) throws Exception {
        if (trial.resized() != null) {
            session.resize(trial.resized().rows(), trial.resized().columns());
        }
        if (trial.signal() != 0) {
            session.signal(trial.signal());
        }
        try (OutputStream stdin = session.stdin()) {
            stdin.write(trial.input());
        } catch (final InputClosedException e) {
            // It need not read all of it.
            return null;
        }
        return null;
    }

    private static TrialResult refused(final ExecFailedException failure) {
        if (failure.kind() == Kind.USER_SETUP_FAILED) {
            return TrialResult.refused("user", 0);
        }
        final int errno = failure.errno().orElseThrow(() -> new AssertionError("no error number", failure));
        if (failure.kind() == Kind.RESOURCE_LIMIT && (errno == EPERM || errno == EINVAL)) {
            return TrialResult.refused("limits", errno);
        }
        if (failure.kind() == Kind.BAD_CWD) {
            return TrialResult.refused("directory", errno);
        }
        assertEquals(KINDS.get(errno), failure.kind(), failure.getMessage());
        return TrialResult.refused("program", errno);
    }

    @Override
    public void close() {
        threads.close();
    }
}
