package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.MessageType;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files with an agent of before release 0.5.0, against golden frames of that release. */
class LegacyFilesTest {
    private ScriptedRelay relay;
    private SandboxClient client;
    private SandboxFiles files;

    @BeforeEach
    void connect() throws Exception {
        relay = new ScriptedRelay();
        client = relay.connect();
        files = client.files();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        relay.close();
    }

    @Test
    void aFileIsLookedAt() throws Exception {
        final Task<FileInfo> looking = Task.start(() -> files.stat("/etc/hosts"));
        assertArrayEquals(Wire.withId(FileWire.LEGACY_STAT_HOSTS, 1), relay.receive());
        relay.send(Wire.withId(FileWire.LEGACY_STAT_ANSWER, 1));
        assertEquals(148, looking.get().size());
    }

    @Test
    void aFileIsReadAndWritten() throws Exception {
        final Task<byte[]> reading = Task.start(() -> files.read("/tmp/a"));
        assertArrayEquals(Wire.withId(FileWire.LEGACY_READ_TMP_A, 1), relay.receive());
        relay.send(Wire.withId(FileWire.DATA_ABC, 1), Wire.withId(FileWire.OK, 1));
        assertArrayEquals(new byte[] {'a', 'b', 'c'}, reading.get());
        final WriteOptions options = WriteOptions.builder().mode(0644).build();
        final Task<Void> writing = Task.start(() -> {
            files.write(ByteString.of("/tmp/a"), options, (byte) 'a', (byte) 'b', (byte) 'c');
            return null;
        });
        assertArrayEquals(Wire.withId(FileWire.LEGACY_WRITE_TMP_A, 2), relay.receive());
        final byte[] data = Wire.withId(FileWire.DATA_ABC, 2);
        data[12] = 1;
        assertArrayEquals(data, relay.receive());
        final byte[] end = Wire.withId(FileWire.DATA_EOF, 2);
        end[12] = 1;
        assertArrayEquals(end, relay.receive());
        relay.send(Wire.withId(FileWire.OK, 2));
        writing.get();
    }

    @Test
    void aDirectoryIsListedAndAFileRenamed() throws Exception {
        final Task<List<FileInfo>> listing = Task.start(() -> files.list("/tmp"));
        assertArrayEquals(Wire.withId(FileWire.LEGACY_LIST_TMP, 1), relay.receive());
        relay.send(Wire.withId(FileWire.LEGACY_LIST_ANSWER, 1));
        assertEquals(ByteString.of("a"), listing.get().getFirst().name());
        final Task<Void> renaming = Task.start(() -> {
            files.rename("/tmp/d/b", "/tmp/x/y/c");
            return null;
        });
        assertArrayEquals(Wire.withId(FileWire.LEGACY_RENAME, 2), relay.receive());
        relay.send(Wire.withId(FileWire.OK, 2));
        renaming.get();
    }

    @Test
    void whatItCannotDoIsNotSent() throws Exception {
        for (final Task<?> task : List.of(
            Task.start(() -> files.realPath("/")),
            Task.start(() -> files.open("/tmp/a", OpenOptions.read())),
            Task.start(() -> files.openDirectory("/tmp")),
            Task.start(() -> {
                files.removeDirectory("/tmp/x", false);
                return null;
            }),
            Task.start(() -> files.newOutputStream("/tmp/a", WriteOptions.builder().append().build())),
            Task.start(() -> client.connectTcp("localhost", 80, ScriptedRelay.DEADLINE)))) {
            final UnsupportedOperationInSandboxException failure =
                assertThrows(UnsupportedOperationInSandboxException.class, task::get);
            assertEquals(1, failure.peer());
        }
        final UnsupportedOperationInSandboxException failure = assertThrows(
            UnsupportedOperationInSandboxException.class, () -> files.symlink("a", "b"));
        assertEquals(MessageType.FS_REQUEST, failure.messageType());
        client.close();
        assertThrows(java.io.EOFException.class, relay::receive);
    }
}
