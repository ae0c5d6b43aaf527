package dev.sluice.agent;

import static dev.sluice.agent.FileClient.bytes;
import static dev.sluice.agent.FileClient.reading;
import static dev.sluice.agent.FileClient.writing;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsRequest;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.FsResponseData;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.LegacyFsRequest;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.WindowFrame;
import dev.sluice.protocol.WindowGrant;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of file data, with windows and without, those of generation 1, and what becomes of them when their client goes. */
class AgentFileStreamsTest {
    private static final int OTHER_CLIENT = IdGrid.RANGE_STEP;

    @TempDir
    private Path directory;
    private TestAgent agent;
    private HostEnd host;
    private FileClient client;

    @BeforeEach
    void start() throws IOException {
        agent = TestAgent.start();
        host = agent.host();
        client = new FileClient(host, 0);
    }

    @AfterEach
    void end() throws IOException {
        agent.close();
    }

    private static byte[] random(final int length) {
        final byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    /** On a disk the loop reads what is in memory itself; on a file system that cannot tell, jobs do. */
    @ParameterizedTest
    @ValueSource(strings = {"", "/dev/shm"})
    void whatIsReadWithAWindowKeepsToIt(final String where) throws IOException {
        final Path file = where.isEmpty() ? directory.resolve("file") : Files.createTempFile(Path.of(where), "sluice", "");
        try {
            final byte[] content = random(5_000_000);
            Files.write(file, content);
            final long handle = client.open(file, reading());
            for (final int window : new int[] {100, 70_000, 960 * 1024}) {
                final int length = window == 100 ? 10_000 : content.length;
                assertArrayEquals(Arrays.copyOf(content, length), readWindowed(handle, window, length));
            }
            assertArrayEquals(content, client.read(handle, 0, null));
        } finally {
            Files.delete(file);
        }
    }

    private byte[] readWindowed(final long handle, final int window, final long length) throws IOException {
        final int id = client.nextId();
        client.send(id, 7, new FsRequest(new FsOp.Read(handle, 0, length), window));
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long available = window;
        long consumed = 0;
        while (true) {
            final HostEnd.Received frame = host.next();
            if (frame.message() instanceof FsResponse response) {
                assertTrue(response.ok(), response.error());
                return bytes.toByteArray();
            }
            available -= frame.frameLength();
            assertTrue(available >= 0, "beyond the window by " + -available);
            bytes.writeBytes(frame.as(DataMessage.class).data().toByteArray());
            consumed += frame.frameLength();
            if (consumed * 2 >= window) {
                client.send(id, 7, new WindowGrant(WindowFrame.FROM_GUEST, consumed));
                available += consumed;
                consumed = 0;
            }
        }
    }

    @Test
    void aWindowThatTakesNoFrameIsWaitedFor() throws IOException {
        final byte[] content = random(10_000);
        final long handle = client.open(Files.write(directory.resolve("file"), content), reading());
        final int id = client.nextId();
        client.send(id, 7, new FsRequest(new FsOp.Read(handle, 0, null), 10));
        client.send(id, 7, new WindowGrant(WindowFrame.FROM_GUEST, 100_000));
        assertArrayEquals(content, client.collect(id));
    }

    @Test
    void aReaderThatGrantsNothingHoldsUpNobody() throws IOException {
        final Path file = Files.write(directory.resolve("file"), random(1_000_000));
        final long handle = client.open(file, reading());
        final int stuck = client.nextId();
        client.send(stuck, 7, new FsRequest(new FsOp.Read(handle, 0, null), 60_000));
        long bytes = 0;
        while (bytes < 40_000) {
            bytes += host.next().frameLength();
        }
        assertEquals(1_000_000, client.read(handle, 0, null).length);
        client.done(new FsOp.CloseHandle(handle));
        host.send(0, new ClientDisconnected(1, IdGrid.RANGE_STEP));
        assertEquals("the client has left", client.response(stuck).error());
    }

    @Test
    void whatIsWrittenWithAWindowIsGrantedAsItIsWritten() throws IOException {
        final byte[] content = random(9_000_000);
        final long handle = client.open(directory.resolve("file"), writing());
        final int id = client.nextId();
        client.send(id, 7, new FsRequest(new FsOp.Write(handle, 0, (long) content.length), 1000));
        long available = InputOptions.WINDOW_DEFAULT;
        int sent = 0;
        while (sent < content.length) {
            final int length = Math.min(
                Math.min(100_000, content.length - sent), DataFrame.dataLengthWithin(MessageType.FS_DATA, available));
            if (length == 0) {
                final HostEnd.Received frame = host.next();
                assertEquals(id, frame.id());
                available += frame.as(WindowGrant.class).bytes();
                assertEquals(WindowFrame.TO_GUEST, frame.as(WindowGrant.class).stream());
            } else {
                client.data(id, Arrays.copyOfRange(content, sent, sent + length));
                sent += length;
                available -= DataFrame.frameLength(MessageType.FS_DATA, length);
            }
        }
        client.data(id);
        HostEnd.Received last = host.next();
        while (last.message() instanceof WindowGrant) {
            last = host.next();
        }
        assertTrue(last.as(FsResponse.class).ok());
        assertArrayEquals(content, Files.readAllBytes(directory.resolve("file")));
    }

    @Test
    void moreThanTheWindowIsRefused() throws IOException {
        final long handle = client.open(directory.resolve("file"), writing());
        final int id = client.nextId();
        client.send(id, 7, new FsRequest(new FsOp.Write(handle, 0, null), 1000));
        client.data(id, new byte[4_000_000]);
        HostEnd.Received frame = host.next();
        while (frame.message() instanceof WindowGrant) {
            frame = host.next();
        }
        assertEquals("write: more data than the window allows", frame.as(FsResponse.class).error());
    }

    @Test
    void generationOneWritesReadsAndListsByPath() throws IOException {
        final Path file = directory.resolve("made/on/the/way");
        final byte[] content = random(7_000_000);
        final int writing = client.begin(new LegacyFsRequest(LegacyFsRequest.Op.WRITE, bytes(file), null, 0600L));
        for (int at = 0; at < content.length; at += 3 * 1024 * 1024) {
            client.data(writing, Arrays.copyOfRange(content, at, Math.min(content.length, at + 3 * 1024 * 1024)));
        }
        client.data(writing);
        assertTrue(client.response(writing).ok());
        assertArrayEquals(content, Files.readAllBytes(file));
        assertArrayEquals(content, client.collect(client.begin(new LegacyFsRequest(LegacyFsRequest.Op.READ, bytes(file), null, null))));
        assertEquals(0100600, ((FsResponseData.Stat) client.call(LegacyFsRequest.Op.STAT, file).data()).entry().mode());
        assertEquals(1, ((FsResponseData.List) client.call(LegacyFsRequest.Op.LIST, file.getParent()).data()).entries().size());
        final Path moved = directory.resolve("other/new/name");
        assertTrue(client.call(new LegacyFsRequest(LegacyFsRequest.Op.RENAME, bytes(file), bytes(moved), null)).ok());
        assertTrue(client.call(new LegacyFsRequest(LegacyFsRequest.Op.COPY, bytes(moved), bytes(file), null)).ok());
        assertArrayEquals(content, Files.readAllBytes(file));
        assertTrue(client.call(LegacyFsRequest.Op.REMOVE, moved).ok());
        assertTrue(client.call(LegacyFsRequest.Op.MKDIR, directory.resolve("a/b/c")).ok());
        assertTrue(client.call(LegacyFsRequest.Op.REMOVE_DIR, directory.resolve("a")).ok());
        assertTrue(client.call(LegacyFsRequest.Op.REMOVE_DIR, directory.resolve("made")).ok());
        assertFalse(Files.exists(directory.resolve("made")));
        assertEquals("open: No such file or directory (os error 2)", client.call(LegacyFsRequest.Op.READ, file).error());
    }

    /** Frames as upstream's programs send them; source: the golden frames. What they name is within a directory of this test's own. */
    @Test
    void goldenFramesAreUnderstood() throws IOException {
        Files.createDirectories(directory.resolve("etc"));
        Files.writeString(directory.resolve("etc/hosts"), "seven b");
        Files.createDirectories(directory.resolve("tmp/only"));
        agent.close();
        agent = TestAgent.start(context -> context.files().root(bytes(directory)));
        host = agent.host();
        client = new FileClient(host, 0);
        final String stat = "0000003a0000000302a361760161746f636f72652e66732e726571756573746170581ba1626f70a16453746174a16470"
            + "6174686a2f6574632f686f737473";
        host.sendRaw(HexFormat.of().parseHex(stat));
        final FsEntryInfo hosts = ((FsResponseData.Stat) FileClient.data(client.response(3))).entry();
        assertEquals(ByteString.of("/etc/hosts"), hosts.path());
        assertEquals(7, hosts.size(), "paths lead into the directory of this test");
        final String list = "000000330000000602a361760161746f636f72652e66732e72657175657374617055a1626f70a1644c697374a1647061"
            + "7468642f746d70";
        host.sendRaw(HexFormat.of().parseHex(list));
        final List<FsEntryInfo> entries = ((FsResponseData.List) FileClient.data(client.response(6))).entries();
        assertEquals(List.of(ByteString.of("/tmp/only")), entries.stream().map(FsEntryInfo::path).toList());
        final String read = "0000003f0200000102a361760761746f636f72652e66732e7265717565737461705820a1626f70a16452656164a36668"
            + "616e646c6502666f666673657400636c656ef6";
        host.sendRaw(HexFormat.of().parseHex(read));
        assertEquals("read: invalid handle: 2", client.response(0x02000001).error());
        final String remove = "0000004503ffffff02a361760761746f636f72652e66732e726571756573746170"
            + "5826a1626f70a16952656d6f7665446972a26470617468652f776f726b69726563757273697665f5";
        // What came before has proved that /work is not the system's.
        host.sendRaw(HexFormat.of().parseHex(remove));
        assertEquals("remove_dir: No such file or directory (os error 2)", client.response(0x03FFFFFF).error());
    }

    @Test
    void whatCannotBeUnderstoodIsAnsweredInTermsOfItsGeneration() throws IOException {
        final String unknown = "000000320000000%s02a36176%s61746f636f72652e66732e72657175657374617054a1626f70a1634e6577a16470617"
            + "468642f746d70";
        host.sendRaw(HexFormat.of().parseHex(unknown.formatted("7", "01")));
        assertFalse(client.response(7).ok());
        host.sendRaw(HexFormat.of().parseHex(unknown.formatted("8", "07")));
        final HostEnd.Received answer = host.next();
        assertEquals(8, answer.id());
        assertEquals(CoreError.Kind.INVALID_PAYLOAD, answer.as(CoreError.class).kind());
    }

    @Test
    void handlesAreTheirClientsAloneAndGoWithIt() throws IOException {
        final Path file = Files.write(directory.resolve("file"), random(10));
        final FileClient other = new FileClient(host, OTHER_CLIENT);
        final long mine = client.open(file, reading());
        final long others = other.open(file, reading());
        assertEquals(mine + 1, others);
        final String notYours = "handle " + others + " is owned by a different relay client";
        assertEquals("read: " + notYours, client.error(new FsOp.Read(others, 0, null)));
        assertEquals("write: " + notYours, client.error(new FsOp.Write(others, 0, null)));
        assertEquals("close: " + notYours, client.error(new FsOp.CloseHandle(others)));
        assertEquals("fstat: " + notYours, client.error(new FsOp.FStat(others)));
        assertEquals("readdir: " + notYours, client.error(new FsOp.ReadDir(others, null)));
        host.send(0, new ClientDisconnected(OTHER_CLIENT + 1L, 2L * OTHER_CLIENT));
        assertEquals("close: invalid handle: " + others, other.error(new FsOp.CloseHandle(others)));
        assertEquals(10, client.read(mine, 0, null).length);
    }

    @Test
    void aClientHasSoManyHandles() throws IOException {
        final Path file = Files.write(directory.resolve("file"), random(10));
        for (int i = 0; i < 1024; i++) {
            client.open(file, reading());
        }
        assertEquals("open: too many open filesystem handles for relay client: 1024",
            client.error(new FsOp.OpenFile(bytes(file), reading())));
        assertEquals("opendir: too many open filesystem handles for relay client: 1024", client.error(new FsOp.OpenDir(bytes(directory))));
        client.done(new FsOp.CloseHandle(5));
        client.open(file, reading());
    }

    @Test
    void aWriteWhoseClientLeavesKeepsWhatHasCome() throws IOException {
        final Path file = directory.resolve("file");
        final byte[] content = random(100);
        final long handle = client.open(file, writing());
        final int id = client.begin(new FsOp.Write(handle, 0, null));
        client.data(id, content);
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (Files.size(file) < content.length) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "nothing is written");
            Thread.onSpinWait();
        }
        host.send(0, new ClientDisconnected(1, IdGrid.RANGE_STEP));
        assertEquals("the client has left", client.response(id).error());
        assertEquals("fstat: invalid handle: 1", client.error(new FsOp.FStat(handle)));
        assertArrayEquals(content, Files.readAllBytes(file));
    }

    @Test
    void manyStreamsAtOnceAreEachWhole() throws IOException {
        final int streams = 40;
        final byte[] content = random(700_000);
        final Path file = Files.write(directory.resolve("file"), content);
        final long handle = client.open(file, reading());
        final int first = client.begin(new FsOp.Read(handle, 0, null));
        for (int i = 1; i < streams; i++) {
            client.begin(new FsOp.Read(handle, i, null));
        }
        final ByteArrayOutputStream[] received = new ByteArrayOutputStream[streams];
        int ended = 0;
        while (ended < streams) {
            final HostEnd.Received frame = host.next();
            final int stream = frame.id() - first;
            if (frame.message() instanceof DataMessage data) {
                received[stream] = received[stream] == null ? new ByteArrayOutputStream() : received[stream];
                received[stream].writeBytes(data.data().toByteArray());
            } else {
                ended++;
            }
        }
        for (int i = 0; i < streams; i++) {
            assertArrayEquals(Arrays.copyOfRange(content, i, content.length), received[i].toByteArray());
        }
    }
}
