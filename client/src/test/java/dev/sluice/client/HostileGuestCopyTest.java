package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.FsKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies from a sandbox that answers as it likes. What lies beside the destination must stay as it is. */
class HostileGuestCopyTest {
    private static final int DIRECTORY_MODE = 040755;
    private static final int FILE_MODE = 0100644;

    @TempDir
    private Path directory;
    private Path destination;
    private Path outside;
    private ScriptedRelay relay;
    private SandboxClient client;
    private final Map<String, byte[][]> listings = new ConcurrentHashMap<>();
    private final Map<String, String> links = new ConcurrentHashMap<>();
    private final Map<Integer, String> handles = new ConcurrentHashMap<>();
    private volatile byte[] top = FileWire.entry("/x", "dir", 0, DIRECTORY_MODE);
    private volatile String reading = "whole";
    private volatile boolean makesDirectories;
    private Task<Void> guest;

    @BeforeEach
    void connect() throws Exception {
        destination = directory.resolve("destination");
        outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("victim"), "untouched");
        relay = new ScriptedRelay();
        client = relay.connect(FileWire.GREETING_7);
        guest = Task.start(this::serve);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        // The end of what the client sent, or a reset where it left an answer unread.
        assertThrows(IOException.class, guest::get);
        relay.close();
    }

    @Test
    void h13_namesThatLeadOutOfTheDestinationAreFailures() throws Exception {
        listings.put("/x", new byte[][] {
            FileWire.entry("/x/..", "file", 3, FILE_MODE), FileWire.entry("/x/.", "dir", 0, DIRECTORY_MODE),
            FileWire.entry("/x/", "file", 3, FILE_MODE), FileWire.entry("", "file", 3, FILE_MODE),
            FileWire.entry("/x/a\0b", "file", 3, FILE_MODE), FileWire.entry("/x/../outside/victim", "file", 3, FILE_MODE),
            FileWire.entry(outside + "/new", "file", 3, FILE_MODE), FileWire.entry("..", "symlink", 3, FILE_MODE),
            FileWire.entry("/x/good", "file", 3, FILE_MODE)});
        final CopyFailedException failure = assertThrows(CopyFailedException.class, this::copy);
        // Of a path only the name counts: these two lie in the destination.
        assertEquals(Map.of("good", "abc", "victim", "abc", "new", "abc"), contents(destination));
        assertEquals(6, failure.result().status().failed());
        assertOutsideIsUntouched();
    }

    @Test
    void h13_aLinkInTheMiddleOfAPathIsNotFollowed() throws Exception {
        links.put("/x/d", outside.toString());
        listings.put("/x", new byte[][] {
            FileWire.entry("/x/d", "symlink", 3, 0120777), FileWire.entry("/x/d", "dir", 0, DIRECTORY_MODE),
            FileWire.entry("/x/d", "file", 3, FILE_MODE)});
        listings.put("/x/d", new byte[][] {FileWire.entry("/x/d/victim", "file", 3, FILE_MODE)});
        for (int i = 0; i < 20; i++) {
            // Whichever of the three is first, and whichever lies there from before.
            try {
                copy();
            } catch (final CopyFailedException e) {
                assertTrue(e.result().status().failed() > 0);
            }
            assertOutsideIsUntouched();
        }
    }

    @Test
    void h13_aLinkThatWasCopiedBeforeIsReplacedAndNotWrittenThrough() throws Exception {
        links.put("/x/victim", outside.resolve("victim").toString());
        listings.put("/x", new byte[][] {FileWire.entry("/x/victim", "symlink", 3, 0120777)});
        copy();
        assertTrue(Files.isSymbolicLink(destination.resolve("victim")));
        listings.put("/x", new byte[][] {FileWire.entry("/x/victim", "file", 3, FILE_MODE)});
        copy();
        assertTrue(Files.isRegularFile(destination.resolve("victim"), LinkOption.NOFOLLOW_LINKS));
        assertEquals("abc", Files.readString(destination.resolve("victim")));
        // A directory over a link to one, on the other hand, stays out.
        Files.createSymbolicLink(destination.resolve("d"), outside);
        listings.put("/x", new byte[][] {FileWire.entry("/x/d", "dir", 0, DIRECTORY_MODE)});
        listings.put("/x/d", new byte[][] {FileWire.entry("/x/d/victim", "file", 3, FILE_MODE)});
        assertThrows(CopyFailedException.class, this::copy);
        assertOutsideIsUntouched();
    }

    /** Who has looked at the source before, and has chosen the destination by that, gets nothing else in its place. */
    @Test
    void h13_aSourceThatHasBecomeSomethingElseIsNotCopied() throws Exception {
        links.put("/x", outside.resolve("victim").toString());
        top = FileWire.entry("/x", "symlink", 3, 0120777);
        final CopyOptions following = CopyOptions.builder().followSource(true).build();
        assertTopIsRefused(following, "what it leads to is told to be a link");
        assertTopIsRefused(CopyOptions.builder().sourceKind(FsKind.FILE).build(), "was file, is symlink");
        top = FileWire.entry("/x", "dir", 0, DIRECTORY_MODE);
        assertTopIsRefused(CopyOptions.builder().followSource(true).sourceKind(FsKind.FILE).build(), "was file, is dir");
        // A link is copied as one where that was asked for.
        top = FileWire.entry("/x", "symlink", 3, 0120777);
        client.files().copyToHost("/x", destination, CopyOptions.builder().sourceKind(FsKind.SYMLINK).build());
        assertEquals(outside.resolve("victim"), Files.readSymbolicLink(destination));
    }

    private void assertTopIsRefused(final CopyOptions options, final String why) throws IOException {
        final CopyFailedException refused =
            assertThrows(CopyFailedException.class, () -> client.files().copyToHost("/x", destination, options));
        assertTrue(refused.getMessage().contains(why), refused.getMessage());
        assertFalse(Files.exists(destination, LinkOption.NOFOLLOW_LINKS));
        assertOutsideIsUntouched();
    }

    /** A file that fails half-way keeps what was behind it: it may have been the source itself. */
    @Test
    void aFileIsCutOffOnlyWhenItHasComeWhole() throws Exception {
        listings.put("/x", new byte[][] {FileWire.entry("/x/f", "file", 3, FILE_MODE)});
        final Path file = Files.writeString(Files.createDirectory(destination).resolve("f"), "former content");
        reading = "failed";
        final CopyFailedException failure = assertThrows(CopyFailedException.class, this::copy);
        assertEquals("abcmer content", Files.readString(file));
        assertTrue(failure.getMessage().endsWith("; " + file + " was there before and may be partly overwritten"), failure.getMessage());
        assertEquals("EIO", ((FileOperationException) failure.failures().getFirst().cause()).errnoName());
        reading = "whole";
        copy();
        assertEquals("abc", Files.readString(file));
    }

    @Test
    void anArchivesOwnersAndTimesAreKeptAndNoMoreRightsGiven() throws Exception {
        listings.put("/x", new byte[][] {FileWire.entryOf("/x/f", "file", 0106755, 12345, 1000), FileWire.entry("/x/d", "dir", 0, 0500)});
        Files.createDirectory(destination);
        Files.setPosixFilePermissions(Files.writeString(destination.resolve("f"), "old"), PosixFilePermissions.fromString("rw-------"));
        client.files().copyToHost("/x", destination, CopyOptions.builder().archive(true).modes(false).build());
        final Map<String, Object> found = Files.readAttributes(destination.resolve("f"), "unix:mode,uid,lastModifiedTime");
        assertEquals(0100755, found.get("mode"));
        assertEquals(FileTime.from(1000, TimeUnit.SECONDS), found.get("lastModifiedTime"));
        final boolean root = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        assertEquals(root ? 12345 : Files.getAttribute(directory, "unix:uid"), found.get("uid"));
        assertEquals(040500, Files.getAttribute(destination.resolve("d"), "unix:mode"));
    }

    @Test
    void bitsThatGiveRightsAwayAreNotSet() throws Exception {
        listings.put("/x", new byte[][] {FileWire.entry("/x/root", "file", 3, 0106755)});
        copy();
        assertEquals(0, (Integer) Files.getAttribute(destination.resolve("root"), "unix:mode") & 07000);
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(destination.resolve("root"))));
    }

    @Test
    void namesLongerThanAnyCanBeAreNotKept() throws Exception {
        for (final String path : new String[] {"/x/" + "n".repeat(256), "/x".repeat(4096) + "/f"}) {
            listings.put("/x", new byte[][] {FileWire.entry("/x/f", "file", 3, FILE_MODE), FileWire.entry(path, "file", 3, FILE_MODE)});
            assertThrows(FileOperationException.class, () -> client.files().list("/x"));
        }
        listings.put("/x", new byte[][] {FileWire.entry("/x/" + "n".repeat(255), "file", 3, FILE_MODE)});
        assertEquals(1, client.files().list("/x").size());
    }

    @Test
    void namesThatCannotBeCountTowardsTheLimit() throws Exception {
        final byte[] bad = FileWire.entry("/x/..", "file", 3, FILE_MODE);
        listings.put("/x", new byte[][] {bad, bad, bad});
        final CopyOptions few = CopyOptions.builder().limits(3, Long.MAX_VALUE).build();
        assertThrows(FileLimitException.class, () -> client.files().copyToHost("/x", destination, few));
    }

    @Test
    void aFileThatWasThereKeepsItsMode() throws Exception {
        listings.put("/x", new byte[][] {FileWire.entry("/x/f", "file", 3, FILE_MODE)});
        final Path file = Files.createFile(Files.createDirectory(destination).resolve("f"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        copy();
        assertEquals("abc", Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void h16_aTreeWithoutEndEndsAtALimit() throws Exception {
        final byte[][] deeper = {FileWire.entry("/x/d", "dir", 0, DIRECTORY_MODE)};
        listings.put("/x", deeper);
        for (String path = "/x/d"; path.length() < 1000; path += "/d") {
            listings.put(path, deeper);
        }
        final CopyFailedException failure = assertThrows(CopyFailedException.class, this::copy);
        assertTrue(failure.getMessage().contains("deeper than " + SandboxToHost.MAX_DEPTH), failure.getMessage());
        final CopyOptions few = CopyOptions.builder().limits(10, Long.MAX_VALUE).build();
        assertThrows(FileLimitException.class, () -> client.files().copyToHost("/x", directory.resolve("few"), few));
        listings.put("/x", new byte[][] {FileWire.entry("/x/f", "file", 3, FILE_MODE)});
        final CopyOptions small = CopyOptions.builder().limits(10, 2).build();
        assertThrows(FileLimitException.class, () -> client.files().copyToHost("/x", directory.resolve("small"), small));
    }

    /** The sandbox has the host's file system, and its paths do not show it. */
    @Test
    void h16_aDirectoryThatIsCopiedIntoItselfUnseenEndsAtALimit() throws Exception {
        final Path tree = Files.createDirectory(directory.resolve("tree"));
        makesDirectories = true;
        final CopyFailedException failure = assertThrows(CopyFailedException.class,
            () -> client.files().copyToSandbox(tree, tree + "/sub", CopyOptions.DEFAULT));
        assertTrue(failure.getMessage().contains("deeper than " + SandboxToHost.MAX_DEPTH), failure.getMessage());
        assertEquals(SandboxToHost.MAX_DEPTH, failure.result().status().directories());
        try (Stream<Path> made = Files.walk(tree)) {
            assertEquals(SandboxToHost.MAX_DEPTH + 1, made.count());
        }
    }

    private void copy() throws Exception {
        client.files().copyToHost("/x", destination, CopyOptions.DEFAULT);
    }

    private void assertOutsideIsUntouched() throws IOException {
        assertEquals(Map.of("victim", "untouched"), contents(outside));
        assertFalse(Files.exists(directory.resolve("good")));
    }

    private static Map<String, String> contents(final Path root) throws IOException {
        final Map<String, String> found = new TreeMap<>();
        try (Stream<Path> paths = Files.list(root)) {
            for (final Path path : (Iterable<Path>) paths::iterator) {
                found.put(path.getFileName().toString(), Files.readString(path));
            }
        }
        return found;
    }

    /** Answers every request: directories as listed, files with three bytes. */
    private Void serve() throws Exception {
        int nextHandle = 1;
        while (true) {
            final byte[] request = relay.receive();
            final int id = Wire.id(request);
            switch (FileWire.operation(request)) {
                case "Stat" -> relay.send(FileWire.stat(id, top));
                case "OpenDir", "OpenFile" -> {
                    handles.put(nextHandle, FileWire.textOf(request, "path"));
                    relay.send(FileWire.handle(id, nextHandle++));
                }
                case "ReadDir" -> {
                    final String path = handles.replace((int) Wire.number(request, "handle"), "end");
                    relay.send(FileWire.list(id, listings.getOrDefault(path, new byte[0][])));
                }
                case "Read" -> relay.send(Wire.data("core.fs.data", id, "abc".getBytes(StandardCharsets.US_ASCII)),
                    reading.equals("whole") ? Wire.withId(FileWire.OK, id) : FileWire.failed(id, "read: Input/output error (os error 5)"));
                case "Mkdir" -> {
                    if (makesDirectories) {
                        Files.createDirectories(Path.of(FileWire.textOf(request, "path")));
                    }
                    relay.send(Wire.withId(FileWire.OK, id));
                }
                case "ReadLink" -> relay.send(FileWire.path(
                    id, links.get(FileWire.textOf(request, "path")).getBytes(StandardCharsets.UTF_8)));
                default -> relay.send(Wire.withId(FileWire.OK, id));
            }
        }
    }
}
