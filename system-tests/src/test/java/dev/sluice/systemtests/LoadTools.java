package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The load client and the echoing guest in C that measure any relay; their sources lie beside the checkout. */
final class LoadTools {
    private static final Path SOURCES = Path.of("..", "..", "shared", "tools").toAbsolutePath().normalize();
    private static final Duration COMPILE_LIMIT = Duration.ofSeconds(30);

    private final Workspace workspace;
    private final Path loadgen;
    private final Path echoguest;

    private LoadTools(final Workspace workspace) throws Exception {
        this.workspace = workspace;
        this.loadgen = compile("loadgen");
        this.echoguest = compile("echoguest");
    }

    /** Compiles both; skips the test where there is nothing to compile, or nothing to compile it with. */
    static LoadTools compile(final Workspace workspace) throws Exception {
        Assumptions.assumeTrue(
            Files.isRegularFile(SOURCES.resolve("loadgen.c")), "no loadgen.c in " + SOURCES + ": the measuring tools are missing");
        Tools.assumeInstalled("gcc", "apt-get install gcc libc6-dev");
        return new LoadTools(workspace);
    }

    private Path compile(final String name) throws Exception {
        final Path program = workspace.path(name);
        final Program compiler = workspace.start(
            List.of("gcc", "-O2", "-w", "-o", program.toString(), SOURCES.resolve(name + ".c").toString()));
        assertEquals(0, compiler.awaitExit(COMPILE_LIMIT), () -> compiler.stderr().text());
        return program;
    }

    /** Starts a guest that echoes, listening at the path. */
    Program startGuest(final Path console) throws Exception {
        final Program guest = workspace.start(List.of(echoguest.toString(), console.toString()));
        Await.until(() -> "no console at " + console, Duration.ofSeconds(10), () -> Files.exists(console));
        return guest;
    }

    /** Runs the load client to its end, which has to be a good one, and returns its summary. */
    String run(final Path socket, final Duration limit, final String... options) throws Exception {
        final List<String> command = new ArrayList<>(List.of(loadgen.toString(), socket.toString()));
        command.addAll(Arrays.asList(options));
        final Program load = workspace.start(command);
        final int status = load.awaitExit(limit);
        assertEquals(0, status, () -> load + ": " + load.stderr().text());
        workspace.end(load);
        return load.stdout().text().trim();
    }
}
