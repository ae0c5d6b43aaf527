package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.TimeLimit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code sluice run -it -- bash} for a person: the same keys are pressed on a terminal with bash itself and on one with bash in a sandbox,
 * and cell by cell both look the same.
 */
@TimeLimit(seconds = 400)
class ScreenTest {
    private static final String REMEDY = "what a person sees of a program in a sandbox is not tried";
    private static final List<String> SHELL = List.of("env", "-u", "HISTFILE", "PS1=ready$ ", "LC_ALL=C.UTF-8", "INPUTRC=/dev/null",
        "bash", "--norc", "--noprofile");

    @TempDir
    Path temporary;

    @BeforeAll
    static void needsItsTools() {
        Sluice.assumeBuilt();
        Tools.assumeInstalled("tmux", REMEDY);
        Tools.assumeInstalled("vim", REMEDY);
        Tools.assumeInstalled("bash", REMEDY);
    }

    /** The same keys on both screens. */
    private interface Keys {
        void press(Screen screen) throws Exception;
    }

    private static void both(final Screen direct, final Screen sandboxed, final Keys keys) throws Exception {
        keys.press(direct);
        keys.press(sandboxed);
        assertAlike(direct, sandboxed);
    }

    /** What is on its way to either screen may still come, and is waited for. */
    private static void assertAlike(final Screen direct, final Screen sandboxed) throws Exception {
        final long begin = System.nanoTime();
        String expected = direct.cells();
        String actual = sandboxed.cells();
        while (!expected.equals(actual) && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(Screen.LIMIT_SECONDS)) {
            Thread.sleep(Screen.POLL_MILLIS);
            expected = direct.cells();
            actual = sandboxed.cells();
        }
        assertEquals(expected, actual);
    }

    private Screen sandboxed(final String... options) throws Exception {
        final List<String> arguments = new ArrayList<>(List.of("run", "-it"));
        arguments.addAll(List.of(options));
        arguments.add("--");
        arguments.addAll(SHELL);
        return Screen.start(temporary.resolve("sandboxed"), Sluice.command(List.of(), arguments));
    }

    private Screen direct() throws Exception {
        return Screen.start(temporary.resolve("direct"), SHELL);
    }

    private Path file(final String name) {
        return temporary.resolve(name);
    }

    @Test
    void aPersonCannotTellThemApart() throws Exception {
        Files.writeString(file("direct.txt"), "first\nsecond\n");
        Files.writeString(file("sandbox.txt"), "first\nsecond\n");
        try (Screen direct = direct(); Screen sandboxed = sandboxed()) {
            both(direct, sandboxed, screen -> screen.awaitText("ready$"));
            both(direct, sandboxed, screen -> {
                screen.type("clear; stty size; echo $TERM");
                screen.press("Enter");
                screen.await("24 80", text -> text.startsWith("24 80\n" + Screen.TERM + "\nready$"));
            });
            edit(direct, sandboxed);
            interrupt(direct, sandboxed);
            stopAndContinue(direct, sandboxed);
            both(direct, sandboxed, screen -> {
                screen.type("exit 3");
                screen.press("Enter");
                assertEquals(3, screen.awaitEnd());
            });
        }
        assertEquals("zero\nfirst\nlong " + "x".repeat(90) + "\nsecond\n", Files.readString(file("sandbox.txt")));
        assertEquals(Files.readString(file("direct.txt")), Files.readString(file("sandbox.txt")));
    }

    /** vim: opens a file, edits, is resized, saves. Both are to show the same name. */
    private void edit(final Screen direct, final Screen sandboxed) throws Exception {
        Files.createDirectories(file("1"));
        Files.createDirectories(file("2"));
        Files.createSymbolicLink(file("1").resolve("text"), file("direct.txt"));
        Files.createSymbolicLink(file("2").resolve("text"), file("sandbox.txt"));
        direct.type("cd " + file("1") + "; clear");
        sandboxed.type("cd " + file("2") + "; clear");
        both(direct, sandboxed, screen -> {
            screen.press("Enter");
            screen.await("an empty screen", text -> text.startsWith("ready$"));
        });
        both(direct, sandboxed, screen -> {
            screen.type("vim -u NONE -N -n -i NONE --cmd 'set nofixeol' text");
            screen.press("Enter");
            screen.await("the file", text -> text.startsWith("first\nsecond\n~") && text.contains("2L, 13B"));
        });
        both(direct, sandboxed, screen -> {
            screen.type("Ozero");
            screen.press("Escape");
            screen.type("jolong ");
            screen.type("x".repeat(90));
            screen.press("Escape");
            // While keys wait to be read, vim does not say that it inserts: so it is asked to say that it has read them.
            screen.type(":echo 'edi' . 'ted'");
            screen.press("Enter");
            screen.await("the edited text", text -> text.startsWith("zero\nfirst\nlong xxx") && text.contains("\nedited"));
        });
        both(direct, sandboxed, screen -> {
            screen.resize(100, 30);
            screen.await("the larger screen",
                text -> text.contains("long " + "x".repeat(90) + "\n") && text.split("\n", -1).length >= 30);
        });
        both(direct, sandboxed, screen -> {
            screen.resize(60, 20);
            screen.await("the smaller screen", text -> text.contains("long " + "x".repeat(55) + "\n" + "x".repeat(35) + "\n"));
        });
        both(direct, sandboxed, screen -> {
            screen.type(":w");
            screen.press("Enter");
            screen.awaitText("written");
        });
        both(direct, sandboxed, screen -> {
            screen.type(":q");
            screen.press("Enter");
            screen.await("the shell", text -> text.contains("ready$ vim ") && !text.contains("~\n~"));
        });
        both(direct, sandboxed, screen -> {
            screen.resize(80, 24);
            screen.type("until [ \"$(stty size)\" = '24 80' ]; do sleep 0.1; done; clear; stty size");
            screen.press("Enter");
            screen.await("24 80", text -> text.startsWith("24 80\nready$"));
        });
    }

    private static void interrupt(final Screen direct, final Screen sandboxed) throws Exception {
        both(direct, sandboxed, screen -> {
            screen.type("clear; echo sleeping; sleep 600");
            screen.press("Enter");
            screen.await("a command that sleeps", text -> text.startsWith("sleeping\n"));
            screen.press("C-c");
            screen.await("^C", text -> text.startsWith("sleeping\n^C\nready$"));
            screen.type("echo \"was $?\"");
            screen.press("Enter");
            screen.awaitText("was 130\nready$");
        });
    }

    private static void stopAndContinue(final Screen direct, final Screen sandboxed) throws Exception {
        both(direct, sandboxed, screen -> {
            screen.type("clear; cat");
            screen.press("Enter");
            screen.await("an empty screen", text -> text.isBlank());
            screen.type("one");
            screen.press("Enter");
            screen.await("an echo", text -> text.startsWith("one\none\n"));
            screen.press("C-z");
            screen.await("^Z", text -> text.contains("^Z") && text.contains("Stopped") && text.contains("ready$"));
        });
        both(direct, sandboxed, screen -> {
            screen.type("clear; fg");
            screen.press("Enter");
            screen.await("fg", text -> text.startsWith("cat\n"));
            screen.type("two");
            screen.press("Enter");
            screen.await("an echo", text -> text.startsWith("cat\ntwo\ntwo\n"));
            screen.press("C-d");
            screen.awaitText("ready$");
        });
    }

    @Test
    void whoDetachesIsBackAtTheirOwnShell() throws Exception {
        final List<String> command = Sluice.command(List.of(), List.of("run", "-it", "--", "sh", "-c", "echo up; exec sleep 600"));
        final StringBuilder line = new StringBuilder();
        command.forEach(word -> line.append('\'').append(word).append("' "));
        final Path script = Files.writeString(temporary.resolve("run"), line + "; echo \"left with $?\"; stty -a\n");
        try (Screen screen = direct()) {
            screen.awaitText("ready$");
            screen.type("clear; stty -a > before; sh " + script);
            screen.press("Enter");
            screen.awaitText("up");
            screen.press("C-]");
            screen.awaitText("left with 129");
            screen.type("stty -a | diff - before && echo as before");
            screen.press("Enter");
            screen.awaitText("as before\nready$");
            assertTrue(screen.text().contains("sluice: detached: that has hung up on"), screen.text());
        }
    }
}
