package dev.sluice.vsock;

/**
 * Who can reach a socket's path: its permissions, and those of its directory should that have to be made.
 *
 * <p>Permissions are the outer door only. Who is let in beyond the owner has to be checked once connected, see {@link PeerCredentials}.
 *
 * @param socketMode permission bits of the socket
 * @param directoryMode permission bits of its directory, applied only to a directory that is made
 * @param gid group that both are given to, or {@link #OWN_GROUP}
 */
public record SocketAccess(int socketMode, int directoryMode, int gid) {
    /** Leaves the group as it comes. */
    public static final int OWN_GROUP = -1;
    /** For the owner alone: 0600 and 0700. */
    public static final SocketAccess PRIVATE = new SocketAccess(0600, 0700, OWN_GROUP);
    /** For everybody who is admitted once connected: 0666 and 0711. */
    public static final SocketAccess CHECKED_BY_CREDENTIALS = new SocketAccess(0666, 0711, OWN_GROUP);

    private static final int PERMISSIONS = 0777;

    /**
     * Checks the modes.
     *
     * @throws IllegalArgumentException when a mode has other bits than permissions
     */
    public SocketAccess {
        if ((socketMode & ~PERMISSIONS) != 0 || (directoryMode & ~PERMISSIONS) != 0) {
            throw new IllegalArgumentException(String.format("permission bits only: socket=%o directory=%o", socketMode, directoryMode));
        }
    }

    /**
     * For the owner and one group: 0660 and 0750.
     *
     * @param gid the group
     * @return the access
     */
    public static SocketAccess group(final int gid) {
        return new SocketAccess(0660, 0750, gid);
    }
}
