package dev.sluice.relay;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an HTTP/1.x request (RFC 9112), and what it is answered with. Everything but {@code GET /metrics} is refused; headers are
 * looked at only as far as they make a request invalid.
 *
 * @param status the answer's status code
 * @param head whether the method is HEAD, whose answers have no body
 */
record MetricsRequest(int status, boolean head) {
    static final int OK = 200;
    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    /** What a request that cannot be read is answered as. */
    static final MetricsRequest UNREADABLE = new MetricsRequest(BAD_REQUEST, false);

    /** Ends the head of a request. */
    static final String END = "\r\n\r\n";

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE = Pattern.compile("(" + TOKEN + ") ([!-~]+) HTTP/1\\.([0-9])");
    private static final Pattern HEADER_LINE = Pattern.compile("(" + TOKEN + "):[\\t -~\\x80-\\xff]*");
    private static final Pattern METRICS_TARGET = Pattern.compile("(?:[hH][tT][tT][pP]://[^/?#]+)?/metrics(?:\\?[^#]*)?");

    /**
     * Reads a head.
     *
     * @param text everything up to {@link #END} and without it, a char for each byte
     */
    static MetricsRequest parse(final String text) {
        final List<String> lines = List.of(text.split("\r\n", -1));
        final Matcher line = REQUEST_LINE.matcher(lines.getFirst());
        if (!line.matches()) {
            return UNREADABLE;
        }
        int hosts = 0;
        for (final String headerLine : lines.subList(1, lines.size())) {
            final Matcher header = HEADER_LINE.matcher(headerLine);
            if (!header.matches()) {
                return UNREADABLE;
            }
            hosts += "host".equalsIgnoreCase(header.group(1)) ? 1 : 0;
        }
        // Section 3.2: since HTTP/1.1 a request has to name its host, and no request may name two.
        if (hosts > 1 || hosts == 0 && !"0".equals(line.group(3))) {
            return UNREADABLE;
        }
        final String method = line.group(1);
        final boolean head = "HEAD".equals(method);
        if (!METRICS_TARGET.matcher(line.group(2)).matches()) {
            return new MetricsRequest(NOT_FOUND, head);
        }
        return new MetricsRequest("GET".equals(method) ? OK : METHOD_NOT_ALLOWED, head);
    }

    /** {@return the status in words} */
    String reason() {
        return switch (status) {
            case OK -> "OK";
            case NOT_FOUND -> "Not Found";
            case METHOD_NOT_ALLOWED -> "Method Not Allowed";
            default -> "Bad Request";
        };
    }
}
