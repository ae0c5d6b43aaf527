package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code sluice completion}, as shells take it. */
class CompletionTest {
    /** Completes the words given, as bash does when Tab is pressed behind the last. */
    private static final String COMPLETE = """
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        complete -p sluice > /dev/null || exit 1
        _sluice sluice "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """;

    @TempDir
    Path directory;
    private Path script;

    @BeforeEach
    void setUp() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "bash is not installed: completion is not tried");
        script = print("bash");
    }

    private Path print(final String shell) throws Exception {
        final StringWriter written = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(written)).execute("completion", shell));
        return Files.writeString(directory.resolve("completion." + shell), written.toString());
    }

    private static String run(final Path directory, final List<String> command) throws Exception {
        final Path output = directory.resolve("output");
        final Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
            .redirectOutput(output.toFile()).start();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        final String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), text);
        return text;
    }

    private Set<String> complete(final String line) throws Exception {
        final List<String> command = new ArrayList<>(List.of("/bin/bash", "--norc", "-u", "-c", COMPLETE, "bash", script.toString()));
        command.addAll(List.of(line.split(" ", -1)));
        final Set<String> words = new TreeSet<>(run(directory, command).lines().toList());
        words.remove("");
        return words;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void isAScript(final String shell) throws Exception {
        final Path printed = print(shell);
        assertEquals("", run(directory, List.of("/bin/bash", "-n", printed.toString())));
        if (Files.isExecutable(Path.of("/bin/" + shell))) {
            assertEquals("", run(directory, List.of("/bin/" + shell, "-n", printed.toString())));
        }
    }

    @Test
    void completesCommands() throws Exception {
        assertEquals(new TreeSet<>(Main.commandLine().getSubcommands().keySet()), complete("sluice "));
        assertEquals(Set.of("relay", "run"), new TreeSet<>(complete("sluice r").stream().filter(word -> !"rm".equals(word)).toList()));
        assertEquals(Set.of("--help", "--version"), complete("sluice --"));
    }

    @Test
    void completesEveryOptionOfEveryCommand() throws Exception {
        for (final CommandLine command : Main.commandLine().getSubcommands().values()) {
            final Set<String> expected = new TreeSet<>();
            command.getCommandSpec().options().stream().filter(option -> !option.hidden())
                .forEach(option -> expected.addAll(List.of(option.names())));
            assertEquals(expected, complete("sluice " + command.getCommandName() + " -"), command.getCommandName());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "sluice exec --socket ag|agent.sock",
        "sluice exec --socket = ag|agent.sock",
        "sluice exec -t --socket x --work|--workdir",
        "sluice exec --socket --wait 3 --work|",
        "sluice exec --socket x -- ag|",
        "sluice exec --socket x ls --work|",
        "sluice exec --socket x ls ag|",
        "sluice frames ag|agent.sock",
        "sluice frames --json ag|agent.sock",
        "'sluice completion '|bash zsh",
        "sluice completion z|zsh",
        "'sluice exec --wait '|",
        "'sluice nosuch '|"})
    void completesWhatMayStandThere(final String line, final String words) throws Exception {
        Files.createFile(directory.resolve("agent.sock"));
        final Set<String> expected = words == null ? Set.of() : Set.of(words.split(" "));
        assertEquals(expected, complete(line));
    }
}
