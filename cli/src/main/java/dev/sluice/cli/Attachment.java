package dev.sluice.cli;

import java.time.Duration;

/**
 * How a program in a sandbox is attached to this process.
 *
 * @param terminal      whether it has a terminal, in the place of the one that our standard input is
 * @param input         whether our standard input is its
 * @param detachKeys    the keys that end its session, of those typed at a terminal
 * @param startDeadline how long the guest may take to start it
 * @param timeout       how long it may run, or null for as long as it likes
 */
record Attachment(boolean terminal, boolean input, DetachKeys detachKeys, Duration startDeadline, Duration timeout) {
}
