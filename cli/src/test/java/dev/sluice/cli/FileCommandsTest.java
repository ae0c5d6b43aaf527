package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.testsupport.Seeds;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sluice ls}, {@code cat}, {@code rm} and {@code mkdir} as processes, on files of a sandbox that are here too. */
class FileCommandsTest {
    @TempDir
    private static Path shared;

    private static RunningSandbox sandbox;

    @TempDir
    private Path there;

    @BeforeAll
    static void start() throws Exception {
        sandbox = RunningSandbox.start(shared);
    }

    @AfterAll
    static void end() throws Exception {
        sandbox.end();
    }

    @BeforeEach
    void make() throws Exception {
        Files.writeString(there.resolve("b"), "two\n");
        Files.writeString(there.resolve(".hidden"), "");
        Files.createDirectories(there.resolve("a/below"));
        Files.writeString(there.resolve("a/x"), "x");
        Files.createSymbolicLink(there.resolve("link"), Path.of("nowhere at all"));
        Files.setPosixFilePermissions(there.resolve("b"), PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(there.resolve("b"), FileTime.from(Instant.parse("2020-02-03T04:05:06Z")));
    }

    private String at(final String name) {
        return "@:" + there + (name.isEmpty() ? "" : "/" + name);
    }

    private static String ok(final SluiceProcess.Result result) {
        assertEquals("", result.stderr());
        assertEquals(0, result.exitCode());
        return result.stdoutText();
    }

    @Test
    void listsNamesSorted() throws Exception {
        assertEquals("a\nb\nlink\n", ok(sandbox.sluice("ls", at(""))));
        assertEquals(".hidden\na\nb\nlink\n", ok(sandbox.sluice("ls", "-a", "--socket", "@", there.toString())));
        assertEquals(there + "/b\n\n" + there + "/a:\nbelow\nx\n",
            ok(sandbox.sluice("ls", at("b"), at("a"))));
        assertEquals(there + "/a\n", ok(sandbox.sluice("ls", "-d", at("a"))));
        assertEquals("below\nx\n", ok(sandbox.sluice("ls", "-U", at("a"))).lines().sorted().reduce("", (x, y) -> x + y + "\n"));
    }

    @Test
    void listsDetails() throws Exception {
        final Object uid = Files.getAttribute(there, "unix:uid");
        final Object gid = Files.getAttribute(there, "unix:gid");
        final List<String> lines = ok(sandbox.sluice("ls", "-l", at(""))).lines().toList();
        assertEquals(3, lines.size());
        assertEquals(String.format("-rw-r----- %5s %5s            4 2020-02-03T04:05:06Z b", uid, gid), lines.get(1));
        assertTrue(lines.get(2).startsWith("lrwxrwxrwx ") && lines.get(2).endsWith("Z link -> nowhere at all"), lines.get(2));
    }

    @Test
    void listsForPrograms() throws Exception {
        final List<JsonNode> entries = new ArrayList<>();
        for (final String line : ok(sandbox.sluice("ls", "-l", "--json", at(""))).lines().toList()) {
            entries.add(new ObjectMapper().readTree(line));
        }
        assertEquals(List.of("a", "b", "link"), entries.stream().map(entry -> entry.get("name").textValue()).toList());
        assertEquals("dir", entries.get(0).get("type").textValue());
        final JsonNode file = entries.get(1);
        assertEquals(4, file.get("size").intValue());
        assertEquals("0640", file.get("mode").textValue());
        assertEquals("2020-02-03T04:05:06Z", file.get("modified").textValue());
        assertEquals(Files.getAttribute(there, "unix:uid"), file.get("uid").intValue());
        assertEquals("nowhere at all", entries.get(2).get("target").textValue());
    }

    /** A name as somebody hostile gives it is shown to a terminal without doing anything there. */
    @Test
    void onATerminalNamesAreHarmless() throws Exception {
        final Path odd = Files.createDirectory(there.resolve("odd"));
        assertEquals(0, new ProcessBuilder("sh", "-c", "cd \"$0\" && touch \"$(printf 'x\\033[2J\\377\\ny')\"", odd.toString())
            .start().waitFor());
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final SluiceProcess ls = SluiceProcess.start(new ProcessBuilder(
                SluiceProcess.commandLine(shared.resolve("tmp"), "ls", sandbox.socket() + ":" + odd)).redirectOutput(terminal.file()));
            assertEquals("x\\x1b[2J\\xff\\x0ay", terminal.readLine());
            assertEquals(0, ls.await().exitCode());
        }
        assertArrayEquals(new byte[] {'x', 27, '[', '2', 'J', (byte) 0xFF, '\n', 'y', '\n'}, sandbox.sluice("ls", at("odd")).stdout());
    }

    @Test
    void writesFilesByteForByte() throws Exception {
        final byte[] content = new byte[3_000_000];
        new Random(Seeds.next("content")).nextBytes(content);
        Files.write(there.resolve("random"), content);
        assertArrayEquals(content, sandbox.sluice("cat", at("random")).stdout());
        final SluiceProcess.Result several = sandbox.sluice("cat", at("b"), at("missing"), at("a"), at("a/x"));
        assertEquals("two\nx", several.stdoutText());
        assertEquals(1, several.exitCode());
        assertEquals(2, several.stderr().lines().count(), several.stderr());
        assertTrue(several.stderr().lines().allMatch(line -> line.startsWith("sluice: ")), several.stderr());
        assertTrue(several.stderr().contains(there + "/missing"), several.stderr());
    }

    @Test
    void endsQuietlyWhenNobodyReads() throws Exception {
        try (RandomAccessFile endless = new RandomAccessFile(there.resolve("endless").toFile(), "rw")) {
            endless.setLength(1L << 40);
        }
        final SluiceProcess cat = sandbox.start("cat", at("endless"));
        cat.awaitOutput("\0");
        cat.process().getInputStream().close();
        final SluiceProcess.Result result = cat.await();
        assertEquals(141, result.exitCode(), result.stderr());
        assertEquals("", result.stderr());
    }

    @Test
    void removesAsItIsTold() throws Exception {
        final SluiceProcess.Result refused = sandbox.inProcess("rm", at("b"), at("a"), at("missing"), at("link/"), at("."), "@:/");
        assertEquals(1, refused.exitCode());
        assertEquals(5, refused.stderr().lines().count(), refused.stderr());
        assertTrue(refused.stderr().contains("is a directory, which -r removes: " + there + "/a\n"), refused.stderr());
        assertTrue(refused.stderr().contains("refused to remove '" + there + "/.'"), refused.stderr());
        assertTrue(refused.stderr().contains("refused to remove '/'"), refused.stderr());
        assertFalse(Files.exists(there.resolve("b")));
        assertTrue(Files.exists(there.resolve("a/x")));
        ok(sandbox.inProcess("rm", "-rf", at("a/"), at("missing"), at("b/c"), at("link")));
        assertFalse(Files.exists(there.resolve("a")));
        assertFalse(Files.exists(there.resolve("link"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void aLinkIsRemovedAndNotWhatItLeadsTo() throws Exception {
        Files.createSymbolicLink(there.resolve("to-a"), Path.of("a"));
        ok(sandbox.inProcess("rm", "-r", at("to-a")));
        assertTrue(Files.exists(there.resolve("a/x")));
        assertFalse(Files.exists(there.resolve("to-a"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void makesDirectories() throws Exception {
        ok(sandbox.inProcess("mkdir", at("new"), at("a/below/deeper/")));
        assertTrue(Files.isDirectory(there.resolve("new")) && Files.isDirectory(there.resolve("a/below/deeper")));
        ok(sandbox.inProcess("mkdir", "-p", "-m", "700", at("p/q"), at("new")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(there.resolve("p/q"))));
        final SluiceProcess.Result refused = sandbox.inProcess("mkdir", at("new"), at("b"), at("not/there"));
        assertEquals(1, refused.exitCode());
        assertEquals(3, refused.stderr().lines().count(), refused.stderr());
        assertTrue(refused.stderr().startsWith("sluice: file exists: " + there + "/new\nsluice: file exists: " + there + "/b\n"),
            refused.stderr());
        assertTrue(refused.stderr().endsWith("sluice: no such directory in the sandbox: " + there + "/not (-p makes those above, too)\n"),
            refused.stderr());
        assertFalse(Files.exists(there.resolve("not")));
    }

    /** In the last column, what the line has in it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ls /tmp | '/tmp' names no sandbox (wanted: SANDBOX:PATH",
        "ls | '' names no sandbox",
        "ls /tmp/s:/a /tmp/t:/b | '/tmp/t:/b': one sandbox at a time, the first is /tmp/s",
        "cat | SANDBOX:PATH",
        "cat --socket range:/tmp/s /x | --socket: 'range:/tmp/s': a plain path is wanted: /tmp/s",
        "rm :/x | ':/x' names no sandbox",
        "mkdir -m 9 /tmp/s:/x | --mode: '9' is no mode (allowed: 0 to 7777, octal)",
        "ls /tmp/nobody-listens-here:/ | cannot connect to /tmp/nobody-listens-here: ",
        "ls -z /tmp/s:/x | '-z'",
    })
    void wrongUseIsExplainedInOneLine(final String commandLine, final String why) {
        final SluiceProcess.Result result = InProcess.run(commandLine.split(" "));
        assertEquals(125, result.exitCode(), result.stderr());
        assertEquals(1, result.stderr().lines().count(), result.stderr());
        assertTrue(result.stderr().startsWith("sluice: ") && result.stderr().contains(why), result.stderr());
    }
}
