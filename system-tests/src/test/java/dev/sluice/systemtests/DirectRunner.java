package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.protocol.ByteString;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Runs trials without Sluice: {@code direct_runner.c} as a process, which forks and executes. That file draws the messages. One thread.
 */
final class DirectRunner implements AutoCloseable {
    private static final Path SOURCE = Path.of("src", "test", "c", "direct_runner.c").toAbsolutePath();
    private static final Duration COMPILE_LIMIT = Duration.ofSeconds(60);
    private static final int TERMINAL = 1;
    private static final int NO_INPUT = 2;
    private static final int RESIZE = 4;
    private static final int AFTER_OUTPUT = 8;
    private static final Trial.Size NO_SIZE = new Trial.Size(0, 0);
    private static final String[] STAGES = {"", "runner", "directory", "program", "user", "limits"};

    private final Process process;
    private final DataOutputStream orders;
    private final DataInputStream results;

    private DirectRunner(final Process process) {
        this.process = process;
        this.orders = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        this.results = new DataInputStream(process.getInputStream());
    }

    /** Compiles the runner and starts it; skips the test where there is no compiler. */
    static DirectRunner start(final Workspace workspace) throws Exception {
        Tools.assumeInstalled("gcc", "apt-get install gcc libc6-dev");
        final Path program = workspace.path("direct-runner");
        final Program compiler =
            workspace.start(List.of("gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-o", program.toString(), SOURCE.toString(), "-lutil"));
        assertEquals(0, compiler.awaitExit(COMPILE_LIMIT), () -> compiler.stderr().text());
        workspace.end(compiler);
        final ProcessBuilder builder = new ProcessBuilder(program.toString()).redirectError(ProcessBuilder.Redirect.INHERIT);
        workspace.tag().putInto(builder.environment());
        return new DirectRunner(builder.start());
    }

    /** Runs a program in a directory, with an environment that is all it gets. */
    TrialResult run(final Trial trial, final ByteString directory, final List<ByteString> environment) throws IOException {
        orders.writeInt((trial.terminal() == null ? 0 : TERMINAL) | (trial.hasNoInput() ? NO_INPUT : 0)
            | (trial.resized() == null ? 0 : RESIZE) | (trial.isAfterOutput() ? AFTER_OUTPUT : 0));
        write(trial.terminal());
        write(trial.resized());
        orders.writeInt(trial.signal());
        write(directory.toByteArray());
        write(trial.user().getBytes(StandardCharsets.UTF_8));
        orders.writeInt(trial.limits().size());
        for (final Trial.Limit limit : trial.limits()) {
            orders.writeInt(limit.resource());
            orders.writeLong(limit.soft());
            orders.writeLong(limit.hard());
        }
        write(trial.command());
        write(environment);
        write(trial.input());
        orders.flush();
        return read();
    }

    private void write(final Trial.Size size) throws IOException {
        final Trial.Size written = size == null ? NO_SIZE : size;
        orders.writeInt(written.rows());
        orders.writeInt(written.columns());
    }

    private void write(final List<ByteString> list) throws IOException {
        orders.writeInt(list.size());
        for (final ByteString one : list) {
            write(one.toByteArray());
        }
    }

    private void write(final byte[] bytes) throws IOException {
        orders.writeInt(bytes.length);
        orders.write(bytes);
    }

    private TrialResult read() throws IOException {
        final int stage = results.readInt();
        final int value = results.readInt();
        final byte[] stdout = results.readNBytes(results.readInt());
        final byte[] stderr = results.readNBytes(results.readInt());
        return stage == 0 ? TrialResult.exit(value, stdout, stderr) : TrialResult.refused(STAGES[stage], value);
    }

    @Override
    public void close() throws IOException {
        // It ends when there are no more orders; should it not, the workspace kills it.
        orders.close();
        results.close();
    }
}
