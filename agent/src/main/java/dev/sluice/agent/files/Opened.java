package dev.sluice.agent.files;

import dev.sluice.protocol.FsEntryInfo;

/** Something that is held open for a client: a file or a directory. Owns its descriptor. Every call may block. */
public sealed interface Opened permits OpenedFile, OpenedDirectory {
    /** {@return whether it is a directory} */
    boolean isDirectory();

    /**
     * Looks at it.
     *
     * @return what there is to say, with the path that it was opened with
     * @throws FileException if that fails
     */
    FsEntryInfo entry() throws FileException;

    /**
     * Ends it as its client wants: once, after the last use.
     *
     * @throws FileException if what was written is not in place
     */
    void close() throws FileException;

    /** Ends it where nobody waits for how: once, after the last use, in place of {@link #close}. */
    void discard();
}
