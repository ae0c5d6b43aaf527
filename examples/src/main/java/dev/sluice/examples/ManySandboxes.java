package dev.sluice.examples;

import dev.sluice.client.SandboxClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs a program in many sandboxes at once, a virtual thread for each run: {@code ManySandboxes SOCKET...}. */
public final class ManySandboxes {
    /** Programs in each sandbox at once; they share one connection. */
    private static final int PROGRAMS = 20;

    private ManySandboxes() {
    }

    /**
     * Runs the example.
     *
     * @param args the sandboxes' sockets
     * @throws Exception when something fails
     */
    public static void main(final String[] args) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            final List<Future<Integer>> sums = new ArrayList<>();
            for (final String socket : args) {
                sums.add(threads.submit(() -> sumOf(socket, threads)));
            }
            for (int i = 0; i < args.length; i++) {
                System.out.println("sandbox " + (i + 1) + ": " + sums.get(i).get());
            }
        }
    }

    private static int sumOf(final String socket, final ExecutorService threads) throws Exception {
        try (SandboxClient sandbox = SandboxClient.connect(Path.of(socket), Duration.ofSeconds(10))) {
            final List<Future<Integer>> numbers = new ArrayList<>();
            for (int i = 1; i <= PROGRAMS; i++) {
                final String sum = "echo $((" + i + " * 2))";
                numbers.add(threads.submit(() -> Integer.parseInt(sandbox.exec("sh", "-c", sum).stdoutText().strip())));
            }
            int total = 0;
            for (final Future<Integer> number : numbers) {
                total += number.get();
            }
            return total;
        }
    }
}
