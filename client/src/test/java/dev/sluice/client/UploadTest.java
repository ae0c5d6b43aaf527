package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies to a sandbox that says what it is told to. */
class UploadTest {
    private static final int RUNS_AS_OWNER = 06755;
    private static final int PERMISSIONS = 0755;

    @TempDir
    private Path directory;
    private ScriptedRelay relay;
    private SandboxClient client;
    private Task<Void> guest;
    private volatile String chown = "";
    private volatile String write = "";
    private volatile boolean present;
    /** A directory that both sides have, or null. */
    private volatile HostFile shared;
    private final List<Long> modes = Collections.synchronizedList(new ArrayList<>());
    private final List<String> order = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void connect() throws Exception {
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
    void anOwnerThatCannotBeGivenIsDoneWithoutAndNothingRunsAsTheAgentInstead() throws Exception {
        final Path file = file(RUNS_AS_OWNER);
        for (final int number : new int[] {1, 13, 22, 95}) {
            chown = "chown: refused (os error " + number + ")";
            modes.clear();
            client.files().copyToSandbox(file, "/f", CopyOptions.builder().archive(true).build());
            // As it is made, and at the end.
            assertEquals(List.of((long) PERMISSIONS, (long) PERMISSIONS), modes, chown);
        }
        chown = "";
        modes.clear();
        client.files().copyToSandbox(file, "/f", CopyOptions.builder().archive(true).build());
        assertEquals(List.of((long) PERMISSIONS, (long) RUNS_AS_OWNER), modes);
    }

    @Test
    void anyOtherFailureToGiveAnOwnerIsTold() throws Exception {
        final Path file = file(PERMISSIONS);
        for (final int number : new int[] {5, 122, 30}) {
            chown = "chown: failed (os error " + number + ")";
            final CopyFailedException failure = assertThrows(CopyFailedException.class,
                () -> client.files().copyToSandbox(file, "/f", CopyOptions.builder().archive(true).build()));
            assertTrue(failure.getMessage().contains("os error " + number), failure.getMessage());
        }
    }

    @Test
    void theHostsRefusalsAreTheSame() {
        final Locale before = Locale.getDefault(Locale.Category.DISPLAY);
        try {
            Locale.setDefault(Locale.Category.DISPLAY, Locale.ENGLISH);
            for (final String reason : new String[] {"Operation not permitted", "Invalid argument", "Operation not supported"}) {
                assertTrue(OwnerRefusal.is(new FileSystemException("f", null, reason)), reason);
            }
            assertTrue(OwnerRefusal.is(new AccessDeniedException("f")));
            for (final String reason : new String[] {"Input/output error", "Disk quota exceeded", "Read-only file system", null}) {
                assertFalse(OwnerRefusal.is(new FileSystemException("f", null, reason)), reason);
            }
        } finally {
            Locale.setDefault(Locale.Category.DISPLAY, before);
        }
    }

    @Test
    void archiveCanBeSwitchedOffAndCountsWhateverTheOrder() {
        assertTrue(CopyOptions.builder().archive(true).modes(false).build().modes());
        assertTrue(CopyOptions.builder().modes(false).archive(true).build().modes());
        final CopyOptions off = CopyOptions.builder().modes(false).archive(true).archive(false).build();
        assertFalse(off.modes() || off.archive());
    }

    @Test
    void aFileThatWasThereAndIsWrittenHalfWayIsNamed() throws Exception {
        final Path file = file(PERMISSIONS);
        write = "write: No space left on device (os error 28)";
        final CopyFailedException made = assertThrows(CopyFailedException.class,
            () -> client.files().copyToSandbox(file, "/f", CopyOptions.DEFAULT));
        assertFalse(made.getMessage().contains("overwritten"), made.getMessage());
        present = true;
        final CopyFailedException failure = assertThrows(CopyFailedException.class,
            () -> client.files().copyToSandbox(file, "/f", CopyOptions.DEFAULT));
        assertTrue(failure.getMessage().endsWith("; /f was there before and may be partly overwritten"), failure.getMessage());
        assertEquals("ENOSPC", ((FileOperationException) failure.failures().getFirst().cause()).errnoName());
    }

    /** A directory's times are set behind what is made in it, and before those of its own parent. */
    @Test
    void aDirectoryIsFinishedAsSoonAsItsEntriesAre() throws Exception {
        final Path tree = directory.resolve("tree");
        Files.createDirectories(tree.resolve("a/b"));
        Files.writeString(tree.resolve("a/b/f"), "x");
        Files.writeString(tree.resolve("a/g"), "x");
        client.files().copyToSandbox(tree, "/t", CopyOptions.builder().archive(true).concurrency(1).build());
        final int inner = order.lastIndexOf("SetStat /t/a/b");
        final int outer = order.lastIndexOf("SetStat /t/a");
        assertTrue(order.indexOf("OpenFile /t/a/b/f") >= 0 && order.indexOf("OpenFile /t/a/b/f") < inner, order.toString());
        assertTrue(order.indexOf("OpenFile /t/a/g") >= 0 && order.indexOf("OpenFile /t/a/g") < outer, order.toString());
        assertTrue(inner < outer && outer < order.lastIndexOf("SetStat /t"), order.toString());
        assertEquals(2 * 3, order.stream().filter(what -> what.startsWith("SetStat")).count(), order.toString());
    }

    /** The paths of host and sandbox are the same files: what would come to lie below the source is refused, though a link leads there. */
    @Test
    void aLinkIntoTheSourceIsADirectoryOfTheSource() throws Exception {
        final Path tree = Files.createDirectory(directory.toRealPath().resolve("tree"));
        Files.createDirectory(tree.resolve("sub"));
        final Path link = Files.createSymbolicLink(directory.resolve("link"), tree.resolve("sub"));
        shared = HostFile.of(tree);
        for (final Path destination : List.of(link, directory.resolve("link/../sub/../sub"))) {
            final CopyFailedException failure = assertThrows(CopyFailedException.class,
                () -> client.files().copyToHost(tree.toString(), destination, CopyOptions.DEFAULT));
            assertTrue(failure.getMessage().contains("a directory is not copied into itself"), failure.getMessage());
        }
    }

    private Path file(final int mode) throws IOException {
        final Path file = directory.resolve("file");
        Files.writeString(file, "content");
        Files.setAttribute(file, "unix:mode", mode);
        return file;
    }

    private Void serve() throws Exception {
        while (true) {
            final byte[] request = relay.receive();
            final int id = Wire.id(request);
            final String operation = Wire.type(request).equals("core.fs.data") ? "data" : FileWire.operation(request);
            switch (operation) {
                case "Stat" -> relay.send(stat(id));
                case "RealPath" -> relay.send(shared == null ? FileWire.failed(id, "realpath: No such file or directory (os error 2)")
                    : FileWire.path(id, shared.path().toString().getBytes(StandardCharsets.UTF_8)));
                case "OpenFile" -> {
                    order.add("OpenFile " + FileWire.textOf(request, "path"));
                    modes.add(Wire.number(request, "mode"));
                    relay.send(FileWire.handle(id, 1));
                }
                case "Write" -> {
                    if (!write.isEmpty()) {
                        relay.send(FileWire.failed(id, write));
                    }
                }
                case "data" -> {
                    if (write.isEmpty() && Wire.dataOf(request).length == 0) {
                        relay.send(Wire.withId(FileWire.OK, id));
                    }
                }
                case "SetStat", "FSetStat" -> {
                    order.add(operation + (operation.equals("SetStat") ? " " + FileWire.textOf(request, "path") : ""));
                    relay.send(change(id, request, operation));
                }
                default -> relay.send(Wire.withId(FileWire.OK, id));
            }
        }
    }

    private byte[] stat(final int id) {
        if (shared != null) {
            return FileWire.stat(id, FileWire.entryOf(shared));
        }
        return present ? FileWire.stat(id, FileWire.entry("/f", "file", 100, 0100644))
            : FileWire.failed(id, "stat: No such file or directory (os error 2)");
    }

    private byte[] change(final int id, final byte[] request, final String operation) {
        final boolean owner = Wire.number(request, "uid") >= 0;
        if (owner && !chown.isEmpty()) {
            return FileWire.failed(id, chown);
        }
        if (!owner && operation.equals("FSetStat")) {
            modes.add(Wire.number(request, "mode"));
        }
        return Wire.withId(FileWire.OK, id);
    }
}
