package dev.sluice.client;

import java.util.List;

/** Some of what was to be copied was not. The rest was. */
public final class CopyFailedException extends SandboxException {
    private static final long serialVersionUID = 1L;

    private final transient CopyResult result;
    private final transient List<Failure> failures;

    CopyFailedException(final CopyResult result, final List<Failure> failures) {
        super(text(result.status().failed(), failures.getFirst()), failures.getFirst().cause());
        this.result = result;
        this.failures = List.copyOf(failures);
    }

    /**
     * One entry that was not copied, or not as a whole.
     *
     * @param name  its path at the source, for people
     * @param cause why
     */
    public record Failure(String name, Exception cause) {
        @Override
        public String toString() {
            return name + ": " + cause.getMessage();
        }
    }

    /**
     * What was done all the same.
     *
     * @return how far it got
     */
    public CopyResult result() {
        return result;
    }

    /**
     * What was not copied.
     *
     * @return the first {@link CopyResult#MAX_LISTED} failures; {@link CopyStatus#failed} says how many there were
     */
    public List<Failure> failures() {
        return failures;
    }

    private static String text(final long count, final Failure first) {
        return count == 1 ? "not copied: " + first : count + " entries were not copied, the first: " + first;
    }
}
