package dev.sluice.agent;

/** What is to be done with the data of an input frame. */
enum StdinVerdict {
    /** Queue it for the program. */
    TAKE,
    /** Nothing came but the input's end: close the pipe when everything queued has been written. */
    END,
    /** Nothing came, and that is no end: a terminal's input has none. */
    NOTHING,
    /** The program has closed its input: throw the data away. */
    BROKEN,
    /** The peer had no right to send it, or the program has been given up on: throw the data away. */
    REFUSE,
    /** It came after the input's end, or after the program's: throw the data away. */
    LATE
}
