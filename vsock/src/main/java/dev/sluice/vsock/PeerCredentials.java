package dev.sluice.vsock;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.ucred;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Who is at the other end of a Unix socket, as the kernel noted it when the peer connected ({@code struct ucred} of SO_PEERCRED).
 *
 * @param pid process id; may have been reused since
 * @param uid effective user id
 * @param gid effective group id
 */
public record PeerCredentials(int pid, int uid, int gid) {
    private static final int FEW_GROUPS = 64;
    /** NGROUPS_MAX of the kernel. */
    private static final int MOST_GROUPS = 65_536;

    /**
     * Asks for the peer of a connected socket.
     *
     * @param posix the system
     * @param fd a connected Unix socket
     * @return its peer's credentials
     * @throws PosixException if the call fails
     */
    public static PeerCredentials of(final Posix posix, final int fd) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment peer = arena.allocate(ucred.layout());
            posix.getsockopt(fd, Linux.SOL_SOCKET, Linux.SO_PEERCRED, peer);
            return new PeerCredentials(ucred.pid(peer), ucred.uid(peer), ucred.gid(peer));
        }
    }

    /**
     * Asks for the supplementary groups of the peer of a connected socket, as they were when it connected (SO_PEERGROUPS, Linux 4.13).
     *
     * @param posix the system
     * @param fd a connected Unix socket
     * @return the groups, without the effective one unless it is among them
     * @throws PosixException if the call fails
     */
    public static int[] groups(final Posix posix, final int fd) throws PosixException {
        for (int room = FEW_GROUPS; ; room = MOST_GROUPS) {
            try (Arena arena = Arena.ofConfined()) {
                final MemorySegment gids = arena.allocate(ValueLayout.JAVA_INT, room);
                final int length = posix.getsockopt(fd, Linux.SOL_SOCKET, Linux.SO_PEERGROUPS, gids);
                return gids.asSlice(0, length).toArray(ValueLayout.JAVA_INT);
            } catch (final PosixException e) {
                if (e.errno() != Linux.ERANGE || room == MOST_GROUPS) {
                    throw e;
                }
            }
        }
    }

    /**
     * The credentials that this process shows to its peers.
     *
     * @param posix the system
     * @return the calling process's own
     * @throws PosixException if a call fails
     */
    public static PeerCredentials own(final Posix posix) throws PosixException {
        final int[] pair = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        try {
            return of(posix, pair[0]);
        } finally {
            posix.closeQuietly(pair[0]);
            posix.closeQuietly(pair[1]);
        }
    }
}
