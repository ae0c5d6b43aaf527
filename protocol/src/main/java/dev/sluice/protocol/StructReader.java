package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;

/**
 * Walks over the map of one struct: the known fields in the order they come, unknown ones skipped, each at most once.
 */
final class StructReader {
    /** No further field. */
    static final int END = -1;

    private final CborReader reader;
    private final StructFields fields;
    private final long pairs;
    private long done;
    private int seen;

    StructReader(final CborReader reader, final StructFields fields) throws ProtocolException {
        this.reader = reader;
        this.fields = fields;
        this.pairs = reader.readMapHead();
    }

    /** Index of the next known field, whose value is to be read then, or {@link #END}. */
    int next() throws ProtocolException {
        while (reader.hasNext(pairs, done)) {
            done++;
            final int field = fields.readKey(reader);
            if (field == StructFields.UNKNOWN) {
                reader.skip();
                continue;
            }
            if ((seen & 1 << field) != 0) {
                throw reader.error(Reason.MALFORMED, "key twice");
            }
            seen |= 1 << field;
            return field;
        }
        return END;
    }

    /** Checks, after the end, that fields were there. */
    void require(final int... required) throws ProtocolException {
        for (final int field : required) {
            if ((seen & 1 << field) == 0) {
                reader.field(fields.name(field));
                throw reader.error(Reason.MISSING_FIELD, "required field missing");
            }
        }
    }
}
