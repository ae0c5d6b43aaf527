package dev.sluice.port;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.PosixException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * What keeps a source from opening its port and passes, such as a want of descriptors or memory. So the source goes on; and it is told
 * once, not for each of the many attempts until then.
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
                tell(failure, what);
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /**
     * Says what went wrong, unless it has been said since the last success.
     *
     * @param failure what went wrong
     * @param what could not be opened, for the log
     */
    void tell(final IOException failure, final Object what) {
        if (!told) {
            LOG.log(Level.WARNING, "cannot open {0} now, trying again: {1}", what, failure.getMessage());
        }
        told = true;
    }

    /** There was enough this time. */
    void over() {
        told = false;
    }
}
