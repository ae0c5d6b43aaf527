package dev.sluice.vsock;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.ucred;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Who is at the other end of a Unix socket, as the kernel noted it when the peer connected ({@code struct ucred} of SO_PEERCRED).
 *
 * @param pid process id; may have been reused since
 * @param uid effective user id
 * @param gid effective group id
 */
public record PeerCredentials(int pid, int uid, int gid) {
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
