package dev.sluice.agent.files;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that is written under a name of its own, in the directory of the one it is to replace, and takes that one's place when it is
 * complete and on the disk. Until then everybody sees what was there before; a failed one leaves nothing. One that is left by a killed
 * agent has a name that starts with {@code .sluice-}.
 *
 * <p>One thread at a time.
 */
final class Replacement {
    private static final String PREFIX = ".sluice-";
    private static final int ATTEMPTS = 16;
    /** Until it is known who may read the file: not more than might read the one it replaces. */
    private static final int PRIVATE_MODE = 0600;

    private final FileSystem system;
    private final Place place;
    private final ByteString temporaryName;

    private Replacement(final FileSystem system, final Place place, final ByteString temporaryName) {
        this.system = system;
        this.place = place;
        this.temporaryName = temporaryName;
    }

    /** A replacement and the descriptor to write it with. */
    record Begun(Replacement replacement, int fd) {
    }

    /**
     * Makes the file.
     *
     * @param place what it is to replace; this object's from now on, also when that fails
     * @param flags {@code O_} flags to open it with
     * @param mode permissions of a file that replaces none; one that does gets that one's, and its owner as far as it may
     */
    static Begun begin(final FileSystem system, final Place place, final int flags, final int mode) throws FileException {
        try {
            final FileStatus former = statusOrNull(place);
            if (former != null && !former.isRegular()) {
                throw new FileException(former.isDirectory() ? Errno.EISDIR : Errno.EINVAL);
            }
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                final ByteString name = ByteString.of(PREFIX + Long.toHexString(ThreadLocalRandom.current().nextLong()));
                try {
                    final int fd = system.openat(
                        place.directory(), name, flags | Linux.O_CREAT | Linux.O_EXCL, former == null ? mode : PRIVATE_MODE);
                    final Replacement begun = new Replacement(system, place, name);
                    begun.resemble(fd, former);
                    return new Begun(begun, fd);
                } catch (final FileException e) {
                    if (e.errno() != Errno.EEXIST) {
                        throw e;
                    }
                }
            }
            throw new FileException(Errno.EEXIST);
        } catch (final FileException | RuntimeException e) {
            place.close();
            throw e;
        }
    }

    private static FileStatus statusOrNull(final Place place) throws FileException {
        try {
            return place.status();
        } catch (final FileException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }

    private void resemble(final int fd, final FileStatus former) throws FileException {
        if (former == null) {
            return;
        }
        try {
            system.chown(fd, former.uid(), former.gid());
        } catch (final FileException e) {
            // Only root gives files away; who may write the directory may replace the file all the same.
        }
        try {
            system.chmod(fd, former.mode());
        } catch (final FileException e) {
            system.closeQuietly(fd);
            removeQuietly();
            throw e;
        }
    }

    /** Puts it in place; closes {@code fd} in any case. */
    void commit(final int fd) throws FileException {
        try {
            try {
                system.fsync(fd);
            } finally {
                system.closeQuietly(fd);
            }
            system.renameat(place.directory(), temporaryName, place.directory(), place.name());
            syncDirectory();
        } catch (final FileException e) {
            removeQuietly();
            throw e;
        } finally {
            place.close();
        }
    }

    private void syncDirectory() throws FileException {
        final int fd = system.openat(place.directory(), PathParts.SELF, Linux.O_RDONLY, 0);
        try {
            system.fsync(fd);
        } finally {
            system.closeQuietly(fd);
        }
    }

    /** Leaves nothing of it. */
    void abort() {
        removeQuietly();
        place.close();
    }

    private void removeQuietly() {
        try {
            system.unlinkat(place.directory(), temporaryName, 0);
        } catch (final FileException e) {
            // Gone already, put in place, or on a file system that has turned read-only: nobody is left to be told.
        }
    }
}
