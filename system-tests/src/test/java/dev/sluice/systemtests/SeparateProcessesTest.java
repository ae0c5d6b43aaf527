package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecResult;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.TimeLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Relay, agent and clients as processes of their own: many commands at once, nothing lost, nothing left over. */
@TimeLimit(seconds = 900)
class SeparateProcessesTest {
    private static final int CLIENTS = 16;
    private static final int COMMANDS_PER_PROCESS_CLIENT = 25;
    private static final int COMMANDS_PER_CONNECTION = 200;
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(120);
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(10);
    /** Writes to both outputs, reads its input, and ends with a code of its own. */
    private static final String SCRIPT = "echo out $1; echo err $1 >&2; cat; exit $(($1 % 100))";

    @ParameterizedTest
    @EnumSource
    void clientsAsProcesses(final Console console) throws Exception {
        // A command is a JVM here, of which two cores start three a second.
        final int ofThose = console == Console.RING ? 2 : 1;
        inSandbox(console, Full.isOn() ? COMMANDS_PER_PROCESS_CLIENT : ofThose, (sandbox, client, command) -> {
            final int number = client * COMMANDS_PER_PROCESS_CLIENT + command;
            final Program program = sandbox.exec("sh", "-c", SCRIPT, "sh", String.valueOf(number));
            final byte[] input = input(number);
            program.stdin().write(input);
            program.stdin().close();
            final int status = program.awaitExit(COMMAND_LIMIT);
            check(number, status, program.stdout().bytes(), program.stderr().text());
            sandbox.workspace().end(program);
        });
    }

    @ParameterizedTest
    @EnumSource
    void connectionsOfOneProcess(final Console console) throws Exception {
        final List<SandboxClient> clients = new ArrayList<>();
        try {
            inSandbox(console, COMMANDS_PER_CONNECTION, (sandbox, client, command) -> {
                final SandboxClient connection = connected(clients, sandbox, client);
                final int number = client * COMMANDS_PER_CONNECTION + command;
                final ExecOptions options = ExecOptions.command("sh", "-c", SCRIPT, "sh", String.valueOf(number)).build();
                final ExecResult result = connection.exec(options, input(number));
                assertTrue(result.isComplete());
                check(number, result.exitCode(), result.stdout(), result.stderrText());
                if (command == COMMANDS_PER_CONNECTION - 1) {
                    connection.close();
                }
            });
        } finally {
            clients.forEach(SandboxClient::close);
        }
    }

    private static SandboxClient connected(final List<SandboxClient> clients, final Sandbox sandbox, final int index) throws Exception {
        synchronized (clients) {
            if (clients.isEmpty()) {
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(sandbox.connect());
                }
            }
            return clients.get(index);
        }
    }

    private static byte[] input(final int number) {
        return "in ".concat(String.valueOf(number)).repeat(number % 7 * 100).getBytes();
    }

    private static void check(final int number, final int status, final byte[] stdout, final String stderr) {
        assertEquals("err " + number + "\n", stderr);
        assertEquals("out " + number + "\n" + new String(input(number)), new String(stdout));
        assertEquals(number % 100, status);
    }

    /** One command of one client. */
    @FunctionalInterface
    private interface Command {
        void run(Sandbox sandbox, int client, int number) throws Exception;
    }

    /** Runs all commands of all clients, clients at once and commands one after the other; compares what relay and agent hold. */
    private static void inSandbox(final Console console, final int commands, final Command command) throws Exception {
        try (Sandbox sandbox = Sandbox.start(console)) {
            warmUp(sandbox);
            final ProcessUsage relayBefore = ProcessUsage.settled(sandbox.relay(), SETTLE_LIMIT);
            final ProcessUsage agentBefore = ProcessUsage.settled(sandbox.agent(), SETTLE_LIMIT);
            final long begin = System.nanoTime();
            try (ExecutorService executor = Executors.newFixedThreadPool(CLIENTS)) {
                final List<Callable<Void>> clients = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    clients.add(task(sandbox, client, commands, command));
                }
                for (final Future<Void> client : executor.invokeAll(clients)) {
                    client.get();
                }
            }
            System.out.printf("%s: %d clients, %d commands each: %.1f s%n", console, CLIENTS, commands, (System.nanoTime() - begin) / 1e9);
            ProcessUsage.awaitSame(sandbox.relay(), relayBefore, SETTLE_LIMIT);
            ProcessUsage.awaitSame(sandbox.agent(), agentBefore, SETTLE_LIMIT);
            sandbox.workspace().assertOnlyLeft(SETTLE_LIMIT, sandbox.relay(), sandbox.agent());
        }
    }

    private static Callable<Void> task(final Sandbox sandbox, final int client, final int commands, final Command command) {
        return () -> {
            for (int i = 0; i < commands; i++) {
                command.run(sandbox, client, i);
            }
            return null;
        };
    }

    /** So that what relay and agent open once and keep is there. */
    private static void warmUp(final Sandbox sandbox) throws Exception {
        try (SandboxClient client = sandbox.connect()) {
            final byte[] input = new byte[1 << 20];
            final ExecResult result = client.exec(ExecOptions.command("cat").build(), input);
            assertTrue(Arrays.equals(input, result.stdout()));
        }
    }
}
