package dev.sluice.cli;

import dev.sluice.client.CopyResult;
import java.io.IOException;

/** Copies in one direction, between this machine and a sandbox. */
interface FileCopier {
    /**
     * Looks at a destination before anything is copied.
     *
     * @param destination what was given
     * @param several     whether several sources are to come there, which takes a directory
     * @throws IOException when they cannot
     */
    void checkDestination(CopyOperand destination, boolean several) throws IOException, InterruptedException;

    /**
     * Copies a file or tree.
     *
     * @return what was done
     * @throws IOException saying what was not
     */
    CopyResult copy(CopyOperand source, CopyOperand destination) throws IOException, InterruptedException;
}
