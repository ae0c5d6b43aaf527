package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Clients that send anything but the protocol, or leave in the middle of it. Each costs itself its connection and nobody else anything. */
@TimeLimit(seconds = 180)
class BadClientsTest {
    private static final int ROUNDS = Full.isOn() ? 5000 : 300;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** What a client sends. */
    private enum Nonsense {
        RANDOM_BYTES, RANDOM_LENGTH, FOREIGN_ID, RANDOM_BODY, PART_OF_A_FRAME, NOTHING
    }

    @Test
    void costNobodyElseAnything() throws Exception {
        final Random random = new Random(Seeds.next("nonsense"));
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient good = sandbox.connect()) {
            final ProcessUsage relayBefore = ProcessUsage.settled(sandbox.relay(), LIMIT);
            final ProcessUsage agentBefore = ProcessUsage.settled(sandbox.agent(), LIMIT);
            try (ExecSession sleeper = good.start(ExecOptions.command("cat").build())) {
                for (int i = 0; i < ROUNDS; i++) {
                    final Nonsense nonsense = Nonsense.values()[random.nextInt(Nonsense.values().length)];
                    send(sandbox, nonsense, random);
                    if (i % 10 == 0) {
                        assertEquals(i + "\n", good.exec("echo", String.valueOf(i)).stdoutText());
                    }
                }
                assertTrue(sleeper.exitCode().isEmpty());
                sleeper.stdin().close();
                assertEquals(0, sleeper.waitFor(LIMIT));
            }
            ProcessUsage.awaitSame(sandbox.relay(), relayBefore, LIMIT);
            ProcessUsage.awaitSame(sandbox.agent(), agentBefore, LIMIT);
            assertFalse(sandbox.relay().stderr().text().contains("guest lost"), sandbox::said);
        }
    }

    private static void send(final Sandbox sandbox, final Nonsense nonsense, final Random random) throws Exception {
        try (Wire client = Wire.connect(sandbox.socket(), LIMIT)) {
            final byte[] noise = new byte[1 + random.nextInt(10_000)];
            random.nextBytes(noise);
            final byte[] frame = Wire.frame(client.id(1 + random.nextInt(100)), noise);
            try {
                client.write(switch (nonsense) {
                    case RANDOM_BYTES -> noise;
                    case RANDOM_LENGTH -> ByteBuffer.wrap(frame).putInt(0, random.nextInt()).array();
                    case FOREIGN_ID -> ByteBuffer.wrap(frame).putInt(Integer.BYTES, random.nextInt()).array();
                    case RANDOM_BODY -> frame;
                    case PART_OF_A_FRAME -> Arrays.copyOf(frame, random.nextInt(frame.length));
                    case NOTHING -> new byte[0];
                });
            } catch (final IOException e) {
                // The relay has closed the connection, which is its right.
                assertTrue(sandbox.relay().isAlive(), sandbox::said);
            }
        }
    }
}
