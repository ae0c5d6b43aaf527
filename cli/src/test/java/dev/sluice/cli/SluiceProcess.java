package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command of Sluice in a process of its own, from this build's classes. */
final class SluiceProcess {
    private static final long LIMIT_SECONDS = 50;
    /** For agents that a command starts: none lives long enough for the slow compiler to pay, which takes a third of a start. */
    private static final String AGENT_OPTIONS = "-XX:TieredStopAtLevel=1";

    private final Process process;
    private final Collector stdout;
    private final Collector stderr;

    private SluiceProcess(final Process process) {
        this.process = process;
        this.stdout = new Collector(process.getInputStream(), "stdout");
        this.stderr = new Collector(process.getErrorStream(), "stderr");
    }

    /** What a command left behind. */
    record Result(int exitCode, byte[] stdout, String stderr) {
        String stdoutText() {
            return new String(stdout, StandardCharsets.UTF_8);
        }
    }

    /** The command line of a JVM that runs a command, with a directory for its temporary files. */
    static List<String> commandLine(final Path temporary, final String... arguments) {
        final List<String> line = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=" + temporary, "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED", "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Main.class.getName()));
        line.addAll(List.of(arguments));
        return line;
    }

    static SluiceProcess start(final Path temporary, final String... arguments) throws IOException {
        return start(new ProcessBuilder(commandLine(temporary, arguments)));
    }

    static SluiceProcess start(final ProcessBuilder builder) throws IOException {
        builder.environment().putIfAbsent("SLUICE_JAVA_OPTS", AGENT_OPTIONS);
        return new SluiceProcess(builder.start());
    }

    /** Runs a command to its end, with that input. */
    static Result run(final Path temporary, final byte[] input, final String... arguments) throws Exception {
        final SluiceProcess sluice = start(temporary, arguments);
        sluice.feed(input);
        return sluice.await();
    }

    /** Writes input, and ends it. */
    void feed(final byte[] input) throws IOException {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        } catch (final IOException e) {
            // A program need not read its input; the tests look at what it did.
            assertTrue(e.getMessage().contains("Broken pipe") || e.getMessage().contains("Stream closed"), e.getMessage());
        }
    }

    /** Returns when that has been written to the standard output. */
    void awaitOutput(final String text) throws Exception {
        stdout.awaitText(text);
    }

    /** What has been written to the standard output so far. */
    String output() {
        return new String(stdout.bytes(), StandardCharsets.UTF_8);
    }

    /** Returns when that has been written to the standard error. */
    void awaitError(final String text) throws Exception {
        stderr.awaitText(text);
    }

    /** Sends SIGTERM. Unlike {@link Process#destroy()}, which closes our ends of the pipes, and what is in them is lost. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Sends a signal by its name. */
    void signal(final String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start().waitFor());
    }

    Process process() {
        return process;
    }

    Result await() throws Exception {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("still running after " + LIMIT_SECONDS + " s: " + new String(stderr.bytes(), StandardCharsets.UTF_8));
        }
        stdout.join();
        stderr.join();
        return new Result(process.exitValue(), stdout.bytes(), new String(stderr.bytes(), StandardCharsets.UTF_8));
    }

    /** Reads a stream as it comes. */
    private static final class Collector {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Thread thread;
        private boolean ended;

        Collector(final InputStream stream, final String name) {
            thread = Thread.ofPlatform().name(name).start(() -> collect(stream));
        }

        private void collect(final InputStream stream) {
            final byte[] buffer = new byte[64 * 1024];
            try (stream) {
                for (int length = stream.read(buffer); length > 0; length = stream.read(buffer)) {
                    synchronized (this) {
                        bytes.write(buffer, 0, length);
                        notifyAll();
                    }
                }
            } catch (final IOException e) {
                // The test has closed the stream.
            }
            synchronized (this) {
                ended = true;
                notifyAll();
            }
        }

        synchronized byte[] bytes() {
            return bytes.toByteArray();
        }

        synchronized void awaitText(final String text) throws InterruptedException {
            while (!bytes.toString(StandardCharsets.UTF_8).contains(text)) {
                assertTrue(!ended, "ended without " + text + ": " + bytes.toString(StandardCharsets.UTF_8));
                wait(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
            }
        }

        void join() throws InterruptedException {
            thread.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        }
    }
}
