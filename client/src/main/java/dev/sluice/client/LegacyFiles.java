package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.FsResponseData;
import dev.sluice.protocol.LegacyFsEntry;
import dev.sluice.protocol.LegacyFsRequest;
import dev.sluice.protocol.LegacyFsResponse;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.util.List;

/**
 * File operations of agents of before release 0.5.0, which have no handles. They look at files without following links, remove directories
 * with everything in them, and make the directories above what they copy, rename or write.
 *
 * <p>Source: relay protocol, sections 1.4 and 4.
 */
final class LegacyFiles {
    private LegacyFiles() {
    }

    /** The same operation for such an agent; a failure when it has none that does no more and no less. */
    static LegacyFsRequest request(final FsOp op, final int generation) throws UnsupportedOperationInSandboxException {
        final LegacyFsRequest request = switch (op) {
            case FsOp.Stat stat -> onPath(LegacyFsRequest.Op.STAT, stat.path());
            case FsOp.List list -> onPath(LegacyFsRequest.Op.LIST, list.path());
            case FsOp.Mkdir mkdir -> mkdir.mode() == null ? onPath(LegacyFsRequest.Op.MKDIR, mkdir.path()) : null;
            case FsOp.Remove remove -> onPath(LegacyFsRequest.Op.REMOVE, remove.path());
            case FsOp.RemoveDir remove -> remove.recursive() ? onPath(LegacyFsRequest.Op.REMOVE_DIR, remove.path()) : null;
            case FsOp.Copy copy -> new LegacyFsRequest(LegacyFsRequest.Op.COPY, copy.src(), copy.dst(), null);
            case FsOp.Rename rename -> new LegacyFsRequest(LegacyFsRequest.Op.RENAME, rename.src(), rename.dst(), null);
            default -> null;
        };
        if (request == null) {
            throw new UnsupportedOperationInSandboxException(MessageType.FS_REQUEST, generation);
        }
        return request;
    }

    /** A response of such an agent, in the form of later ones. */
    static FsResponse response(final IncomingFrame frame) throws ProtocolException {
        final LegacyFsResponse response = LegacyFsResponse.decode(frame.envelope());
        return new FsResponse(response.ok(), response.error(), data(response));
    }

    private static FsResponseData data(final LegacyFsResponse response) {
        if (response.stat() != null) {
            return new FsResponseData.Stat(entry(response.stat()));
        }
        if (response.list() != null) {
            final List<FsEntryInfo> entries = response.list().stream().map(LegacyFiles::entry).toList();
            return new FsResponseData.List(entries);
        }
        return null;
    }

    private static FsEntryInfo entry(final LegacyFsEntry old) {
        return new FsEntryInfo(old.path(), old.kind(), old.size(), old.mode(), old.modified(), 0, 0, null, old.modified());
    }

    private static LegacyFsRequest onPath(final LegacyFsRequest.Op op, final ByteString path) {
        return new LegacyFsRequest(op, path, null, null);
    }
}
