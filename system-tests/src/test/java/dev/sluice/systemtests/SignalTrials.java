package dev.sluice.systemtests;

import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Programs that signals end, or do not. */
final class SignalTrials {
    private static final int SIGNALS = 64;
    /** They stop a program until somebody else has it go on. */
    private static final Set<Integer> STOPPING = Set.of(19, 20, 21, 22);
    /** Sends a signal to itself, without a core file, and lives if the signal lets it. */
    private static final String SUICIDE = "ulimit -c 0; kill -$1 $$; echo alive; exit 3";

    private SignalTrials() {
    }

    static Stream<Trial> all() {
        return Stream.of(ofItself(), ofTheClient(), groups()).flatMap(family -> family);
    }

    private static Stream<Trial> ofItself() {
        return IntStream.rangeClosed(1, SIGNALS).filter(number -> !STOPPING.contains(number))
            .mapToObj(number -> Trial.script("kills itself by " + number, "sh", SUICIDE, String.valueOf(number)));
    }

    /** Through the connection, once the program has said that it runs. */
    private static Stream<Trial> ofTheClient() {
        return IntStream.of(1, 2, 3, 6, 9, 10, 13, 14, 15, 31, 34, 64).boxed().flatMap(number -> Stream.of(
            Trial.script("is killed by " + number, "sh", "ulimit -c 0; echo ready; exec sleep 1000").signal(number),
            Trial.script("survives " + number, "sh", "trap 'echo caught; exit 21' $1; echo ready; while :; do :; done",
                String.valueOf(number)).signal(number == 9 ? 15 : number)));
    }

    private static Stream<Trial> groups() {
        return Stream.of(
            Trial.script("the whole group", "sh", "sleep 1000 & sleep 1000 | sleep 1000 & echo ready; wait; echo not reached").signal(15),
            Trial.script("ignored", "sh", "trap '' TERM; echo ready; cat; echo alive").signal(15).input("input\n".getBytes()),
            Trial.script("stopped and continued", "sh", "(kill -STOP $$; kill -CONT $$) & wait $!; echo alive; exit 7"),
            Trial.script("of a child", "sh", "sh -c 'kill -TERM $$' & wait $!; echo $?"),
            Trial.script("broken pipe", "sh", "(yes; echo $? >&2) | head -n 1"),
            Trial.script("alarm of nobody", "sh", "kill -0 $$; echo $?"));
    }
}
