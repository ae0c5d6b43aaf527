package dev.sluice.agent;

import static dev.sluice.agent.FileClient.bytes;
import static dev.sluice.agent.FileClient.reading;
import static dev.sluice.agent.FileClient.writing;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsOpenOptions;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.FsSetAttrs;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.LegacyFsRequest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the fault list has for files, on a running agent. */
class AgentFileFaultsTest {
    private static final int ENTRIES = Boolean.getBoolean("sluice.full") ? 1_000_000 : 30_000;
    private static final long TERABYTE = 1L << 40;

    @TempDir
    private Path directory;
    private TestAgent agent;
    private FileClient client;

    private void start(final Consumer<AgentContext> options) throws IOException {
        agent = TestAgent.start(options);
        client = new FileClient(agent.host(), 0);
    }

    private void start() throws IOException {
        start(context -> { });
    }

    @AfterEach
    void end() throws IOException {
        if (agent != null) {
            agent.close();
        }
    }

    private static ByteString join(final Path parent, final byte... name) {
        final byte[] prefix = (parent + "/").getBytes();
        final byte[] path = new byte[prefix.length + name.length];
        System.arraycopy(prefix, 0, path, 0, prefix.length);
        System.arraycopy(name, 0, path, prefix.length, name.length);
        return ByteString.copyOf(path);
    }

    @Test
    void h11_namesAreBytes() throws IOException {
        start();
        final byte[][] names = {{(byte) 0xFF, (byte) 0xFE, '\n', 0x1B}, {(byte) 0xC3}, {'\\', '"', ' ', '*'}};
        final Set<ByteString> expected = new HashSet<>();
        for (final byte[] name : names) {
            final ByteString path = join(directory, name);
            expected.add(path);
            final long handle = client.open(new FsOp.OpenFile(path, writing()));
            assertTrue(client.write(handle, 0, null, name).ok());
            client.done(new FsOp.CloseHandle(handle));
            assertEquals(path, client.stat(new FsOp.Stat(path, true)).path());
            assertArrayEquals(name, client.read(client.open(new FsOp.OpenFile(path, reading())), 0, null));
        }
        final Set<ByteString> listed = new HashSet<>();
        client.list(new FsOp.List(bytes(directory))).forEach(entry -> listed.add(entry.path()));
        assertEquals(expected, listed);
        final ByteString link = join(directory, (byte) 0x80);
        client.done(new FsOp.Symlink(join(directory, names[1]), link));
        assertEquals(join(directory, names[1]), client.path(new FsOp.ReadLink(link)));
        client.done(new FsOp.Rename(join(directory, names[1]), join(directory, (byte) 0x81)));
        for (final byte[] name : new byte[][] {names[0], names[2], {(byte) 0x80}, {(byte) 0x81}}) {
            client.done(new FsOp.Remove(join(directory, name)));
        }
        assertEquals("stat: file name contained an unexpected NUL byte", client.error(new FsOp.Stat(ByteString.of("/a\0b"), true)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void h14_specialFilesHoldUpNobody(final boolean write) throws Exception {
        start();
        final Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        final FsOpenOptions options = write ? new FsOpenOptions(false, true, false, false, false, false, null) : reading();
        assertRefused(fifo, options);
        assertRefused(Path.of("/dev/zero"), options);
        assertRefused(Path.of("/dev/null"), options);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(directory.resolve("socket")));
            assertRefused(directory.resolve("socket"), options);
            assertEquals("other", client.stat(directory.resolve("socket")).kind().wireName());
        }
        assertFalse(client.call(LegacyFsRequest.Op.READ, fifo).ok());
        assertTrue(client.error(new FsOp.Copy(bytes(fifo), bytes(directory.resolve("copy")))).startsWith("copy: the source path is"));
        client.done(new FsOp.Remove(bytes(fifo)));
    }

    private void assertRefused(final Path path, final FsOpenOptions options) throws IOException {
        final String error = client.error(new FsOp.OpenFile(bytes(path), options));
        assertTrue(error.startsWith("open: not a regular file: ") || error.equals("open: No such device or address (os error 6)"), error);
    }

    @Test
    void h14_filesWithoutASizeAreReadToTheirEnd() throws IOException {
        start();
        final byte[] read = client.read(client.open(Path.of("/proc/self/maps"), reading()), 0, null);
        assertTrue(read.length > 1000 && read[read.length - 1] == '\n', "bytes=" + read.length);
        if (Files.isReadable(Path.of("/proc/kmsg"))) {
            // The kernel's log has no end: what is there comes, and then an error says that more would have to be waited for.
            final int id = client.begin(new FsOp.OpenFile(ByteString.of("/proc/kmsg"), reading()));
            final FsResponse opened = client.response(id);
            assertTrue(opened.ok() || opened.error().startsWith("open: "), opened.error());
        }
    }

    @Test
    void h14_aSparseTerabyteIsReadWhereItIsAsked() throws IOException {
        start();
        final Path sparse = directory.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(TERABYTE);
        }
        final long handle = client.open(sparse, new FsOpenOptions(true, true, false, false, false, false, null));
        assertEquals(TERABYTE, client.stat(new FsOp.FStat(handle)).size());
        assertTrue(client.write(handle, TERABYTE - 3, null, new byte[] {1, 2, 3}).ok());
        assertArrayEquals(new byte[] {0, 1, 2, 3}, client.read(handle, TERABYTE - 4, null));
        assertEquals(1_000_000, client.read(handle, TERABYTE / 2, 1_000_000L).length);
    }

    @Test
    void h14_aGrowingFileIsReadAsFarAsItWentAtFirst() throws Exception {
        start();
        final Path growing = Files.write(directory.resolve("growing"), new byte[20_000_000]);
        final Process writer = new ProcessBuilder("sh", "-c", "while printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; do :; done")
            .redirectOutput(ProcessBuilder.Redirect.appendTo(growing.toFile())).start();
        try {
            final long before = Files.size(growing);
            final int id = client.begin(new FsOp.Read(client.open(growing, reading()), 0, null));
            final int first = agent.host().next().as(DataMessage.class).data().length();
            // Where it ends has been settled by now, and most of it is still to be read.
            final long atFirst = Files.size(growing);
            final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
            while (Files.size(growing) == atFirst) {
                assertTrue(System.nanoTime() - deadlineNs < 0, "the file does not grow");
                Thread.onSpinWait();
            }
            final long length = first + client.collect(id).length;
            assertTrue(length >= before && length <= atFirst, "before=" + before + " read=" + length + " at first=" + atFirst);
        } finally {
            writer.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void h15_aReplacementIsThereWholeOrNotAtAll() throws IOException {
        start(context -> context.files().atomicWrites(true));
        final Path file = Files.writeString(directory.resolve("file"), "old content");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        final long handle = client.open(directory.resolve("link"), writing());
        assertTrue(client.write(handle, 0, null, new byte[100]).ok());
        assertEquals("old content", Files.readString(file));
        client.done(new FsOp.CloseHandle(handle));
        assertEquals(100, Files.size(file));
        assertTrue(Files.isSymbolicLink(directory.resolve("link")));

        final long cut = client.open(file, writing());
        assertFalse(client.write(cut, 0, 10L, new byte[3]).ok());
        assertEquals("close: not put in place: a write failed", client.error(new FsOp.CloseHandle(cut)));
        assertEquals(100, Files.size(file));

        final int legacy = client.begin(new LegacyFsRequest(LegacyFsRequest.Op.WRITE, bytes(directory.resolve("new/file")), null, 0640L));
        client.data(legacy, new byte[5]);
        client.data(legacy);
        assertTrue(client.response(legacy).ok());
        assertEquals(5, Files.size(directory.resolve("new/file")));
        assertEquals(Set.of("file", "link", "new"), names(directory));
    }

    /** A file that is not emptied at first, since it may be the one that is read, is replaced like any other. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void h15_aFileOfWhichAllIsWrittenIsReplacedAndElseNotEmptied(final boolean atomic) throws IOException {
        start(context -> context.files().atomicWrites(atomic));
        final Path file = Files.writeString(directory.resolve("file"), "old content");
        final long handle = client.open(file, new FsOpenOptions(false, true, false, true, false, false, null, true));
        assertTrue(client.write(handle, 0, null, "new".getBytes()).ok());
        assertEquals(atomic ? "old content" : "new content", Files.readString(file));
        client.done(new FsOp.FSetStat(handle, new FsSetAttrs(null, null, null, 3L, null, null)));
        client.done(new FsOp.CloseHandle(handle));
        assertEquals("new", Files.readString(file));
        assertEquals(Set.of("file"), names(directory));
    }

    @Test
    void h15_aFileThatWasToBeClosedBehindAnUnfinishedWriteIsNotPutInPlace() throws IOException {
        start(context -> context.files().atomicWrites(true));
        final Path file = Files.writeString(directory.resolve("file"), "old content");
        final long handle = client.open(file, writing());
        final int write = client.begin(new FsOp.Write(handle, 0, null));
        client.data(write, new byte[100]);
        client.begin(new FsOp.CloseHandle(handle));
        agent.host().send(0, new ClientDisconnected(1, IdGrid.RANGE_STEP));
        assertEquals("the client has left", agent.host().next().as(FsResponse.class).error());
        assertEquals("the client has left", agent.host().next().as(FsResponse.class).error());
        agent.close();
        agent = null;
        assertEquals("old content", Files.readString(file));
        assertEquals(Set.of("file"), names(directory));
    }

    @Test
    void h15_aClientThatVanishesLeavesTheOldFile() throws IOException {
        start(context -> context.files().atomicWrites(true).root(bytes(directory)));
        Files.writeString(directory.resolve("file"), "old content");
        final int writing = client.begin(new LegacyFsRequest(LegacyFsRequest.Op.WRITE, ByteString.of("/file"), null, null));
        client.data(writing, new byte[1000]);
        final long handle = ((dev.sluice.protocol.FsResponseData.Handle) FileClient.data(
            client.call(new FsOp.OpenFile(ByteString.of("/file"), writing())))).handle();
        assertTrue(handle > 0);
        agent.close();
        agent = null;
        assertEquals("old content", Files.readString(directory.resolve("file")));
        assertEquals(Set.of("file"), names(directory));
    }

    private static Set<String> names(final Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return new HashSet<>(files.map(path -> path.getFileName().toString()).toList());
        }
    }

    @Test
    void h16_aVeryLargeDirectoryIsReadInPages() throws IOException {
        start();
        final Path large = Files.createDirectory(directory.resolve("large"));
        for (int i = 0; i < ENTRIES; i++) {
            Files.createFile(large.resolve("entry-" + i));
        }
        final String longest = "n".repeat(255);
        Files.createFile(large.resolve(longest));
        assertEquals("readdir: too many entries for one answer: use OpenDir and ReadDir", client.error(new FsOp.List(bytes(large))));
        final long handle = client.open(new FsOp.OpenDir(bytes(large)));
        int count = 0;
        boolean found = false;
        while (true) {
            final List<FsEntryInfo> entries = client.list(new FsOp.ReadDir(handle, 0xFFFFFFFFL));
            if (entries.isEmpty()) {
                break;
            }
            count += entries.size();
            found |= entries.stream().anyMatch(entry -> entry.path().toString().endsWith(longest));
        }
        assertEquals(ENTRIES + 1, count);
        assertTrue(found);
        assertEquals("stat: File name too long (os error 36)", client.error(new FsOp.Stat(bytes(large.resolve("n".repeat(256))), true)));
        client.done(new FsOp.RemoveDir(bytes(large), true));
        assertFalse(Files.exists(large));
    }

    @Test
    void h16_pathsAsLongAsTheyCanBe() throws IOException {
        start();
        final StringBuilder path = new StringBuilder(directory.toString());
        while (path.length() + 101 < 4095) {
            path.append('/').append("d".repeat(100));
        }
        path.append('/');
        path.append("f".repeat(4095 - path.length()));
        final ByteString longest = ByteString.of(path.toString());
        assertEquals(4095, longest.length());
        client.done(new FsOp.Mkdir(longest, null));
        assertEquals(longest, client.stat(new FsOp.Stat(longest, true)).path());
        assertEquals("stat: File name too long (os error 36)", client.error(new FsOp.Stat(ByteString.of(path + "f"), true)));
        final ByteString huge = ByteString.of("/" + "a/".repeat(1_000_000));
        assertEquals("opendir: File name too long (os error 36)", client.error(new FsOp.OpenDir(huge)));
        assertEquals("symlink: File name too long (os error 36)", client.error(new FsOp.Symlink(huge, bytes(directory))));
        assertEquals("mkdir: File name too long (os error 36)",
            client.call(new LegacyFsRequest(LegacyFsRequest.Op.WRITE, huge, null, null)).error());
        client.done(new FsOp.RemoveDir(bytes(directory.resolve("d".repeat(100))), true));
        assertEquals(Set.of(), names(directory));
    }

    @Test
    void h20_aFileSystemThatIsFullOrReadOnlySaysSo() throws Exception {
        final Path mount = Files.createDirectory(directory.resolve("mount"));
        assumeTrue(new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=1m", "none", mount.toString())
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0,
            "no file system can be mounted here: full and read-only ones are not tried");
        try {
            start(context -> context.files().root(bytes(mount)));
            final long handle = client.open(new FsOp.OpenFile(ByteString.of("/file"), writing()));
            final int id = client.begin(new FsOp.Write(handle, 0, null));
            client.data(id, new byte[3 * 1024 * 1024]);
            assertEquals("write: No space left on device (os error 28)", client.response(id).error());
            client.data(id, new byte[10]);
            client.data(id);
            client.done(new FsOp.FSetStat(handle, new FsSetAttrs(null, null, null, 0L, null, null)));
            client.done(new FsOp.CloseHandle(handle));
            assertEquals(0, new ProcessBuilder("mount", "-o", "remount,ro", mount.toString()).start().waitFor());
            assertEquals("open: Read-only file system (os error 30)",
                client.error(new FsOp.OpenFile(ByteString.of("/other"), writing())));
            assertEquals("mkdir: Read-only file system (os error 30)", client.error(new FsOp.Mkdir(ByteString.of("/other"), null)));
            assertEquals(0, client.read(client.open(new FsOp.OpenFile(ByteString.of("/file"), reading())), 0, null).length);
            agent.close();
            agent = null;
        } finally {
            new ProcessBuilder("umount", "-l", mount.toString()).start().waitFor();
        }
    }
}
