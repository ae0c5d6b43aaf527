package dev.sluice.relay;

import dev.sluice.vsock.PeerCredentials;
import dev.sluice.vsock.SocketAccess;
import java.util.Set;

/**
 * Which users may connect to a relay, and which of them may shut its guest down. The relay's own user and root always may connect: they
 * could reach it in other ways.
 *
 * <p>Immutable.
 *
 * @param uids other users that may connect
 * @param gids groups whose members may connect, by effective or supplementary group
 * @param shutdownUids the only users that may shut the guest down, or empty when everybody may who may connect
 */
public record AccessRules(Set<Integer> uids, Set<Integer> gids, Set<Integer> shutdownUids) {
    /** The relay's own user and root. */
    public static final AccessRules OWN_USER = new AccessRules(Set.of(), Set.of(), Set.of());

    /** Copies the sets. */
    public AccessRules {
        uids = Set.copyOf(uids);
        gids = Set.copyOf(gids);
        shutdownUids = Set.copyOf(shutdownUids);
    }

    /**
     * Decides by user.
     *
     * @param peer who has connected
     * @param ownUid the relay's user
     * @return whether it may without a look at its groups
     */
    boolean admitsUser(final PeerCredentials peer, final int ownUid) {
        return peer.uid() == ownUid || peer.uid() == 0 || uids.contains(peer.uid()) || gids.contains(peer.gid());
    }

    /**
     * Decides by supplementary groups.
     *
     * @param groups of whoever has connected
     * @return whether one of them may
     */
    boolean admitsGroup(final int[] groups) {
        for (final int group : groups) {
            if (gids.contains(group)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Decides about core.shutdown.
     *
     * @param uid of a client that was admitted
     * @return whether it may shut the guest down
     */
    boolean admitsShutdown(final int uid) {
        return shutdownUids.isEmpty() || shutdownUids.contains(uid);
    }

    /** {@return how open the sockets' paths have to be for these rules} */
    SocketAccess socketAccess() {
        if (uids.isEmpty() && gids.isEmpty()) {
            return SocketAccess.PRIVATE;
        }
        return uids.isEmpty() && gids.size() == 1
            ? SocketAccess.group(gids.iterator().next())
            : SocketAccess.CHECKED_BY_CREDENTIALS;
    }
}
