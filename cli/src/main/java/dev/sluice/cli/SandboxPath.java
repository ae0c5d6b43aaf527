package dev.sluice.cli;

import dev.sluice.protocol.ByteString;

/**
 * A path in a sandbox, as bytes, and the rules by which {@code cp} and {@code rm} take it apart.
 *
 * @param bytes the path; not empty
 */
record SandboxPath(ByteString bytes) {
    private static final byte SLASH = '/';

    /** The path of an operand; one that names none means the directory that the agent works in. */
    static SandboxPath of(final ByteString bytes) {
        return new SandboxPath(bytes.isEmpty() ? ByteString.of(".") : bytes);
    }

    boolean endsInSlash() {
        return bytes.byteAt(bytes.length() - 1) == SLASH;
    }

    /** The last component, without slashes behind it; empty for the root alone. */
    ByteString name() {
        final int end = endOfName();
        int start = end;
        while (start > 0 && bytes.byteAt(start - 1) != SLASH) {
            start--;
        }
        return bytes.substring(start, end);
    }

    /** Tells whether the path names a directory by where it is and not by a name of its own: the root, or one that ends in dots. */
    boolean isNameless() {
        final ByteString name = name();
        return name.isEmpty() || name.equals(ByteString.of(".")) || name.equals(ByteString.of(".."));
    }

    /** The path without slashes at its end; the root stays one. */
    SandboxPath withoutSlashes() {
        final int end = endOfName();
        return end == 0 ? this : new SandboxPath(bytes.substring(0, end));
    }

    /** The directory that the last component is in, as far as the path tells. */
    SandboxPath parent() {
        final int length = endOfName() - name().length();
        return length == 0 ? of(ByteString.EMPTY) : new SandboxPath(bytes.substring(0, length));
    }

    /** The path of a file of that name, not empty, in this directory. */
    SandboxPath resolve(final ByteString name) {
        final byte[] directory = bytes.toByteArray();
        final byte[] path = new byte[directory.length + (endsInSlash() ? 0 : 1) + name.length()];
        System.arraycopy(directory, 0, path, 0, directory.length);
        path[directory.length] = SLASH;
        System.arraycopy(name.toByteArray(), 0, path, path.length - name.length(), name.length());
        return new SandboxPath(ByteString.copyOf(path));
    }

    private int endOfName() {
        int end = bytes.length();
        while (end > 0 && bytes.byteAt(end - 1) == SLASH) {
            end--;
        }
        return end;
    }

    @Override
    public String toString() {
        return bytes.toString();
    }
}
