package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import java.util.regex.Pattern;

/** Something that was asked of the sandbox's file system was not done, or its outcome is not known to be good. */
public final class FileOperationException extends SandboxException {
    private static final long serialVersionUID = 1L;
    /** How much is kept of what an agent says, in characters: many such exceptions may be kept. */
    private static final int MAX_TEXT_LENGTH = 4 * 1024;

    /** Agents begin with what they did, as {@code stat: }, which the task says already. */
    private static final Pattern AGENTS_OWN_WORD = Pattern.compile("^[a-z_]{2,16}: ");

    /** What was asked for. */
    private final String operation;
    /** Which file. */
    private final transient ByteString path;
    /** What the agent said. */
    private final String agentText;

    FileOperationException(final FileTask task, final String agentText) {
        super(task + ": " + AGENTS_OWN_WORD.matcher(shortened(agentText)).replaceFirst(""), null);
        this.operation = task.operation();
        this.path = task.path();
        this.agentText = shortened(agentText);
    }

    /** The same with something to add to its message. */
    FileOperationException(final FileOperationException failure, final String note) {
        super(failure.getMessage() + note, failure);
        this.operation = failure.operation;
        this.path = failure.path;
        this.agentText = failure.agentText;
    }

    private static String shortened(final String text) {
        return text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + "...";
    }

    /**
     * What was asked for.
     *
     * @return a word or two, as {@code stat} or {@code open}
     */
    public String operation() {
        return operation;
    }

    /**
     * Which file it was about.
     *
     * @return the path as it was given
     */
    public ByteString path() {
        return path;
    }

    /**
     * What the agent said.
     *
     * @return its words, the first 4096 characters of them, not to be trusted more than the sandbox is
     */
    public String agentText() {
        return agentText;
    }

    /**
     * The symbol of the error number that the sandbox's kernel gave, as {@code ENOENT}.
     *
     * @return the symbol, or "" when the agent's text names no number or none that is known here
     */
    public String errnoName() {
        return ErrorNumbers.nameIn(agentText);
    }
}
