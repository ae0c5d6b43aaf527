package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A Java runtime for guests: what the agent needs of the JDK that the tests run on, kept below {@code target} for the next run. */
final class GuestRuntime {
    /** What the agent's classes, picocli's and Agrona's are linked with. */
    private static final String MODULES = "java.base,java.management,jdk.unsupported";
    private static final Path KEPT = Path.of("..", "target", "guest-runtime-" + Runtime.version()).toAbsolutePath().normalize();
    /** Archives of the JDK's own classes are made for both kinds of pointers; a small heap needs one. */
    private static final Path OTHER_ARCHIVE = Path.of("lib", "server", "classes_nocoops.jsa");
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private GuestRuntime() {
    }

    /** Its directory; made when it is not there. Skips the test where the JDK cannot make it. */
    static Path prepare(final Workspace workspace) throws Exception {
        if (Files.isDirectory(KEPT)) {
            return KEPT;
        }
        final Path jlink = Sluice.java().resolveSibling("jlink");
        Assumptions.assumeTrue(Files.isExecutable(jlink), jlink + " is missing: the tests do not run on a JDK");
        final Path made = KEPT.resolveSibling(KEPT.getFileName() + "." + ProcessHandle.current().pid());
        final Program linker = workspace.start(List.of(
            jlink.toString(), "--add-modules", MODULES, "--strip-debug", "--no-header-files", "--no-man-pages", "--generate-cds-archive",
            "--output", made.toString()));
        final int code = linker.awaitExit(LIMIT);
        Assumptions.assumeTrue(code == 0, () -> "this JDK cannot be linked from: " + linker.stdout().text() + linker.stderr().text());
        Files.deleteIfExists(made.resolve(OTHER_ARCHIVE));
        return keep(made);
    }

    private static Path keep(final Path made) throws IOException {
        try {
            return Files.move(made, KEPT, StandardCopyOption.ATOMIC_MOVE);
        } catch (final AtomicMoveNotSupportedException | FileAlreadyExistsException e) {
            return made;
        }
    }
}
