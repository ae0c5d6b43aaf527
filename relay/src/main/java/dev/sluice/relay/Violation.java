package dev.sluice.relay;

/** What a client did that the protocol has no error frame for; each costs it its connection. */
enum Violation {
    NONE(null, "no violation"),
    TOO_SHORT(RelayCounter.CLIENT_FRAMES_TOO_SHORT, "frame length below the minimum of 5"),
    TOO_LONG(RelayCounter.CLIENT_FRAMES_TOO_LONG, "frame length above the maximum of 4194304"),
    FOREIGN_ID(RelayCounter.CLIENT_FRAMES_FOREIGN_ID, "correlation id outside the range given in the handshake"),
    SHUTDOWN_NOT_ALLOWED(RelayCounter.SHUTDOWNS_REFUSED, "its user may not shut the guest down (see --allow-shutdown)"),
    TOO_MANY_SESSIONS(RelayCounter.CLIENT_SESSIONS_TOO_MANY, "more programs than the relay can look after"),
    BAD_CONTROL(RelayCounter.CLIENT_FRAMES_BAD_CONTROL, "id 0 is for shutdown frames only, and shutdown frames have id 0");

    private final RelayCounter counter;
    private final String message;

    Violation(final RelayCounter counter, final String message) {
        this.counter = counter;
        this.message = message;
    }

    RelayCounter counter() {
        return counter;
    }

    String message() {
        return message;
    }
}
