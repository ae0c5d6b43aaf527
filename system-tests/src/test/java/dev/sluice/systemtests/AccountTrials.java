package dev.sluice.systemtests;

import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Programs of other users. Their directory is one that all may enter. */
final class AccountTrials {
    private static final String EVERYTHING = "id; id -G; umask; echo $HOME; test -w /etc; echo $?; "
        + "grep -E '^(Uid|Gid|Groups|Cap(Inh|Prm|Eff)):' /proc/self/status";
    private static final int NAME = 0;
    private static final int UID = 2;
    private static final int HOME = 5;

    private AccountTrials() {
    }

    static Stream<Trial> all() {
        return Stream.concat(
            Stream.of("root", "daemon", "nobody", "games", "daemon:games", "nobody:root", "1", "1:60", "65534:0", "54321:54322", "daemon:0",
                "0:1").flatMap(user -> Stream.of(of(user), of(user).terminal(24, 80))),
            Stream.of(
                of("daemon").environment("HOME=/elsewhere"),
                of("nosuch-user"), of("daemon:nosuch-group"),
                Trial.of("may not read", "cat", "/etc/shadow").user("nobody").directory("/"),
                Trial.of("may not enter the directory", "pwd").user("nobody"),
                Trial.of("may not enter a path", "/root/nosuch/program").user("nobody").directory("/"),
                Trial.script("may not signal others", "sh", "kill -0 1; echo $?").user("nobody").directory("/")));
    }

    private static Trial of(final String user) {
        return Trial.script("as " + user, "sh", EVERYTHING).user(user).directory("/");
    }

    /** The variable that says where a user is at home: at the root when this machine does not know them. */
    static List<ByteString> home(final String spec) throws IOException {
        if (spec.isEmpty()) {
            return List.of();
        }
        final String user = spec.split(":", 2)[0];
        return List.of(Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1).stream()
            .map(line -> line.split(":", -1))
            .filter(fields -> fields.length > HOME && (fields[NAME].equals(user) || fields[UID].equals(user)))
            .findFirst().map(fields -> ByteString.of("HOME=" + fields[HOME])).orElse(ByteString.of("HOME=/")));
    }
}
