package dev.sluice.examples;

import dev.sluice.client.CopyOptions;
import dev.sluice.client.CopyResult;
import dev.sluice.client.FileInfo;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** Writes, reads and copies files and trees: {@code CopyFiles SOCKET}. */
public final class CopyFiles {
    private CopyFiles() {
    }

    /**
     * Runs the example.
     *
     * @param args the sandbox's socket
     * @throws Exception when something fails
     */
    public static void main(final String[] args) throws Exception {
        final Path here = Files.createTempDirectory("sluice-example");
        try (SandboxClient sandbox = SandboxClient.connect(Path.of(args[0]), Duration.ofSeconds(10))) {
            final SandboxFiles files = sandbox.files();
            final String there = sandbox.exec("mktemp", "-d").stdoutText().strip();

            files.write(there + "/greeting", "good morning\n".getBytes(StandardCharsets.UTF_8));
            System.out.print(files.readString(there + "/greeting"));

            final Path tree = Files.createDirectories(here.resolve("tree/below")).getParent();
            Files.writeString(tree.resolve("one"), "1\n");
            Files.writeString(tree.resolve("below/two"), "22\n");
            Files.createSymbolicLink(tree.resolve("link"), Path.of("below/two"));
            final CopyResult sent = files.copyToSandbox(tree, there + "/tree", CopyOptions.DEFAULT);
            System.out.println("sent " + sent.status().files() + " files, " + sent.status().bytes() + " bytes");

            files.list(there + "/tree").stream().sorted(Comparator.comparing(FileInfo::name))
                .forEach(entry -> System.out.println(entry.kind() + " " + entry.name()));

            files.copyToHost(there + "/tree", here.resolve("back"), CopyOptions.DEFAULT);
            System.out.print("back again: " + Files.readString(here.resolve("back/link")));

            files.removeDirectory(there, true);
            System.out.println("still there: " + files.exists(there));
        } finally {
            try (Stream<Path> all = Files.walk(here)) {
                for (final Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
