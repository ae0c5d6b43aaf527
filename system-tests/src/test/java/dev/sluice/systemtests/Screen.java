package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A terminal with a program on it, as a person sees it: tmux keeps the cells of its screen. It has a server of its own, which ends with it.
 */
final class Screen implements AutoCloseable {
    /** What programs on it are told of it, whatever tmux would like them to believe. */
    static final String TERM = "xterm-256color";

    /** How long anything that is to be on it may take. */
    static final long LIMIT_SECONDS = 60;
    static final long POLL_MILLIS = 30;

    /** Where the pane's program says how it ended. */
    private static final String EXIT_CODE = "exit-code";

    private final Path directory;
    private final String server;

    private Screen(final Path directory, final String server) {
        this.directory = directory;
        this.server = server;
    }

    /**
     * Starts a program on a terminal of 24 lines of 80 characters.
     *
     * @param directory of its own, for what tmux and this class keep in files
     * @param command   the program and its arguments; it starts with the default actions for all signals, however this build was started
     */
    static Screen start(final Path directory, final List<String> command) throws Exception {
        Files.createDirectories(directory);
        final Screen screen = new Screen(directory, directory.resolve("tmux").toString());
        final Path configuration = Files.writeString(directory.resolve("tmux.conf"), """
            set -g default-terminal %s
            set -g status off
            set -g default-size 80x24
            set -g escape-time 0
            set -g remain-on-exit on
            set -g remain-on-exit-format ''
            """.formatted(TERM));
        final StringBuilder line = new StringBuilder();
        command.forEach(word -> line.append('\'').append(word.replace("'", "'\\''")).append("' "));
        final Path script = Files.writeString(directory.resolve("start"), "stty -ixon\n" + line + "\necho $? > "
            + directory.resolve(EXIT_CODE) + "\n");
        screen.tmux("-f", configuration.toString(), "new-session", "-d", "-x", "80", "-y", "24",
            "exec env --default-signal TERM=" + TERM + " sh " + script);
        return screen;
    }

    /** Presses keys, as tmux calls them. */
    void press(final String... keys) throws Exception {
        final List<String> arguments = new ArrayList<>(List.of("send-keys"));
        arguments.addAll(List.of(keys));
        tmux(arguments.toArray(String[]::new));
    }

    /** Types a text. */
    void type(final String text) throws Exception {
        tmux("send-keys", "-l", text);
    }

    void resize(final int columns, final int rows) throws Exception {
        tmux("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows));
    }

    /** Every cell of the screen with its colours and attributes, and where the cursor is. */
    String cells() throws Exception {
        return tmux("capture-pane", "-p", "-e") + tmux("display-message", "-p", "#{cursor_x},#{cursor_y} #{alternate_on}");
    }

    /** The text on the screen. */
    String text() throws Exception {
        return tmux("capture-pane", "-p");
    }

    /** Waits until the screen is so, and stays so for a moment: what is drawn in pieces is drawn. */
    void await(final String what, final Predicate<String> condition) throws Exception {
        final long begin = System.nanoTime();
        String before = "";
        while (true) {
            final String cells = cells();
            if (condition.test(text()) && cells.equals(before)) {
                return;
            }
            before = cells;
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS),
                () -> "never on the screen: " + what + ", but:\n" + cells);
            Thread.sleep(POLL_MILLIS);
        }
    }

    void awaitText(final String text) throws Exception {
        await(text, screen -> screen.contains(text));
    }

    /** Waits for the program to end. @return its exit code */
    int awaitEnd() throws Exception {
        final long begin = System.nanoTime();
        final Path file = directory.resolve(EXIT_CODE);
        while (!Files.exists(file) || !Files.readString(file).endsWith("\n")) {
            final String text = text();
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS), () -> "has not ended:\n" + text);
            Thread.sleep(POLL_MILLIS);
        }
        return Integer.parseInt(Files.readString(file).strip());
    }

    @Override
    public void close() throws IOException {
        try {
            run("kill-server");
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String tmux(final String... arguments) throws Exception {
        final Result result = run(arguments);
        assertEquals(0, result.exitCode, "tmux " + String.join(" ", arguments) + ": " + result.output);
        return result.output;
    }

    private record Result(int exitCode, String output) {
    }

    private Result run(final String... arguments) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of("env", "--default-signal", "tmux", "-u", "-S", server));
        command.addAll(List.of(arguments));
        final ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.startsWith("TMUX"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("TERM", TERM);
        final Path output = directory.resolve("output");
        final Process process = builder.redirectOutput(output.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("tmux does not answer");
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
