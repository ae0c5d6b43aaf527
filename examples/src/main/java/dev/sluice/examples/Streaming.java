package dev.sluice.examples;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** Talks with a program while it runs: {@code Streaming SOCKET}. */
public final class Streaming {
    private Streaming() {
    }

    /**
     * Runs the example.
     *
     * @param args the sandbox's socket
     * @throws Exception when something fails
     */
    public static void main(final String[] args) throws Exception {
        final ExecOptions squares = ExecOptions.command("sh", "-c", "while read n; do echo $((n * n)); done").build();
        try (SandboxClient sandbox = SandboxClient.connect(Path.of(args[0]), Duration.ofSeconds(10));
            ExecSession session = sandbox.start(squares);
            Writer questions = new OutputStreamWriter(session.stdin(), StandardCharsets.UTF_8);
            BufferedReader answers = new BufferedReader(new InputStreamReader(session.stdout(), StandardCharsets.UTF_8))) {
            for (int n = 1; n <= 5; n++) {
                questions.write(n + "\n");
                questions.flush();
                System.out.println(n + " squared is " + answers.readLine());
            }
            // The end of its input is the end of this program.
            session.stdin().close();
            System.out.println("exit code: " + session.waitFor(Duration.ofSeconds(10)));
        }
    }
}
