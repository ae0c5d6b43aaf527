package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a command may lie: the rules of execvp(3) with the child's PATH and the child's working directory in place of ours.
 *
 * <p>A name with a slash is a path, relative to the working directory. Any other is looked for in each directory of PATH; an empty element
 * of PATH is the working directory. No more than {@link #MAX_ELEMENTS} are looked at, so that no PATH takes memory without end.
 */
final class ProgramSearch {
    /** Elements of PATH; no machine has so many directories of programs. */
    static final int MAX_ELEMENTS = 1024;

    private static final int SLASH = '/';
    private static final int COLON = ':';

    private ProgramSearch() {
    }

    /**
     * A place to look at.
     *
     * @param program as the child, already in its working directory, passes it to exec
     * @param probe the same file as seen from the agent's working directory
     */
    record Candidate(ByteString program, ByteString probe) {
    }

    /**
     * The places where a command may lie, in order.
     *
     * @param command the command as requested, not empty
     * @param path the child's PATH
     * @param directory the child's working directory, null for the agent's own
     * @return one place for a path, one for each of the first {@link #MAX_ELEMENTS} elements of PATH for a name
     */
    static List<Candidate> candidates(final ByteString command, final ByteString path, final ByteString directory) {
        final List<Candidate> candidates = new ArrayList<>();
        if (command.indexOf(SLASH) >= 0) {
            candidates.add(candidate(command, directory));
            return candidates;
        }
        final byte[] bytes = path.toByteArray();
        int start = 0;
        for (int i = 0; i <= bytes.length && candidates.size() < MAX_ELEMENTS; i++) {
            if (i == bytes.length || bytes[i] == COLON) {
                final ByteString element = i == start ? ByteString.of(".") : path.substring(start, i);
                candidates.add(candidate(join(element, command), directory));
                start = i + 1;
            }
        }
        return candidates;
    }

    private static Candidate candidate(final ByteString program, final ByteString directory) {
        final boolean absolute = program.byteAt(0) == SLASH;
        return new Candidate(program, absolute || directory == null ? program : join(directory, program));
    }

    private static ByteString join(final ByteString directory, final ByteString name) {
        final byte[] first = directory.toByteArray();
        final byte[] last = name.toByteArray();
        final byte[] joined = new byte[first.length + 1 + last.length];
        System.arraycopy(first, 0, joined, 0, first.length);
        joined[first.length] = SLASH;
        System.arraycopy(last, 0, joined, first.length + 1, last.length);
        return ByteString.copyOf(joined);
    }
}
