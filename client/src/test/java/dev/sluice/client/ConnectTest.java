package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectTest {
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
        "00000000, 1",
        "03fffffe, 67108863",
        "1ffffffe, 536870911",
        "0000000101ffffff, 1",
        "03ffffff05fffffd, 67108863"
    })
    void takesItsFirstIdFromTheHandshakeOfEitherForm(final String handshake, final int firstId) throws Exception {
        try (SandboxClient client = relay.connect(Wire.concat(Wire.hex(handshake), Wire.READY))) {
            assertEquals(160_000_000, client.ready().readyTimeNs());
            final Task<ExecResult> running = Task.start(() -> client.exec("true"));
            final int id = relay.start();
            assertEquals(firstId, id);
            relay.send(Wire.withId(Wire.EXITED_0, id));
            assertEquals(0, running.get().exitCode());
        }
    }

    @Test
    void takesAHandshakeByteByByteAndWhatFollowsItInTheSameRead() throws Exception {
        final byte[] greeting = Wire.concat(new byte[4], Wire.READY);
        final Task<SandboxClient> connecting = Task.start(() -> SandboxClient.connect(relay.path(), ScriptedRelay.DEADLINE));
        relay.accept();
        for (int i = 0; i < greeting.length - 1; i++) {
            relay.send(new byte[] {greeting[i]});
        }
        assertFalse(connecting.isDone());
        relay.send(Wire.concat(new byte[] {greeting[greeting.length - 1]}, Wire.withId(Wire.STDOUT_HI, 99)));
        try (SandboxClient client = connecting.get()) {
            final Task<ExecResult> running = Task.start(() -> client.exec("true"));
            relay.send(Wire.withId(Wire.EXITED_42, relay.start()));
            assertEquals(42, running.get().exitCode());
            assertEquals(1, client.ignoredFrames(), "the frame behind core.ready, for nobody");
        }
    }

    @Test
    void saysThatNothingListens(@TempDir final Path directory) throws Exception {
        final Path nothing = directory.resolve("agent.sock");
        final ConnectFailedException none = assertThrows(ConnectFailedException.class,
            () -> SandboxClient.connect(nothing, ScriptedRelay.DEADLINE));
        assertTrue(none.getMessage().contains(nothing.toString()), none.getMessage());
        Files.createFile(nothing);
        assertThrows(ConnectFailedException.class, () -> SandboxClient.connect(nothing, ScriptedRelay.DEADLINE));
        assertThrows(ConnectFailedException.class,
            () -> SandboxClient.connect(directory.resolve("x".repeat(200)), ScriptedRelay.DEADLINE));
    }

    @Test
    void givesUpAtItsDeadlineWhenTheRelaySaysNothing() throws Exception {
        final ConnectFailedException silent = assertThrows(ConnectFailedException.class,
            () -> SandboxClient.connect(relay.path(), Duration.ofMillis(100)));
        assertTrue(silent.getMessage().contains("100 ms"), silent.getMessage());
    }

    @Test
    void givesUpWhenInterrupted() throws Exception {
        final Task<SandboxClient> connecting = Task.start(() -> SandboxClient.connect(relay.path(), ScriptedRelay.DEADLINE));
        relay.accept();
        connecting.awaitWaiting();
        connecting.interrupt();
        assertThrows(InterruptedException.class, connecting::get);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "00000000", "0000000000000052", "00000000000000520000000000a36176"})
    void saysThatTheRelayEndedTheConnectionInsteadOfAHandshake(final String before) throws Exception {
        assertThrows(ConnectFailedException.class, () -> refuse(before));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        // No range of ids in either form: the end before the start, an offset whose range exceeds 32 bits.
        "00000009005000010000000000", "ffffffff00000052000000000000",
        // A first frame that is none: too long; not CBOR; another message; core.ready of a session.
        "0000000101ffffff7fffffff", "0000000101ffffff0000000600000000000000",
        "00000000000000290000000100a3617601617470636f72652e657865632e7374646f757461704aa164646174614368690a",
        "00000000000000520000000700a361760161746a636f72652e7265616479"
            + "61705838a36c626f6f745f74696d655f6e731a08f0d1806c696e69745f74696d655f6e73"
            + "1a004c4b406d72656164795f74696d655f6e731a09896800"})
    void saysThatThisIsNotARelay(final String bytes) throws Exception {
        final Task<SandboxClient> connecting = Task.start(() -> SandboxClient.connect(relay.path(), ScriptedRelay.DEADLINE));
        relay.accept();
        relay.send(Wire.hex(bytes));
        assertThrows(ConnectFailedException.class, connecting::get);
    }

    private void refuse(final String before) throws Exception {
        final Task<SandboxClient> connecting = Task.start(() -> SandboxClient.connect(relay.path(), ScriptedRelay.DEADLINE));
        relay.accept();
        relay.send(Wire.hex(before));
        relay.closePeer();
        connecting.get();
    }
}
