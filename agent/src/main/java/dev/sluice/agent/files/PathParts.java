package dev.sluice.agent.files;

import dev.sluice.protocol.ByteString;

/**
 * A path taken apart: what names the directory, and the last name in it. Slashes at the end are not part of the last name, for no call that
 * takes a name is to follow a symbolic link that they would have it follow.
 *
 * @param parent path of the directory, as given; {@code /} or {@code .} where the path has no directory part
 * @param name the last name, without any slash; {@code .} where the path is {@code /} or empty
 * @param slash whether slashes follow the name, so that only a directory may be meant
 */
record PathParts(ByteString parent, ByteString name, boolean slash) {
    static final ByteString ROOT = ByteString.of("/");
    static final ByteString SELF = ByteString.of(".");
    static final ByteString PARENT = ByteString.of("..");

    private static final byte SLASH = '/';

    static PathParts of(final ByteString path) {
        int end = path.length();
        while (end > 0 && path.byteAt(end - 1) == SLASH) {
            end--;
        }
        final boolean slash = end < path.length();
        if (end == 0) {
            return new PathParts(slash ? ROOT : SELF, SELF, slash);
        }
        int start = end;
        while (start > 0 && path.byteAt(start - 1) != SLASH) {
            start--;
        }
        return new PathParts(start == 0 ? SELF : path.substring(0, start), path.substring(start, end), slash);
    }

    /** @return whether the last name is one that every directory has */
    boolean isDots() {
        return name.equals(SELF) || name.equals(PARENT);
    }

    /** @return a directory's path and a name in it, as one path */
    static ByteString join(final ByteString directory, final ByteString name) {
        final boolean slashed = !directory.isEmpty() && directory.byteAt(directory.length() - 1) == SLASH;
        final byte[] joined = new byte[directory.length() + (slashed ? 0 : 1) + name.length()];
        System.arraycopy(directory.toByteArray(), 0, joined, 0, directory.length());
        if (!slashed) {
            joined[directory.length()] = SLASH;
        }
        System.arraycopy(name.toByteArray(), 0, joined, joined.length - name.length(), name.length());
        return ByteString.copyOf(joined);
    }
}
