package dev.sluice.client;

/** Something took longer than the caller was willing to wait. What happens to it is said by the method that throws. */
public final class DeadlineExceededException extends SandboxException {
    private static final long serialVersionUID = 1L;
    private static final byte[] NOTHING = {};

    /** Of what the call that throws this asked for. */
    private final Outcome outcome;
    /** What a program wrote to its standard output until then. */
    private final byte[] stdout;
    /** What it wrote to its standard error. */
    private final byte[] stderr;

    DeadlineExceededException(final String message, final Outcome outcome) {
        this(message, outcome, NOTHING, NOTHING, null);
    }

    DeadlineExceededException(
        final String message, final Outcome outcome, final byte[] stdout, final byte[] stderr, final Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /**
     * What is known of what was asked for, as in {@link ConnectionLostException#outcome}. {@link Outcome#NOT_SENT} when there was no room
     * to send it in all that time.
     *
     * @return what is known
     */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * What the program had written to its standard output when {@link SandboxClient#exec} gave up, up to the limit of the options.
     *
     * @return a copy of the bytes; none for everything but {@code exec}
     */
    public byte[] stdout() {
        return stdout.clone();
    }

    /**
     * What the program had written to its standard error when {@link SandboxClient#exec} gave up, up to the limit of the options.
     *
     * @return a copy of the bytes; none for everything but {@code exec}
     */
    public byte[] stderr() {
        return stderr.clone();
    }

    DeadlineExceededException withOutcome(final Outcome other) {
        return outcome == other ? this : new DeadlineExceededException(getMessage(), other, stdout, stderr, getCause());
    }
}
