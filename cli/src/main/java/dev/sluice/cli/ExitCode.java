package dev.sluice.cli;

/** Exit codes with a meaning of their own, as container tools have them; every other is the command's. */
final class ExitCode {
    static final int OK = 0;
    /** The program had not ended when its time was over, as timeout(1) has it. */
    static final int TIMED_OUT = 124;
    /** Of several things that were asked for, some were not done; standard error says which. */
    static final int INCOMPLETE = 1;
    /** Sluice itself failed, or was called wrongly. */
    static final int SLUICE_FAILED = 125;
    /** The command was found and cannot be executed. */
    static final int NOT_EXECUTABLE = 126;
    /** The command was not found. */
    static final int NOT_FOUND = 127;
    /** Added to the number of the signal that ended a program. */
    static final int SIGNALLED = 128;

    private ExitCode() {
    }
}
