package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;

/**
 * Reads a map of exactly one pair, the key of which tells what the value is.
 */
final class VariantReader {
    private final CborReader reader;
    private final long pairs;
    private final String name;

    VariantReader(final CborReader reader) throws ProtocolException {
        this.reader = reader;
        this.pairs = reader.readMapHead();
        if (!reader.hasNext(pairs, 0)) {
            throw reader.error(Reason.MALFORMED, "a map of one pair has none");
        }
        this.name = reader.readString();
    }

    /** The key; the value is next in the reader. */
    String name() {
        return name;
    }

    /** Checks, after the value, that nothing else is in the map. */
    void end() throws ProtocolException {
        if (reader.hasNext(pairs, 1)) {
            throw reader.error(Reason.MALFORMED, "a map of one pair has more");
        }
    }

    /** An error: no such variant. */
    ProtocolException unknown() {
        return reader.error(Reason.UNKNOWN_NAME, "unknown variant: " + name);
    }
}
