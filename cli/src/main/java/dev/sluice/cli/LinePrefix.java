package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.execlog.LogLine;
import java.io.ByteArrayOutputStream;

/**
 * Puts in front of each line of a record where it comes from. Records need not end where lines do, and one of another session may come in
 * between; so each ends a line here, whatever it ends with.
 */
final class LinePrefix {
    private final boolean time;
    private final boolean session;

    LinePrefix(final boolean time, final boolean session) {
        this.time = time;
        this.session = session;
    }

    /** {@return the record's data as whole lines, each with its prefix} */
    byte[] put(final LogLine line) {
        final byte[] prefix = prefix(line).getBytes(US_ASCII);
        final byte[] data = line.data();
        final ByteArrayOutputStream lines = new ByteArrayOutputStream(data.length + 2 * prefix.length);
        for (int start = 0; start < data.length; ) {
            int end = start;
            while (end < data.length && data[end] != '\n') {
                end++;
            }
            lines.writeBytes(prefix);
            lines.write(data, start, end - start);
            lines.write('\n');
            start = end + 1;
        }
        return lines.toByteArray();
    }

    private String prefix(final LogLine line) {
        final String number = line.session() == 0 ? "-" : Long.toString(line.session());
        return (time ? UtcTime.format(line.time()) + " " : "") + (session ? number + " " : "");
    }
}
