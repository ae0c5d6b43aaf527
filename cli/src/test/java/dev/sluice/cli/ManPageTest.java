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
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** {@code sluice man}: the pages of all commands. */
class ManPageTest {
    private static final Path GROFF = Path.of("/usr/bin/groff");

    @TempDir
    Path directory;

    private static String page(final String... command) {
        final StringWriter written = new StringWriter();
        final List<String> arguments = new ArrayList<>(List.of("man"));
        arguments.addAll(List.of(command));
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(written)).execute(arguments.toArray(String[]::new)));
        return written.toString();
    }

    @Test
    void everyOptionOfEveryCommandIsOnItsPage() {
        for (final CommandLine command : Main.commandLine().getSubcommands().values()) {
            final String name = command.getCommandName();
            final String page = page(name);
            assertTrue(page.startsWith(".TH \"SLUICE\\-" + name.toUpperCase(Locale.ROOT) + "\" \"1\""), page);
            assertTrue(page.contains("\nsluice\\-") || page.contains(".SH \"NAME\"\nsluice-" + name + " \\- "), page);
            for (final OptionSpec option : command.getCommandSpec().options()) {
                for (final String known : option.names()) {
                    assertTrue(option.hidden() || page.contains("\\fB" + known.replace("-", "\\-") + "\\fR"), name + " " + known);
                }
            }
        }
    }

    @Test
    void thePageOfAllNamesEveryCommand() {
        final String page = page();
        for (final String name : Main.commandLine().getSubcommands().keySet()) {
            assertTrue(page.contains(".TP\n\\fB" + name + "\\fR\n"), name);
            assertTrue(page.contains("\\fBsluice\\-" + name + "\\fR(1)"), name);
        }
        assertEquals(125, Main.commandLine().execute("man", "nosuch"));
    }

    @Test
    void aSynopsisIsNotBrokenWithinAWord() {
        final String page = page("exec");
        assertTrue(page.contains("[\\-u=USER[:GROUP]]") && page.contains("[\\-\\-limit=NAME=SOFT[:HARD]]"), page);
        for (final String name : Main.commandLine().getSubcommands().keySet()) {
            final String synopsis = page(name).split("\\.SH \"SYNOPSIS\"\n")[1].lines().findFirst().orElseThrow();
            assertTrue(synopsis.indexOf(": ") < 0 && synopsis.indexOf("[ ") < 0 && synopsis.indexOf(" ]") < 0, synopsis);
        }
    }

    @Test
    void everyLineIsAMacroThatManHasOrText() {
        for (final String line : page("exec").split("\n")) {
            assertTrue(line.matches("\\.(TH|SH|TP|PP|nh|ad)( .*)?|[^.'].*"), line);
        }
    }

    @Test
    void groffHasNothingToSayOfThem() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(GROFF), "groff is not installed: pages are not formatted");
        final List<String> command = new ArrayList<>(List.of(GROFF.toString(), "-man", "-ww", "-Tutf8"));
        command.add(Files.writeString(directory.resolve("sluice.1"), page()).toString());
        for (final String name : Main.commandLine().getSubcommands().keySet()) {
            command.add(Files.writeString(directory.resolve(name + ".1"), page(name)).toString());
        }
        final Path output = directory.resolve("output");
        final Path errors = directory.resolve("errors");
        final Process process = new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals("", Files.readString(errors));
        assertEquals(0, process.exitValue());
        final String formatted = Files.readString(output, StandardCharsets.UTF_8);
        assertTrue(formatted.contains("--detach-keys"), formatted);
    }
}
