package dev.sluice.relay;

/**
 * A relay's counters as a page that Prometheus scrapes, in its text exposition format 0.0.4: for each counter a line of help, a line with
 * the type, and the sample.
 */
public final class PrometheusText {
    /** What the page is in an HTTP header. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private PrometheusText() {
    }

    /**
     * Writes the page.
     *
     * @param counters read as they are now, one after the other; any thread
     * @return the page; ASCII
     */
    public static String of(final RelayCounters counters) {
        final StringBuilder page = new StringBuilder(8192);
        for (final RelayCounter counter : RelayCounter.values()) {
            final String name = counter.metricName();
            // Labels are constants without backslashes or line ends, so nothing has to be escaped.
            page.append("# HELP ").append(name).append(' ').append(counter.label()).append('\n')
                .append("# TYPE ").append(name).append(' ').append(counter.kind().metricType()).append('\n')
                .append(name).append(' ').append(counters.get(counter)).append('\n');
        }
        return page.toString();
    }
}
