package dev.sluice.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps the kernel from choosing the agent when memory runs out: who is in the way then is one of its programs. They
 * have the score that the
 * agent was started with.
 *
 * <p>A program inherits the agent's score, and {@link ProgramLauncher} gives it the original one: before its exec where it is held until
 * then, else right after, some hundred microseconds into its life. What a program should start within those would keep the agent's score.
 *
 * <p>Lowering a score takes CAP_SYS_RESOURCE; without, nothing is changed. Source: proc_pid_oom_score_adj(5). Any number of threads.
 */
final class OomScore {
    private static final Path PROC = Path.of("/proc");
    private static final String FILE = "oom_score_adj";
    /** OOM_SCORE_ADJ_MIN of linux/oom.h: never chosen. */
    private static final String NEVER = "-1000\n";

    private final byte[] original;

    private OomScore(final byte[] original) {
        this.original = original;
    }

    /** @return the original score, or null when this process's score is what it was */
    static OomScore protect() {
        try {
            final Path own = PROC.resolve("self").resolve(FILE);
            final byte[] original = Files.readAllBytes(own);
            Files.write(own, NEVER.getBytes(StandardCharsets.US_ASCII));
            return new OomScore(original);
        } catch (final IOException e) {
            // Not permitted, or no /proc: the agent takes its chances.
            return null;
        }
    }

    /** Gives a child the original score. @param pid of one that has not been reaped */
    void restore(final int pid) {
        try {
            Files.write(PROC.resolve(Integer.toString(pid)).resolve(FILE), original);
        } catch (final IOException e) {
            // It has ended: reading this file takes no more than that of our own did.
            return;
        }
    }

    /** This process has its own score again. */
    void unprotect() {
        restore((int) ProcessHandle.current().pid());
    }
}
