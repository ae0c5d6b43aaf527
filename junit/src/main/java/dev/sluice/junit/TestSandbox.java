package dev.sluice.junit;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A sandbox on this machine: a relay and an agent in one process of their own, and a socket for clients. It ends when it is closed, or with
 * this JVM, and with it all programs in it. Thread safe.
 */
public final class TestSandbox implements AutoCloseable {
    /** How long a sandbox may take to start unless told otherwise, in seconds. */
    public static final int START_SECONDS = 60;

    private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(30);
    private static final long END_SECONDS = 20;
    private static final int MAX_ERROR_TEXT = 4000;

    private final Path directory;
    private final Process process;

    private TestSandbox(final Path directory, final Process process) {
        this.directory = directory;
        this.process = process;
    }

    /**
     * Starts a sandbox and waits until it is ready.
     *
     * @param deadline how long to wait at most
     * @return the sandbox, to be closed
     * @throws IOException          when it does not start, or not in time; the message says what its process said
     * @throws InterruptedException when this thread is interrupted
     */
    public static TestSandbox start(final Duration deadline) throws IOException, InterruptedException {
        final Path directory = Files.createTempDirectory("sluice-junit");
        TestSandbox sandbox = null;
        boolean ready = false;
        try {
            sandbox = new TestSandbox(directory, SandboxLaunch.start(directory));
            sandbox.awaitReady(deadline);
            ready = true;
            return sandbox;
        } finally {
            if (!ready) {
                if (sandbox != null) {
                    sandbox.close();
                }
                SandboxLaunch.clear(directory);
            }
        }
    }

    /**
     * The socket that clients connect to.
     *
     * @return its path
     */
    public Path socket() {
        return SandboxLaunch.socket(directory);
    }

    /**
     * Connects one more client.
     *
     * @return the client, to be closed
     * @throws SandboxException     when no connection came about
     * @throws InterruptedException when this thread is interrupted
     */
    public SandboxClient connect() throws SandboxException, InterruptedException {
        return SandboxClient.connect(socket(), CONNECT_DEADLINE);
    }

    /** Ends the sandbox and everything in it. Waits until it has ended, some seconds at most. */
    @Override
    public void close() {
        try {
            // The end of its input is the order to end.
            process.getOutputStream().close();
        } catch (final IOException e) {
            // It has ended by itself.
            process.destroy();
        }
        boolean interrupted = false;
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(END_SECONDS, TimeUnit.SECONDS);
            }
        } catch (final InterruptedException e) {
            interrupted = true;
            process.destroyForcibly();
        }
        SandboxLaunch.clear(directory);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitReady(final Duration deadline) throws IOException, InterruptedException {
        final CompletableFuture<String> line = new CompletableFuture<>();
        Thread.ofVirtual().name("sluice-junit").start(() -> readLine(line));
        try {
            if (SandboxProcess.READY.equals(line.get(deadline.toNanos(), TimeUnit.NANOSECONDS))) {
                return;
            }
            final int code = process.waitFor(END_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
            throw new IOException("its process has ended, exit code " + code + ". " + prerequisites() + said());
        } catch (final TimeoutException e) {
            throw new IOException("it was not ready within " + deadline.toSeconds() + " s. " + prerequisites() + said(), e);
        } catch (final ExecutionException e) {
            throw new IOException("its process says nothing: " + e.getCause().getMessage() + ". " + prerequisites() + said(), e);
        }
    }

    private void readLine(final CompletableFuture<String> line) {
        try {
            final BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
            line.complete(reader.readLine());
        } catch (final IOException | RuntimeException e) {
            line.completeExceptionally(e);
        }
    }

    private static String prerequisites() {
        return "A sandbox needs Linux on x86-64 with glibc, a JDK of version 22 or later, and its jars as files on the class path; this is "
            + System.getProperty("os.name") + " on " + System.getProperty("os.arch") + ", Java " + Runtime.version().feature()
            + ". Its process is given the flags it needs, --enable-native-access=ALL-UNNAMED and"
            + " --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED; the test's own needs none.";
    }

    /** The end of what the process wrote to its standard error. */
    private String said() {
        try {
            final byte[] text = Files.readAllBytes(SandboxLaunch.errors(directory));
            final int start = Math.max(0, text.length - MAX_ERROR_TEXT);
            return text.length == 0 ? " It said nothing." : " It said:\n" + new String(text, start, text.length - start);
        } catch (final IOException e) {
            return " What it said cannot be read: " + e.getMessage();
        }
    }
}
