package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A {@code sluice sandbox} for the commands of a test, which share its file system. */
final class RunningSandbox {
    private static final byte[] NOTHING = {};

    private final Path directory;
    private final SluiceProcess process;

    private RunningSandbox(final Path directory, final SluiceProcess process) {
        this.directory = directory;
        this.process = process;
    }

    /** Starts one, with its socket in the directory. */
    static RunningSandbox start(final Path directory) throws Exception {
        final RunningSandbox sandbox = new RunningSandbox(directory, SluiceProcess.start(
            Files.createDirectories(directory.resolve("tmp")), "sandbox", "--listen", directory.resolve("s").toString()));
        sandbox.process.awaitError("sandbox ready");
        return sandbox;
    }

    String socket() {
        return directory.resolve("s").toString();
    }

    SluiceProcess process() {
        return process;
    }

    /** Runs a command; where an argument is {@code @}, or begins with it, that stands for the socket. */
    SluiceProcess.Result sluice(final String... arguments) throws Exception {
        return SluiceProcess.run(directory.resolve("tmp"), NOTHING, withSocket(arguments));
    }

    /** Runs a command in this process, with {@code @} as above. */
    SluiceProcess.Result inProcess(final String... arguments) {
        return InProcess.run(withSocket(arguments));
    }

    /** Starts a command, with {@code @} as above. */
    SluiceProcess start(final String... arguments) throws IOException {
        return SluiceProcess.start(directory.resolve("tmp"), withSocket(arguments));
    }

    private String[] withSocket(final String... arguments) {
        final String[] all = arguments.clone();
        for (int i = 0; i < all.length; i++) {
            all[i] = all[i].startsWith("@") ? socket() + all[i].substring(1) : all[i];
        }
        return all;
    }

    /** Ends it as a user would; it must end well. */
    void end() throws Exception {
        process.terminate();
        final SluiceProcess.Result end = process.await();
        assertEquals(0, end.exitCode(), end.stderr());
    }

    /** Ends it without a word. */
    void kill() throws Exception {
        process.process().destroyForcibly();
        process.process().waitFor(30, TimeUnit.SECONDS);
        process.await();
    }
}
