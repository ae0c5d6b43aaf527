package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.MessageType;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sandboxes of all generations, behind both handshakes. */
class GenerationTest {
    private static final byte[] OFFSET_FORM = Wire.hex("00000000");
    private static final byte[] RANGE_FORM = Wire.hex("0000000101ffffff");
    private static final byte[] RANGE_OF_SLOT_2 = Wire.hex("03ffffff05fffffd");

    private ScriptedRelay relay;

    @BeforeEach
    void listen() throws Exception {
        relay = new ScriptedRelay();
    }

    @AfterEach
    void close() throws Exception {
        relay.close();
    }

    @ParameterizedTest
    @CsvSource({
        // form, generation of core.ready, negotiated, written into frames
        "offset, 1, 1, 1", "range, 1, 1, 7", "offset, 4, 4, 7", "range, 4, 4, 7", "range, 5, 5, 7", "offset, 6, 6, 7", "range, 6, 6, 7",
        "offset, 7, 7, 7", "range, 7, 7, 7", "range, 9, 7, 7", "offset, 9, 7, 7", "range, 0, 1, 7", "range, 23, 7, 7"
    })
    void speaksTheOlderOfBothGenerations(final String form, final int ready, final int generation, final int version) throws Exception {
        try (SandboxClient client = relay.connect(greeting(form, ready))) {
            assertEquals(generation, client.generation());
            for (final MessageType type : MessageType.values()) {
                assertEquals(type != MessageType.WINDOW && type.introducedIn() <= generation, client.supports(type), type.toString());
            }
            final Task<ExecResult> running = Task.start(() -> client.exec("x"));
            final byte[] request = relay.receive("core.exec.request");
            assertArrayEquals(Golden.withVersion(Golden.frame("core.exec.request cwd null"), version), request);
            assertEquals(version, Golden.version(relay.receive("core.exec.stdin")));
            relay.send(Wire.EXITED_0);
            assertEquals(0, running.get().exitCode());
        }
    }

    @ParameterizedTest
    @CsvSource({"offset, 1", "range, 1", "range, 4", "range, 5"})
    void whatTheAgentIsTooOldForIsRefusedHereAndNothingIsSent(final String form, final int ready) throws Exception {
        try (SandboxClient client = relay.connect(greeting(form, ready))) {
            final UnsupportedOperationInSandboxException tooOld =
                assertThrows(UnsupportedOperationInSandboxException.class, () -> client.ping(ScriptedRelay.DEADLINE));
            assertEquals(MessageType.PING, tooOld.messageType());
            assertEquals(6, tooOld.needs());
            assertEquals(ready, tooOld.peer());
            assertTrue(tooOld.getMessage().contains("core.ping"), tooOld.getMessage());
            assertThrows(UnsupportedOperationInSandboxException.class, () -> client.touch(ScriptedRelay.DEADLINE));
            final Task<ExecResult> running = Task.start(() -> client.exec("x"));
            final byte[] first = relay.receive();
            assertEquals("core.exec.request", Wire.type(first));
            assertEquals(1, Wire.id(first), "no id was used up");
            relay.send(Wire.EXITED_0);
            running.get();
        }
    }

    @Test
    void requestsAreByteForByteThoseOfOtherClients() throws Exception {
        try (SandboxClient client = relay.connect(Wire.concat(RANGE_OF_SLOT_2, Golden.frame("core.ready with agent_version")))) {
            final ExecOptions everything = ExecOptions.command("/bin/cat").environment("A", "1").workingDirectory("/tmp").user("0:0")
                .rlimit("nofile", 1024, 4096).build();
            final Task<ExecSession> starting = Task.start(() -> client.start(everything));
            assertArrayEquals(Golden.frame("core.exec.request every field, pipe"), relay.receive());
            relay.send(Wire.withId(Golden.frame("core.exec.started"), 67108863));
            try (ExecSession session = starting.get()) {
                session.stdin().write(new byte[] {'i', 'n', '\n'});
                assertArrayEquals(Golden.frame("core.exec.stdin data"), relay.receive());
                session.signal(15);
                assertArrayEquals(Golden.frame("core.exec.signal 15"), relay.receive());
                assertThrows(IllegalStateException.class, () -> session.resize(50, 132));
                relay.send(Golden.frame("core.exec.stderr"), Golden.frame("core.exec.exited 42"));
                assertEquals(42, session.waitFor(ScriptedRelay.DEADLINE));
            }
        }
    }

    @Test
    void aTerminalIsAskedForAndResizedAsOtherClientsDo() throws Exception {
        try (SandboxClient client = relay.connect(Wire.concat(RANGE_OF_SLOT_2, Golden.frame("core.ready with agent_version")))) {
            final ExecOptions terminal = ExecOptions.command("/bin/sh", "-c", "stty size; read l; echo got:$l; stty size; sleep 20")
                .environment("TERM", "xterm").workingDirectory("/").terminal(24, 80).build();
            final Task<ExecSession> starting = Task.start(() -> client.start(terminal));
            assertArrayEquals(Golden.frame("core.exec.request tty"), relay.receive());
            relay.send(Wire.withId(Golden.frame("core.exec.started"), 67108863));
            try (ExecSession session = starting.get()) {
                session.resize(50, 132);
                assertArrayEquals(Golden.frame("core.exec.resize"), relay.receive());
                assertThrows(IllegalArgumentException.class, () -> session.resize(-1, 65536));
                relay.send(Golden.frame("core.exec.exited -1"));
                assertEquals(-1, session.waitFor(ScriptedRelay.DEADLINE));
                session.resize(1, 1);
            }
        }
    }

    @Test
    void anOldSandboxGetsFramesOfItsOwnGeneration() throws Exception {
        try (SandboxClient client = relay.connect(Wire.concat(OFFSET_FORM, Golden.old("extra: ready (id 0)")))) {
            final ExecOptions options = ExecOptions.command("/bin/echo", "hi").environment("A", "1").workingDirectory("/")
                .rlimit("nofile", 1024, 4096).noInput().build();
            final Task<ExecSession> starting = Task.start(() -> client.start(options));
            assertArrayEquals(Golden.old("exec.request /bin/echo hi nofile"), relay.receive());
            assertArrayEquals(Golden.old("exec.stdin EOF"), relay.receive());
            relay.send(Golden.old("exec.started pid 42"), Golden.old("exec.stdout hi"), Golden.old("exec.exited 0"));
            assertEquals("hi\n", new String(starting.get().stdout().readAllBytes()));
            final Task<Void> stopping = Task.start(() -> {
                client.shutdown(ScriptedRelay.DEADLINE);
                return null;
            });
            assertArrayEquals(Golden.old("shutdown empty p"), relay.receive());
            relay.stopListening();
            relay.closePeer();
            stopping.get();
        }
    }

    @Test
    void pingsAndTouches() throws Exception {
        try (SandboxClient client = relay.connect(greeting("range", 7))) {
            final Task<Duration> ping = Task.start(() -> client.ping(ScriptedRelay.DEADLINE));
            assertArrayEquals(Golden.frame("core.ping"), relay.receive());
            relay.send(Golden.frame("core.pong"));
            assertTrue(ping.get().isPositive());
            final Task<Long> touch = Task.startVirtual(() -> client.touch(ScriptedRelay.DEADLINE));
            assertArrayEquals(Wire.withId(Golden.frame("core.touch"), 2), relay.receive());
            relay.send(Wire.withId(Golden.frame("core.touched"), 2));
            assertEquals(2, touch.get());
            final Task<Duration> refused = Task.start(() -> client.ping(ScriptedRelay.DEADLINE));
            relay.receive();
            relay.send(Wire.withId(Golden.frame("core.error invalid_flags"), 3));
            final SandboxErrorException error = assertThrows(SandboxErrorException.class, refused::get);
            assertEquals("core.ping", error.offendingType());
            assertEquals("invalid flags for core.ping: got 1, expected 0", error.agentMessage());
            final DeadlineExceededException late =
                assertThrows(DeadlineExceededException.class, () -> client.ping(Duration.ofMillis(50)));
            assertEquals(Outcome.UNKNOWN, late.outcome());
            relay.receive();
            // The answer to the question that nobody waits for any more frees its id, and nothing else.
            relay.send(Wire.withId(Golden.frame("core.pong"), 4));
            final Task<Duration> next = Task.start(() -> client.ping(ScriptedRelay.DEADLINE));
            assertEquals(5, Wire.id(relay.receive()));
            relay.send(Wire.withId(Golden.frame("core.pong"), 5));
            next.get();
            assertEquals(0, client.ignoredFrames());
        }
    }

    @Test
    void shutsDownAndWaitsForTheEnd() throws Exception {
        try (SandboxClient client = relay.connect(greeting("range", 7))) {
            assertThrows(DeadlineExceededException.class, () -> client.shutdown(Duration.ofMillis(50)));
            assertArrayEquals(Golden.frame("core.shutdown (SDK 0.6: p = CBOR null)"), relay.receive());
            final Task<Void> stopping = Task.start(() -> {
                client.shutdown(ScriptedRelay.DEADLINE);
                return null;
            });
            relay.receive();
            relay.stopListening();
            relay.closePeer();
            stopping.get();
            final ConnectionLostException late =
                assertThrows(ConnectionLostException.class, () -> client.shutdown(ScriptedRelay.DEADLINE));
            assertEquals(Outcome.NOT_SENT, late.outcome());
        }
    }

    @Test
    void saysThatTheRelayDidNotAllowTheShutdown() throws Exception {
        try (SandboxClient client = relay.connect(greeting("range", 7))) {
            final Task<Void> stopping = Task.start(() -> {
                client.shutdown(ScriptedRelay.DEADLINE);
                return null;
            });
            relay.receive();
            relay.closePeer();
            relay.accept();
            relay.send(greeting("range", 7));
            assertThrows(ShutdownRefusedException.class, stopping::get);
        }
    }

    private static byte[] greeting(final String form, final int version) throws Exception {
        final byte[] ready = version == 1 ? Golden.old("core.ready") : Golden.frame("core.ready with agent_version");
        return Wire.concat(form.equals("offset") ? OFFSET_FORM : RANGE_FORM, Golden.withVersion(ready, version));
    }
}
