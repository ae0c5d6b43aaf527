package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentProcessTest {
    @TempDir
    private Path directory;
    private ServerSocketChannel server;
    private Process process;
    private HostEnd host;

    @BeforeEach
    void listen() throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(directory.resolve("port.sock")));
    }

    @AfterEach
    void end() throws Exception {
        host.close();
        server.close();
        process.destroyForcibly().waitFor();
    }

    private void start(final boolean adoptOrphans) throws IOException {
        process = new ProcessBuilder(commandLine("port.sock", adoptOrphans)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        host = new HostEnd(new SocketTransport(server.accept()));
        host.next();
    }

    private List<String> commandLine(final String port, final boolean adoptOrphans) {
        final List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        for (final String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (argument.startsWith("--enable-native-access") || argument.startsWith("--add-exports")) {
                command.add(argument);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), AgentProgram.class.getName(),
            "unix:" + directory.resolve(port), Boolean.toString(adoptOrphans)));
        return command;
    }

    @Test
    void whenTheAgentIsKilledItsProgramsEnd() throws Exception {
        start(false);
        final List<Long> pids = new ArrayList<>();
        for (int id = 1; id <= 10; id++) {
            host.exec(id, "sh", "-c", "sleep 1000 & echo $!; wait");
        }
        while (pids.size() < 20) {
            final HostEnd.Received frame = host.next();
            pids.add(frame.message() instanceof ExecStarted started
                ? started.pid() : Long.parseLong(frame.as(DataMessage.class).data().toString().strip()));
        }
        // Programs that have ended are not on the guardian's list any more.
        assertEquals(0, host.run(99, HostEnd.request("true")).exited().code());
        process.destroyForcibly().waitFor();
        pids.forEach(AgentExecTest::awaitGone);
    }

    @Test
    void programsThatAreBeingStartedWhenTheAgentIsKilledEndToo() throws Exception {
        start(false);
        // A duration that nobody else sleeps for, so that the processes are told from all others.
        final String duration = "1000." + Long.toUnsignedString(Seeds.next("duration"));
        for (int id = 1; id <= 40; id++) {
            host.exec(id, "sh", "-c", "sleep " + duration + " & exec sleep " + duration);
        }
        host.next();
        process.destroyForcibly().waitFor();
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (ProcessHandle.allProcesses().anyMatch(other -> other.info().commandLine().orElse("").contains(duration))) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "still there: sleep " + duration);
            Thread.onSpinWait();
        }
    }

    @Test
    void orphansAreAdoptedReapedAndInTheEndKilled() throws Exception {
        start(true);
        // Long enough that none ends before the shell does, which would reap it itself.
        final String script = "for i in 1 2 3 4 5; do setsid sleep 0.5 >/dev/null 2>&1 & done; "
            + "setsid sleep 1000 >/dev/null 2>&1 & echo $!";
        final long pid = Long.parseLong(host.run(1, HostEnd.shell(script)).out().strip());
        assertEquals(process.pid(), parentOf(pid));
        awaitNoChild(process.pid(), "sleep 0.5");
        assertEquals(0, host.run(2, HostEnd.shell("exit 0")).exited().code());
        host.close();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        AgentExecTest.awaitGone(pid);
        assertEquals("reaped=6\n", new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void aProgramThatHidesItsEnvironmentIsFoundByItsGroup() throws Exception {
        start(false);
        host.send(1, HostEnd.shell("env -i sleep 1000 & echo $!; exec env -i sleep 1000").build());
        final long leader = host.next().as(ExecStarted.class).pid();
        final long other = pidIn(host.next());
        process.destroyForcibly().waitFor();
        AgentExecTest.awaitGone(leader);
        AgentExecTest.awaitGone(other);
    }

    @Test
    void aProgramThatLeavesItsGroupIsFoundByItsMark() throws Exception {
        start(false);
        host.send(1, HostEnd.shell("setsid sleep 1000 & echo $!; wait").build());
        host.next();
        final long pid = pidIn(host.next());
        process.destroyForcibly().waitFor();
        AgentExecTest.awaitGone(pid);
    }

    @Test
    void aProgramThatHidesAltogetherIsFoundAsAnOrphanWhenTheAgentEndsInOrder() throws Exception {
        start(true);
        final long pid = Long.parseLong(host.run(1, HostEnd.shell("env -i setsid sleep 1000 >/dev/null 2>&1 & echo $!")).out().strip());
        assertTrue(ProcessHandle.of(pid).isPresent());
        host.close();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        AgentExecTest.awaitGone(pid);
    }

    @Test
    void theEndOfAnAgentWithinAnAgentEndsItsProgramsOnly() throws Exception {
        start(false);
        host.exec(1, "setsid", "-w", "sleep", "1000");
        final long outer = host.next().as(ExecStarted.class).pid();
        try (ServerSocketChannel innerServer = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            innerServer.bind(UnixDomainSocketAddress.of(directory.resolve("inner.sock")));
            final List<String> command = commandLine("inner.sock", false);
            host.exec(2, command.getFirst(), command.subList(1, command.size()).toArray(String[]::new));
            final long innerAgent = host.next().as(ExecStarted.class).pid();
            try (HostEnd innerHost = new HostEnd(new SocketTransport(innerServer.accept()))) {
                innerHost.next();
                innerHost.send(1, HostEnd.shell("setsid sleep 1000 & echo $!; wait").build());
                final long inner = innerHost.next().as(ExecStarted.class).pid();
                final long innerEscaped = pidIn(innerHost.next());
                ProcessHandle.of(innerAgent).orElseThrow().destroyForcibly();
                AgentExecTest.awaitGone(inner);
                AgentExecTest.awaitGone(innerEscaped);
                assertTrue(ProcessHandle.of(outer).isPresent());
                host.collect(2);
            }
        }
        assertEquals("ok\n", host.run(3, HostEnd.request("echo", "ok")).out());
        assertTrue(ProcessHandle.of(outer).isPresent());
    }

    @Test
    void theEndOfAnAgentAroundAnAgentEndsThePrograms() throws Exception {
        start(false);
        try (ServerSocketChannel innerServer = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            innerServer.bind(UnixDomainSocketAddress.of(directory.resolve("inner.sock")));
            final List<String> command = commandLine("inner.sock", false);
            host.exec(2, command.getFirst(), command.subList(1, command.size()).toArray(String[]::new));
            try (HostEnd innerHost = new HostEnd(new SocketTransport(innerServer.accept()))) {
                innerHost.next();
                innerHost.send(1, HostEnd.shell("setsid sleep 1000 & echo $!; wait").build());
                final long inner = innerHost.next().as(ExecStarted.class).pid();
                final long innerEscaped = pidIn(innerHost.next());
                process.destroyForcibly().waitFor();
                AgentExecTest.awaitGone(inner);
                AgentExecTest.awaitGone(innerEscaped);
            }
        }
    }

    private static long pidIn(final HostEnd.Received frame) {
        return Long.parseLong(frame.as(DataMessage.class).data().toString().strip());
    }

    private static long parentOf(final long pid) throws IOException {
        final String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 4).split(" ")[0]);
    }

    /** A child that has ended and not been reaped has no command line any more. */
    private static void awaitNoChild(final long parent, final String commandLine) {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (ProcessHandle.of(parent).orElseThrow().children().map(child -> child.info().commandLine().orElse(commandLine))
            .anyMatch(line -> line.endsWith(commandLine))) {
            assertTrue(System.nanoTime() - deadlineNs < 0);
            Thread.onSpinWait();
        }
    }
}
