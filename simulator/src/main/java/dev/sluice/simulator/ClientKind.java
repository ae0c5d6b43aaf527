package dev.sluice.simulator;

/** How a client behaves until the liveness phase, in which all behave well. */
enum ClientKind {
    /** Reads what comes, ends when its sessions have ended. */
    PROMPT(false, true, false),
    /** As prompt, and limits each session by a window. */
    WINDOWED(true, true, false),
    /** Limits each session by a window, and stops reading. */
    WINDOWED_STUCK(true, false, false),
    /** Stops reading. */
    STUCK(false, false, true),
    /** Reads a few bytes from time to time. */
    SLOW(false, false, true),
    /** Closes its connection after a certain number of bytes, which is anywhere in a frame. */
    DYING(false, true, false),
    /** Closes its connection with sessions open. */
    LEAVING(false, true, false),
    /** Says that it will send no more and waits for its sessions to end. */
    HALF_CLOSING(false, true, false),
    /** Breaks a rule. */
    VIOLATING(false, true, false),
    /** Begins a frame and sends no more. */
    NEVER_ENDING(false, true, false),
    /** Is gone as soon as it has come. */
    STORMING(false, true, false);

    private final boolean windowed;
    private final boolean prompt;
    private final boolean evictable;

    ClientKind(final boolean windowed, final boolean prompt, final boolean evictable) {
        this.windowed = windowed;
        this.prompt = prompt;
        this.evictable = evictable;
    }

    boolean windowed() {
        return windowed;
    }

    /** @return whether it reads what comes without delay */
    boolean prompt() {
        return prompt;
    }

    /** @return whether it has to expect that the relay ends its connection for not reading */
    boolean evictable() {
        return evictable;
    }
}
