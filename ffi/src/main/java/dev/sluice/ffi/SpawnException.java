package dev.sluice.ffi;

import java.io.IOException;
import java.io.Serial;

/** A process that could not be started: at which stage, and why. Nothing of it is left. */
public final class SpawnException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What failed. */
    public enum Stage {
        /** The descriptors or the memory to start it with could not be had. */
        PREPARATION,
        /** The working directory could not be entered. */
        WORKING_DIRECTORY,
        /** The process could not be made, or the program not executed: ENOENT, EACCES, ENOEXEC, E2BIG, EAGAIN. */
        PROGRAM
    }

    /** What failed. */
    private final Stage stage;
    /** Why it failed. */
    private final int errno;

    SpawnException(final Stage stage, final String what, final PosixException cause) {
        super(what + ": " + cause.getMessage(), cause);
        this.stage = stage;
        this.errno = cause.errno();
    }

    /**
     * What failed.
     *
     * @return the stage
     */
    public Stage stage() {
        return stage;
    }

    /**
     * Why it failed.
     *
     * @return the positive error number, one of {@link Errno}
     */
    public int errno() {
        return errno;
    }
}
