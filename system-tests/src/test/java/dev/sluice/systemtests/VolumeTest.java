package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.CopyOptions;
import dev.sluice.client.CopyResult;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Much data and many files: everything arrives, and the memory of relay, agent and client does not grow with it. The normal build moves a
 * slice; the long form moves what is far larger than all buffers and caches of names together.
 */
@TimeLimit(seconds = 1200)
class VolumeTest {
    private static final long MIB = 1 << 20;
    private static final long OUTPUT_BYTES = Full.isOn() ? 1024 * MIB : 48 * MIB;
    private static final long FILE_BYTES = Full.isOn() ? 4096 * MIB : 48 * MIB;
    private static final int TREE_FILES = Full.isOn() ? 20_000 : 300;
    private static final int FILES_PER_DIRECTORY = 100;
    private static final int MAX_SMALL_FILE = 5000;
    private static final Duration LIMIT = Duration.ofMinutes(15);
    /** Heap, code, classes and buffers of one process at their caps; what moves is not among them. */
    private static final long MAX_KIB = 160 * 1024;

    private Sandbox sandbox;
    private MemorySampler memory;

    @BeforeEach
    void start() throws Exception {
        sandbox = Sandbox.start(Console.RING);
        sandbox.connect().close();
        memory = new MemorySampler();
        memory.watch("relay", sandbox.relay());
        memory.watch("agent", sandbox.agent());
    }

    @AfterEach
    void end() throws IOException {
        if (memory != null) {
            memory.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    private void assertBounded(final String what) {
        memory.close();
        System.out.println(what + ": most private dirty KiB at a time: " + memory.mostKib());
        memory.mostKib().forEach((who, kib) -> assertTrue(kib <= MAX_KIB, () -> what + ": " + who + " has held KiB: " + kib));
    }

    static Stream<Long> inputLengths() {
        return Full.isOn() ? Stream.of(3_000_000L, 1_000_000_000L) : Stream.of(3_000_000L);
    }

    @ParameterizedTest
    @MethodSource("inputLengths")
    void inputArrivesWhole(final long length) throws Exception {
        final Path file = sandbox.workspace().path("input");
        final String expected = writeRandom(file, length);
        final Program client =
            sandbox.workspace().sluice(file.toFile(), "exec", "--socket", sandbox.socket().toString(), "--", "sha256sum");
        memory.watch("client", client);
        assertEquals(0, client.awaitExit(LIMIT), () -> client.stderr().text() + sandbox.said());
        assertEquals(expected + "  -\n", client.stdout().text());
        assertBounded(length + " bytes of input");
    }

    @Test
    void outputArrivesWhole() throws Exception {
        final Path file = sandbox.workspace().path("output");
        final String expected = writeRandom(file, OUTPUT_BYTES);
        final Program client = sandbox.exec("cat", file.toString());
        memory.watch("client", client);
        assertEquals(0, client.awaitExit(LIMIT), () -> client.stderr().text() + sandbox.said());
        assertEquals(OUTPUT_BYTES, client.stdout().length());
        assertEquals(expected, client.stdout().sha256());
        assertBounded(OUTPUT_BYTES + " bytes of output");
    }

    @Test
    void aFileArrivesWholeBothWays() throws Exception {
        final Path source = sandbox.workspace().path("source");
        final Path inside = sandbox.workspace().path("inside");
        final Path back = sandbox.workspace().path("back");
        writeRandom(source, FILE_BYTES);
        try (SandboxClient client = sandbox.connect()) {
            client.files().copyToSandbox(source, inside.toString(), CopyOptions.DEFAULT);
            assertEquals(-1, Files.mismatch(source, inside));
            Files.delete(source);
            client.files().copyToHost(inside.toString(), back, CopyOptions.DEFAULT);
        }
        assertEquals(-1, Files.mismatch(inside, back));
        assertBounded("file of " + FILE_BYTES + " bytes");
    }

    @Test
    void aTreeArrivesWholeBothWays() throws Exception {
        final Path source = sandbox.workspace().path("tree");
        final Path inside = sandbox.workspace().path("inside");
        final Path back = sandbox.workspace().path("back");
        writeTree(source);
        try (SandboxClient client = sandbox.connect()) {
            final CopyResult up = client.files().copyToSandbox(source, inside.toString(), CopyOptions.DEFAULT);
            assertEquals(List.of(), up.skipped());
            final CopyResult down = client.files().copyToHost(inside.toString(), back, CopyOptions.DEFAULT);
            assertEquals(List.of(), down.skipped());
        }
        final TreeMap<String, String> expected = digests(source);
        assertEquals(TREE_FILES, expected.size());
        assertEquals(expected, digests(inside));
        assertEquals(expected, digests(back));
        assertBounded("tree of " + TREE_FILES + " files");
    }

    private static String writeRandom(final Path file, final long length) throws IOException {
        final Random random = new Random(Seeds.next(file.getFileName().toString()));
        final MessageDigest digest = Output.newDigest();
        final byte[] block = new byte[(int) MIB];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = length; left > 0; left -= block.length) {
                random.nextBytes(block);
                final int count = (int) Math.min(left, block.length);
                digest.update(block, 0, count);
                out.write(block, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void writeTree(final Path root) throws IOException {
        final Random random = new Random(Seeds.next("tree"));
        for (int i = 0; i < TREE_FILES; i++) {
            final Path directory = root.resolve("d" + i / FILES_PER_DIRECTORY % FILES_PER_DIRECTORY).resolve("e" + i / FILES_PER_DIRECTORY);
            if (i % FILES_PER_DIRECTORY == 0) {
                Files.createDirectories(directory);
            }
            final byte[] content = new byte[random.nextInt(MAX_SMALL_FILE)];
            random.nextBytes(content);
            Files.write(directory.resolve("file " + i), content);
        }
    }

    private static TreeMap<String, String> digests(final Path root) throws IOException {
        final TreeMap<String, String> found = new TreeMap<>();
        final List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (final Path file : files) {
            final MessageDigest digest = Output.newDigest();
            try (InputStream in = Files.newInputStream(file)) {
                digest.update(in.readAllBytes());
            }
            found.put(root.relativize(file) + " " + Files.getPosixFilePermissions(file), HexFormat.of().formatHex(digest.digest()));
        }
        return found;
    }
}
