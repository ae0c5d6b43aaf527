package dev.sluice.relay;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import org.agrona.concurrent.NanoClock;

/**
 * The relay's log, of which nobody outside can make a flood: each subject has {@link #BURST} lines, and gets one more every
 * {@link #REFILL_NS}. What is left out is counted, and told with the subject's next line.
 *
 * <p>One owner thread.
 */
final class RelayLog {
    /** Lines that a subject may have at once. */
    static final int BURST = 20;
    /** How long one line takes to come back. */
    static final long REFILL_NS = 1_000_000_000;

    private static final Logger LOG = System.getLogger(Relay.class.getName());

    /** What lines are about; a flood of one leaves the others their lines. */
    enum Subject { CONNECTED, REFUSED, MISUSE, EVICTED, CLIENT_IO, GUEST, GUEST_LOST, LOCAL }

    private final NanoClock clock;
    private final RelayCounters counters;
    private final int[] lines = new int[Subject.values().length];
    private final long[] refilledNs = new long[Subject.values().length];
    private final long[] omitted = new long[Subject.values().length];

    RelayLog(final NanoClock clock, final RelayCounters counters) {
        this.clock = clock;
        this.counters = counters;
        final long nowNs = clock.nanoTime();
        for (int i = 0; i < lines.length; i++) {
            lines[i] = BURST;
            refilledNs[i] = nowNs;
        }
    }

    void info(final Subject subject, final String format, final Object... values) {
        log(Level.INFO, subject, format, values);
    }

    void warning(final Subject subject, final String format, final Object... values) {
        log(Level.WARNING, subject, format, values);
    }

    private void log(final Level level, final Subject subject, final String format, final Object... values) {
        if (!LOG.isLoggable(level)) {
            return;
        }
        final int index = subject.ordinal();
        refill(index);
        if (lines[index] == 0) {
            omitted[index]++;
            counters.increment(RelayCounter.LOG_LINES_OMITTED);
            return;
        }
        lines[index]--;
        LOG.log(level, format, texts(values));
        if (omitted[index] > 0) {
            LOG.log(level, "{0} lines like this were left out", String.valueOf(omitted[index]));
            omitted[index] = 0;
        }
    }

    /** As text: numbers would get digits grouped, which nobody wants in a process id. */
    private static Object[] texts(final Object[] values) {
        final Object[] texts = new Object[values.length];
        Arrays.setAll(texts, i -> String.valueOf(values[i]));
        return texts;
    }

    private void refill(final int index) {
        final long nowNs = clock.nanoTime();
        final long due = (nowNs - refilledNs[index]) / REFILL_NS;
        if (due > 0) {
            lines[index] = (int) Math.min(BURST, lines[index] + due);
            refilledNs[index] += due * REFILL_NS;
        }
    }
}
