package dev.sluice.cli;

import java.io.IOException;

/** Where a copy comes to lie: at its destination, or in it. The rules are those of {@code cp}. */
enum CopyPlace {
    /** At the destination, whose name it gets. */
    AT,
    /** In the destination, a directory, with the name of the source. */
    WITHIN;

    /** What there is at a destination. */
    enum Found {
        /** Nothing. */
        NOTHING,
        /** A directory, or a link to one. */
        DIRECTORY,
        /** Anything else. */
        OTHER
    }

    /**
     * Tells where.
     *
     * @param found       what there is at the destination
     * @param destination as it was given
     * @param source      as it was given
     * @param isDirectory whether the source is one
     * @throws IOException saying why there is no such place
     */
    static CopyPlace of(final Found found, final SandboxPath destination, final SandboxPath source, final boolean isDirectory)
        throws IOException {
        switch (found) {
            case DIRECTORY -> {
                // What has no name of its own brings what is in it.
                return source.isNameless() ? AT : WITHIN;
            }
            case OTHER -> {
                if (destination.endsInSlash()) {
                    throw new IOException("not a directory: " + destination);
                }
                if (isDirectory) {
                    throw new IOException("a directory does not take the place of a file: " + source + " to " + destination);
                }
                return AT;
            }
            default -> {
                if (destination.endsInSlash() && !isDirectory) {
                    throw new IOException("no such directory: " + destination);
                }
                return AT;
            }
        }
    }
}
