package dev.sluice.systemtests;

import java.util.stream.Stream;

/** Programs at a terminal of their own. */
final class TerminalTrials {
    private static final int ROWS = 24;
    private static final int COLUMNS = 80;
    private static final int BYTE_VALUES = 256;
    private static final int WINCH = 28;

    private TerminalTrials() {
    }

    static Stream<Trial> all() {
        return Stream.concat(Stream.concat(properties(), keys()), Stream.concat(outputs(), sizes()))
            .map(trial -> trial.terminal() == null ? trial.terminal(ROWS, COLUMNS) : trial);
    }

    private static Stream<Trial> properties() {
        return Stream.of(
            Trial.script("is a terminal", "sh", "for fd in 0 1 2; do test -t $fd; echo $?; done"),
            Trial.script("has a name", "sh", "tty | sed 's/[0-9]*$/N/'"),
            Trial.of("settings", "stty", "-a"),
            Trial.script("controls", "sh", "echo through the controlling terminal > /dev/tty"),
            Trial.script("one for all three", "sh",
                "test /proc/self/fd/0 -ef /proc/self/fd/1 && test /proc/self/fd/1 -ef /proc/self/fd/2; echo $?"),
            Trial.script("foreground group", "sh", "set -- $(cat /proc/$$/stat); test $1 = $5 && test $1 = $6 && test $5 = $8; echo $?"),
            Trial.script("descriptors", "sh", "ls /proc/self/fd | tr '\\n' ' '"),
            Trial.script("signal state", "sh", "grep -E '^Sig(Ign|Blk|Cgt)|^Shd' /proc/self/status"),
            Trial.of("directory", "pwd").directory("sub"),
            Trial.of("directory that is not there", "pwd").directory("nosuch"),
            Trial.of("program that is not there", "nosuch-program"),
            Trial.of("program that is not executable", "./not-executable"),
            Trial.script("exit code", "sh", "exit 77"),
            Trial.script("killed", "sh", "kill -KILL $$"),
            Trial.of("odd argument", "printf", "[%s]").argument(TrialFixture.ODD_NAME));
    }

    private static Stream<Trial> keys() {
        return Stream.of(
            Trial.of("end of input", "cat").input("one\ntwo\n\u0004".getBytes()),
            Trial.of("erased and killed lines", "cat").input("abd\u007fc\nnot this\u0015this\n\u0004".getBytes()),
            Trial.of("end in the middle of a line", "cat").input("half\u0004\u0004".getBytes()),
            Trial.script("answer", "sh", "printf 'name? '; read -r name; echo \"hello $name\"")
                .afterOutput().input("you\n".getBytes()),
            Trial.script("secret", "sh", "stty -echo; echo ready; read -r word; stty echo; echo \"$word\"")
                .afterOutput().input("pass\n".getBytes()),
            Trial.script("interrupt", "sh", "echo ready; exec sleep 1000").afterOutput().input((byte) 3),
            Trial.script("interrupt of a pipeline", "sh", "echo ready; sleep 1000 | cat").afterOutput().input((byte) 3),
            Trial.script("interrupt that is caught", "sh", "trap 'echo caught; exit 9' INT; echo ready; while :; do :; done")
                .afterOutput().input((byte) 3),
            Trial.script("quit", "sh", "ulimit -c 0; echo ready; exec sleep 1000").afterOutput().input((byte) 28),
            Trial.script("keys as bytes", "sh", "stty raw -echo; printf ready; head -c 256 | od -An -tx1").afterOutput().input(everyByte()),
            Trial.script("longest line", "sh", "stty -echo; echo ready; head -n 1 | wc -c").afterOutput().input(line(4095)));
    }

    private static Stream<Trial> outputs() {
        return Stream.of(
            Trial.script("both outputs", "sh", "echo out; echo err >&2; printf 'no newline'"),
            Trial.script("much, to the last byte", "sh", "yes line | head -c 1000000; echo end"),
            Trial.script("much, as it is", "sh", "stty raw; head -c 300000 /bin/sh"),
            Trial.script("of the last moment", "sh", "printf %4000s x; exit 3"),
            Trial.script("of a background job", "sh", "(echo background) & wait; echo foreground"),
            Trial.script("closed early", "sh", "exec <&- >&- 2>&-; exit 6"));
    }

    private static Stream<Trial> sizes() {
        return Stream.of(
            Trial.of("size", "stty", "size").terminal(50, 132),
            Trial.of("size of nothing", "stty", "size").terminal(0, 0),
            Trial.of("greatest size", "stty", "size").terminal(65535, 65535),
            Trial.script("new size", "sh", "trap 'stty size; exit 5' WINCH; stty size; while :; do :; done")
                .terminal(10, 20).resize(30, 40),
            Trial.script("told of a new size only", "sh", "trap 'stty size; exit 5' WINCH; stty size; while :; do :; done")
                .terminal(10, 20).signal(WINCH));
    }

    private static byte[] everyByte() {
        final byte[] all = new byte[BYTE_VALUES];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        return all;
    }

    private static byte[] line(final int length) {
        return ("l".repeat(length - 1) + "\n").getBytes();
    }
}
