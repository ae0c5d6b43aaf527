package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.util.ArrayList;
import java.util.List;

/** Argument vectors: what a program sees as its {@code argv}. */
final class ProgramVector {
    /** Runs files that are neither binaries nor name an interpreter: _PATH_BSHELL of paths.h. */
    private static final ByteString SHELL = ByteString.of("/bin/sh");
    /** Where the shell lies. */
    static final ProgramSearch.Candidate SHELL_CANDIDATE = new ProgramSearch.Candidate(SHELL, SHELL);

    private ProgramVector() {
    }

    /** A command with its arguments. */
    static List<byte[]> of(final ByteString command, final List<ByteString> arguments) {
        final List<byte[]> vector = new ArrayList<>(arguments.size() + 1);
        vector.add(command.toByteArray());
        arguments.forEach(argument -> vector.add(argument.toByteArray()));
        return vector;
    }

    /** A shell that runs a script, as execvp(3) makes it. */
    static List<byte[]> shell(final ByteString script, final List<ByteString> arguments) {
        final List<ByteString> all = new ArrayList<>(arguments.size() + 1);
        all.add(script);
        all.addAll(arguments);
        return of(SHELL, all);
    }
}
