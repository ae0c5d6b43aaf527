package dev.sluice.client;

import dev.sluice.protocol.ByteString;

/** Paths in the sandbox: bytes, of which only the slash and NUL mean anything. */
final class SandboxPath {
    private static final byte SLASH = '/';

    private SandboxPath() {
    }

    /** A path that can be asked for: not empty, without NUL. */
    static ByteString checked(final ByteString path) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("path is empty");
        }
        if (path.indexOf(0) >= 0) {
            throw new IllegalArgumentException("path with NUL: " + path);
        }
        return path;
    }

    /** A path given as text, meant as its UTF-8 bytes. */
    static ByteString of(final String path) {
        return checked(ByteString.of(path));
    }

    /** A name within a directory. */
    static ByteString child(final ByteString directory, final ByteString name) {
        final boolean slash = directory.byteAt(directory.length() - 1) != SLASH;
        final byte[] path = new byte[directory.length() + (slash ? 1 : 0) + name.length()];
        System.arraycopy(directory.toByteArray(), 0, path, 0, directory.length());
        path[directory.length()] = SLASH;
        System.arraycopy(name.toByteArray(), 0, path, path.length - name.length(), name.length());
        return ByteString.copyOf(path);
    }

    /** What is behind the last slash of a path; empty when the path ends there. */
    static ByteString name(final ByteString path) {
        int start = path.length();
        while (start > 0 && path.byteAt(start - 1) != SLASH) {
            start--;
        }
        return path.substring(start, path.length());
    }

    /** Tells whether a name can be that of an entry of a directory, so that what is called so lies in that directory. */
    static boolean isEntryName(final ByteString name) {
        return !name.isEmpty() && !isDots(name) && name.indexOf(SLASH) < 0 && name.indexOf(0) < 0;
    }

    private static boolean isDots(final ByteString name) {
        return name.byteAt(0) == '.' && (name.length() == 1 || name.length() == 2 && name.byteAt(1) == '.');
    }
}
