package dev.sluice.systemtests;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How a trial went.
 *
 * @param outcome {@code exit N}, or what could not be done and the error number
 * @param stdout the program's standard output
 * @param stderr its standard error
 */
record TrialResult(String outcome, byte[] stdout, byte[] stderr) {
    private static final byte[] NOTHING = {};
    private static final int SHOWN = 300;

    static TrialResult exit(final int code, final byte[] stdout, final byte[] stderr) {
        return new TrialResult("exit " + code, stdout, stderr);
    }

    static TrialResult refused(final String what, final int errno) {
        return new TrialResult(what + ": errno " + errno, NOTHING, NOTHING);
    }

    /** The result for people: one that differs looks different, up to the hash of what is long. */
    String describe() {
        return outcome + "\nstdout " + text(stdout) + "\nstderr " + text(stderr) + "\n";
    }

    private static String text(final byte[] bytes) {
        final int shown = Math.min(bytes.length, SHOWN);
        return "(" + bytes.length + " bytes, " + Arrays.hashCode(bytes) + "): "
            + new String(bytes, 0, shown, StandardCharsets.ISO_8859_1).replace("\0", "\\0");
    }
}
