package dev.sluice.execlog;

import java.util.Arrays;
import java.util.Base64;

/**
 * Reads lines of a log: one JSON object each, strictly. Keys may come in any order; unknown ones are skipped, whatever their value.
 * Not a line of a log: anything that is no JSON object, invalid UTF-8, a known key twice or of the wrong form, and one without {@code t},
 * {@code s} or {@code d}.
 *
 * <p>Memory grows with the longest line. One owner thread.
 */
public final class LogLineParser {
    private static final byte[] BASE64 = {'b', '6', '4'};

    private static final int SEEN_TIME = 1;
    private static final int SEEN_SOURCE = 2;
    private static final int SEEN_DATA = 4;
    private static final int SEEN_SESSION = 8;
    private static final int SEEN_ENCODING = 16;
    private static final int SEEN_GAP = 32;
    private static final int REQUIRED = SEEN_TIME | SEEN_SOURCE | SEEN_DATA;

    private final JsonCursor json = new JsonCursor();
    private long epochMs;
    private LogSource source;
    private byte[] data;
    private long session;
    private boolean base64;
    private LogGap gap;

    /** Creates a parser. */
    public LogLineParser() {
    }

    /**
     * Parses a line.
     *
     * @param bytes where it is
     * @param offset where it starts
     * @param length how long it is, without its newline
     * @return the line, or null when it is none of a log
     */
    public LogLine parse(final byte[] bytes, final int offset, final int length) {
        if (!Utf8.isValid(bytes, offset, length)) {
            return null;
        }
        session = 0;
        base64 = false;
        gap = null;
        try {
            json.wrap(bytes, offset, length);
            readObject();
            final byte[] decoded = base64 ? Base64.getDecoder().decode(data) : data;
            return new LogLine(epochMs, source, session, decoded, gap, Arrays.copyOfRange(bytes, offset, offset + length));
        } catch (final JsonCursor.Malformed | IllegalArgumentException e) {
            return null;
        }
    }

    private void readObject() throws JsonCursor.Malformed {
        int seen = 0;
        json.expect('{');
        boolean more = !json.accept('}');
        while (more) {
            final int key = readKey();
            if ((seen & key) != 0) {
                throw json.malformed();
            }
            seen |= key;
            readValue(key);
            more = json.accept(',');
            if (!more) {
                json.expect('}');
            }
        }
        json.expectEnd();
        if ((seen & REQUIRED) != REQUIRED) {
            throw json.malformed();
        }
    }

    private int readKey() throws JsonCursor.Malformed {
        json.readString();
        json.expect(':');
        if (json.stringIs("t")) {
            return SEEN_TIME;
        }
        if (json.stringIs("s")) {
            return SEEN_SOURCE;
        }
        if (json.stringIs("d")) {
            return SEEN_DATA;
        }
        if (json.stringIs("id")) {
            return SEEN_SESSION;
        }
        if (json.stringIs("e")) {
            return SEEN_ENCODING;
        }
        return json.stringIs("gap") ? SEEN_GAP : 0;
    }

    private void readValue(final int key) throws JsonCursor.Malformed {
        switch (key) {
            case SEEN_TIME -> {
                json.readString();
                epochMs = Timestamp.parse(json.string(), json.stringLength());
                if (epochMs == Timestamp.INVALID) {
                    throw json.malformed();
                }
            }
            case SEEN_SOURCE -> {
                json.readString();
                source = LogSource.of(json.string(), json.stringLength());
                if (source == null) {
                    throw json.malformed();
                }
            }
            case SEEN_DATA -> {
                json.readString();
                data = Arrays.copyOf(json.string(), json.stringLength());
            }
            case SEEN_SESSION -> session = json.readUnsigned();
            case SEEN_ENCODING -> {
                json.readString();
                base64 = Arrays.equals(BASE64, 0, BASE64.length, json.string(), 0, json.stringLength());
                if (!base64) {
                    throw json.malformed();
                }
            }
            case SEEN_GAP -> readGap();
            default -> json.skipValue();
        }
    }

    /** A gap of another form is somebody else's key: skipped. */
    private void readGap() throws JsonCursor.Malformed {
        final int start = json.position();
        try {
            gap = tryReadGap();
        } catch (final JsonCursor.Malformed | IllegalArgumentException e) {
            gap = null;
        }
        if (gap == null) {
            json.position(start);
            json.skipValue();
        }
    }

    private LogGap tryReadGap() throws JsonCursor.Malformed {
        json.expect('{');
        json.expectKey("s");
        json.readString();
        final LogSource of = LogSource.of(json.string(), json.stringLength());
        json.expect(',');
        json.expectKey("bytes");
        final long bytes = json.readUnsigned();
        json.expect(',');
        json.expectKey("cause");
        json.readString();
        final String cause = new String(json.string(), 0, json.stringLength(), java.nio.charset.StandardCharsets.UTF_8);
        json.expect('}');
        return of == null ? null : new LogGap(of, bytes, cause);
    }
}
