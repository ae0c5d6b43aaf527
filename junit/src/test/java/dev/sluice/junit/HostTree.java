package dev.sluice.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A tree of files, directories and links, at random; and what there is to compare of one. */
final class HostTree {
    private static final List<String> MODES = List.of("rw-r--r--", "rwxr-xr-x", "rw-------", "r--r--r--", "rwxrwxrwx");
    private static final int DIRECTORIES = 30;

    private final Path root;
    private int files;
    private int links;
    private long bytes;

    private HostTree(final Path root) {
        this.root = root;
    }

    static HostTree make(final Path root, final Random random, final int entries) throws IOException {
        final HostTree tree = new HostTree(root);
        final List<Path> directories = new ArrayList<>(List.of(Files.createDirectory(root)));
        for (int i = 0; i < DIRECTORIES; i++) {
            directories.add(Files.createDirectory(directories.get(random.nextInt(directories.size())).resolve("dir \u00e4" + i)));
        }
        for (int i = 0; i < entries; i++) {
            final Path path = directories.get(random.nextInt(directories.size())).resolve("entry " + i);
            if (random.nextInt(10) == 0) {
                Files.createSymbolicLink(path, Path.of(random.nextBoolean() ? "../entry " + i / 2 : "/nowhere/at all"));
                tree.links++;
            } else {
                tree.makeFile(path, random);
            }
        }
        Files.setPosixFilePermissions(directories.getLast(), PosixFilePermissions.fromString("r-xr-x---"));
        return tree;
    }

    private void makeFile(final Path path, final Random random) throws IOException {
        final int dice = random.nextInt(20);
        final byte[] content = new byte[dice == 0 ? 0 : random.nextInt(dice == 1 ? 500_000 : 10_000)];
        random.nextBytes(content);
        Files.write(path, content);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(MODES.get(random.nextInt(MODES.size()))));
        files++;
        bytes += content.length;
    }

    Path root() {
        return root;
    }

    int files() {
        return files;
    }

    int links() {
        return links;
    }

    long bytes() {
        return bytes;
    }

    TreeMap<String, String> describe() throws IOException {
        return describe(root);
    }

    /** Each entry with its mode and content. */
    static TreeMap<String, String> describe(final Path root) throws IOException {
        final TreeMap<String, String> found = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (final Path path : (Iterable<Path>) paths::iterator) {
                found.put(root.relativize(path).toString(), describeEntry(path));
            }
        }
        return found;
    }

    private static String describeEntry(final Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return "-> " + Files.readSymbolicLink(path);
        }
        final String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
        return mode + (Files.isDirectory(path) ? " directory" : " " + Arrays.hashCode(Files.readAllBytes(path)));
    }
}
