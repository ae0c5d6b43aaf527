package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsOpenOptions;
import dev.sluice.protocol.FsRequest;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.FsResponseData;
import dev.sluice.protocol.LegacyFsRequest;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Requests about files, one after the other, with ids of one client. */
final class FileClient {
    private static final int GENERATION = 7;

    private final HostEnd host;
    private int lastId;

    FileClient(final HostEnd host, final int idBefore) {
        this.host = host;
        this.lastId = idBefore;
    }

    static ByteString bytes(final Path path) {
        return ByteString.of(path.toString());
    }

    static FsOpenOptions reading() {
        return new FsOpenOptions(true, false, false, false, false, false, null);
    }

    static FsOpenOptions writing() {
        return new FsOpenOptions(false, true, false, true, true, false, null);
    }

    int nextId() {
        return ++lastId;
    }

    void send(final int id, final int generation, final Message message) throws IOException {
        try {
            host.sendRaw(Frames.encode(generation, id, message));
        } catch (final ProtocolException e) {
            throw new IllegalArgumentException(e);
        }
    }

    void data(final int id, final byte... data) throws IOException {
        send(id, GENERATION, new DataMessage(MessageType.FS_DATA, ByteString.copyOf(data)));
    }

    int begin(final FsOp op) throws IOException {
        final int id = nextId();
        send(id, GENERATION, new FsRequest(op));
        return id;
    }

    int begin(final LegacyFsRequest request) throws IOException {
        final int id = nextId();
        send(id, 1, request);
        return id;
    }

    /** Reads the answer to a request, which is to be the next frame. */
    FsResponse response(final int id) throws IOException {
        final HostEnd.Received frame = host.next();
        assertEquals(id, frame.id());
        assertTrue(frame.isTerminal());
        return frame.as(FsResponse.class);
    }

    FsResponse call(final FsOp op) throws IOException {
        return response(begin(op));
    }

    FsResponse call(final LegacyFsRequest request) throws IOException {
        return response(begin(request));
    }

    FsResponse call(final LegacyFsRequest.Op op, final Path path) throws IOException {
        return call(new LegacyFsRequest(op, bytes(path), null, null));
    }

    /** Does something that brings nothing. */
    void done(final FsOp op) throws IOException {
        final FsResponse response = call(op);
        assertTrue(response.ok(), response.error());
    }

    String error(final FsOp op) throws IOException {
        final FsResponse response = call(op);
        assertFalse(response.ok(), op + " is refused");
        return response.error();
    }

    FsEntryInfo stat(final FsOp op) throws IOException {
        return ((FsResponseData.Stat) data(call(op))).entry();
    }

    FsEntryInfo stat(final Path path) throws IOException {
        return stat(new FsOp.Stat(bytes(path), true));
    }

    List<FsEntryInfo> list(final FsOp op) throws IOException {
        return ((FsResponseData.List) data(call(op))).entries();
    }

    ByteString path(final FsOp op) throws IOException {
        return ((FsResponseData.Path) data(call(op))).path();
    }

    long open(final FsOp op) throws IOException {
        return ((FsResponseData.Handle) data(call(op))).handle();
    }

    long open(final Path path, final FsOpenOptions options) throws IOException {
        return open(new FsOp.OpenFile(bytes(path), options));
    }

    static FsResponseData data(final FsResponse response) {
        assertTrue(response.ok(), response.error());
        return response.data();
    }

    /** @return the bytes that a read brings */
    byte[] read(final long handle, final long offset, final Long length) throws IOException {
        return collect(begin(new FsOp.Read(handle, offset, length)));
    }

    byte[] collect(final int id) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (true) {
            final HostEnd.Received frame = host.next();
            assertEquals(id, frame.id());
            if (frame.message() instanceof FsResponse response) {
                assertTrue(response.ok(), response.error());
                return bytes.toByteArray();
            }
            final DataMessage data = frame.as(DataMessage.class);
            assertTrue(data.data().length() > 0, "no empty data");
            bytes.writeBytes(data.data().toByteArray());
        }
    }

    FsResponse write(final long handle, final long offset, final Long length, final byte[]... pieces) throws IOException {
        final int id = begin(new FsOp.Write(handle, offset, length));
        for (final byte[] piece : pieces) {
            data(id, piece);
        }
        data(id);
        return response(id);
    }
}
