package dev.sluice.agent;

import static dev.sluice.agent.FileClient.bytes;
import static dev.sluice.agent.FileClient.reading;
import static dev.sluice.agent.FileClient.writing;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsKind;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsOpenOptions;
import dev.sluice.protocol.FsSetAttrs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operations of generation 7, each as its clients see it and as the file system shows it. */
class AgentFilesTest {
    private static final FsSetAttrs NOTHING = new FsSetAttrs(null, null, null, null, null, null);
    private static final String NOT_FOUND = "No such file or directory (os error 2)";

    @TempDir
    private Path directory;
    private TestAgent agent;
    private FileClient client;

    @BeforeEach
    void start() throws IOException {
        agent = TestAgent.start();
        client = new FileClient(agent.host(), 0);
    }

    @AfterEach
    void end() throws IOException {
        agent.close();
    }

    private Path file(final String name, final String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    @Test
    void aFileIsLookedAt() throws IOException {
        final Path file = file("file", "12345");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-x--x"));
        final FsEntryInfo entry = client.stat(file);
        assertEquals(bytes(file), entry.path());
        assertEquals(FsKind.FILE, entry.kind());
        assertEquals(5, entry.size());
        assertEquals(0100651, entry.mode());
        assertEquals(entry.modified(), entry.mtime());
        assertEquals(Files.getAttribute(file, "unix:uid"), (int) entry.uid());
        assertEquals(Files.getLastModifiedTime(file).toMillis() / 1000, entry.mtime());
        assertEquals("stat: " + NOT_FOUND, client.error(new FsOp.Stat(bytes(directory.resolve("none")), true)));
        assertEquals("stat: Not a directory (os error 20)", client.error(new FsOp.Stat(bytes(file.resolve("x")), true)));
    }

    @Test
    void aLinkStandsForItselfOrForWhatItPointsTo() throws IOException {
        file("file", "1");
        final Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        assertEquals(FsKind.FILE, client.stat(link).kind());
        assertEquals(FsKind.SYMLINK, client.stat(new FsOp.Stat(bytes(link), false)).kind());
        assertEquals(ByteString.of("file"), client.path(new FsOp.ReadLink(bytes(link))));
        assertEquals("readlink: Invalid argument (os error 22)", client.error(new FsOp.ReadLink(bytes(directory))));
        client.done(new FsOp.Symlink(ByteString.of("anywhere/else"), bytes(directory.resolve("made"))));
        assertEquals(Path.of("anywhere/else"), Files.readSymbolicLink(directory.resolve("made")));
        assertEquals("symlink: File exists (os error 17)",
            client.error(new FsOp.Symlink(ByteString.of("x"), bytes(directory.resolve("made")))));
    }

    @Test
    void aPathIsResolved() throws IOException {
        Files.createDirectory(directory.resolve("real"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("real"));
        final Path real = directory.toRealPath().resolve("real");
        assertEquals(bytes(real), client.path(new FsOp.RealPath(bytes(directory.resolve("link/../link/.")))));
        assertEquals(bytes(real.resolve("new")), client.path(new FsOp.RealPath(bytes(directory.resolve("link/new")))));
        assertEquals("realpath: " + NOT_FOUND, client.error(new FsOp.RealPath(bytes(directory.resolve("no/new")))));
    }

    @Test
    void directoriesAreMadeListedAndRemoved() throws IOException {
        final Path deep = directory.resolve("a/b/c");
        client.done(new FsOp.Mkdir(bytes(deep), 0750L));
        assertEquals(PosixFilePermissions.fromString("rwxr-x---"), Files.getPosixFilePermissions(deep));
        client.done(new FsOp.Mkdir(ByteString.of(deep + "/"), 0700L));
        assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(deep));
        Files.writeString(deep.resolve("file"), "x");
        Files.createSymbolicLink(deep.resolve("link"), Path.of("/"));
        assertEquals("mkdir: File exists (os error 17)", client.error(new FsOp.Mkdir(bytes(deep.resolve("file")), null)));
        final List<FsEntryInfo> entries = client.list(new FsOp.List(bytes(deep)));
        assertEquals(new TreeSet<>(List.of(bytes(deep.resolve("file")), bytes(deep.resolve("link")))),
            new TreeSet<>(entries.stream().map(FsEntryInfo::path).toList()));
        assertTrue(entries.stream().anyMatch(entry -> entry.kind() == FsKind.SYMLINK));
        assertEquals("readdir: opendir: " + NOT_FOUND, client.error(new FsOp.List(bytes(directory.resolve("none")))));
        assertEquals("remove: Is a directory (os error 21)", client.error(new FsOp.Remove(bytes(deep))));
        assertEquals("remove_dir: Directory not empty (os error 39)", client.error(new FsOp.RemoveDir(bytes(deep), false)));
        assertEquals("remove_dir: Not a directory (os error 20)", client.error(new FsOp.RemoveDir(bytes(deep.resolve("file")), true)));
        client.done(new FsOp.Remove(bytes(deep.resolve("link"))));
        client.done(new FsOp.RemoveDir(bytes(directory.resolve("a")), true));
        assertFalse(Files.exists(directory.resolve("a")));
    }

    @Test
    void filesAreCopiedAndRenamed() throws IOException {
        final Path source = file("source", "content");
        Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-x--x"));
        final Path target = directory.resolve("target");
        client.done(new FsOp.Copy(bytes(source), bytes(target)));
        assertEquals("content", Files.readString(target));
        assertEquals(Files.getPosixFilePermissions(source), Files.getPosixFilePermissions(target));
        client.done(new FsOp.Rename(bytes(target), bytes(directory.resolve("renamed"))));
        assertFalse(Files.exists(target));
        assertEquals("rename: " + NOT_FOUND, client.error(new FsOp.Rename(bytes(source), bytes(directory.resolve("no/where")))));
        assertEquals("copy: " + NOT_FOUND, client.error(new FsOp.Copy(bytes(source), bytes(directory.resolve("no/where")))));
        assertEquals("copy: the source path is neither a regular file nor a symlink to a regular file",
            client.error(new FsOp.Copy(bytes(directory), bytes(target))));
        assertEquals("copy: source and destination are the same file", client.error(new FsOp.Copy(bytes(source), bytes(source))));
        assertEquals("content", Files.readString(source));
    }

    @Test
    void attributesAreSetByPathAndByHandle() throws IOException {
        final Path file = file("file", "content");
        client.done(new FsOp.SetStat(bytes(file), true, NOTHING));
        client.done(new FsOp.SetStat(bytes(file), true, new FsSetAttrs(0640L, null, null, 3L, 7L, -8L)));
        assertEquals("con", Files.readString(file));
        final FsEntryInfo entry = client.stat(new FsOp.Stat(bytes(file), true));
        assertEquals(0100640, entry.mode());
        assertEquals(-8L, entry.mtime());
        final long handle = client.open(file, new FsOpenOptions(true, true, false, false, false, false, null));
        client.done(new FsOp.FSetStat(handle, new FsSetAttrs(0600L, null, null, 5L, null, 9L)));
        assertEquals(5, client.stat(new FsOp.FStat(handle)).size());
        assertEquals(9L, client.stat(new FsOp.FStat(handle)).mtime());
        assertEquals(bytes(file), client.stat(new FsOp.FStat(handle)).path());
        final Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertEquals("setstat: chmod on symlink without following is not supported",
            client.error(new FsOp.SetStat(bytes(link), false, new FsSetAttrs(0600L, null, null, null, null, null))));
        client.done(new FsOp.SetStat(bytes(link), false, new FsSetAttrs(null, null, null, null, 5L, 6L)));
        assertEquals(6000, Files.getLastModifiedTime(link, LinkOption.NOFOLLOW_LINKS).toMillis());
        final Path none = directory.resolve("none");
        assertEquals("setstat: open for truncate: " + NOT_FOUND,
            client.error(new FsOp.SetStat(bytes(none), true, new FsSetAttrs(null, null, null, 1L, null, null))));
        assertEquals("setstat: chmod: " + NOT_FOUND,
            client.error(new FsOp.SetStat(bytes(none), true, new FsSetAttrs(1L, null, null, null, null, null))));
        assertEquals("setstat: lstat before chmod: " + NOT_FOUND,
            client.error(new FsOp.SetStat(bytes(none), false, new FsSetAttrs(1L, null, null, null, null, null))));
        assertEquals("setstat: chown: " + NOT_FOUND,
            client.error(new FsOp.SetStat(bytes(none), true, new FsSetAttrs(null, 1L, null, null, null, null))));
        assertEquals("setstat: utimensat: " + NOT_FOUND,
            client.error(new FsOp.SetStat(bytes(none), true, new FsSetAttrs(null, null, null, null, 1L, 1L))));
    }

    @Test
    void aFileIsReadFromAnyPlace() throws IOException {
        final byte[] content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        final Path file = Files.write(directory.resolve("file"), content);
        final long handle = client.open(file, reading());
        assertEquals(1, handle);
        assertArrayEquals(content, client.read(handle, 0, null));
        assertArrayEquals(Arrays.copyOfRange(content, 100, 1_000_100), client.read(handle, 100, 1_000_000L));
        assertArrayEquals(Arrays.copyOfRange(content, 2_999_990, 3_000_000), client.read(handle, 2_999_990, 1000L));
        assertEquals(0, client.read(handle, 3_000_000, null).length);
        assertEquals(0, client.read(handle, 1L << 40, 10L).length);
        assertEquals(0, client.read(handle, 0, 0L).length);
        assertEquals("seek: Invalid argument (os error 22)", client.error(new FsOp.Read(handle, -1, null)));
        client.done(new FsOp.CloseHandle(handle));
        assertEquals("read: invalid handle: 1", client.error(new FsOp.Read(handle, 0, null)));
        assertEquals("close: invalid handle: 1", client.error(new FsOp.CloseHandle(handle)));
    }

    @Test
    void aFileIsWrittenAtAnyPlace() throws IOException {
        final Path file = directory.resolve("file");
        final long handle = client.open(file, writing());
        final byte[] large = new byte[3 * 1024 * 1024];
        new Random(2).nextBytes(large);
        assertTrue(client.write(handle, 10, null, large, new byte[] {1, 2, 3}).ok());
        assertTrue(client.write(handle, 0, 4L, new byte[] {9, 8}, new byte[] {7, 6}).ok());
        final byte[] expected = new byte[10 + large.length + 3];
        System.arraycopy(new byte[] {9, 8, 7, 6}, 0, expected, 0, 4);
        System.arraycopy(large, 0, expected, 10, large.length);
        System.arraycopy(new byte[] {1, 2, 3}, 0, expected, 10 + large.length, 3);
        assertArrayEquals(expected, Files.readAllBytes(file));
        assertEquals("write length mismatch: expected 10, wrote 3", client.write(handle, 0, 10L, new byte[] {1, 1, 1}).error());
        assertEquals("read: handle 1 is not open for reading", client.error(new FsOp.Read(handle, 0, null)));
        final long appending = client.open(file, new FsOpenOptions(false, false, true, false, false, false, null));
        assertTrue(client.write(appending, 0, null, "end".getBytes(StandardCharsets.UTF_8)).ok());
        assertEquals(expected.length + 3, Files.size(file));
    }

    @Test
    void dataThatNobodyWaitsForIsAnsweredOrDropped() throws IOException {
        client.data(77, (byte) 1);
        assertEquals("unknown write session: 77", client.response(77).error());
        final int id = client.begin(new FsOp.Write(99, 0, null));
        assertEquals("write: invalid handle: 99", client.response(id).error());
        client.data(id, (byte) 1);
        client.data(id);
        client.data(id, (byte) 1);
        assertEquals("unknown write session: " + id, client.response(id).error());
    }

    @Test
    void optionsOfOpeningMeanWhatTheySay() throws IOException {
        final Path file = file("file", "content");
        final ByteString path = bytes(file);
        assertEquals("open: must specify at least one of read, write, or append access",
            client.error(new FsOp.OpenFile(path, new FsOpenOptions(false, false, false, true, false, false, null))));
        assertEquals("open: creating or truncating a file requires write or append access",
            client.error(new FsOp.OpenFile(path, new FsOpenOptions(true, false, false, true, false, false, null))));
        assertEquals("open: creating or truncating a file requires write or append access",
            client.error(new FsOp.OpenFile(path, new FsOpenOptions(false, false, true, false, true, false, null))));
        assertEquals("open: File exists (os error 17)",
            client.error(new FsOp.OpenFile(path, new FsOpenOptions(false, true, false, false, false, true, null))));
        assertEquals("open: " + NOT_FOUND, client.error(new FsOp.OpenFile(bytes(directory.resolve("none")), reading())));
        assertEquals("content", Files.readString(file));
        final Path made = directory.resolve("made");
        client.open(made, new FsOpenOptions(false, true, false, false, false, true, 0600L));
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(made));
        final long opened = client.open(directory, reading());
        assertEquals("read: Is a directory (os error 21)", client.error(new FsOp.Read(opened, 0, null)));
        assertEquals("readdir: handle " + opened + " is a file", client.error(new FsOp.ReadDir(opened, null)));
    }

    @Test
    void aDirectoryIsReadInPages() throws IOException {
        final TreeSet<String> names = new TreeSet<>();
        for (int i = 0; i < 1000; i++) {
            names.add(Files.createFile(directory.resolve("n" + i)).toString());
        }
        final long handle = client.open(new FsOp.OpenDir(bytes(directory)));
        assertEquals(FsKind.DIR, client.stat(new FsOp.FStat(handle)).kind());
        final List<String> found = new ArrayList<>();
        assertEquals(128, take(found, client.list(new FsOp.ReadDir(handle, null))));
        assertEquals(1, take(found, client.list(new FsOp.ReadDir(handle, 0L))));
        assertEquals(300, take(found, client.list(new FsOp.ReadDir(handle, 300L))));
        assertEquals(571, take(found, client.list(new FsOp.ReadDir(handle, 0xFFFFFFFFL))));
        assertEquals(0, take(found, client.list(new FsOp.ReadDir(handle, null))));
        assertEquals(1000, found.size());
        assertEquals(names, new TreeSet<>(found));
        assertEquals("read: handle 1 is a directory", client.error(new FsOp.Read(handle, 0, null)));
        assertEquals("fsetstat: handle 1 is a directory", client.error(new FsOp.FSetStat(handle, NOTHING)));
        assertEquals("opendir: " + NOT_FOUND, client.error(new FsOp.OpenDir(bytes(directory.resolve("none")))));
        client.done(new FsOp.CloseHandle(handle));
    }

    private static int take(final List<String> found, final List<FsEntryInfo> entries) {
        entries.forEach(entry -> found.add(entry.path().toString()));
        return entries.size();
    }

    @Test
    void answersBringNothingWhereThereIsNothingToBring() throws IOException {
        assertNull(client.call(new FsOp.Mkdir(bytes(directory.resolve("made")), null)).data());
    }
}
