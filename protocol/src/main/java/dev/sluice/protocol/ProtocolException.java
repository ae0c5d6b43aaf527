package dev.sluice.protocol;

import java.util.Objects;

/**
 * Bytes of a peer that are not what the protocol says, or a message that cannot be put into a frame.
 *
 * <p>Carries no stack trace: it says what the peer did, not where this program was, and a peer can cause any number of them.
 */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Kinds of errors. */
    public enum Reason {
        /** The input ends inside an item, or a length or count goes beyond the input. */
        TRUNCATED,
        /** Not well-formed CBOR, or a key that may be there once is there twice. */
        MALFORMED,
        /** Well-formed, but of another type than the field has. */
        UNEXPECTED_TYPE,
        /** A number outside its field's range. */
        OUT_OF_RANGE,
        /** A field that must be there is not. */
        MISSING_FIELD,
        /** A name that is not one of those defined for its place. */
        UNKNOWN_NAME,
        /** Nested deeper than {@link CborReader#MAX_DEPTH}. */
        TOO_DEEP,
        /** A list, text or frame larger than the limit for its place. */
        TOO_LARGE
    }

    /** What is wrong. */
    private final Reason reason;
    /** The field, or "" when none is known. */
    private final String field;
    /** Where in the memory read, or -1. */
    private final long offset;

    /**
     * An error at a place.
     *
     * @param reason what is wrong
     * @param field  name of the field being read or written, "" when none is known
     * @param offset where, in bytes from the start of the memory segment read; -1 when there is no such place
     * @param detail what was expected and what was there
     */
    public ProtocolException(final Reason reason, final String field, final long offset, final String detail) {
        super(describe(field, offset, detail), null, false, false);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.field = field;
        this.offset = offset;
    }

    /**
     * What is wrong.
     *
     * @return the kind of error
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Which field is wrong.
     *
     * @return its name on the wire, or "" when none is known
     */
    public String field() {
        return field;
    }

    /**
     * Where the error is.
     *
     * @return bytes from the start of the memory segment read, or -1 when there is no such place
     */
    public long offset() {
        return offset;
    }

    private static String describe(final String field, final long offset, final String detail) {
        final StringBuilder text = new StringBuilder(detail);
        if (!field.isEmpty()) {
            text.append(": field=").append(field);
        }
        if (offset >= 0) {
            text.append(field.isEmpty() ? ": " : " ").append("offset=").append(offset);
        }
        return text.toString();
    }
}
