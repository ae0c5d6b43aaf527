package dev.sluice.client;

/** What is known of something that was asked for and whose answer is missing. */
public enum Outcome {
    /** Nothing of it has left this process: it has not happened and will not. It is safe to ask again. */
    NOT_SENT,
    /** It may have happened, as a whole or in part, or may still, or not. */
    UNKNOWN,
    /** The sandbox has said that it began, as when a program started; how it ended is unknown. */
    STARTED
}
