package dev.sluice.examples;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecResult;
import dev.sluice.client.SandboxClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** Runs programs to their end and looks at what they wrote: {@code Exec SOCKET}. */
public final class Exec {
    private Exec() {
    }

    /**
     * Runs the example.
     *
     * @param args the sandbox's socket
     * @throws Exception when something fails
     */
    public static void main(final String[] args) throws Exception {
        try (SandboxClient sandbox = SandboxClient.connect(Path.of(args[0]), Duration.ofSeconds(10))) {
            // As short as it gets: a program and its arguments.
            final ExecResult hello = sandbox.exec("echo", "hello from the sandbox");
            System.out.print(hello.stdoutText());

            // With everything: variables, a directory, a deadline, input.
            final ExecOptions options = ExecOptions.command("sh", "-c", "cd -P . && pwd; echo \"$GREETING\" >&2; tr a-z A-Z; exit 3")
                .environment("GREETING", "good morning")
                .workingDirectory("/usr")
                .deadline(Duration.ofSeconds(30))
                .build();
            final ExecResult result = sandbox.exec(options, "input\n".getBytes(StandardCharsets.UTF_8));
            System.out.print("stdout: " + result.stdoutText());
            System.out.print("stderr: " + result.stderrText());
            System.out.println("exit code: " + result.exitCode());
        }
    }
}
