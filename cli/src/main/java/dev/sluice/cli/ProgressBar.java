package dev.sluice.cli;

import dev.sluice.client.CopyProgress;
import dev.sluice.client.CopyStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Shows on a terminal how far a copy is, in a line that is written over again and again; on anything else, nothing. */
final class ProgressBar implements CopyProgress {
    /** What takes no longer is over before anybody has read the line. */
    private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(200);
    /** The narrowest terminal that is common, less the last column, in which some break the line. */
    private static final int COLUMNS = 79;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final StandardStream terminal;
    private long beginNs;
    private boolean begun;
    private boolean shown;
    private boolean dirty;

    /**
     * A bar.
     *
     * @param stream where it is shown if that is a terminal
     * @param quiet  shows nothing all the same
     */
    ProgressBar(final StandardStream stream, final boolean quiet) {
        terminal = !quiet && stream.isTerminal() ? stream : null;
    }

    @Override
    public void onProgress(final CopyStatus status) {
        if (!begun) {
            begun = true;
            beginNs = System.nanoTime();
        }
        final long nanos = System.nanoTime() - beginNs;
        if (terminal != null && nanos >= QUIET_NS) {
            shown = true;
            dirty = true;
            write(CLEAR_LINE + ProgressLine.of(status, nanos, COLUMNS));
        }
    }

    /** Takes the line away, so that something else can be written. */
    void clear() {
        if (dirty) {
            dirty = false;
            write(CLEAR_LINE);
        }
    }

    /** Tells whether somebody has been shown something. */
    boolean isShown() {
        return shown;
    }

    private void write(final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            terminal.write(bytes, 0, bytes.length);
        } catch (final IOException e) {
            // A terminal that is gone is told nothing more; the copy goes on.
            dirty = false;
        }
    }
}
