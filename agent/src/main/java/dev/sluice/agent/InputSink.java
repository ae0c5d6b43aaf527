package dev.sluice.agent;

/**
 * Something that input from a peer without windows is queued for: a program or a connection. While it has as much as is kept for it, frames
 * are left unread, which holds up everybody's; {@link StallWatch} sees to it that this has an end.
 */
interface InputSink {
    /** @return bytes that are queued */
    long queuedInput();

    /** @return how long nothing of it may be taken while others wait, in nanoseconds */
    long stallLimitNs();

    /** Nothing has been taken for too long: no more is queued, and its peer is told. */
    void refuseInput();
}
