package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The load client in C against a relay process with the echoing guest in C behind it. */
@TimeLimit(seconds = 120)
class LoadToolsTest {
    private static final Duration RUN_LIMIT = Duration.ofSeconds(60);
    private static final String SECONDS = Full.isOn() ? "3" : "0.3";
    private static final Pattern FRAMES_PER_SECOND = Pattern.compile("frames/s=(\\d+)");
    /** System calls of a relay for each small frame, at the most. */
    private static final double CALLS_PER_FRAME = 0.1;
    private static final long MIN_FRAMES = 1_000_000;

    private Workspace workspace;
    private LoadTools tools;

    @BeforeEach
    void startGuest() throws Exception {
        Sluice.assumeBuilt();
        workspace = new Workspace();
        tools = LoadTools.compile(workspace);
        tools.startGuest(workspace.path("console"));
    }

    @AfterEach
    void close() throws IOException {
        if (workspace != null) {
            workspace.close();
        }
    }

    private Program startRelay(final List<String> jvmOptions) throws Exception {
        final Program relay = workspace.sluice(
            jvmOptions, "relay", "--guest", "unix:" + workspace.path("console"), "--listen", socket().toString());
        Wire.connect(socket(), RUN_LIMIT).close();
        return relay;
    }

    private Path socket() {
        return workspace.path("agent.sock");
    }

    /** Every byte of every echo is compared. The long form prints the floor as well: the same with no relay in between. */
    @ParameterizedTest
    @CsvSource({"64, 128", "4096, 64", "65536, 16", "1048576, 4"})
    void echoesAreRight(final int payloadBytes, final int window) throws Exception {
        startRelay(List.of());
        final Path floor = workspace.path("floor");
        if (Full.isOn()) {
            tools.startGuest(floor);
        }
        for (final int clients : new int[] {1, 4, 16}) {
            for (final String mode : new String[] {"ping", "pipe"}) {
                System.out.println(compare(socket(), "4", mode, payloadBytes, window, clients));
                if (Full.isOn()) {
                    // This guest has room for one connection, which gets the window of all.
                    System.out.println("  floor: " + compare(floor, "0", mode, payloadBytes, window * clients, 1));
                }
            }
        }
    }

    private String compare(
        final Path path, final String handshakeBytes, final String mode, final int payloadBytes, final int window, final int clients)
        throws Exception {
        return tools.run(path, RUN_LIMIT, "-H", handshakeBytes, "-m", mode, "-c", "-s", String.valueOf(payloadBytes),
            "-w", String.valueOf(window), "-n", String.valueOf(clients), "-W", "0.2", "-t", SECONDS, "-r", "1");
    }

    /**
     * Small frames, as the kernel and the collector see them: reads and writes that the kernel counts for the process, and collections of a
     * young generation that garbage of a byte a frame would fill. {@link RelayBudgetTest} counts exactly.
     */
    @Test
    void smallFramesNeedFewCallsAndNoCollection() throws Exception {
        final Path log = workspace.path("gc.log");
        final Program relay = startRelay(List.of("-Xmx48m", "-Xmn12m", "-Xlog:gc:file=" + log));
        load("4");
        final long collectionsBefore = collections(log);
        final long callsBefore = readAndWriteCalls(relay);
        final long frames = load(Full.isOn() ? "20" : "5");
        final double callsPerFrame = (double) (readAndWriteCalls(relay) - callsBefore) / frames;
        System.out.printf("%d echoed frames: read and write calls a frame %.4f, collections %d%n",
            frames, callsPerFrame, collections(log) - collectionsBefore);
        assertTrue(frames >= MIN_FRAMES, "too slow to tell: " + frames);
        assertTrue(callsPerFrame <= CALLS_PER_FRAME, "calls a frame: " + callsPerFrame);
        // Frames that make garbage fill the young generation many times; what the start has left may be what is missing of once.
        assertTrue(collections(log) - collectionsBefore <= 1, () -> log + " has grown");
    }

    private long load(final String seconds) throws Exception {
        final String summary = tools.run(socket(), RUN_LIMIT,
            "-m", "pipe", "-s", "64", "-n", "16", "-w", "128", "-W", "0", "-t", seconds, "-r", "1");
        final Matcher matcher = FRAMES_PER_SECOND.matcher(summary);
        assertTrue(matcher.find(), summary);
        return Long.parseLong(matcher.group(1)) * Long.parseLong(seconds);
    }

    private static long collections(final Path log) throws IOException {
        return Files.readAllLines(log).stream().filter(line -> line.contains("Pause")).count();
    }

    /** Of the process's whole life. */
    private static long readAndWriteCalls(final Program program) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(program.pid()), "io")).stream()
            .filter(line -> line.startsWith("syscr:") || line.startsWith("syscw:"))
            .mapToLong(line -> Long.parseLong(line.substring("syscr:".length()).trim())).sum();
    }
}
