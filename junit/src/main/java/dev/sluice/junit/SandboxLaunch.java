package dev.sluice.junit;

import dev.sluice.agent.Agent;
import dev.sluice.ffi.Posix;
import dev.sluice.port.Port;
import dev.sluice.protocol.Message;
import dev.sluice.relay.Relay;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How the process of a sandbox is started, and where its files are: this JVM's Java once more, with the flags that it needs and the jars
 * that it is made of. They are found by where their classes came from: the test's own class path may be in an argument file or a manifest.
 */
final class SandboxLaunch {
    private static final List<String> FLAGS = List.of(
        "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto",
        "--enable-native-access=ALL-UNNAMED", "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");

    private SandboxLaunch() {
    }

    static Process start(final Path directory) throws IOException {
        final ProcessBuilder builder = new ProcessBuilder();
        builder.command().add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        builder.command().addAll(FLAGS);
        builder.command().addAll(List.of("-cp", classPath(), SandboxProcess.class.getName(), directory.toString()));
        builder.redirectError(errors(directory).toFile());
        return builder.start();
    }

    /** Where clients connect. */
    static Path socket(final Path directory) {
        return directory.resolve("agent.sock");
    }

    /** Where relay and agent find each other. */
    static Path console(final Path directory) {
        return directory.resolve("console");
    }

    /** What the process has to say. */
    static Path errors(final Path directory) {
        return directory.resolve("stderr");
    }

    /** Removes the directory with what is left in it. What cannot be removed stays. */
    static void clear(final Path directory) {
        try {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (final Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(directory);
        } catch (final IOException e) {
            // The other process clears too; whatever is left is in the machine's directory for temporary files.
            return;
        }
    }

    private static String classPath() throws IOException {
        final Set<String> places = new LinkedHashSet<>();
        for (final Class<?> member : List.of(SandboxProcess.class, Relay.class, Agent.class, Port.class, Posix.class, Message.class)) {
            places.add(place(member));
        }
        for (final String name : List.of("dev.sluice.ring.RingDescriptor", "dev.sluice.vsock.UnixListener", "dev.sluice.execlog.ExecLog")) {
            places.add(place(name));
        }
        places.add(place(UnsafeBuffer.class));
        return places.stream().collect(Collectors.joining(File.pathSeparator));
    }

    private static String place(final String name) throws IOException {
        try {
            return place(Class.forName(name, false, SandboxLaunch.class.getClassLoader()));
        } catch (final ClassNotFoundException e) {
            throw new IOException("not on the class path: " + name, e);
        }
    }

    private static String place(final Class<?> member) throws IOException {
        try {
            return Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (final URISyntaxException | RuntimeException e) {
            throw new IOException("not from a file: " + member.getName(), e);
        }
    }
}
