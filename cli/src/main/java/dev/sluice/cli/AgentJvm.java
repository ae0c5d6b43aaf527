package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The JVM of an agent that we start: this one's java and class path, and the options that {@code ./sluice} gives an agent. Those lie in the
 * folder {@code jvm}, from where the build copies them here.
 */
final class AgentJvm {
    private static final String OPTIONS_VARIABLE = "SLUICE_JAVA_OPTS";
    private static final List<String> FILES = List.of("common.options", "agent.options");
    /** Beside the jar; {@code ./sluice} makes it. */
    private static final String ARCHIVE = "agent.jsa";
    /** What the manifest of the jar grants, for class paths that are no jar. */
    private static final List<String> GRANTS =
        List.of("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED");

    private AgentJvm() {
    }

    /** The command line up to the arguments of {@link Launcher}. */
    static List<String> command() throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (final String file : FILES) {
            command.addAll(options(file));
        }
        final String classPath = System.getProperty("java.class.path");
        final boolean isJar = classPath.endsWith(".jar") && !classPath.contains(":");
        final Path archive = Path.of(classPath).resolveSibling(ARCHIVE);
        if (isJar && Files.isReadable(archive)) {
            command.add("-XX:SharedArchiveFile=" + archive);
        }
        final String more = System.getenv(OPTIONS_VARIABLE);
        if (more != null && !more.isBlank()) {
            command.addAll(Arrays.asList(more.trim().split("\\s+")));
        }
        if (isJar) {
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(GRANTS);
            command.addAll(List.of("-cp", classPath, Launcher.class.getName()));
        }
        return command;
    }

    private static List<String> options(final String file) throws IOException {
        try (InputStream resource = AgentJvm.class.getResourceAsStream(file)) {
            if (resource == null) {
                throw new IOException("this build of Sluice lacks " + file);
            }
            return new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8)).lines()
                .map(String::trim).filter(line -> !line.isEmpty() && line.charAt(0) != '#').toList();
        }
    }
}
