package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecRlimit;
import java.util.List;

/**
 * A program to start.
 *
 * @param serial of the process that waits for it
 * @param command as requested: a path, or a name to look for
 * @param arguments without the program's own name
 * @param environment of the program
 * @param directory to start it in, or null for the agent's own
 * @param user who it runs as, {@code USER[:GROUP]} or {@code UID[:GID]}, or null for whoever the agent runs as
 * @param limits of its resources
 * @param terminal size of the terminal that it gets, or null for pipes
 */
record ExecOrder(
    long serial, ByteString command, List<ByteString> arguments, ChildEnvironment environment, ByteString directory,
    ByteString user, List<ExecRlimit> limits, TerminalSize terminal) {

    /** What is reckoned for a string besides its bytes: the objects that it is made of. */
    private static final int STRING_OVERHEAD = 64;

    /** @return about how many bytes of memory it takes, its own environment included */
    long size() {
        long size = command.length() + (directory == null ? 0 : directory.length());
        for (final ByteString argument : arguments) {
            size += STRING_OVERHEAD + argument.length();
        }
        for (final ByteString entry : environment.entries()) {
            size += STRING_OVERHEAD + entry.length();
        }
        return size;
    }

    /**
     * How large a terminal is.
     *
     * @param rows of characters, 0 to 65535
     * @param columns of characters, 0 to 65535
     */
    record TerminalSize(int rows, int columns) {
    }
}
