package dev.sluice.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds the child of a {@link SeparateStart} that waits at its {@link HoldPoint}: a child of this process that has executed nothing, bears
 * the name of the thread that made it, which is nobody else's, and sleeps.
 *
 * <p>What the kernel lists as children of a thread may be incomplete for a moment, and takes a kernel with CONFIG_PROC_CHILDREN: where it
 * is none, all processes are looked at. Sources: proc_pid_stat(5), PF_FORKNOEXEC in linux/sched.h.
 */
final class HeldChild {
    private static final Path PROC = Path.of("/proc");
    private static final int NONE = 0;
    private static final int NO_LIST = -1;
    private static final int PF_FORKNOEXEC = 0x40;
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int FLAGS = 6;

    private final String name;
    private final String parent = Long.toString(ProcessHandle.current().pid());

    /**
     * Nothing found yet.
     *
     * @param name of the thread, at most 15 characters
     */
    HeldChild(final String name) {
        this.name = name;
    }

    /**
     * Looks for it.
     *
     * @param children what the kernel lists as children of the thread, or null when the thread has not begun
     * @return its pid, or 0
     */
    int find(final Path children) {
        final int listed = children == null ? NONE : findListed(children);
        // Elsewhere a program may look like it. So nobody looks there where the kernel says which it is.
        return listed == NO_LIST ? findAnywhere() : listed;
    }

    private int findListed(final Path children) {
        try {
            for (final String pid : Files.readString(children).split(" ")) {
                if (!pid.isBlank() && isHeld(PROC.resolve(pid.strip()))) {
                    return Integer.parseInt(pid.strip());
                }
            }
        } catch (final IOException e) {
            // The kernel keeps no such list, or the thread has ended.
            return NO_LIST;
        }
        return NONE;
    }

    private int findAnywhere() {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (final Path process : processes) {
                if (isHeld(process)) {
                    return Integer.parseInt(process.getFileName().toString());
                }
            }
        } catch (final IOException e) {
            return NONE;
        }
        return NONE;
    }

    private boolean isHeld(final Path process) {
        try {
            return isHeld(new String(Files.readAllBytes(process.resolve("stat")), StandardCharsets.ISO_8859_1));
        } catch (final IOException e) {
            // It has ended.
            return false;
        }
    }

    boolean isHeld(final String stat) {
        final int open = stat.indexOf('(');
        final int close = stat.lastIndexOf(')');
        if (open < 0 || close < open || !stat.substring(open + 1, close).equals(name)) {
            return false;
        }
        final String[] fields = stat.substring(close + 1).strip().split(" ");
        return fields.length > FLAGS && "S".equals(fields[STATE]) && fields[PARENT].equals(parent)
            && (Long.parseLong(fields[FLAGS]) & PF_FORKNOEXEC) != 0;
    }
}
