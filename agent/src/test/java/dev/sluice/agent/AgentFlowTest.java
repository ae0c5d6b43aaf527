package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.port.PortSources;
import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.ExecStdinError;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.WindowGrant;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentFlowTest {
    private static final int MEBIBYTE = 1024 * 1024;
    private static final int FRAME_DATA = 64 * 1024;
    private static final int ENOBUFS = 105;
    private static final int EPIPE = 32;
    private static final int SIGKILL = 9;

    private static byte[] randomBytes(final int length) {
        final byte[] bytes = new byte[length];
        new Random(Seeds.next("input")).nextBytes(bytes);
        return bytes;
    }

    private static Thread sender(final HostEnd host, final int id, final byte[] input, final int piece) {
        return Thread.ofPlatform().name("test-sender").start(() -> {
            try {
                for (int at = 0; at < input.length; at += piece) {
                    host.stdin(id, Arrays.copyOfRange(input, at, Math.min(input.length, at + piece)));
                }
                host.stdin(id);
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void copyBothWays(final TestAgent agent, final int length, final int piece) throws Exception {
        final byte[] input = randomBytes(length);
        agent.host().exec(1, "cat");
        final Thread sender = sender(agent.host(), 1, input, piece);
        final ExecResult result = agent.host().collect(1);
        sender.join();
        assertArrayEquals(input, result.stdout.toByteArray());
        assertEquals(new ExecExited(0, 0, false), result.exited());
        assertEquals(0, result.stdinErrors.size());
    }

    @ParameterizedTest
    @CsvSource({"10485760, 65536", "20000000, 4194200", "300000, 100"})
    void bytesComeBackAsTheyWent(final int length, final int piece) throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            copyBothWays(agent, length, piece);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 5000", "4096, 32768, 10485760", "7, 32768, 200000", "65536, 1, 20000"})
    void thePiecesOfThePortDoNotMatter(final int readLength, final int writeLength, final int length) throws Exception {
        try (TestAgent agent = TestAgent.start(context -> {
            try {
                context.portSource(new PiecewiseSource(
                    PortSources.guest(Posix.system(), context.portAddress()), readLength, writeLength));
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        })) {
            copyBothWays(agent, length, FRAME_DATA);
        }
    }

    @ParameterizedTest
    @CsvSource({"65536, 30000", "4000, 1000", "1048576, 65536", "300, 200"})
    void noByteIsSentThatTheWindowsDoNotCover(final int window, final int piece) throws Exception {
        final byte[] input = randomBytes(window < 1000 ? 20_000 : 3 * MEBIBYTE);
        try (TestAgent agent = TestAgent.start(context -> context.input().window(64 * 1024))) {
            final HostEnd host = agent.host();
            host.send(1, HostEnd.request("sh", "-c", "tee /dev/stderr").sluiceWindow(window).build());
            final WindowedPeer peer = new WindowedPeer(host, 1, 64 * 1024, window, input, piece);
            final ExecResult result = peer.run();
            assertArrayEquals(input, result.stdout.toByteArray());
            assertArrayEquals(input, result.stderr.toByteArray());
            assertEquals(new ExecExited(0, 0, false), result.exited());
        }
    }

    @Test
    void aReaderWithoutAWindowLeftPausesItsProgramOnly() throws Exception {
        final int window = 100_000;
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            host.send(1, HostEnd.request("yes").sluiceWindow(window).build());
            int got = 0;
            for (HostEnd.Received frame = host.next(); frame != null; frame = host.next(200_000_000)) {
                got += frame.message() instanceof DataMessage ? frame.frameLength() : 0;
            }
            assertTrue(got <= window && got > window - 100, "got=" + got);
            assertEquals("ok\n", host.run(2, HostEnd.request("echo", "ok")).out());
            host.send(1, new WindowGrant(1, 50_000));
            while (got < window + 49_900) {
                got += host.next().frameLength();
            }
            assertNull(host.next(100_000_000));
            host.send(1, new ExecSignal(SIGKILL));
            assertEquals(137, ((ExecExited) lastOf(host, 1).message()).code());
        }
    }

    private static HostEnd.Received lastOf(final HostEnd host, final int id) throws IOException {
        HostEnd.Received frame = host.next();
        while (frame.id() != id || !frame.isTerminal()) {
            frame = host.next();
        }
        return frame;
    }

    @Test
    void theProgramsEndIsToldThoughTheWindowIsUsedUpExactly() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            final int window = HostEnd.wireLength(MessageType.EXEC_STDOUT, 1000);
            final ExecResult result = host.run(1, HostEnd.shell("head -c 1000 /dev/zero").sluiceWindow(window));
            assertEquals(1000, result.stdout.size());
            assertEquals(0, result.exited().code());
        }
    }

    @Test
    void framesAreReadWhileThePortTakesNone() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            host.exec(1, "yes");
            final HostEnd.Received started = host.next();
            awaitCount(agent, AgentCounter.PORT_FULL, 1);
            // Nothing is read from here on, and still the program is killed.
            host.send(1, new ExecSignal(SIGKILL));
            AgentExecTest.awaitGone(started.as(ExecStarted.class).pid());
            final ExecResult result = host.collect(1, started);
            assertEquals(new ExecExited(137, 9, false), result.exited());
            final String out = result.out();
            assertEquals("y\n".repeat(out.length() / 2), out.substring(0, out.length() / 2 * 2));
        }
    }

    private static void awaitCount(final TestAgent agent, final AgentCounter counter, final long least) {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (agent.count(counter) < least) {
            assertTrue(System.nanoTime() - deadlineNs < 0, counter + "=" + agent.count(counter));
            Thread.onSpinWait();
        }
    }

    @Test
    void outputOfAnEndedProgramIsDrainedBeforeItsEndIsTold() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            final ExecResult result = agent.host().run(1, HostEnd.shell("head -c 60000 /dev/zero; head -c 50000 /dev/zero >&2; exit 3"));
            assertEquals(60_000, result.stdout.size());
            assertEquals(50_000, result.stderr.size());
            assertEquals(3, result.exited().code());
        }
    }

    @Test
    void aProgramThatNeverReadsHoldsUpNobodyWhoseClientKnowsWindows() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            host.send(1, HostEnd.request("sleep", "1000").sluiceWindow(MEBIBYTE).build());
            final int piece = 60_000;
            for (int sent = 0; sent + HostEnd.wireLength(MessageType.EXEC_STDIN, piece) <= InputOptions.WINDOW_DEFAULT;) {
                host.stdin(1, new byte[piece]);
                sent += HostEnd.wireLength(MessageType.EXEC_STDIN, piece);
            }
            assertEquals("ok\n", host.run(2, HostEnd.request("echo", "ok")).out());
            assertEquals(0, agent.count(AgentCounter.STDIN_REFUSED_BYTES));
            assertEquals(0, agent.count(AgentCounter.STDIN_STALLS));
            host.stdin(1, new byte[piece]);
            host.send(1, new ExecSignal(SIGKILL));
            final ExecResult result = host.collect(1);
            assertEquals(ENOBUFS, result.stdinErrors.getFirst().errno(), "beyond the window");
            assertEquals(137, result.exited().code());
        }
    }

    @Test
    void aProgramThatNeverReadsHoldsUpTheOthersForTheStallLimitOnly() throws Exception {
        try (TestAgent agent = TestAgent.start(context -> context.input().stallLimit(Duration.ofMillis(20)))) {
            final HostEnd host = agent.host();
            host.exec(1, "sleep", "1000");
            for (int i = 0; i < 20; i++) {
                host.stdin(1, new byte[MEBIBYTE]);
            }
            host.stdin(1);
            assertEquals("ok\n", host.run(2, HostEnd.request("echo", "ok")).out());
            assertTrue(agent.count(AgentCounter.STDIN_REFUSED_BYTES) >= 10 * MEBIBYTE, "" + agent.count(AgentCounter.STDIN_REFUSED_BYTES));
            assertTrue(agent.count(AgentCounter.STDIN_STALLS) > 0);
            host.send(1, new ExecSignal(SIGKILL));
        }
    }

    @Test
    void aSlowReaderGetsEveryByteFromAPeerWithoutWindows() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            host.send(1, HostEnd.shell("n=1; while [ $n -gt 0 ]; do n=$(head -c 4000000 | wc -c); echo $n; sleep 0.03; done").build());
            final Thread sender = sender(host, 1, new byte[32 * MEBIBYTE], MEBIBYTE);
            final ExecResult result = host.collect(1);
            sender.join();
            assertEquals(32 * MEBIBYTE, Arrays.stream(result.out().split("\n")).mapToLong(Long::parseLong).sum());
            assertTrue(agent.count(AgentCounter.STDIN_STALLS) > 0);
        }
    }

    @Test
    void aClosedInputIsToldAndTheSessionGoesOn() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            host.exec(1, "sh", "-c", "exec <&-; echo closed; sleep 1000 </dev/null & wait");
            assertEquals(MessageType.EXEC_STARTED, host.next().message().type());
            assertEquals(MessageType.EXEC_STDOUT, host.next().message().type());
            host.stdin(1, new byte[100]);
            host.stdin(1, new byte[100]);
            host.send(1, new ExecSignal(15));
            final HostEnd.Received error = host.next();
            assertEquals(EPIPE, error.as(ExecStdinError.class).errno());
            assertEquals("EPIPE", error.as(ExecStdinError.class).errnoName());
            assertEquals(143, ((ExecExited) host.next().message()).code(), "told once");
            assertEquals(200, agent.count(AgentCounter.STDIN_BROKEN_BYTES));
        }
    }

    @Test
    void whatIsLeftBehindDoesNotHoldUpTheExitCode() throws Exception {
        try (TestAgent agent = TestAgent.start(context -> context.drainDeadline(Duration.ofMillis(100)))) {
            final ExecRequest.Builder request = HostEnd.shell("setsid sh -c 'while :; do echo x; sleep 0.01; done' & echo first; exit 4");
            final ExecResult result = agent.host().run(1, request);
            assertTrue(result.out().contains("first\n"));
            assertEquals(new ExecExited(4, 0, true), result.exited());
            assertEquals(1, agent.count(AgentCounter.SESSIONS_TRUNCATED));
        }
    }

    @Test
    void theSessionsOfAClientThatHasGoneEndAtOnce() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            host.send(100, HostEnd.request("yes").sluiceWindow(1000).build());
            host.send(101, HostEnd.shell("setsid sh -c 'while :; do echo x; sleep 0.01; done' & wait").build());
            host.exec(200, "cat");
            assertEquals(MessageType.EXEC_STARTED, host.next().message().type());
            host.send(0, new ClientDisconnected(100, 200));
            host.send(102, new ClientDisconnected(200, 201));
            host.stdin(200, (byte) 'x');
            host.stdin(200);
            int ended = 0;
            for (HostEnd.Received frame = host.next(); ended < 3; frame = ended == 3 ? frame : host.next()) {
                if (frame.isTerminal()) {
                    ended++;
                    final ExecExited expected = frame.id() == 200 ? new ExecExited(0, 0, false) : new ExecExited(137, 9, true);
                    assertEquals(expected, frame.message());
                }
            }
            assertEquals(2, agent.count(AgentCounter.SESSIONS_ABANDONED));
        }
    }

    @Test
    void aKilledProgramWithoutAReaderEndsAfterTheDrainDeadline() throws Exception {
        try (TestAgent agent = TestAgent.start(context -> context.drainDeadline(Duration.ofMillis(100)))) {
            final HostEnd host = agent.host();
            host.send(1, HostEnd.request("yes").sluiceWindow(1000).build());
            assertEquals(MessageType.EXEC_STARTED, host.next().message().type());
            assertEquals(MessageType.EXEC_STDOUT, host.next().message().type());
            host.send(1, new ExecSignal(SIGKILL));
            assertEquals(new ExecExited(137, 9, true), lastOf(host, 1).message());
        }
    }
}
