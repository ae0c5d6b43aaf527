package dev.sluice.protocol;

/**
 * {@code core.shutdown}: ends the guest. Has no fields; its payload is empty, or, as other senders write it, a null. Receivers do not look.
 *
 * @param explicitNull whether the payload is a null and not empty
 */
public record Shutdown(boolean explicitNull) implements Message {
    /** A shutdown with an empty payload. */
    public Shutdown() {
        this(false);
    }

    static Shutdown decode(final CborReader reader) {
        return new Shutdown(reader.remaining() > 0);
    }

    @Override
    public MessageType type() {
        return MessageType.SHUTDOWN;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        if (explicitNull) {
            writer.writeNull();
        }
    }
}
