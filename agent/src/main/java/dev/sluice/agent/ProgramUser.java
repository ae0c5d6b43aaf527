package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.util.List;

/**
 * Who a program runs as.
 *
 * @param uid user id, unsigned
 * @param gid group id, unsigned
 * @param groups supplementary groups, unsigned, the group itself among them
 * @param home home directory
 */
record ProgramUser(int uid, int gid, List<Integer> groups, ByteString home) {
}
