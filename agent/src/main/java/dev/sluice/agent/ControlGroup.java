package dev.sluice.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The control group of one program: whatever it starts is in it, and nothing leaves it by changing its session, its group or its
 * environment. Source: Documentation/admin-guide/cgroup-v2.rst; cgroup.kill takes Linux 5.14. Any thread.
 *
 * @param directory of the group
 */
record ControlGroup(Path directory) {
    private static final String PROCESSES = "cgroup.procs";
    private static final String KILL = "cgroup.kill";

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
}
