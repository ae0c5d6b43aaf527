package dev.sluice.execlog;

import java.util.List;

/**
 * The names of a log's files. Rotation renames from the oldest on: {@code .2} to {@code .3}, {@code .1} to {@code .2}, {@code exec.log} to
 * {@code .1}; what was {@code .3} is gone. Readers read in the order of {@link #oldestFirst}. A number may be missing, where a crash
 * came between two renames.
 */
public final class LogFiles {
    /** The file that is written to. */
    public static final String CURRENT = "exec.log";
    /** How many rotated files are kept at most; readers of other implementations know no more. */
    public static final int MAX_ROTATED = 3;

    private LogFiles() {
    }

    /**
     * The name of a file.
     *
     * @param age 0 for the one that is written to, up to {@link #MAX_ROTATED} for the oldest
     * @return its name in the log's directory
     * @throws IllegalArgumentException when a log has no file of that age
     */
    public static String name(final int age) {
        if (age < 0 || age > MAX_ROTATED) {
            throw new IllegalArgumentException("log file: age=" + age + " (allowed: 0 to " + MAX_ROTATED + ")");
        }
        return age == 0 ? CURRENT : CURRENT + "." + age;
    }

    /**
     * All names a log may have, in the order in which their lines were written.
     *
     * @return {@code exec.log.3} to {@code exec.log}
     */
    public static List<String> oldestFirst() {
        return List.of(name(3), name(2), name(1), name(0));
    }
}
