package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;

import java.io.IOException;

/**
 * Anonymous files that can be handed to a peer who is not trusted: sealed, so that neither side can change the size under the other's
 * mapping.
 */
public final class SealedMemory {
    private static final int SIZE_IS_FIXED = Linux.F_SEAL_SHRINK | Linux.F_SEAL_GROW;

    private SealedMemory() {
    }

    /**
     * Makes a file of zeros whose size, and whose seals, nobody can change any more.
     *
     * @param posix the calls
     * @param name shows in {@code /proc}; at most 249 bytes
     * @param size in bytes
     * @return its descriptor, close-on-exec, which the caller owns
     * @throws PosixException if a call fails
     */
    public static int create(final Posix posix, final String name, final long size) throws PosixException {
        final int fd = posix.memfdCreate(name, Linux.MFD_CLOEXEC | Linux.MFD_ALLOW_SEALING);
        try {
            posix.ftruncate(fd, size);
            posix.fcntl(fd, Linux.F_ADD_SEALS, SIZE_IS_FIXED | Linux.F_SEAL_SEAL);
            return fd;
        } catch (final PosixException e) {
            posix.closeQuietly(fd);
            throw e;
        }
    }

    /**
     * Checks a descriptor that a peer has sent: it must be memory of fixed size, and of an acceptable one.
     *
     * @param posix the calls
     * @param fd the descriptor, which stays the caller's
     * @param minSize the smallest acceptable size in bytes
     * @param maxSize the largest acceptable size in bytes
     * @return its size in bytes, which cannot change any more
     * @throws IOException if it is something else, saying what
     */
    public static long verify(final Posix posix, final int fd, final long minSize, final long maxSize) throws IOException {
        final int seals;
        try {
            seals = posix.fcntl(fd, Linux.F_GET_SEALS, 0);
        } catch (final PosixException e) {
            throw new IOException("received descriptor is not sealable memory: fd=" + fd, e);
        }
        if ((seals & SIZE_IS_FIXED) != SIZE_IS_FIXED) {
            throw new IOException("received memory is not sealed against resizing: fd=" + fd + " seals=0x" + Integer.toHexString(seals));
        }
        // After the seals: now it cannot change. The position is of no consequence to a mapping.
        final long size = posix.lseek(fd, 0, Linux.SEEK_END);
        if (size < minSize || size > maxSize) {
            throw new IOException("received memory has the wrong size: fd=" + fd + " size=" + size + " min=" + minSize + " max=" + maxSize);
        }
        return size;
    }
}
