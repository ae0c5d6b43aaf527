package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Processes whose parents are gone come to the agent, which takes note of their end, and of nobody else's in its place. */
@TimeLimit(seconds = 300)
class OrphansTest {
    private static final int ORPHANS = Full.isOn() ? 100_000 : 3000;
    private static final int PROGRAMS = Full.isOn() ? 2000 : 200;
    private static final int AT_A_TIME = 8;
    private static final int CODES = 250;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** Each subshell ends at once and leaves a process behind, which ends a little later. */
    private static final String ORPHANAGE = "i=0; while [ $i -lt $1 ]; do (sh -c : & ) ; i=$((i + 1)); done";

    @Test
    void h4_orphansAreReapedAndNoExitCodeIsTakenForAnothers() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient client = sandbox.connect();
            ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
            final Future<Integer> orphans = threads.submit(() -> client.exec(
                ExecOptions.command("sh", "-c", ORPHANAGE, "sh", String.valueOf(ORPHANS))
                    .deadline(Duration.ofMinutes(4)).build()).exitCode());
            final List<Future<Integer>> codes = new ArrayList<>();
            for (int i = 0; i < PROGRAMS; i++) {
                final int code = i % CODES;
                codes.add(threads.submit(() -> client.exec("sh", "-c", "exit " + code).exitCode()));
            }
            for (int i = 0; i < PROGRAMS; i++) {
                assertEquals(i % CODES, codes.get(i).get());
            }
            assertEquals(0, orphans.get());
            final long agent = sandbox.agent().pid();
            Await.until(() -> "zombies of the agent are left", LIMIT, () -> zombies(agent) == 0);
        }
    }

    private static long zombies(final long parent) throws Exception {
        long count = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (final Path process : processes) {
                if (stat(process).startsWith("Z " + parent + " ")) {
                    count++;
                }
            }
        }
        return count;
    }

    private static String stat(final Path process) {
        try {
            final String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            return stat.substring(stat.lastIndexOf(')') + 2);
        } catch (final IOException e) {
            return "";
        }
    }
}
