package dev.sluice.cli;

import java.util.List;
import java.util.function.IntConsumer;

/** Gives the signals that ask a program to end to somebody else, from then on, instead of ending the JVM. */
final class TerminationSignals {
    private static final List<String> NAMES = List.of("HUP", "INT", "TERM");

    private TerminationSignals() {
    }

    /**
     * Has the receiver called, on a thread of the JVM's, with the number of each SIGHUP, SIGINT or SIGTERM. One that was ignored when this
     * process began, as by nohup, stays ignored.
     */
    static void forwardTo(final IntConsumer receiver) {
        NAMES.forEach(name -> Signals.handle(name, receiver));
    }
}
