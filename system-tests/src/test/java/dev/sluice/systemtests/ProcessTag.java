package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * A mark in the environment of everything that a test starts, and of everything that starts in turn: finds processes whose parents are long
 * gone, and none that are not ours.
 */
final class ProcessTag {
    private static final String VARIABLE = "SLUICE_SYSTEM_TEST";

    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final long POLL_NANOS = 2_000_000;

    private final String value = UUID.randomUUID().toString();

    void putInto(final Map<String, String> environment) {
        environment.put(VARIABLE, value);
    }

    /** The processes that carry the mark, by their ids, with their command lines. */
    Map<Long, String> processes() throws IOException {
        final Map<Long, String> found = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (final Path entry : entries) {
                if (read(entry.resolve("environ")).contains(VARIABLE + "=" + value)) {
                    found.put(Long.valueOf(entry.getFileName().toString()), read(entry.resolve("cmdline")).replace('\0', ' ').trim());
                }
            }
        }
        return found;
    }

    /** Whether a process runs: one that nobody has taken note of the end of does not. */
    static boolean isRunning(final long pid) {
        return !read(Path.of("/proc", String.valueOf(pid), "cmdline")).isEmpty();
    }

    /** Waits until none carries the mark but those that may. */
    void awaitOnly(final Set<Long> allowed, final Duration limit) throws Exception {
        Await.until(() -> "processes left over: " + surplus(allowed), limit, () -> surplus(allowed).isEmpty());
    }

    /** Kills all of them, however they came about, and those that they start meanwhile. */
    void killAll() {
        final long deadline = System.nanoTime() + KILL_LIMIT.toNanos();
        Map<Long, String> left = surplus(Set.of());
        while (!left.isEmpty()) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("processes that cannot be killed: " + left);
            }
            left.keySet().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            LockSupport.parkNanos(POLL_NANOS);
            left = surplus(Set.of());
        }
    }

    private Map<Long, String> surplus(final Set<Long> allowed) {
        try {
            final Map<Long, String> found = processes();
            found.keySet().removeAll(new TreeSet<>(allowed));
            return found;
        } catch (final IOException e) {
            throw new AssertionError("/proc cannot be read", e);
        }
    }

    /** Processes end while they are looked at; a zombie has neither environment nor command line. */
    private static String read(final Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (final IOException e) {
            return "";
        }
    }
}
