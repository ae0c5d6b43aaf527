package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateDirectoryTest {
    private static final String PRIVATE = "rwx------";

    private final Posix posix = Posix.system();
    @TempDir
    private Path parent;

    private Path directory(final String name, final String permissions, final String... content) throws IOException {
        final Path path = Files.createDirectory(parent.resolve(name));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        for (final String file : content) {
            Files.createFile(path.resolve(file));
        }
        return path;
    }

    @Test
    void isForItsUserAloneAndRemovedWithWhatIsInIt() throws IOException {
        final PrivateDirectory made = PrivateDirectory.create(posix, parent);
        final Path file = Files.createFile(made.resolve(PrivateDirectory.CONSOLE));
        assertEquals(PRIVATE, PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
        made.close();
        made.close();
        assertFalse(Files.exists(file.getParent()));
    }

    @Test
    void whatAKilledProcessLeftIsRemoved() throws IOException {
        final Path empty = directory("sluice-run-0123456789abcdef", PRIVATE);
        final Path full = directory(
            "sluice-run-fedcba9876543210", PRIVATE, "console", "console.lock", "console~", "agent.sock", "agent.sock.lock", "agent.sock~");
        PrivateDirectory.create(posix, parent).close();
        assertFalse(Files.exists(empty));
        assertFalse(Files.exists(full));
    }

    @Test
    void nothingElseIsRemoved() throws IOException {
        final List<Path> others = new ArrayList<>(List.of(
            directory("sluice-run-0123456789abcdea", PRIVATE, "console", "notes"),
            directory("sluice-run-0123456789abcdeb", "rwxr-xr-x"),
            directory("sluice-run-0123456789abcde", PRIVATE),
            directory("sluice-run-0123456789ABCDEF", PRIVATE),
            directory("sluice-0123456789abcdef", PRIVATE),
            Files.createFile(parent.resolve("sluice-run-0123456789abcdec")),
            Files.createSymbolicLink(parent.resolve("sluice-run-0123456789abcded"), directory("elsewhere", PRIVATE))));
        others.add(parent.resolve("elsewhere"));
        others.add(parent.resolve("sluice-run-0123456789abcdea/console"));
        try (PrivateDirectory alive = PrivateDirectory.create(posix, parent)) {
            others.add(Files.createFile(alive.resolve(PrivateDirectory.CLIENTS)));
            PrivateDirectory.create(posix, parent).close();
            for (final Path other : others) {
                assertTrue(Files.exists(other, LinkOption.NOFOLLOW_LINKS), other.toString());
            }
        }
    }

    @Test
    void manyStartsAtOnceKeepTheirDirectories() throws Exception {
        final List<CompletableFuture<Void>> starts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            starts.add(CompletableFuture.runAsync(() -> {
                for (int round = 0; round < 100; round++) {
                    try (PrivateDirectory made = PrivateDirectory.create(posix, parent)) {
                        Files.createFile(made.resolve(PrivateDirectory.CONSOLE));
                    } catch (final IOException e) {
                        throw new AssertionError(e);
                    }
                }
            }));
        }
        for (final CompletableFuture<Void> start : starts) {
            start.get(50, TimeUnit.SECONDS);
        }
        try (var left = Files.list(parent)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
