package dev.sluice.agent;

/**
 * What a session may take.
 *
 * @param stdinWindow bytes of input frames that a peer with windows may have on their way and unread
 * @param stdinLimit bytes of input that are queued for a program whose peer knows no windows
 * @param drainNs nanoseconds that pipes may stay open and silent after their program's end
 */
record SessionLimits(int stdinWindow, int stdinLimit, long drainNs) {
}
