package dev.sluice.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The control group of one program: whatever it starts is in it, and nothing leaves it by changing its session, its group or its
 * environment. Source: Documentation/admin-guide/cgroup-v2.rst; cgroup.kill takes Linux 5.14. Any thread.
 *
 * @param directory of the group
 */
record ControlGroup(Path directory) {
    private static final String PROCESSES = "cgroup.procs";
    private static final String KILL = "cgroup.kill";
    private static final String EVENTS = "cgroup.events";
    private static final String POPULATED = "populated 1";
    /** Of groups in groups; no tree of use is so deep, and to go down one takes the square of its depth. What is deeper stays. */
    private static final int MAX_DEPTH = 256;

    /**
     * Puts a process into it.
     *
     * @param pid of the process
     * @throws IOException if the kernel refuses
     */
    void enter(final int pid) throws IOException {
        write(PROCESSES, Integer.toString(pid));
    }

    /** Kills every process in it and below it, those that are being made included. */
    void kill() {
        try {
            write(KILL, "1");
        } catch (final IOException e) {
            // It can be written for as long as it is there; and then there is nothing to kill.
            return;
        }
    }

    void write(final String file, final String value) throws IOException {
        Files.writeString(directory.resolve(file), value, StandardOpenOption.WRITE);
    }

    /** @return whether it is gone; not while there are processes in it */
    boolean remove() {
        try {
            Files.delete(directory);
            return true;
        } catch (final NoSuchFileException e) {
            return true;
        } catch (final IOException e) {
            return false;
        }
    }

    /** @return whether there are processes in it or below it, as far as that can be told */
    boolean isPopulated() {
        try {
            return Files.readString(directory.resolve(EVENTS), StandardCharsets.US_ASCII).contains(POPULATED);
        } catch (final NoSuchFileException e) {
            return false;
        } catch (final IOException e) {
            return true;
        }
    }

    /**
     * Removes groups that programs have made in it, deepest first; one with processes stays, and so do those above it.
     *
     * @param limit how many are removed at most: each is a call that may take the kernel a millisecond
     * @return how many have been
     */
    int removeInner(final int limit) {
        return removeInner(directory, 0, limit);
    }

    private static int removeInner(final Path outer, final int depth, final int limit) {
        int removed = 0;
        if (depth < MAX_DEPTH) {
            for (final Path inner : groupsIn(outer, limit)) {
                if (removed < limit) {
                    removed += removeInner(inner, depth + 1, limit - removed);
                }
                if (removed < limit && new ControlGroup(inner).remove()) {
                    removed++;
                }
            }
        }
        return removed;
    }

    private static List<Path> groupsIn(final Path outer, final int limit) {
        final List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> groups = Files.newDirectoryStream(outer, Files::isDirectory)) {
            for (final Path group : groups) {
                if (found.size() == limit) {
                    break;
                }
                found.add(group);
            }
        } catch (final IOException | DirectoryIteratorException e) {
            // It has gone, or no descriptor is free: there will be another look.
            return found;
        }
        return found;
    }
}
