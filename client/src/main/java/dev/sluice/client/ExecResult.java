package dev.sluice.client;

import java.nio.charset.StandardCharsets;

/**
 * What a program left behind that ran to its end. Immutable, apart from the arrays handed out, which are the caller's.
 */
public final class ExecResult {
    private final int exitCode;
    private final byte[] stdout;
    private final byte[] stderr;
    private final long stdoutLength;
    private final long stderrLength;
    private final boolean truncated;

    ExecResult(final int exitCode, final OpenedProgram<CollectedOutput> ended) {
        this.exitCode = exitCode;
        this.stdout = ended.stdout().toByteArray();
        this.stderr = ended.stderr().toByteArray();
        this.stdoutLength = ended.stdout().total();
        this.stderrLength = ended.stderr().total();
        this.truncated = ended.state().outputTruncated();
    }

    /**
     * How the program ended.
     *
     * @return its exit code, or 128 + n when signal n ended it
     */
    public int exitCode() {
        return exitCode;
    }

    /**
     * What the program wrote to its standard output, up to the limit of the options.
     *
     * @return a copy of the bytes
     */
    public byte[] stdout() {
        return stdout.clone();
    }

    /**
     * What the program wrote to its standard error, up to the limit of the options.
     *
     * @return a copy of the bytes
     */
    public byte[] stderr() {
        return stderr.clone();
    }

    /**
     * {@link #stdout} as text.
     *
     * @return the bytes decoded as UTF-8, with U+FFFD for what is not
     */
    public String stdoutText() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /**
     * {@link #stderr} as text.
     *
     * @return the bytes decoded as UTF-8, with U+FFFD for what is not
     */
    public String stderrText() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    /**
     * How much the program wrote to its standard output, kept or not.
     *
     * @return bytes
     */
    public long stdoutLength() {
        return stdoutLength;
    }

    /**
     * How much the program wrote to its standard error, kept or not.
     *
     * @return bytes
     */
    public long stderrLength() {
        return stderrLength;
    }

    /**
     * Tells whether all output is here.
     *
     * @return false when a stream exceeded the limit and its end was dropped, or the agent ended the session before all output was there
     */
    public boolean isComplete() {
        return !truncated && stdoutLength == stdout.length && stderrLength == stderr.length;
    }

    /**
     * The result in a line, for logs: how the program ended and how much it wrote, not what.
     *
     * @return such as {@code exit code 0, 12 bytes of standard output, 0 of standard error}
     */
    @Override
    public String toString() {
        return "exit code " + exitCode + ", " + stdoutLength + " bytes of standard output, " + stderrLength + " of standard error"
            + (isComplete() ? "" : ", not complete");
    }
}
