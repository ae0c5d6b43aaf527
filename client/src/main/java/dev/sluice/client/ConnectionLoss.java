package dev.sluice.client;

/**
 * Why a connection ended. Each of those who are told is told in addition what became of what they had asked for.
 *
 * @param reason text for people
 * @param cause  what led to it, or null
 */
record ConnectionLoss(String reason, Throwable cause) {
    /** What somebody is thrown. */
    ConnectionLostException exception(final Outcome outcome) {
        return new ConnectionLostException("connection lost: " + reason, outcome, cause);
    }
}
