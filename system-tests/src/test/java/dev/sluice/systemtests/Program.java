package dev.sluice.systemtests;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A process that a test has started, its outputs captured. Ended when closed. */
final class Program implements AutoCloseable {
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final String name;
    private final Process process;
    private final Output stdout;
    private final Output stderr;

    /** Starts a process; {@code input} is its standard input, a pipe where null. */
    Program(final ProcessTag tag, final Path directory, final File input, final List<String> command) throws IOException {
        this.name = command.stream().map(word -> Path.of(word).getFileName()).map(String::valueOf).collect(Collectors.joining(" "));
        final ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        if (input != null) {
            builder.redirectInput(input);
        }
        tag.putInto(builder.environment());
        builder.environment().put("TMPDIR", directory.toString());
        this.process = builder.start();
        this.stdout = new Output("stdout of " + this, process.getInputStream());
        this.stderr = new Output("stderr of " + this, process.getErrorStream());
    }

    long pid() {
        return process.pid();
    }

    OutputStream stdin() {
        return process.getOutputStream();
    }

    Output stdout() {
        return stdout;
    }

    Output stderr() {
        return stderr;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The processes below this one, now. */
    Set<ProcessHandle> descendants() {
        return process.descendants().collect(Collectors.toSet());
    }

    /** Waits for the end of the process and of both its outputs. */
    int awaitExit(final Duration limit) throws InterruptedException {
        final long deadline = System.nanoTime() + limit.toNanos();
        if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new AssertionError(this + " has not ended within " + limit.toMillis() + " ms; it said:\n" + stderr.text());
        }
        final Duration left = Duration.ofNanos(Math.max(deadline - System.nanoTime(), 0)).plusSeconds(1);
        stdout.awaitEnd(left);
        stderr.awaitEnd(left);
        return process.exitValue();
    }

    /** Sends SIGKILL. Does not wait. By the handle, because {@link Process} would close the outputs as well. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Sends SIGTERM. Does not wait. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Sends any signal, by its name without SIG. */
    void signal(final String signal) throws IOException, InterruptedException {
        final int status = new ProcessBuilder("kill", "-s", signal, String.valueOf(pid())).start().waitFor();
        if (status != 0) {
            throw new AssertionError("kill -s " + signal + " " + pid() + ": " + status);
        }
    }

    /** Kills the process if it still runs, and waits, interrupted or not. What it has started in turn is found by its mark. */
    @Override
    public void close() {
        kill();
        process.onExit().orTimeout(END_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
        try {
            process.getOutputStream().close();
        } catch (final IOException e) {
            // What was still buffered has nobody left to read it.
            kill();
        }
        stdout.close();
        stderr.close();
    }

    @Override
    public String toString() {
        return "[" + pid() + "] " + name;
    }
}
