package dev.sluice.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What an agent could fail to give back.
 *
 * @param zombies its children that have ended and are not reaped
 * @param descriptors its open descriptors
 * @param cgroups control groups below its own
 */
record AgentHoldings(long zombies, long descriptors, long cgroups) {
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final String UNIFIED = "0::";

    /** What it holds once that has not changed for a while. */
    static AgentHoldings settled(final long pid) throws IOException {
        final long begin = System.nanoTime();
        long since = begin;
        AgentHoldings last = of(pid);
        while (System.nanoTime() - since < QUIET_NANOS && System.nanoTime() - begin < LIMIT_NANOS) {
            LockSupport.parkNanos(POLL_NANOS);
            final AgentHoldings now = of(pid);
            if (!now.equals(last)) {
                last = now;
                since = System.nanoTime();
            }
        }
        return last;
    }

    private static AgentHoldings of(final long pid) throws IOException {
        final Path process = Path.of("/proc", String.valueOf(pid));
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            return new AgentHoldings(zombies(pid), descriptors.count(), cgroups(process));
        }
    }

    private static long zombies(final long parent) throws IOException {
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

    /** State and parent and what follows them; empty of a process that has gone. */
    private static String stat(final Path process) {
        try {
            final String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            return stat.substring(stat.lastIndexOf(')') + 2);
        } catch (final IOException e) {
            return "";
        }
    }

    private static long cgroups(final Path process) throws IOException {
        final String own = Files.readString(process.resolve("cgroup")).lines().filter(line -> line.startsWith(UNIFIED))
            .map(line -> line.substring(UNIFIED.length() + 1)).findFirst().orElse(null);
        final String mount = Files.readString(Path.of("/proc/self/mountinfo")).lines().filter(line -> line.contains(" - cgroup2 "))
            .map(line -> line.split(" ")[4]).findFirst().orElse(null);
        if (own == null || mount == null) {
            return 0;
        }
        try (Stream<Path> below = Files.walk(Path.of(mount, own))) {
            return below.filter(Files::isDirectory).count() - 1;
        }
    }
}
