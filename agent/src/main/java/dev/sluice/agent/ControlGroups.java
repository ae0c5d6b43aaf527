package dev.sluice.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The directory in which each program has its {@link ControlGroup}, and the limits that each gets. It lies in a directory of a version 2
 * hierarchy that the agent may write to.
 *
 * <p>{@link #create} may be called from any thread.
 */
final class ControlGroups {
    private static final String CONTROLLERS = "cgroup.subtree_control";
    private static final String PIDS = "pids";
    private static final String PIDS_MAX = "pids.max";
    private static final String MEMORY = "memory";
    private static final String MEMORY_MAX = "memory.max";
    private static final long PAUSE_NS = 1_000_000;
    private static final int REMOVALS_AT_ONCE = 1024;

    private final ControlGroup own;
    private final long maxProcesses;
    private final long maxMemory;

    private ControlGroups(final ControlGroup own, final long maxProcesses, final long maxMemory) {
        this.own = own;
        this.maxProcesses = maxProcesses;
        this.maxMemory = maxMemory;
    }

    /**
     * Makes the directory.
     *
     * @param parent a directory of a version 2 hierarchy; with limits one without processes, unless it is the root
     * @param name of the directory in it
     * @param maxProcesses that a program and all that it starts may be, 0 for as many as there may be
     * @param maxMemory in bytes that they may use, 0 for as much as there is
     * @return the groups
     * @throws IOException if it cannot be made, or the kernel does not limit what is to be limited
     */
    static ControlGroups make(final Path parent, final String name, final long maxProcesses, final long maxMemory) throws IOException {
        final ControlGroup own = new ControlGroup(parent.resolve(name));
        Files.createDirectory(own.directory());
        try {
            if (!Files.exists(own.directory().resolve("cgroup.kill"))) {
                throw new IOException(parent + " is no control group of version 2 with cgroup.kill (Linux 5.14)");
            }
            if (maxProcesses > 0) {
                enable(parent, own, PIDS);
            }
            if (maxMemory > 0) {
                enable(parent, own, MEMORY);
            }
            return new ControlGroups(own, maxProcesses, maxMemory);
        } catch (final IOException e) {
            own.remove();
            throw e;
        }
    }

    private static void enable(final Path parent, final ControlGroup own, final String controller) throws IOException {
        final Path available = own.directory().resolve("cgroup.controllers");
        if (!words(available).contains(controller)) {
            new ControlGroup(parent).write(CONTROLLERS, '+' + controller);
        }
        own.write(CONTROLLERS, '+' + controller);
    }

    private static List<String> words(final Path file) throws IOException {
        return List.of(Files.readString(file, StandardCharsets.US_ASCII).strip().split("\\s+"));
    }

    /** @return the directory that holds all groups */
    Path directory() {
        return own.directory();
    }

    /**
     * Makes a group with the limits.
     *
     * @param serial of the program, which no other has
     * @return the group, the caller's to remove
     * @throws IOException if the kernel refuses
     */
    ControlGroup create(final long serial) throws IOException {
        final ControlGroup group = new ControlGroup(own.directory().resolve("program-" + serial));
        Files.createDirectory(group.directory());
        try {
            if (maxProcesses > 0) {
                group.write(PIDS_MAX, Long.toString(maxProcesses));
            }
            if (maxMemory > 0) {
                group.write(MEMORY_MAX, Long.toString(maxMemory));
            }
            return group;
        } catch (final IOException e) {
            group.remove();
            throw e;
        }
    }

    /**
     * Kills whatever is left in any of them, and removes all.
     *
     * @param limitNs how long it may take, in nanoseconds
     * @return whether they are gone
     */
    boolean end(final long limitNs) {
        final long deadlineNs = System.nanoTime() + limitNs;
        own.kill();
        while (own.removeInner(REMOVALS_AT_ONCE) > 0 || !own.remove()) {
            if (System.nanoTime() - deadlineNs >= 0) {
                return false;
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
        return true;
    }
}
