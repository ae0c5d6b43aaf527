package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process costs: memory that is its own alone, and time of the CPU. */
final class ProcessMemory {
    private static final String PRIVATE_DIRTY = "Private_Dirty:";
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    /** Of USER_HZ, which is 100 on every Linux that this runs on. */
    private static final long MILLIS_PER_TICK = 10;

    private ProcessMemory() {
    }

    /** Memory that would be free if the process ended, in KiB. */
    static long privateDirtyKib(final long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "smaps_rollup")).stream()
            .filter(line -> line.startsWith(PRIVATE_DIRTY))
            .mapToLong(line -> Long.parseLong(line.substring(PRIVATE_DIRTY.length()).replace("kB", "").trim()))
            .sum();
    }

    /** Time that all threads of the process have used, in ms. */
    static long cpuMs(final long pid) throws IOException {
        final String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
        // Behind the name, which may hold anything.
        final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS])) * MILLIS_PER_TICK;
    }
}
