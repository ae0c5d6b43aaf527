package dev.sluice.cli;

import dev.sluice.client.CopyResult;
import dev.sluice.client.CopyStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What copies have done, all together. */
final class CopySummary {
    private final long begin = System.nanoTime();
    private final List<String> skipped = new ArrayList<>();
    private CopyStatus total = new CopyStatus(0, 0, 0, 0, 0, 0, 0, "");

    void add(final CopyResult result) {
        final CopyStatus more = result.status();
        total = new CopyStatus(total.files() + more.files(), total.directories() + more.directories(), total.links() + more.links(),
            total.skipped() + more.skipped(), total.failed() + more.failed(), total.bytes() + more.bytes(),
            total.knownBytes() + more.knownBytes(), more.currentName());
        skipped.addAll(result.skipped());
    }

    /** Names of what is none of what can be copied, for people. */
    List<String> skipped() {
        return skipped;
    }

    String toText() {
        return String.format(Locale.ROOT, "copied %d %s, %s, in %.1f s",
            total.files(), total.files() == 1 ? "file" : "files", ProgressLine.size(total.bytes()), seconds());
    }

    String toJson() {
        return String.format(Locale.ROOT,
            "{\"files\":%d,\"directories\":%d,\"links\":%d,\"skipped\":%d,\"failed\":%d,\"bytes\":%d,\"seconds\":%.3f}",
            total.files(), total.directories(), total.links(), total.skipped(), total.failed(), total.bytes(), seconds());
    }

    private double seconds() {
        return (double) (System.nanoTime() - begin) / TimeUnit.SECONDS.toNanos(1);
    }
}
