package dev.sluice.port;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.PosixException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * A want of descriptors or memory that keeps a source from opening its port. It passes, so the source goes on; and it is told once, not for
 * each of the many attempts until then.
 *
 * <p>One owner thread.
 */
final class Shortage {
    private static final Logger LOG = System.getLogger(Shortage.class.getName());

    private boolean told;

    /**
     * Takes note of a failure.
     *
     * @param failure what went wrong
     * @param what could not be opened, for the log
     * @return whether the next attempt may succeed; if not, the failure is to be thrown on
     */
    boolean explains(final PosixException failure, final Object what) {
        switch (failure.errno()) {
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS -> {
                if (!told) {
                    LOG.log(Level.WARNING, "cannot open {0} now, trying again: {1}", what, failure.getMessage());
                }
                told = true;
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** There was enough this time. */
    void over() {
        told = false;
    }
}
