package dev.sluice.systemtests;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A kernel's initial file system: a cpio archive of the "newc" kind, as the kernel's Documentation/driver-api/early-userspace has it.
 * Directories are made for what lies in them; the first entry of a name is the one.
 */
final class InitialRamDisk implements AutoCloseable {
    private static final String MAGIC = "070701";
    private static final int DIRECTORY = 0040755;
    private static final int EXECUTABLE = 0100755;
    private static final int CHARACTER_DEVICE = 0020600;
    private static final int ALIGNMENT = 4;
    private static final int CONSOLE_MAJOR = 5;
    private static final int CONSOLE_MINOR = 1;

    private final OutputStream out;
    private final Set<String> names = new HashSet<>();
    private int inode;

    InitialRamDisk(final Path file) throws IOException {
        out = new BufferedOutputStream(Files.newOutputStream(file));
    }

    void directory(final String name) {
        entry(name, DIRECTORY, 0, 0, new byte[0]);
    }

    void executable(final String name, final Path content) throws IOException {
        executable(name, Files.readAllBytes(content));
    }

    void executable(final String name, final byte[] content) {
        entry(name, EXECUTABLE, 0, 0, content);
    }

    /** Everything that a directory holds, links followed. */
    void tree(final String name, final Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            for (final Path file : files.filter(Files::isRegularFile).toList()) {
                executable(name + "/" + root.relativize(file), file);
            }
        }
    }

    /** What the kernel opens as the first program's standard streams. */
    void console() {
        entry("dev/console", CHARACTER_DEVICE, CONSOLE_MAJOR, CONSOLE_MINOR, new byte[0]);
    }

    private void entry(final String name, final int mode, final int major, final int minor, final byte[] content) {
        if (!names.add(name)) {
            return;
        }
        if (name.contains("/")) {
            directory(name.substring(0, name.lastIndexOf('/')));
        }
        inode++;
        final int[] fields = {
            inode, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, name.length() + 1, 0};
        final StringBuilder header = new StringBuilder(MAGIC);
        for (final int field : fields) {
            header.append(String.format("%08x", field));
        }
        write(header.append(name).append('\0').toString().getBytes(StandardCharsets.US_ASCII));
        write(content);
    }

    /** Headers and contents are padded each on their own, and the archive starts aligned. */
    private void write(final byte[] bytes) {
        try {
            out.write(bytes);
            out.write(new byte[-bytes.length & ALIGNMENT - 1]);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        entry("TRAILER!!!", 0, 0, 0, new byte[0]);
        out.close();
    }
}
