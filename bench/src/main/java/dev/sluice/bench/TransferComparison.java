package dev.sluice.bench;

import dev.sluice.client.CopyOptions;
import dev.sluice.client.SandboxClient;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/**
 * A file in the page cache to a sandbox and back, beside the same bytes through {@code cat | cat}, in turns. Started by
 * {@code bench/compare transfers}: {@code SOCKET DIRECTORY MIB PAIRS text|json}.
 */
public final class TransferComparison {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(60);
    private static final int MIB = 1 << 20;
    private static final double NANOS_PER_SECOND = 1e9;

    private final SandboxClient client;
    private final Path source;
    private final Path target;
    private final int mib;

    private TransferComparison(final SandboxClient client, final Path directory, final int mib) {
        this.client = client;
        this.source = directory.resolve("source");
        this.target = directory.resolve("target");
        this.mib = mib;
    }

    /** Something that takes time. */
    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    /**
     * Measures and prints.
     *
     * @param arguments as above
     * @throws Exception when something cannot be copied, or arrives as something else
     */
    public static void main(final String[] arguments) throws Exception {
        final int mib = Integer.parseInt(arguments[2]);
        try (SandboxClient client = SandboxClient.connect(Path.of(arguments[0]), CONNECT_LIMIT)) {
            new TransferComparison(client, Path.of(arguments[1]), mib)
                .compare(Integer.parseInt(arguments[3]), "json".equals(arguments[4]));
        }
    }

    private void compare(final int pairs, final boolean json) throws Exception {
        writeSource();
        final ComparisonReport report = new ComparisonReport();
        final double[][] seconds = new double[3][pairs];
        final double[][] ratios = new double[2][pairs];
        // The first round has everything compiled and cached, and shows that what arrives is what was sent.
        for (int pair = -1; pair < pairs; pair++) {
            final double floor = time(this::floor, pair < 0);
            final double up = time(() -> client.files().copyToSandbox(source, target.toString(), CopyOptions.DEFAULT), pair < 0);
            final double floorAgain = time(this::floor, pair < 0);
            final double down = time(() -> client.files().copyToHost(source.toString(), target, CopyOptions.DEFAULT), pair < 0);
            if (pair >= 0) {
                seconds[0][pair] = mib / floor;
                seconds[1][pair] = mib / up;
                seconds[2][pair] = mib / down;
                ratios[0][pair] = floor / up;
                ratios[1][pair] = floorAgain / down;
            }
        }
        report.add("cat | cat", Spread.of(seconds[0]), "MiB/s");
        report.add("to the sandbox", Spread.of(seconds[1]), "MiB/s");
        report.add("from the sandbox", Spread.of(seconds[2]), "MiB/s");
        report.add("to the sandbox, of the speed of cat | cat", Spread.of(ratios[0]), "");
        report.add("from the sandbox, of the speed of cat | cat", Spread.of(ratios[1]), "");
        report.add("MiB each time", mib);
        report.add("pairs", pairs);
        report.print(json);
    }

    private void writeSource() throws IOException {
        final byte[] block = new byte[MIB];
        final Random random = new Random(mib);
        try (OutputStream out = Files.newOutputStream(source)) {
            for (int i = 0; i < mib; i++) {
                random.nextBytes(block);
                out.write(block);
            }
        }
    }

    private void floor() throws Exception {
        final Process process = new ProcessBuilder("sh", "-c", "cat \"$0\" | cat > \"$1\"", source.toString(), target.toString())
            .inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("cat | cat: " + process.exitValue());
        }
    }

    /** Seconds that the work takes; what it has written is gone afterwards. */
    private double time(final Work work, final boolean check) throws Exception {
        final long begin = System.nanoTime();
        work.run();
        final double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
        if (check && Files.mismatch(source, target) >= 0) {
            throw new IOException(target + " differs from " + source);
        }
        Files.delete(target);
        return seconds;
    }
}
