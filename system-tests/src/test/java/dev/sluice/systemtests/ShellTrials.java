package dev.sluice.systemtests;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Scripts, on each shell that this machine has. */
final class ShellTrials {
    private static final List<String> SHELLS = List.of("sh", "bash", "dash", "ksh", "zsh", "busybox");

    private ShellTrials() {
    }

    static Stream<Trial> all() {
        return SHELLS.stream().filter(Tools::isInstalled).flatMap(shell -> scripts().entrySet().stream().map(script -> {
            final Trial trial = Trial.of(shell + ": " + script.getKey(), shell);
            if ("busybox".equals(shell)) {
                trial.arguments("sh");
            }
            return trial.arguments("-c", script.getValue(), "name", "first", "", "second one", "new\nline")
                .input("line one\nline two\n".getBytes());
        }));
    }

    private static Map<String, String> scripts() {
        final Map<String, String> scripts = new LinkedHashMap<>();
        scripts.put("output", "echo text; printf 'no newline'");
        scripts.put("both outputs", "echo out; echo err >&2; echo out again; echo err again >&2");
        scripts.put("errors only", "echo err >&2; exit 4");
        scripts.put("arguments", "echo $# \"$0\"; for word in \"$@\"; do printf '[%s]' \"$word\"; done");
        scripts.put("input line by line", "while read -r line; do echo \"<$line>\"; done; read -r more || echo end");
        scripts.put("pipeline", "cat | tr a-z A-Z | sort -r; exit 6");
        scripts.put("broken pipeline", "yes | head -n 3; echo $?");
        scripts.put("substitution", "text=$(printf 'a\\n\\n\\n'); printf '[%s]' \"$text\"");
        scripts.put("here document", "cat <<'END'\n$HOME stays\nEND\n");
        scripts.put("arithmetic", "i=0; while [ $i -lt 100 ]; do i=$((i + 7)); done; echo $i $((i % 10)) $((1 << 40))");
        scripts.put("function", "f() { echo \"f $1\"; return 9; }; f x; exit $?");
        scripts.put("subshell", "(exit 3); echo $?; (cd / && pwd)");
        scripts.put("trap at the end", "trap 'echo bye; exit 8' EXIT; exit 2");
        scripts.put("trapped signal", "trap 'echo got it; exit 12' USR1; kill -USR1 $$; echo not reached");
        scripts.put("killed child", "{ sh -c 'kill -KILL $$'; } 2>/dev/null; echo $?");
        scripts.put("set -e", "set -e; false; echo not reached");
        scripts.put("no such command", "nosuch-command 2>/dev/null; echo $?");
        scripts.put("syntax error", "if then 2>/dev/null");
        scripts.put("redirections", "{ echo one; echo two >&2; } 2>&1 | cat; echo three 3>&1 >&3");
        scripts.put("closed output", "exec >&-; echo lost 2>/dev/null; exit $?");
        scripts.put("closed input", "exec <&-; echo done");
        scripts.put("replaced by a program", "exec printf replaced");
        scripts.put("background job", "(echo background) & wait $!; echo $?");
        scripts.put("glob", "echo bin*/tool; echo nosuch*");
        scripts.put("script file", "./script a 'b c'; ./reading-script; echo $?");
        scripts.put("masks and limits", "umask; ulimit -n; ulimit -s; ulimit -c");
        scripts.put("descriptors", "ls /proc/self/fd");
        scripts.put("signal state", "grep -E '^Sig(Ign|Blk|Cgt)|^Shd' /proc/self/status");
        scripts.put("no terminal", "test -t 0 || test -t 1 || test -t 2; echo $?; cat /dev/tty 2>/dev/null; echo $?");
        scripts.put("leads its session", "set -- $(cat /proc/$$/stat); test $1 = $5 && test $1 = $6; echo $? $7");
        return scripts;
    }
}
