package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The program under test: the jar that {@code ./sluice} starts, with the options it starts it with. */
final class Sluice {
    /** The sessions' own exit code for "Sluice itself failed". */
    static final int FAILED = 125;
    static final int NOT_EXECUTABLE = 126;
    static final int NOT_FOUND = 127;
    /** Added to a signal's number. */
    static final int SIGNALLED = 128;

    private static final Path JAR = Path.of("..", "cli", "target", "sluice.jar").toAbsolutePath().normalize();
    /** The agent's classes, where {@code ./sluice} has made it. */
    private static final Path ARCHIVE = JAR.resolveSibling("agent.jsa");
    private static final Path SCRIPT = Path.of("..", "sluice").toAbsolutePath().normalize();
    private static final long ARCHIVE_LIMIT_SECONDS = 60;
    /** What {@code ./sluice} gives its JVM. */
    private static final Path OPTIONS = Path.of("..", "cli", "jvm").toAbsolutePath().normalize();

    private Sluice() {
    }

    /** Skips the test where there is nothing to run. */
    static void assumeBuilt() {
        Assumptions.assumeTrue(Files.isRegularFile(JAR), JAR + " is not there: run mvn package (or verify) from the top of the checkout");
    }

    /** Has {@code ./sluice} make the archive for the jar as it is, with the JDK of this JVM, which is to map it. */
    static void makeArchive() throws Exception {
        final ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), "--make-archive");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        final Path output = Files.createTempFile("sluice-archive", ".log");
        try {
            final Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
            process.getOutputStream().close();
            if (!process.waitFor(ARCHIVE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the archive is not made in time");
            }
            assertEquals(0, process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
        assertTrue(Files.isRegularFile(ARCHIVE), ARCHIVE + " is not made");
    }

    static List<String> command(final List<String> jvmOptions, final List<String> arguments) {
        final List<String> command = new ArrayList<>();
        command.add(java().toString());
        command.add(readOptions("common"));
        switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
            case "agent" -> {
                command.add(readOptions("agent"));
                if (Files.isRegularFile(ARCHIVE)) {
                    command.add("-XX:SharedArchiveFile=" + ARCHIVE);
                }
            }
            case "run", "sandbox", "relay", "cp", "cat", "forward" -> command.add(readOptions("serving"));
            case "logs" -> {
            }
            default -> command.add(readOptions("brief"));
        }
        command.addAll(jvmOptions);
        command.add("-jar");
        command.add(JAR.toString());
        command.addAll(arguments);
        return command;
    }

    /** What {@code ./sluice} has its JVM read. @param name of the file */
    static Path optionsFile(final String name) {
        return OPTIONS.resolve(name);
    }

    /** The jar, and those that it needs. */
    static List<Path> jars() throws IOException {
        try (Stream<Path> libraries = Files.list(JAR.resolveSibling("lib"))) {
            return Stream.concat(Stream.of(JAR), libraries).toList();
        }
    }

    /** Where the jar looks for it. @param jar one of {@link #jars} */
    static Path relativeToJar(final Path jar) {
        return JAR.getParent().relativize(jar);
    }

    private static String readOptions(final String name) {
        return "@" + optionsFile(name + ".options");
    }

    /** The java of this JVM: the build has chosen it. */
    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }
}
