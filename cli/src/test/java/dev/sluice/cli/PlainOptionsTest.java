package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

class PlainOptionsTest {
    @Command(name = "some", mixinStandardHelpOptions = true)
    private static final class Some implements Runnable {
        @Option(names = {"-n", "--name"}, required = true)
        private String name;
        @Option(names = "--flag")
        private boolean flag;
        @Option(names = "--count")
        private Integer count;
        @Option(names = "--file")
        private Path file;
        @Option(names = "--level", defaultValue = "INFO")
        private Level level;
        @Option(names = "--time", defaultValue = "30s", converter = TimeConverter.class)
        private Duration time;

        @Override
        public void run() {
            throw new AssertionError("not to be run");
        }

        private String all() {
            return name + " " + flag + " " + count + " " + file + " " + level + " " + time;
        }
    }

    private static final class WithMixin {
        @Mixin
        private Some some;
    }

    private static final class WithParameters {
        @Parameters
        private String parameter;
    }

    /** What it understands means what the parser makes of it. */
    @ParameterizedTest
    @ValueSource(strings = {"--name x", "-n x", "--name=x", "--name=", "--flag --name x", "--name x --count 7 --file /a/b",
        "--level debug --name a=b", "--time 5ms -n x", "--name -x", "--level=WARNING --name x --flag=false"})
    void readsAsTheParserDoes(final String line) {
        final Some plain = new Some();
        assertTrue(PlainOptions.read(plain, line.split(" ")));
        final Some parsed = new Some();
        final CommandLine parser = new CommandLine(parsed);
        parser.setCaseInsensitiveEnumValuesAllowed(true);
        parser.parseArgs(line.split(" "));
        assertEquals(parsed.all(), plain.all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--help", "--name x --help", "--name", "--flag", "--name x --nosuch", "--name x y",
        "--name x --name y", "--name --flag", "--name x --count many", "--name x --level nosuch", "--name x --time never",
        "--name x --flag=maybe", "--nam x", "@file"})
    void leavesEverythingElseToTheParser(final String line) {
        assertFalse(PlainOptions.read(new Some(), line.isEmpty() ? new String[0] : line.split(" ")));
    }

    @Test
    void readsTheOptionsOfAPart() {
        final WithMixin command = new WithMixin();
        assertTrue(PlainOptions.read(command, "--name", "x", "--flag"));
        assertEquals("x true null null INFO PT30S", command.some.all());
    }

    @Test
    void leavesACommandThatItDoesNotKnowToTheParser() {
        final WithParameters command = new WithParameters();
        assertFalse(PlainOptions.read(command, "x"));
        assertNull(command.parameter);
    }

    /** Whatever options the agent comes to have: it starts without the parser. */
    @Test
    void readsAnAgentsCommandLine() {
        assertTrue(PlainOptions.read(new AgentCommand(), "--port", "ring:/run/sluice/ring", "--log", "WARNING"));
    }
}
