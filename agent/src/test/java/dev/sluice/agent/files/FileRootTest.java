package dev.sluice.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsKind;
import dev.sluice.protocol.FsOpenOptions;
import dev.sluice.protocol.FsSetAttrs;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths under a root lead nowhere else, whatever they say and whoever renames things meanwhile. */
class FileRootTest {
    private static final int RACES = Boolean.getBoolean("sluice.full") ? 1_000_000 : 2_000;
    private static final FsOpenOptions WRITING = new FsOpenOptions(false, true, false, true, true, false, null);

    private final FileSystem system = new FileSystem(Posix.system());
    @TempDir
    private Path directory;
    private Path inside;
    private Path outside;
    private FileRoot root;
    private FileOperations operations;

    @BeforeEach
    void makeRoot() throws IOException {
        inside = Files.createDirectory(directory.resolve("inside"));
        outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Files.createDirectory(outside.resolve("kept"));
        Files.writeString(outside.resolve("kept/file"), "kept");
        Files.createDirectory(inside.resolve("dir"));
        Files.writeString(inside.resolve("dir/file"), "content");
        root = FileRoot.confinedTo(system, ByteString.of(inside.toString()));
        operations = new FileOperations(root, false);
    }

    @AfterEach
    void closeRoot() {
        root.close();
    }

    private static ByteString bytes(final String path) {
        return ByteString.of(path);
    }

    private List<String> outsideNow() throws IOException {
        final List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(outside)) {
            for (final Path file : files.sorted().toList()) {
                found.add(file + " " + Files.readAttributes(file, "unix:mode,size,lastModifiedTime,uid"));
            }
        }
        return found;
    }

    @Test
    void aRootIsWhereAbsolutePathsBegin() throws FileException {
        assertEquals(7, operations.stat(bytes("/dir/file"), true).size());
        assertEquals(7, operations.stat(bytes("dir/file"), true).size());
        assertEquals(7, operations.stat(bytes("../../../dir/../dir/file"), true).size());
        assertEquals(bytes("/dir/file"), operations.realPath(bytes("../dir/./file")));
        assertEquals(bytes("/"), operations.realPath(bytes("/../..")));
        assertEquals(bytes("/dir/new"), operations.realPath(bytes("dir/new")));
    }

    /** Every operation, through every kind of path that leads out elsewhere: nothing outside is seen or changed. */
    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/.", "//"})
    void h13_noOperationFollowsALinkOutOfTheRoot(final String ending) throws IOException {
        Files.createSymbolicLink(inside.resolve("absolute"), outside);
        Files.createSymbolicLink(inside.resolve("relative"), Path.of("../outside"));
        Files.createSymbolicLink(inside.resolve("chain"), Path.of("relative"));
        Files.createSymbolicLink(inside.resolve("magic"), Path.of("/proc/self/root" + outside));
        final List<String> before = outsideNow();
        for (final String link : new String[] {"absolute", "relative", "chain", "magic", "dir/../../outside", "dir/../relative"}) {
            final ByteString itself = bytes(link + ending);
            for (final ByteString path : List.of(itself, bytes(link + "/secret" + ending), bytes(link + "/kept" + ending))) {
                everything(path);
            }
        }
        assertEquals(before, outsideNow());
        assertTrue(Files.exists(outside.resolve("kept/file")));
    }

    private void everything(final ByteString path) {
        final FsSetAttrs attrs = new FsSetAttrs(0L, 1L, 1L, 0L, 1L, 1L);
        attempt(() -> assertNothingOf(List.of(operations.stat(path, true))));
        attempt(() -> assertNothingOf(operations.list(path, 1 << 20)));
        attempt(() -> operations.setAttributes(path, true, attrs));
        attempt(() -> operations.setAttributes(path, false, attrs));
        attempt(() -> operations.makeDirectories(PathParts.join(path, bytes("made")), 0700));
        attempt(() -> operations.symlink(bytes("target"), PathParts.join(path, bytes("linked"))));
        attempt(() -> operations.openFile(path, WRITING).close());
        attempt(() -> operations.openFile(PathParts.join(path, bytes("opened")), WRITING).close());
        attempt(() -> operations.openToWrite(PathParts.join(path, bytes("a/b")), 0600).close());
        attempt(() -> operations.copy(bytes("dir/file"), path, () -> false));
        attempt(() -> operations.copy(bytes("dir/file"), PathParts.join(path, bytes("copied")), () -> false));
        attempt(() -> operations.rename(PathParts.join(path, bytes("secret")), bytes("stolen")));
        attempt(() -> operations.rename(bytes("dir/file"), PathParts.join(path, bytes("renamed"))));
        attempt(() -> operations.remove(PathParts.join(path, bytes("secret"))));
        attempt(() -> operations.removeDirectory(PathParts.join(path, bytes("kept")), true));
        attempt(() -> operations.realPath(path));
        final Path stolen = inside.resolve("stolen");
        assertFalse(Files.isRegularFile(stolen) && stolen.toFile().length() > 0, "a secret was moved in");
        // Last, since these may well remove the link itself.
        attempt(() -> operations.removeDirectory(path, true));
        attempt(() -> operations.removeDirectory(path, false));
    }

    private static void assertNothingOf(final List<FsEntryInfo> entries) {
        // Directories of these names may have been made inside.
        entries.forEach(entry -> assertFalse(entry.kind() == FsKind.FILE && entry.size() == 6, entry.toString()));
    }

    @FunctionalInterface
    private interface Operation {
        void run() throws FileException;
    }

    private static void attempt(final Operation operation) {
        try {
            operation.run();
        } catch (final FileException e) {
            // As good as doing it to something inside.
        }
    }

    @Test
    void h13_magicLinksAreRefused() throws IOException, FileException {
        final FileRoot proc = FileRoot.confinedTo(system, bytes("/proc"));
        try {
            final FileException refused =
                assertThrows(FileException.class, () -> new FileOperations(proc, false).list(bytes("self/root"), 1 << 20));
            assertEquals("opendir: Too many levels of symbolic links (os error 40)", refused.getMessage());
        } finally {
            proc.close();
        }
    }

    /** One thread swaps a directory for a link that leads out, over and over, while another works through that name. */
    @Test
    @TimeLimit(seconds = 1200)
    void h13_swappingADirectoryForALinkLeadsNowhereElse() throws Exception {
        final List<String> before = outsideNow();
        Files.createDirectories(inside.resolve("victim"));
        Files.createSymbolicLink(inside.resolve("trap"), Path.of("../outside"));
        final AtomicBoolean done = new AtomicBoolean();
        final Thread swapper = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                swap();
            }
        });
        try {
            for (int i = 0; i < RACES; i++) {
                attempt(() -> operations.openFile(bytes("victim/secret"), WRITING).close());
                attempt(() -> operations.copy(bytes("dir/file"), bytes("victim/kept/file"), () -> false));
                attempt(() -> operations.rename(bytes("victim/secret"), bytes("victim/renamed")));
                attempt(() -> operations.remove(bytes("victim/secret")));
                attempt(() -> operations.makeDirectories(bytes("victim/a/b"), 0700));
                attempt(() -> operations.setAttributes(bytes("victim/secret"), true, new FsSetAttrs(0L, null, null, 0L, 1L, 1L)));
                attempt(() -> operations.removeDirectory(bytes("victim"), true));
                attempt(() -> operations.makeDirectories(bytes("victim/kept"), null));
            }
        } finally {
            done.set(true);
            swapper.join();
        }
        assertEquals(before, outsideNow());
    }

    private void swap() {
        try {
            system.renameat(-100, bytes(inside + "/victim"), -100, bytes(inside + "/aside"));
            system.renameat(-100, bytes(inside + "/trap"), -100, bytes(inside + "/victim"));
            Thread.onSpinWait();
            system.renameat(-100, bytes(inside + "/victim"), -100, bytes(inside + "/trap"));
            system.renameat(-100, bytes(inside + "/aside"), -100, bytes(inside + "/victim"));
        } catch (final FileException e) {
            restore();
        }
    }

    /** The other thread has removed or made something in between. */
    private void restore() {
        try {
            for (final String name : new String[] {"victim", "trap", "aside"}) {
                final Path path = inside.resolve(name);
                if (Files.isSymbolicLink(path)) {
                    Files.delete(path);
                } else if (name.equals("aside") && Files.isDirectory(path)) {
                    operations.removeDirectory(bytes("aside"), true);
                }
            }
            Files.createDirectories(inside.resolve("victim"));
            Files.createSymbolicLink(inside.resolve("trap"), Path.of("../outside"));
        } catch (final IOException | FileException e) {
            // Raced again: the next round restores.
        }
    }

    /** A tree that is being removed has its directories replaced by links that lead out. */
    @Test
    void h13_removingATreeFollowsNoLink() throws Exception {
        final List<String> before = outsideNow();
        final int rounds = Boolean.getBoolean("sluice.full") ? 20_000 : 100;
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < 10; i++) {
                Files.createDirectories(inside.resolve("tree/d" + i + "/kept"));
            }
            final Thread swapper = Thread.ofPlatform().start(() -> {
                for (int i = 9; i >= 0; i--) {
                    try {
                        Files.move(inside.resolve("tree/d" + i), inside.resolve("moved" + i));
                        Files.createSymbolicLink(inside.resolve("tree/d" + i), outside);
                    } catch (final IOException e) {
                        // Removed already.
                    }
                }
            });
            attempt(() -> operations.removeDirectory(bytes("tree"), true));
            swapper.join();
            attempt(() -> operations.removeDirectory(bytes("tree"), true));
            for (int i = 0; i < 10; i++) {
                final ByteString moved = bytes("moved" + i);
                attempt(() -> operations.removeDirectory(moved, true));
            }
        }
        assertEquals(before, outsideNow());
    }

    /** Deeper than names and descriptors are held, with something beside the way down at every level. */
    @Test
    void aDeepTreeIsRemovedWhole() throws Exception {
        for (int branch = 0; branch < 3; branch++) {
            Path deep = inside.resolve("tree/branch" + branch);
            for (int level = 0; level < 80; level++) {
                deep = deep.resolve("d");
                Files.createDirectories(deep.resolveSibling("beside" + level + "/one"));
                Files.createDirectories(deep);
            }
        }
        operations.removeDirectory(bytes("tree"), true);
        assertFalse(Files.exists(inside.resolve("tree")));
    }

    @Test
    void anOldKernelIsRefusedAtTheStart() {
        final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
        faults.inject(FaultSchedule.always(Call.OPENAT2, Fault.error(Errno.ENOSYS)));
        final IOException refused = assertThrows(IOException.class,
            () -> FileRoot.confinedTo(new FileSystem(new Posix(faults)), ByteString.of(inside.toString())));
        assertTrue(refused.getMessage().contains("openat2"), refused.getMessage());
        assertThrows(IOException.class, () -> FileRoot.confinedTo(system, bytes(inside + "/none")));
    }

    @Test
    void aRenameThatKeepsDisturbingTheLookupIsRetried() throws FileException {
        final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
        final AtomicBoolean ready = new AtomicBoolean();
        faults.inject((call, nth, nthOfAll) ->
            call == Call.OPENAT2 && ready.get() && nth % 5 != 0 ? Fault.error(Errno.EAGAIN) : Fault.NONE);
        try (FileRoot disturbed = FileRoot.confinedTo(new FileSystem(new Posix(faults)), ByteString.of(inside.toString()))) {
            ready.set(true);
            assertEquals(7, new FileOperations(disturbed, false).stat(bytes("dir/file"), true).size());
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aDeepTreeIsRemovedWithFewDescriptors() throws Exception {
        ByteString path = bytes("deep");
        operations.makeDirectories(path, null);
        // Deeper than a path may be long: made from within, as a program would.
        int fd = root.open(path, 0x10000, 0);
        for (int i = 0; i < 3000; i++) {
            system.mkdirat(fd, bytes("d"), 0700);
            final int next = system.openat(fd, bytes("d"), 0x10000, 0);
            system.closeQuietly(fd);
            fd = next;
        }
        system.closeQuietly(fd);
        operations.removeDirectory(path, true);
        assertFalse(Files.exists(inside.resolve("deep")));
    }

    /** Whatever call fails: an error, nothing left open (the leak check looks), and at the end everything can be done. */
    @Test
    void everyCallMayFail() throws Exception {
        final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
        final FileSystem faulty = new FileSystem(new Posix(faults));
        try (FileRoot confined = FileRoot.confinedTo(faulty, ByteString.of(inside.toString()))) {
            for (final boolean atomic : new boolean[] {false, true}) {
                final FileOperations under = new FileOperations(confined, atomic);
                faults.inject(FaultSchedule.NEVER);
                useAll(under);
                final long calls = faults.count();
                for (long nth = 1; nth <= calls; nth++) {
                    faults.inject(FaultSchedule.onNthOfAll(nth, Fault.error(Errno.EIO)));
                    attempt(() -> useAll(under));
                    faults.inject(FaultSchedule.NEVER);
                    attempt(() -> under.removeDirectory(bytes("work"), true));
                }
                useAll(under);
            }
        }
        final TreeSet<String> left = new TreeSet<>();
        try (Stream<Path> files = Files.list(inside)) {
            files.forEach(file -> left.add(file.getFileName().toString()));
        }
        assertEquals(new TreeSet<>(List.of("dir")), left);
    }

    private static void useAll(final FileOperations operations) throws FileException {
        operations.makeDirectories(bytes("work/a/b"), 0755);
        write(operations, bytes("work/a/file"));
        operations.copy(bytes("work/a/file"), bytes("work/copy"), () -> false);
        operations.rename(bytes("work/copy"), bytes("work/a/renamed"));
        operations.symlink(bytes("a/file"), bytes("work/link"));
        operations.readLink(bytes("work/link"));
        operations.realPath(bytes("work/link"));
        operations.realPath(bytes("work/new"));
        operations.setAttributes(bytes("work/link"), true, new FsSetAttrs(0600L, null, null, 5L, 1L, null));
        operations.stat(bytes("work/link"), true);
        operations.list(bytes("work/a"), 1 << 20);
        operations.remove(bytes("work/link"));
        operations.removeDirectory(bytes("work"), true);
    }

    private static void write(final FileOperations operations, final ByteString path) throws FileException {
        final OpenedFile file = operations.openToWrite(path, 0644);
        boolean written = false;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment content = arena.allocateFrom(ValueLayout.JAVA_BYTE, "content".getBytes());
            final long result = file.write(content.address(), content.byteSize(), 0);
            FileSystem.checked(result);
            file.entry();
            written = true;
        } finally {
            if (!written) {
                file.discard();
            }
        }
        file.close();
    }
}
