package dev.sluice.client;

/** Permission bits. */
final class FileModes {
    private static final int PERMISSION_BITS = 07777;

    private FileModes() {
    }

    /** Bits that are permissions and no others, as they are on the wire. */
    static Long checked(final int mode) {
        if ((mode & ~PERMISSION_BITS) != 0) {
            throw new IllegalArgumentException("mode: 0" + Integer.toOctalString(mode));
        }
        return (long) mode;
    }
}
