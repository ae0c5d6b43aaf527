package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Programs whose resources are limited: what the kernel says of each limit, and what comes of some. */
final class LimitTrials {
    /** The names of the relay protocol, section 1.4, in the order of Linux's numbers. */
    private static final List<String> NAMES = List.of("cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as",
        "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime");
    /** The same in /proc/self/limits. */
    private static final List<String> TITLES = List.of("Max cpu time", "Max file size", "Max data size", "Max stack size",
        "Max core file size", "Max resident set", "Max processes", "Max open files", "Max locked memory", "Max address space",
        "Max file locks", "Max pending signals", "Max msgqueue size", "Max nice priority", "Max realtime priority",
        "Max realtime timeout");
    private static final Pattern ROW = Pattern.compile("^(Max .*?) {2,}\\S+ +(\\S+)");
    private static final int CPU = 0;
    private static final int FSIZE = 1;
    private static final int STACK = 3;
    private static final int CORE = 4;
    private static final int NOFILE = 7;
    private static final int AS = 9;
    private static final long MIB = 1 << 20;
    /** Enough for a program to start with, whatever the unit. */
    private static final long AMPLE = 1 << 30;
    private static final long FEW_FILES = 500;

    private LimitTrials() {
    }

    static Stream<Trial> all() throws IOException {
        return Stream.concat(told(), effects());
    }

    private static Stream<Trial> told() throws IOException {
        final List<Trial> trials = new ArrayList<>();
        final long[] ours = hardLimits();
        final Trial together = Trial.of("all limits at once", "cat", "/proc/self/limits");
        for (int number = 0; number < NAMES.size(); number++) {
            final String name = NAMES.get(number);
            final long value = Math.min(ours[number], number == NOFILE ? FEW_FILES : AMPLE);
            trials.add(limited(name, number, value, value));
            trials.add(limited(name, number, value / 2, value));
            together.limit(name, number, value, value);
        }
        trials.add(together);
        trials.add(limited("stack", STACK, 16 * MIB, -1));
        trials.add(limited("core", CORE, 0, 0));
        trials.add(limited("nofile", NOFILE, 1L << 40, 1L << 40));
        return trials.stream();
    }

    /** What this process may have, and its agent and programs with it; Long.MAX_VALUE where there is no limit. */
    private static long[] hardLimits() throws IOException {
        final Map<String, Long> byTitle = new HashMap<>();
        for (final String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            final Matcher row = ROW.matcher(line);
            if (row.find()) {
                byTitle.put(row.group(1), "unlimited".equals(row.group(2)) ? Long.MAX_VALUE : Long.parseLong(row.group(2)));
            }
        }
        return TITLES.stream().mapToLong(byTitle::get).toArray();
    }

    private static Trial limited(final String name, final int number, final long soft, final long hard) {
        return Trial.of(name + " " + soft + " of " + hard, "cat", "/proc/self/limits").limit(name, number, soft, hard);
    }

    private static Stream<Trial> effects() {
        return Stream.of(
            Trial.script("too many files", "sh", "cat 3</dev/null 4</dev/null 5</dev/null 6</dev/null 7</dev/null 8</dev/null 2>/dev/null; "
                + "test $? != 0; echo $?").limit("nofile", NOFILE, 8, 8),
            Trial.script("too large a file", "sh",
                "f=$(mktemp); { head -c 100000 /dev/zero > $f; } 2>/dev/null; echo $?; wc -c < $f; rm $f")
                .limit("fsize", FSIZE, 50_000, 50_000),
            Trial.script("too much memory", "sh", "head -c 1 /dev/zero | tail -c 500000000 > /dev/null; echo $?; "
                + "dd if=/dev/zero of=/dev/null bs=400M count=1 2>/dev/null; echo $?").limit("as", AS, 300 * MIB, 300 * MIB),
            Trial.script("too long", "sh", "while :; do :; done").limit("cpu", CPU, 1, 2),
            Trial.script("raised to the hard limit", "sh", "ulimit -S -n 30; ulimit -n").limit("nofile", NOFILE, 20, 30),
            Trial.script("at a terminal", "sh", "ulimit -n; ulimit -c")
                .limit("nofile", NOFILE, 77, 88).limit("core", CORE, 0, 0).terminal(24, 80));
    }
}
