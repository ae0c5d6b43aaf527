package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Ready;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AgentExecTest {
    private TestAgent agent;
    private HostEnd host;

    @BeforeEach
    void start() throws IOException {
        agent = TestAgent.start();
        host = agent.host();
    }

    @AfterEach
    void end() throws IOException {
        agent.close();
    }

    @Test
    void theFirstFrameIsReady() throws IOException {
        final HostEnd.Received frame = agent.greeting();
        final Ready ready = frame.as(Ready.class);
        assertEquals(0, frame.id());
        assertEquals(0, frame.flags());
        assertEquals(InputOptions.WINDOW_DEFAULT, ready.sluiceWindow());
        assertTrue(ready.bootTimeNs() > 0 && ready.readyTimeNs() >= ready.bootTimeNs(), ready.toString());
    }

    @Test
    void framesAreThoseOfGeneration7ToAClientOfGeneration1() throws IOException {
        host.send(1, HostEnd.request("echo", "hi").build());
        // core.exec.stdin of id 1, no data, as existing clients write it.
        host.sendRaw(HexFormat.of().parseHex("000000250000000100a361760161746f636f72652e657865632e737464696e617047a1646461746140"));
        final HostEnd.Received started = host.next();
        assertEquals(ExecStarted.class, started.message().getClass());
        host.collect(1, started);
        // core.exec.stdout "hi\n" and core.exec.exited 0, both of id 1.
        final String expected = "000000290000000100a3617607617470636f72652e657865632e7374646f757461704aa164646174614368690a"
            + "000000260000000101a3617607617470636f72652e657865632e657869746564617047a164636f646500";
        final String all = HexFormat.of().formatHex(host.firstBytes());
        assertTrue(all.endsWith(expected), all);
    }

    @Test
    void bothOutputsAndTheExitCodeComeThrough() throws IOException {
        final ExecResult result = host.run(1, HostEnd.shell("echo out; echo err >&2; exit 7"));
        assertEquals("out\n", result.out());
        assertEquals("err\n", result.err());
        assertEquals(new ExecExited(7, 0, false), result.exited());
    }

    @Test
    void aProgramThatIsKilledExitsWith128PlusTheSignal() throws IOException {
        assertEquals(new ExecExited(137, 9, false), host.run(1, HostEnd.shell("kill -9 $$")).exited());
        assertEquals(new ExecExited(143, 15, false), host.run(2, HostEnd.shell("kill -TERM $$; sleep 10")).exited());
    }

    @Test
    void inputReachesTheProgramAndItsEndToo() throws IOException {
        host.exec(1, "cat");
        host.stdin(1, "one ".getBytes(StandardCharsets.UTF_8));
        host.stdin(1, "two".getBytes(StandardCharsets.UTF_8));
        host.stdin(1);
        final ExecResult result = host.collect(1);
        assertEquals("one two", result.out());
        assertEquals(0, result.exited().code());
    }

    @Test
    void signalsReachTheWholeGroup() throws IOException {
        host.send(1, HostEnd.shell("sleep 1000 & echo up; wait").build());
        final HostEnd.Received started = host.next();
        assertEquals(MessageType.EXEC_STDOUT, host.next().message().type());
        host.send(1, new ExecSignal(0));
        host.send(1, new ExecSignal(99));
        host.send(1, new ExecSignal(15));
        final ExecResult result = host.collect(1, started);
        assertEquals(new ExecExited(143, 15, false), result.exited());
    }

    @Test
    void aSignalSentWithTheRequestIsNotLost() throws IOException {
        host.exec(1, "sleep", "1000");
        host.send(1, new ExecSignal(9));
        assertEquals(137, host.collect(1).exited().code());
    }

    @Test
    void directoryAndEnvironmentAreTheChilds() throws IOException {
        final ExecResult result = host.run(1, HostEnd.shell("pwd; echo $A-$B")
            .cwd(ByteString.of("/usr")).env(List.of(ByteString.of("A=1"), ByteString.of("B=x y"), ByteString.of("JUNK"))));
        assertEquals("/usr\n1-x y\n", result.out());
        assertEquals(1, agent.count(AgentCounter.ENVIRONMENT_DROPPED));
    }

    @Test
    void bytesThatAreNoTextComeThrough() throws IOException {
        final ByteString odd = ByteString.copyOf((byte) 0xFF, (byte) 0xC3, (byte) 0x28);
        final ExecResult result = host.run(1, HostEnd.request("sh")
            .args(List.of(ByteString.of("-c"), ByteString.of("printf '%s' \"$1\" \"$X\""), ByteString.of("sh"), odd))
            .env(List.of(ByteString.copyOf((byte) 'X', (byte) '=', (byte) 0xFE))));
        assertEquals("ffc328fe", HexFormat.of().formatHex(result.stdout.toByteArray()));
    }

    @Test
    void aProgramHasDescriptors0To2AndASessionOfItsOwn() throws IOException {
        final ExecResult result = host.run(1, HostEnd.request("ls", "/proc/self/fd"));
        assertEquals("0\n1\n2\n3\n", result.out(), "3 is the directory that ls reads");
        final ExecResult ids = host.run(2, HostEnd.shell("cut -d' ' -f1,5,6 /proc/$$/stat; exec grep -E 'Sig(Blk|Ign)' /proc/self/status"));
        final String pid = Long.toString(ids.started.pid());
        assertTrue(ids.out().startsWith(pid + " " + pid + " " + pid + "\n"), ids.out());
        assertEquals(2, ids.out().split("0000000000000000").length - 1, ids.out());
    }

    @Test
    void aRequestForAnIdInUseChangesNothing() throws IOException {
        host.exec(1, "cat");
        host.exec(1, "echo", "intruder");
        host.stdin(1, (byte) 'x');
        host.stdin(1);
        assertEquals("x", host.collect(1).out());
        assertEquals(1, agent.count(AgentCounter.REQUESTS_ID_IN_USE));
        assertEquals("again\n", host.run(1, HostEnd.request("echo", "again")).out(), "an id is free again after its end");
    }

    @Test
    void manySessionsAtOnceKeepApart() throws IOException {
        final int sessions = 200;
        for (int id = 1; id <= sessions; id++) {
            host.send(id, HostEnd.shell("read x; echo $x; echo e$x >&2; exit " + id % 100).build());
        }
        for (int id = sessions; id >= 1; id--) {
            host.stdin(id, ("n" + id + "\n").getBytes(StandardCharsets.UTF_8));
        }
        final List<ExecResult> results = new ArrayList<>();
        for (int id = 0; id <= sessions; id++) {
            results.add(new ExecResult());
        }
        for (int ended = 0; ended < sessions;) {
            final HostEnd.Received frame = host.next();
            results.get(frame.id()).take(frame);
            ended += frame.isTerminal() ? 1 : 0;
        }
        for (int id = 1; id <= sessions; id++) {
            assertEquals("n" + id + "\n", results.get(id).out());
            assertEquals("en" + id + "\n", results.get(id).err());
            assertEquals(id % 100, results.get(id).exited().code());
        }
        assertEquals(sessions, agent.count(AgentCounter.SESSIONS_ENDED));
    }

    @Test
    void framesForNobodyAreIgnored() throws IOException {
        host.stdin(77, (byte) 1);
        host.send(78, new ExecSignal(9));
        assertEquals("ok\n", host.run(1, HostEnd.request("echo", "ok")).out());
        assertEquals(2, agent.count(AgentCounter.FRAMES_FOR_NOBODY));
    }

    @Test
    void theGroupEndsWithItsSession() throws IOException {
        final ExecResult result = host.run(1, HostEnd.shell("sleep 1000 >/dev/null 2>&1 </dev/null & echo $!"));
        assertNotNull(result.exited());
        awaitGone(Long.parseLong(result.out().strip()));
    }

    static void awaitGone(final long pid) {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (isAlive(pid)) {
            assertFalse(System.nanoTime() - deadlineNs > 0, "still there: pid=" + pid);
            Thread.onSpinWait();
        }
    }

    private static boolean isAlive(final long pid) {
        try {
            final String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (final IOException e) {
            return false;
        }
    }
}
