package dev.sluice.systemtests;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Looks all the time at the memory that is some processes' own, and remembers the most. Thread safe. */
final class MemorySampler implements AutoCloseable {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Map<String, Program> programs = new ConcurrentHashMap<>();
    private final Map<String, Long> mostKib = new ConcurrentHashMap<>();
    private final Thread thread = Thread.ofPlatform().daemon().name("memory-sampler").unstarted(this::run);
    private volatile boolean over;

    MemorySampler() {
        thread.start();
    }

    /** Watches a process from now until it ends. */
    void watch(final String name, final Program program) {
        programs.put(name, program);
    }

    /** The most that each has held at a time, in KiB. */
    Map<String, Long> mostKib() {
        return new TreeMap<>(mostKib);
    }

    private void run() {
        while (!over) {
            programs.forEach(this::look);
            LockSupport.parkNanos(PERIOD_NANOS);
        }
    }

    private void look(final String name, final Program program) {
        try {
            mostKib.merge(name, ProcessMemory.privateDirtyKib(program.pid()), Math::max);
        } catch (final IOException e) {
            // It has ended.
            programs.remove(name, program);
        }
    }

    @Override
    public void close() {
        over = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
