package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.testsupport.Seeds;
import java.io.File;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice cp} as a process, in both directions; the sandbox shares our file system, so that what is there can be looked at. */
class CopyCommandTest {
    /** Names with a line end, an escape, what is no UTF-8, spaces and what looks like an option; links; empty directories; modes. */
    private static final String MAKE_TREE = """
        set -e; umask 022; mkdir -p "$0"; cd "$0"
        printf one > "$(printf 'new\\nline')"; printf two > "$(printf '\\033[31m')"; printf three > "$(printf 'caf\\303\\251 \\377')"
        printf four > ' a  b '; printf five > ./-rf; : > empty; printf '\\0\\1\\377' > bytes
        mkdir -p deep/er/est 'empty dir'; printf six > deep/er/est/x; chmod 700 deep; chmod 600 bytes; chmod 755 empty
        ln -s deep/er/est/x link; ln -s "$(printf 'no\\377where')" dangling; ln -s deep dirlink
        """;
    /** What there is in a tree, byte for byte, in an order that does not depend on the locale. */
    private static final String DESCRIBE_TREE = """
        set -e; cd "$0"; LC_ALL=C find . -printf '%P\\0%y %m %l\\0' | LC_ALL=C sort -z
        find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
        """;
    private static final Pattern COPIED = Pattern.compile("sluice: copied 1 file, 512\\.0 MiB, in ([0-9.]+) s");
    /** Progress is drawn several times in so long. */
    private static final double SURELY_DRAWN_SECONDS = 2;

    @TempDir
    private static Path shared;

    private static RunningSandbox sandbox;

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    private String[] direction;

    @BeforeAll
    static void start() throws Exception {
        sandbox = RunningSandbox.start(shared);
    }

    @AfterAll
    static void end() throws Exception {
        sandbox.end();
    }

    @BeforeEach
    void up() {
        direction = new String[] {"", "@:"};
    }

    private void down() {
        direction = new String[] {"@:", ""};
    }

    private SluiceProcess.Result copy(final String source, final String destination) {
        return sandbox.inProcess("cp", direction[0] + here + "/" + source, direction[1] + there + "/" + destination);
    }

    private static void ok(final SluiceProcess.Result result) {
        assertEquals("", result.stderr());
        assertEquals(0, result.exitCode());
        assertEquals("", result.stdoutText());
    }

    private static byte[] shell(final String script, final Path directory) throws Exception {
        final Process process = new ProcessBuilder("sh", "-c", script, directory.toString()).redirectErrorStream(true).start();
        final byte[] output = process.getInputStream().readAllBytes();
        assertEquals(0, process.waitFor(), () -> new String(output, StandardCharsets.UTF_8));
        return output;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTreeComesOutAsItWas(final boolean isUp) throws Exception {
        if (!isUp) {
            down();
        }
        shell(MAKE_TREE, here.resolve("tree"));
        ok(sandbox.sluice("cp", direction[0] + here.resolve("tree"), direction[1] + there.resolve("copy")));
        assertArrayEquals(shell(DESCRIBE_TREE, here.resolve("tree")), shell(DESCRIBE_TREE, there.resolve("copy")));
        // Once more, now that it is there: into it, as cp does.
        ok(copy("tree/", "copy"));
        assertArrayEquals(shell(DESCRIBE_TREE, here.resolve("tree")), shell(DESCRIBE_TREE, there.resolve("copy/tree")));
        // And what is in it over what is there already.
        ok(copy("tree/.", "copy/tree"));
        assertArrayEquals(shell(DESCRIBE_TREE, here.resolve("tree")), shell(DESCRIBE_TREE, there.resolve("copy/tree")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void filesComeToLieWhereCpPutsThem(final boolean isUp) throws Exception {
        if (!isUp) {
            down();
        }
        final byte[] content = new byte[3_000_000];
        new Random(Seeds.next("content")).nextBytes(content);
        Files.write(here.resolve("file"), content);
        ok(copy("file", "new"));
        assertArrayEquals(content, Files.readAllBytes(there.resolve("new")));
        Files.writeString(there.resolve("new"), "x".repeat(4_000_000));
        ok(copy("file", "new"));
        assertArrayEquals(content, Files.readAllBytes(there.resolve("new")));
        Files.createDirectory(there.resolve("dir"));
        ok(copy("file", "dir"));
        assertArrayEquals(content, Files.readAllBytes(there.resolve("dir/file")));
        Files.createSymbolicLink(here.resolve("link"), Path.of("file"));
        ok(copy("link", "dir/"));
        assertTrue(Files.isRegularFile(there.resolve("dir/link"), LinkOption.NOFOLLOW_LINKS));
        ok(sandbox.inProcess("cp", "-P", direction[0] + here.resolve("link"), direction[1] + there.resolve("kept")));
        assertEquals("file", Files.readSymbolicLink(there.resolve("kept")).toString());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatCannotBeIsSaid(final boolean isUp) throws Exception {
        if (!isUp) {
            down();
        }
        Files.writeString(here.resolve("file"), "x");
        Files.createDirectory(here.resolve("tree"));
        Files.writeString(there.resolve("old"), "old");
        assertFails("not a directory: " + there + "/old/", copy("file", "old/"));
        assertFails("no such directory: " + there + "/new/", copy("file", "new/"));
        assertFails("a directory does not take the place of a file: " + here + "/tree to " + there + "/old", copy("tree", "old"));
        assertFails(here + "/missing", copy("missing", "new"));
        assertFails("not a directory: " + here + "/file/", copy("file/", "new"));
        assertEquals("old", Files.readString(there.resolve("old")));
        assertFalse(Files.exists(there.resolve("new")));
        final SluiceProcess.Result noParent = copy("file", "not/there");
        assertTrue(noParent.exitCode() != 0 && noParent.stderr().contains(there + "/not"), noParent.stderr());
        if (isUp) {
            assertEquals("sluice: no such directory in the sandbox: " + there + "/not\n", noParent.stderr());
        }
        final SluiceProcess.Result several = sandbox.inProcess(
            "cp", direction[0] + here.resolve("file"), direction[0] + here.resolve("tree"), direction[1] + there.resolve("old"));
        assertTrue(several.exitCode() != 0 && several.stderr().contains("several files need a directory to be copied to"),
            several.stderr());
    }

    private static void assertFails(final String why, final SluiceProcess.Result result) {
        assertEquals(1, result.exitCode(), result.stderr());
        assertEquals(1, result.stderr().lines().count(), result.stderr());
        assertTrue(result.stderr().startsWith("sluice: ") && result.stderr().contains(why), result.stderr());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void severalSourcesGoIntoADirectoryAndTheRestIsCopiedWhereOneFails(final boolean isUp) throws Exception {
        if (!isUp) {
            down();
        }
        Files.writeString(here.resolve("a"), "a");
        Files.writeString(here.resolve("c"), "cc");
        // Also in the middle of a tree: a directory where a file is to be.
        Files.createDirectories(here.resolve("tree"));
        Files.writeString(here.resolve("tree/x"), "x");
        Files.writeString(here.resolve("tree/y"), "yy");
        Files.createDirectories(there.resolve("tree/x"));
        final SluiceProcess.Result result = sandbox.inProcess("cp", "--json", direction[0] + here.resolve("a"),
            direction[0] + here.resolve("missing"), direction[0] + here.resolve("tree"), direction[0] + here.resolve("c"),
            direction[1] + there);
        assertEquals(1, result.exitCode(), result.stderr());
        assertEquals(2, result.stderr().lines().count(), result.stderr());
        assertTrue(result.stderr().contains(here + "/missing") && result.stderr().contains("tree/x"), result.stderr());
        assertEquals("a", Files.readString(there.resolve("a")));
        assertEquals("cc", Files.readString(there.resolve("c")));
        assertEquals("yy", Files.readString(there.resolve("tree/y")));
        final JsonNode summary = new ObjectMapper().readTree(result.stdout());
        assertEquals(3, summary.get("files").intValue(), summary.toString());
        assertEquals(1, summary.get("failed").intValue(), summary.toString());
        assertEquals("a".length() + "cc".length() + "yy".length(), summary.get("bytes").intValue(), summary.toString());
    }

    @Test
    void specialFilesAreLeftOutAndNamed() throws Exception {
        Files.createDirectory(here.resolve("tree"));
        assertEquals(0, new ProcessBuilder("mkfifo", here.resolve("tree/pipe").toString()).start().waitFor());
        for (int i = 0; i < 2; i++) {
            final SluiceProcess.Result result = copy("tree", "copy" + i);
            assertEquals(0, result.exitCode(), result.stderr());
            assertTrue(result.stderr().matches("sluice: left out, being no file, directory or link: .*/tree/pipe\n"), result.stderr());
            assertArrayEquals(new String[0], there.resolve("copy" + i).toFile().list());
            down();
        }
    }

    @Test
    void aLocalFileWithAColon() throws Exception {
        Files.writeString(here.resolve("a:b"), "colon");
        final SluiceProcess copy = SluiceProcess.start(new ProcessBuilder(SluiceProcess.commandLine(
            shared.resolve("tmp"), "cp", "./a:b", sandbox.socket() + ":" + there)).directory(here.toFile()));
        ok(copy.await());
        assertEquals("colon", Files.readString(there.resolve("a:b")));
        ok(sandbox.sluice("cp", "--socket", "@", ":" + there.resolve("a:b"), here.resolve("c:d").toString()));
        assertEquals("colon", Files.readString(here.resolve("c:d")));
    }

    @Test
    void aNameThatIsNoTextInNoLocale() throws Exception {
        final ProcessBuilder builder = new ProcessBuilder("sh", "-c", """
            cd "$1" && shift && printf x > "$(printf 'odd\\377')" && exec "$@" "$(printf 'odd\\377')" "$SANDBOX"
            """, "sh", here.toString());
        builder.command().addAll(SluiceProcess.commandLine(shared.resolve("tmp"), "cp"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("SANDBOX", sandbox.socket() + ":" + there);
        ok(SluiceProcess.start(builder).await());
        assertArrayEquals("odd\u00ff\n".getBytes(StandardCharsets.ISO_8859_1), shell("cd \"$0\"; ls | cat", there));
    }

    /** The destination is the caller's own, also where it is a link. */
    @Test
    void aLinkThatIsTheDestinationIsWrittenThrough() throws Exception {
        down();
        Files.writeString(here.resolve("file"), "new");
        Files.writeString(there.resolve("real"), "old and longer");
        Files.createSymbolicLink(there.resolve("link"), Path.of("real"));
        ok(copy("file", "link"));
        assertEquals("new", Files.readString(there.resolve("real")));
        assertTrue(Files.isSymbolicLink(there.resolve("link")));
        Files.createSymbolicLink(there.resolve("dangling"), Path.of("nothing"));
        assertFails("a link to nothing is not written through: " + there + "/dangling", copy("file", "dangling"));
        assertTrue(Files.isSymbolicLink(there.resolve("dangling")));
        assertEquals(0, new ProcessBuilder("mkfifo", there.resolve("pipe").toString()).start().waitFor());
        Files.createSymbolicLink(there.resolve("to-pipe"), Path.of("pipe"));
        assertFails("there is a special file: " + there + "/to-pipe", copy("file", "to-pipe"));
        assertTrue(Files.isSymbolicLink(there.resolve("to-pipe")));
    }

    /** As with cp, where it shows; and where it does not, under another name, the file has to stay what it is. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatIsCopiedOntoItselfStaysAsItIs(final boolean isUp) throws Exception {
        if (!isUp) {
            down();
        }
        final byte[] content = new byte[3_000_000];
        new Random(Seeds.next("content")).nextBytes(content);
        final Path file = Files.write(here.resolve("file"), content);
        Files.createSymbolicLink(here.resolve("link"), Path.of("file"));
        Files.createLink(here.resolve("other"), file);
        for (final String name : new String[] {"file", "link", "./../" + here.getFileName() + "/file"}) {
            assertFails("these are the same file",
                sandbox.inProcess("cp", direction[0] + here + "/" + name, direction[1] + file));
            assertArrayEquals(content, Files.readAllBytes(file));
        }
        ok(sandbox.inProcess("cp", direction[0] + file, direction[1] + here.resolve("other")));
        assertArrayEquals(content, Files.readAllBytes(file));
        // A shorter one leaves nothing of what was there.
        Files.writeString(here.resolve("short"), "short");
        ok(sandbox.inProcess("cp", direction[0] + here.resolve("short"), direction[1] + file));
        assertEquals("short", Files.readString(file));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDirectoryIsNotCopiedIntoItself(final boolean isUp) throws Exception {
        if (!isUp) {
            down();
        }
        final Path tree = here.resolve("tree");
        Files.createDirectories(tree.resolve("sub"));
        Files.writeString(tree.resolve("file"), "x");
        final byte[] before = shell(DESCRIBE_TREE, tree);
        for (final String[] names : new String[][] {{"tree", "tree/new"}, {"tree", "tree/sub"}, {"tree/.", "tree"}}) {
            assertFails("a directory is not copied into itself",
                sandbox.inProcess("cp", direction[0] + here + "/" + names[0], direction[1] + here + "/" + names[1]));
            assertArrayEquals(before, shell(DESCRIBE_TREE, tree));
        }
        // What only begins like it is another.
        ok(sandbox.inProcess("cp", direction[0] + tree, direction[1] + here + "/tree2"));
        assertArrayEquals(before, shell(DESCRIBE_TREE, here.resolve("tree2")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anArchiveKeepsTimesBitsAndOwners(final boolean isUp) throws Exception {
        if (!isUp) {
            down();
        }
        final Path tree = here.resolve("tree");
        shell(MAKE_TREE, tree);
        shell("""
            set -e; cd "$0"; if [ "$(id -u)" = 0 ]; then chown -h 12345:54321 link bytes deep; fi; chmod 2755 empty; chmod 500 deep/er
            touch -h -d '2001-02-03 04:05:06 UTC' link bytes ./-rf deep deep/er/est 'empty dir' .; touch -d '1950-01-01 UTC' empty
            """, tree);
        // A link's time stays the host's, and bits that give rights away are not taken from a sandbox.
        final String describe = isUp ? "find . -printf '%P %y %m %U %G %Ts %l\\0'"
            : "find . ! -type l -printf '%P %y %U %G %Ts ' \\( -perm -2000 -printf '755\\0' -o -printf '%m\\0' \\)";
        final String script = "set -e; cd \"$0\"; LC_ALL=C " + describe + " | LC_ALL=C sort -z";
        // What is there gets them, too.
        Files.createDirectory(there.resolve("tree"));
        Files.writeString(there.resolve("tree/bytes"), "longer than it was");
        ok(sandbox.inProcess("cp", "-a", direction[0] + tree, direction[1] + there));
        assertArrayEquals(shell(script, tree), shell(script, there.resolve("tree")));
        assertArrayEquals(Files.readAllBytes(tree.resolve("bytes")), Files.readAllBytes(there.resolve("tree/bytes")));
        // A link itself, not what it leads to.
        ok(sandbox.inProcess("cp", "-a", direction[0] + tree + "/link", direction[1] + there + "/kept"));
        assertTrue(Files.isSymbolicLink(there.resolve("kept")));
    }

    /** Somebody who looks on is shown how far it is, and at the end nothing but what was done; nobody else is shown anything. */
    @Test
    void aTerminalIsShownTheProgress() throws Exception {
        final File slow = here.resolve("slow").toFile();
        try (RandomAccessFile sparse = new RandomAccessFile(slow, "rw")) {
            sparse.setLength(512L << 20);
        }
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final SluiceProcess copy = SluiceProcess.start(new ProcessBuilder(SluiceProcess.commandLine(
                shared.resolve("tmp"), "cp", slow.toString(), sandbox.socket() + ":" + there)).redirectError(terminal.file()));
            final String line = terminal.readLine();
            assertEquals(0, copy.await().exitCode());
            final List<String> drawn = List.of(line.split("\r\u001b\\[K"));
            final Matcher last = COPIED.matcher(drawn.getLast());
            assertTrue(last.matches(), line);
            Assumptions.assumeTrue(drawn.size() > 2 || Double.parseDouble(last.group(1)) >= SURELY_DRAWN_SECONDS,
                () -> "copied before there was anything to show: " + line);
            assertTrue(drawn.size() > 2, line);
            assertTrue(drawn.get(1).matches(" *[0-9]+% .* MiB of +512\\.0 MiB .*/s .*slow.*"), line);
        }
    }

    @Test
    void aRelayThatDiesInTheMiddleIsAFailureOfSluice() throws Exception {
        final File large = here.resolve("large").toFile();
        try (RandomAccessFile sparse = new RandomAccessFile(large, "rw")) {
            sparse.setLength(1L << 40);
        }
        final RunningSandbox box = RunningSandbox.start(here);
        final SluiceProcess up = box.start("cp", large.toString(), "@:" + there);
        final SluiceProcess down = box.start("cp", "@:" + large, here.resolve("down").toString());
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (there.resolve("large").toFile().length() == 0 || here.resolve("down").toFile().length() == 0) {
            assertTrue(System.nanoTime() < deadline, "nothing copied");
            Thread.sleep(5);
        }
        box.kill();
        for (final SluiceProcess process : List.of(up, down)) {
            final SluiceProcess.Result result = process.await();
            assertEquals(125, result.exitCode(), result.stderr());
            assertTrue(result.stderr().matches("sluice: [^\n]+\n"), result.stderr());
        }
    }

    /** In the last column, what the line has in it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "cp a b | neither SRC nor DST is in a sandbox, which is written SANDBOX:PATH",
        "cp /tmp/s:/a /tmp/s:/b | both are in a sandbox: '/tmp/s:/a' and '/tmp/s:/b'; of two, copy to here first",
        "cp /tmp/s:/a /tmp/t:/b here | one sandbox at a time: /tmp/s, /tmp/t",
        "cp :/a b | SRC: ':/a': --socket says which sandbox's it is",
        "cp a | SRC... DST",
        "cp --socket unix:/s a :b | --socket: 'unix:/s': a plain path is wanted: /s",
    })
    void wrongUseIsExplainedInOneLine(final String commandLine, final String why) {
        final SluiceProcess.Result result = InProcess.run(commandLine.split(" "));
        assertEquals(125, result.exitCode(), result.stderr());
        assertEquals(1, result.stderr().lines().count(), result.stderr());
        assertTrue(result.stderr().startsWith("sluice: ") && result.stderr().contains(why), result.stderr());
    }
}
