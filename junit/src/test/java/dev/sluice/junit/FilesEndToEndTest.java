package dev.sluice.junit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.CopyFailedException;
import dev.sluice.client.CopyOptions;
import dev.sluice.client.CopyResult;
import dev.sluice.client.CopyStatus;
import dev.sluice.client.FileAttributes;
import dev.sluice.client.FileHandle;
import dev.sluice.client.FileInfo;
import dev.sluice.client.FileOperationException;
import dev.sluice.client.OpenOptions;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxFiles;
import dev.sluice.client.WriteOptions;
import dev.sluice.protocol.ByteString;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files through client, relay and agent. The sandbox's files are this machine's, so both ends can be looked at. */
@WithSandbox
@TimeLimit(seconds = 120)
class FilesEndToEndTest {
    @TempDir
    private Path directory;

    @Test
    void everyOperation(final SandboxFiles files) throws Exception {
        final String base = directory + "/ops";
        files.createDirectories(base + "/a/b", 0750);
        assertEquals(0750, files.stat(base + "/a/b").permissions());
        files.write(base + "/a/f", "hello".getBytes());
        assertEquals("hello", Files.readString(directory.resolve("ops/a/f")));
        assertEquals("hello", files.readString(base + "/a/f"));
        files.write(ByteString.of(base + "/a/f"), WriteOptions.builder().append().build(), " you".getBytes());
        assertEquals("hello you", files.readString(base + "/a/f"));
        assertEquals("EEXIST", assertThrows(FileOperationException.class, () -> files.write(
            ByteString.of(base + "/a/f"), WriteOptions.builder().exclusive().build(), new byte[1])).errnoName());
        files.copy(base + "/a/f", base + "/a/g");
        files.rename(base + "/a/g", base + "/a/h");
        files.symlink("h", base + "/a/l");
        assertEquals(ByteString.of("h"), files.readLink(base + "/a/l"));
        assertEquals(ByteString.of(directory.toRealPath() + "/ops/a/h"), files.realPath(base + "/a/l"));
        assertTrue(files.linkStat(base + "/a/l").isSymbolicLink());
        assertEquals(9, files.stat(base + "/a/l").size());
        files.setAttributes(base + "/a/h",
            FileAttributes.builder().mode(0640).size(4).modifiedTime(Instant.ofEpochSecond(1_000_000)).build());
        final FileInfo changed = files.stat(base + "/a/h");
        assertEquals(4, changed.size());
        assertEquals(0640, changed.permissions());
        assertEquals(Instant.ofEpochSecond(1_000_000), changed.modifiedTime());
        assertEquals(List.of("b", "f", "h", "l"), files.list(base + "/a").stream().map(FileInfo::name).sorted()
            .map(ByteString::toString).toList());
        files.remove(base + "/a/l");
        assertFalse(files.exists(base + "/a/l"));
        assertEquals("ENOTEMPTY",
            assertThrows(FileOperationException.class, () -> files.removeDirectory(base + "/a", false)).errnoName());
        files.removeDirectory(base, true);
        assertFalse(Files.exists(directory.resolve("ops")));
        assertEquals("ENOENT", assertThrows(FileOperationException.class, () -> files.read(base)).errnoName());
    }

    @Test
    void aHandleReadsAndWritesAtPlaces(final SandboxFiles files) throws Exception {
        final OpenOptions options = OpenOptions.builder().forReading().forWriting().createNew().mode(0600).build();
        try (FileHandle handle = files.open(directory + "/places", options)) {
            handle.write(100_000, new byte[] {1, 2, 3}, 0, 3);
            handle.write(5, new byte[] {9}, 0, 1);
            assertEquals(100_003, handle.stat().size());
            final byte[] target = new byte[10];
            assertEquals(4, handle.read(99_999, target, 0, 10));
            assertArrayEquals(new byte[] {0, 1, 2, 3, 0, 0, 0, 0, 0, 0}, target);
            assertEquals(0, handle.read(1L << 40, target, 0, 10));
            handle.setAttributes(FileAttributes.builder().size(6).build());
        }
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 9}, Files.readAllBytes(directory.resolve("places")));
    }

    @Test
    void namesAreBytes(final SandboxFiles files) throws Exception {
        final byte[] name = "/odd \n\u00e4'\"\\%\uFFFD".getBytes();
        name[2] = (byte) 0xFF;
        final byte[] path = Arrays.copyOf(directory.toString().getBytes(), directory.toString().getBytes().length + name.length);
        System.arraycopy(name, 0, path, path.length - name.length, name.length);
        files.write(ByteString.copyOf(path), "x".getBytes());
        final FileInfo entry = files.list(directory.toString()).getFirst();
        assertEquals(ByteString.copyOf(path), entry.path());
        final Path copied = Files.createDirectory(directory.resolveSibling(directory.getFileName() + "-copy"));
        try {
            files.copyToHost(directory.toString(), copied, CopyOptions.DEFAULT);
            files.copyToSandbox(copied, directory + "/again", CopyOptions.DEFAULT);
            final FileInfo again = files.list(directory + "/again").getFirst();
            assertEquals(entry.name(), again.name());
        } finally {
            files.removeDirectory(copied.toString(), true);
        }
    }

    @Test
    void aLongFileGoesThroughStreams(final SandboxFiles files) throws Exception {
        final byte[] block = new byte[1 << 20];
        new Random(Seeds.next("content")).nextBytes(block);
        try (OutputStream content = files.newOutputStream(directory + "/long")) {
            for (int i = 0; i < 20; i++) {
                content.write(block);
            }
            content.write(block, 0, 17);
        }
        assertEquals((20 << 20) + 17, Files.size(directory.resolve("long")));
        try (InputStream content = files.newInputStream(directory + "/long")) {
            final byte[] read = new byte[block.length];
            for (int i = 0; i < 20; i++) {
                assertEquals(block.length, content.readNBytes(read, 0, read.length));
                assertArrayEquals(block, read);
            }
            assertArrayEquals(Arrays.copyOf(block, 17), content.readAllBytes());
        }
    }

    @Test
    void aSlowReaderKeepsNobodyWaiting(final SandboxClient sandbox) throws Exception {
        final SandboxFiles files = sandbox.files();
        final byte[] content = new byte[8 << 20];
        new Random(Seeds.next("content")).nextBytes(content);
        files.write(directory + "/both", content);
        try (InputStream slow = files.newInputStream(directory + "/both")) {
            assertEquals(content[0] & 0xFF, slow.read());
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(content, files.read(directory + "/both"));
                assertEquals("x", sandbox.exec("printf", "x").stdoutText());
            }
            final byte[] rest = slow.readAllBytes();
            assertArrayEquals(Arrays.copyOfRange(content, 1, content.length), rest);
        }
    }

    @Test
    void aTreeGoesThereAndBack(final SandboxFiles files) throws Exception {
        final HostTree tree = HostTree.make(directory.resolve("tree"), new Random(Seeds.next("tree")), 1000);
        final AtomicReference<CopyStatus> last = new AtomicReference<>();
        final CopyResult up = files.copyToSandbox(tree.root(), directory + "/up", CopyOptions.builder().progress(last::set).build());
        assertEquals(tree.files(), up.status().files());
        assertEquals(tree.bytes(), up.status().bytes());
        assertEquals(up.status(), last.get());
        assertEquals(tree.describe(), HostTree.describe(directory.resolve("up")));
        final CopyResult down = files.copyToHost(directory + "/up", directory.resolve("down"), CopyOptions.DEFAULT);
        assertEquals(tree.files(), down.status().files());
        assertEquals(tree.links(), down.status().links());
        assertEquals(tree.describe(), HostTree.describe(directory.resolve("down")));
        // Once more, over what is there.
        files.copyToSandbox(tree.root(), directory + "/up", CopyOptions.DEFAULT);
        files.copyToHost(directory + "/up", directory.resolve("down"), CopyOptions.DEFAULT);
        assertEquals(tree.describe(), HostTree.describe(directory.resolve("down")));
    }

    @Test
    void h14_specialFilesArePassedOver(final SandboxClient sandbox) throws Exception {
        final Path tree = Files.createDirectory(directory.resolve("special"));
        Files.writeString(tree.resolve("plain"), "plain");
        assertEquals(0, sandbox.exec("mkfifo", tree.resolve("pipe").toString()).exitCode());
        for (final boolean up : new boolean[] {true, false}) {
            final Path target = directory.resolve(up ? "up" : "down");
            final CopyResult result = up
                ? sandbox.files().copyToSandbox(tree, target.toString(), CopyOptions.DEFAULT)
                : sandbox.files().copyToHost(tree.toString(), target, CopyOptions.DEFAULT);
            assertEquals(List.of(tree.resolve("pipe").toString()), result.skipped());
            assertEquals("plain", Files.readString(target.resolve("plain")));
            assertFalse(Files.exists(target.resolve("pipe")));
        }
        // A pipe at the destination is neither opened nor replaced.
        final Path present = Files.createDirectory(directory.resolve("present"));
        assertEquals(0, sandbox.exec("mkfifo", present.resolve("plain").toString()).exitCode());
        final CopyFailedException failure = assertThrows(CopyFailedException.class,
            () -> sandbox.files().copyToHost(tree.toString(), present, CopyOptions.DEFAULT));
        assertEquals(1, failure.result().status().failed());
        assertTrue(failure.failures().getFirst().name().endsWith("/plain"), failure.getMessage());
        assertTrue(Files.readAttributes(present.resolve("plain"), java.nio.file.attribute.BasicFileAttributes.class).isOther());
    }

    @Test
    void whatCannotBeCopiedIsToldAtTheEnd(final SandboxFiles files) throws Exception {
        final Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.writeString(tree.resolve("a"), "a");
        Files.createDirectory(tree.resolve("b"));
        Files.writeString(tree.resolve("b/c"), "c");
        Files.writeString(tree.resolve("d"), "d");
        final Path target = Files.createDirectory(directory.resolve("target"));
        Files.createDirectories(target.resolve("a/full"));
        Files.writeString(target.resolve("b"), "in the way");
        for (final boolean up : new boolean[] {true, false}) {
            final CopyFailedException failure = assertThrows(CopyFailedException.class, () -> {
                if (up) {
                    files.copyToSandbox(tree, target.toString(), CopyOptions.DEFAULT);
                } else {
                    files.copyToHost(tree.toString(), target, CopyOptions.DEFAULT);
                }
            });
            assertEquals(2, failure.failures().size(), failure::getMessage);
            assertEquals("d", Files.readString(target.resolve("d")));
            Files.delete(target.resolve("d"));
        }
        assertEquals(1, assertThrows(CopyFailedException.class,
            () -> files.copyToHost(directory + "/none", directory.resolve("x"), CopyOptions.DEFAULT)).failures().size());
    }

    @Test
    void aCopyThatIsInterruptedLeavesTheClientWell(final SandboxClient sandbox) throws Exception {
        final HostTree tree = HostTree.make(directory.resolve("tree"), new Random(Seeds.next("tree")), 300);
        final CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        final CompletableFuture<Void> begun = new CompletableFuture<>();
        final CopyOptions options = CopyOptions.builder().concurrency(2).progress(status -> begun.complete(null)).build();
        final Thread copying = Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    sandbox.files().copyToSandbox(tree.root(), directory + "/up", options);
                    sandbox.files().copyToHost(directory + "/up", directory.resolve("down"), options);
                }
            } catch (final InterruptedException | IOException | RuntimeException | Error e) {
                outcome.complete(e);
            }
        });
        begun.get();
        copying.interrupt();
        assertEquals(InterruptedException.class, outcome.get().getClass(), () -> outcome.join().toString());
        copying.join();
        sandbox.files().copyToSandbox(tree.root(), directory + "/again", CopyOptions.DEFAULT);
        assertEquals(tree.describe(), HostTree.describe(directory.resolve("again")));
    }
}
