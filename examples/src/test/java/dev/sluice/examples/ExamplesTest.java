package dev.sluice.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each example in a process of its own, as its reader would start it, with a sandbox of this machine. */
class ExamplesTest {
    private static final long LIMIT_SECONDS = 50;
    private static final int TIMEOUT_MS = 30_000;

    @TempDir
    private static Path directory;

    private static Process sandbox;

    private static Process java(final String... arguments) throws IOException {
        final List<String> line = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=" + directory, "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED", "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line).redirectErrorStream(true).start();
    }

    private static Process example(final Class<?> example, final String... arguments) throws IOException {
        final String[] all = new String[arguments.length + 1];
        all[0] = example.getName();
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return java(all);
    }

    private static String socket() {
        return directory.resolve("s").toString();
    }

    @BeforeAll
    static void startSandbox() throws Exception {
        sandbox = java("dev.sluice.cli.Main", "sandbox", "--listen", socket());
        final String line = sandbox.inputReader().readLine();
        assertTrue(line != null && line.startsWith("sluice: sandbox ready at " + socket()), line);
    }

    @AfterAll
    static void endSandbox() throws Exception {
        sandbox.toHandle().destroy();
        assertTrue(sandbox.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
        assertEquals(0, sandbox.exitValue());
        sandbox.getInputStream().close();
        sandbox.getOutputStream().close();
    }

    private static void assertPrints(final String expected, final Process example) throws Exception {
        try (BufferedReader output = example.inputReader(StandardCharsets.UTF_8)) {
            example.getOutputStream().close();
            assertEquals(expected, String.join("\n", output.lines().toList()) + "\n");
            assertTrue(example.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(0, example.exitValue());
        } finally {
            example.destroyForcibly();
        }
    }

    @Test
    void exec() throws Exception {
        assertPrints("""
            hello from the sandbox
            stdout: /usr
            INPUT
            stderr: good morning
            exit code: 3
            """, example(Exec.class, socket()));
    }

    @Test
    void streaming() throws Exception {
        assertPrints("""
            1 squared is 1
            2 squared is 4
            3 squared is 9
            4 squared is 16
            5 squared is 25
            exit code: 0
            """, example(Streaming.class, socket()));
    }

    @Test
    void interactive() throws Exception {
        assertPrints("""
            rows and columns: 24 80
            after the resize: 50 132
            interrupted
            exit code: 3
            """, example(Interactive.class, socket()));
    }

    @Test
    void copyFiles() throws Exception {
        assertPrints("""
            good morning
            sent 2 files, 5 bytes
            DIR below
            SYMLINK link
            FILE one
            back again: 22
            still there: false
            """, example(CopyFiles.class, socket()));
    }

    @Test
    void portForward() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(TIMEOUT_MS);
            final Process example = example(PortForward.class, socket(), "127.0.0.1", Integer.toString(server.getLocalPort()));
            final BufferedReader output = new BufferedReader(new InputStreamReader(example.getInputStream(), StandardCharsets.UTF_8));
            final String line = output.readLine();
            assertTrue(line.matches("listening at port [0-9]+"), line);
            final int port = Integer.parseInt(line.substring("listening at port ".length()));
            try (Socket here = new Socket(InetAddress.getLoopbackAddress(), port); Socket there = server.accept()) {
                here.setSoTimeout(TIMEOUT_MS);
                there.setSoTimeout(TIMEOUT_MS);
                here.getOutputStream().write("question".getBytes(StandardCharsets.US_ASCII));
                here.shutdownOutput();
                assertEquals("question", new String(there.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
                there.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
                there.shutdownOutput();
                assertEquals("answer", new String(here.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            }
            example.getOutputStream().close();
            assertEquals(null, output.readLine());
            assertTrue(example.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(0, example.exitValue());
        }
    }

    @Test
    void manySandboxes() throws Exception {
        // One sandbox twice is two connections, and here as good as two.
        assertPrints("sandbox 1: 420\nsandbox 2: 420\n", example(ManySandboxes.class, socket(), socket()));
    }

    /** An example that nobody runs would rot. */
    @Test
    void eachExampleHasATest() throws Exception {
        final TreeSet<String> examples = new TreeSet<>();
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/dev/sluice/examples"))) {
            sources.map(source -> source.getFileName().toString().replace(".java", "")).filter(name -> !"package-info".equals(name))
                .forEach(name -> examples.add(Character.toLowerCase(name.charAt(0)) + name.substring(1)));
        }
        final TreeSet<String> tests = new TreeSet<>();
        for (final var method : ExamplesTest.class.getDeclaredMethods()) {
            if (method.isAnnotationPresent(Test.class)) {
                tests.add(method.getName());
            }
        }
        tests.remove("eachExampleHasATest");
        assertEquals(examples, tests);
    }
}
