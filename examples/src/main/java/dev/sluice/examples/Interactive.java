package dev.sluice.examples;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** Drives a program that wants a terminal: {@code Interactive SOCKET}. */
public final class Interactive {
    private static final String INTERRUPT = "\u0003";

    private Interactive() {
    }

    /**
     * Runs the example.
     *
     * @param args the sandbox's socket
     * @throws Exception when something fails
     */
    public static void main(final String[] args) throws Exception {
        // Without an echo, so that what is read is what the programs write.
        final ExecOptions options = ExecOptions.command("sh", "-c", "stty -echo; echo ready; exec sh").terminal(24, 80)
            .environment("PS1", "").environment("TERM", "dumb").build();
        try (SandboxClient sandbox = SandboxClient.connect(Path.of(args[0]), Duration.ofSeconds(10));
            ExecSession shell = sandbox.start(options);
            BufferedReader screen = new BufferedReader(new InputStreamReader(shell.stdout(), StandardCharsets.UTF_8))) {
            awaitLine(screen, "ready");
            type(shell, "stty size\n");
            System.out.println("rows and columns: " + screen.readLine());
            shell.resize(50, 132);
            type(shell, "stty size\n");
            System.out.println("after the resize: " + screen.readLine());
            // What Ctrl-C does at a keyboard: it ends the program, and not the shell.
            type(shell, "sh -c 'trap \"echo interrupted; exit 1\" INT; echo running; while :; do sleep 1; done'\n");
            awaitLine(screen, "running");
            type(shell, INTERRUPT);
            awaitLine(screen, "interrupted");
            System.out.println("interrupted");
            type(shell, "exit 3\n");
            System.out.println("exit code: " + shell.waitFor(Duration.ofSeconds(10)));
        }
    }

    private static void type(final ExecSession shell, final String keys) throws Exception {
        final OutputStream keyboard = shell.stdin();
        keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    private static void awaitLine(final BufferedReader screen, final String wanted) throws Exception {
        for (String line = screen.readLine(); !line.endsWith(wanted); line = screen.readLine()) {
            // The shell may have prompts and messages of its own.
            System.out.print("");
        }
    }
}
