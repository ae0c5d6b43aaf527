package dev.sluice.cli;

import java.nio.file.Path;

/**
 * One side of a copy: a file here, or one in a sandbox. Told apart as {@code scp} does, by a colon: what precedes the first is the sandbox.
 * An argument that begins with a slash behind one dot or two is a file here whatever else it has in it. Where {@code --socket} names the
 * sandbox, only an argument that begins with the colon is in it.
 */
sealed interface CopyOperand {
    /**
     * A file of this machine.
     *
     * @param path  the file
     * @param given as it was written, for rules that look at its end, and for people
     */
    record Host(Path path, SandboxPath given) implements CopyOperand {
        @Override
        public String toString() {
            return given.toString();
        }
    }

    /**
     * A file in a sandbox.
     *
     * @param socket where the sandbox's relay listens
     * @param given  the file there
     */
    record Sandbox(Path socket, SandboxPath given) implements CopyOperand {
        @Override
        public String toString() {
            return ":" + given;
        }
    }

    /** {@return the operand as it was written} */
    default String argument() {
        return this instanceof final Sandbox inside ? inside.socket() + ":" + given() : given().toString();
    }

    /** {@return the path as it was written} */
    SandboxPath given();

    /**
     * Reads an operand.
     *
     * @param name     the operand's, for messages
     * @param argument what was given, each byte a character
     * @param socket   what {@code --socket} gave, or null
     * @throws IllegalArgumentException naming the operand when it is neither
     */
    static CopyOperand parse(final String name, final String argument, final Path socket) {
        final int colon = argument.indexOf(':');
        final boolean inSandbox = socket == null ? colon >= 0 && !argument.matches("(?s)\\.{1,2}/.*") : colon == 0;
        if (!inSandbox) {
            return new Host(HostPath.of(name, argument), SandboxPath.of(RawArguments.bytes(argument)));
        }
        if (colon == 0 && socket == null) {
            throw new IllegalArgumentException(name + ": '" + RawArguments.text(argument) + "': --socket says which sandbox's it is");
        }
        return new Sandbox(colon == 0 ? socket : SandboxSocket.path(name, argument.substring(0, colon)),
            SandboxPath.of(RawArguments.bytes(argument.substring(colon + 1))));
    }
}
