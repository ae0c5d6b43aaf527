package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** What a process of ours holds that it could fail to give back, by kind: descriptors, shared mappings, children. */
record ProcessUsage(Map<String, Integer> descriptors, Map<String, Integer> mappings, Map<String, Integer> children) {
    /** Opened by a JVM for itself, at any time. */
    private static final Pattern JVM_FILE = Pattern.compile(".*\\.(jar|jsa)|/usr/.*|/dev/u?random|/proc/.*");
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Pattern NUMBER = Pattern.compile(":\\[\\d+]");

    static ProcessUsage of(final Program program) throws IOException {
        final Path directory = Path.of("/proc", String.valueOf(program.pid()));
        return new ProcessUsage(descriptors(directory), mappings(directory), children(directory));
    }

    /** What the process holds when that has not changed for a while. */
    static ProcessUsage settled(final Program program, final Duration limit) throws Exception {
        final ProcessUsage[] last = {of(program)};
        final long[] since = {System.nanoTime()};
        Await.until(() -> program + " does not come to rest", limit, () -> {
            final ProcessUsage now = of(program);
            if (!now.equals(last[0])) {
                last[0] = now;
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] > QUIET_NANOS;
        });
        return last[0];
    }

    /** Waits until the process holds what it held before, no more and no less. */
    static void awaitSame(final Program program, final ProcessUsage before, final Duration limit) throws Exception {
        Await.until(() -> program + " holds other things than before:\n" + before + "\n" + now(program), limit,
            () -> of(program).equals(before));
    }

    private static String now(final Program program) {
        try {
            return of(program).toString();
        } catch (final IOException e) {
            return e.toString();
        }
    }

    private static Map<String, Integer> descriptors(final Path directory) throws IOException {
        final Map<String, Integer> found = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.resolve("fd"))) {
            for (final Path entry : entries) {
                count(found, targetOf(entry));
            }
        }
        return found;
    }

    private static String targetOf(final Path entry) throws IOException {
        try {
            return Files.readSymbolicLink(entry).toString();
        } catch (final NoSuchFileException e) {
            // Closed while we were looking.
            return "";
        }
    }

    private static Map<String, Integer> mappings(final Path directory) throws IOException {
        final Map<String, Integer> found = new TreeMap<>();
        for (final String line : Files.readAllLines(directory.resolve("maps"))) {
            // address perms offset dev inode path
            final String[] fields = line.split("\\s+", 6);
            if (fields[1].endsWith("s")) {
                count(found, fields.length > 5 ? fields[5] : "shared memory");
            }
        }
        return found;
    }

    private static Map<String, Integer> children(final Path directory) throws IOException {
        final Map<String, Integer> found = new TreeMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(directory.resolve("task"))) {
            for (final Path task : tasks) {
                for (final String pid : childrenOf(task).trim().split("\\s+")) {
                    count(found, pid);
                }
            }
        }
        return found;
    }

    /** A thread that is gone by the time it is looked at has no children. */
    private static String childrenOf(final Path task) {
        try {
            return Files.readString(task.resolve("children"));
        } catch (final IOException e) {
            return "";
        }
    }

    private static void count(final Map<String, Integer> counts, final String name) {
        if (!name.isEmpty() && !JVM_FILE.matcher(name).matches()) {
            counts.merge(NUMBER.matcher(name).replaceAll(""), 1, Integer::sum);
        }
    }
}
