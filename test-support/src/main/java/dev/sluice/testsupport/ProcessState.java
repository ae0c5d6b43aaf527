package dev.sluice.testsupport;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What this process holds at one moment, as far as a test could leak it, read from {@code /proc/self}. */
final class ProcessState {
    private static final Path SELF = Path.of("/proc/self");
    /** What the JVM opens by itself at any time: code, random numbers, its performance counters; and the directories read here. */
    private static final Pattern JVM_FILE = Pattern.compile(
        ".*\\.(jar|class|jmod|jsa|so(\\.[0-9.]+)?)|.*/lib/modules|/dev/u?random|/proc/\\d+/(fd|task|maps)|/tmp/hsperfdata_.*");
    private static final Pattern NUMBERED = Pattern.compile("(socket|pipe):\\[\\d+]");
    private static final Pattern MEMFD = Pattern.compile("/memfd:(.*?)( \\(deleted\\))?");
    private static final Pattern JVM_THREAD = Pattern.compile(
        "ForkJoinPool\\.commonPool-.*|ForkJoinPool-\\d+-worker-.*|VirtualThread-unparker.*|(Read|Write)-Poller.*|MasterPoller|"
            + "CompletableFutureDelayScheduler|process reaper.*|surefire-.*|ping-timer-.*|sluice-test-watchdog");

    private final Map<String, String> descriptors;
    private final Set<Thread> threads;
    private final Map<String, String> children;
    private final Map<String, String> mappings;

    private ProcessState(
        final Map<String, String> descriptors,
        final Set<Thread> threads,
        final Map<String, String> children,
        final Map<String, String> mappings) {
        this.descriptors = descriptors;
        this.threads = threads;
        this.children = children;
        this.mappings = mappings;
    }

    static ProcessState take() throws IOException {
        return new ProcessState(readDescriptors(), readThreads(), readChildren(), readMappings());
    }

    /** One line for each thing that is there now and was not {@code before}; empty if none. */
    List<String> leaksSince(final ProcessState before) {
        final List<String> leaks = new ArrayList<>();
        surplus("descriptor", before.descriptors, descriptors, leaks);
        for (final Thread thread : threads) {
            if (!before.threads.contains(thread)) {
                leaks.add("thread \"" + thread.getName() + "\"" + (thread.isDaemon() ? " daemon " : " ") + thread.getState());
            }
        }
        for (final Map.Entry<String, String> child : children.entrySet()) {
            if (!before.children.containsKey(child.getKey())) {
                leaks.add("child process " + child.getKey() + " " + child.getValue());
            }
        }
        surplus("mapping", before.mappings, mappings, leaks);
        return leaks;
    }

    /**
     * Compares by kind, since a number that was closed may come back for something else of the same kind; names those that are
     * new.
     */
    private static void surplus(
        final String what, final Map<String, String> before, final Map<String, String> after, final List<String> leaks) {
        final Map<String, Long> counts = countByKind(before);
        countByKind(after).forEach((kind, count) -> {
            final long more = count - counts.getOrDefault(kind, 0L);
            if (more > 0) {
                final String fresh = after.entrySet().stream()
                    .filter(entry -> kindOf(entry.getValue()).equals(kind) && !entry.getValue().equals(before.get(entry.getKey())))
                    .map(entry -> entry.getKey() + " -> " + entry.getValue())
                    .collect(Collectors.joining(", "));
                leaks.add(more + " " + what + "(s) of kind " + kind + ": " + fresh);
            }
        });
    }

    private static Map<String, Long> countByKind(final Map<String, String> targets) {
        return targets.values().stream().collect(Collectors.groupingBy(ProcessState::kindOf, TreeMap::new, Collectors.counting()));
    }

    private static String kindOf(final String target) {
        return MEMFD.matcher(NUMBERED.matcher(target).replaceAll("$1")).replaceAll("memfd $1");
    }

    private static Map<String, String> readDescriptors() throws IOException {
        final Map<String, String> targets = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(SELF.resolve("fd"))) {
            for (final Path entry : entries) {
                final String target = readLink(entry);
                if (target != null && !JVM_FILE.matcher(target).matches()) {
                    targets.put(entry.getFileName().toString(), target);
                }
            }
        }
        return targets;
    }

    private static String readLink(final Path link) throws IOException {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (final NoSuchFileException e) {
            return null;
        }
    }

    private static Set<Thread> readThreads() {
        final Set<Thread> threads = new HashSet<>();
        for (final Thread thread : Thread.getAllStackTraces().keySet()) {
            final ThreadGroup group = thread.getThreadGroup();
            // The system group holds what the JVM starts for itself: collectors, compilers, cleaners, signal handling.
            final boolean internal = group == null || group.getParent() == null || "InnocuousThreadGroup".equals(group.getName())
                || "CarrierThreads".equals(group.getName()) || JVM_THREAD.matcher(thread.getName()).matches();
            if (!internal && thread != Thread.currentThread()) {
                threads.add(thread);
            }
        }
        return threads;
    }

    private static Map<String, String> readChildren() throws IOException {
        final Map<String, String> children = new TreeMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(SELF.resolve("task"))) {
            for (final Path task : tasks) {
                for (final String pid : readOrEmpty(task.resolve("children")).trim().split("\\s+")) {
                    if (!pid.isEmpty()) {
                        children.put(pid, readOrEmpty(Path.of("/proc", pid, "stat")).replaceAll("^\\d+ (\\(.*\\) \\S).*\\s*$", "$1"));
                    }
                }
            }
        }
        return children;
    }

    /** A thread or child that is gone by the time it is looked at reads as empty. */
    private static String readOrEmpty(final Path file) {
        try {
            return Files.readString(file);
        } catch (final IOException e) {
            return "";
        }
    }

    private static Map<String, String> readMappings() throws IOException {
        final Map<String, String> mappings = new TreeMap<>();
        for (final String line : Files.readAllLines(SELF.resolve("maps"))) {
            // address perms offset dev inode path
            final String[] fields = line.split("\\s+", 6);
            final String path = fields.length > 5 ? fields[5] : "";
            final boolean shared = fields[1].endsWith("s") || path.startsWith("/memfd:");
            if (shared && !JVM_FILE.matcher(path).matches()) {
                mappings.put(fields[0], path.isEmpty() ? "shared memory" : path);
            }
        }
        return mappings;
    }
}
