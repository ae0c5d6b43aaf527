package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.testsupport.Seeds;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessageTypeTest {
    /** The table of the protocol's description: name, direction, flags, generation. */
    private static final String TABLE = """
        core.ready GUEST_TO_HOST 0 1
        core.init.resolved GUEST_TO_HOST 0 1
        core.init.ack HOST_TO_GUEST 0 1
        core.shutdown HOST_TO_GUEST 4 1
        core.relay.client.disconnected HOST_TO_GUEST 0 1
        core.clock.sync HOST_TO_GUEST 0 1
        core.ping HOST_TO_GUEST 0 6
        core.pong GUEST_TO_HOST 1 6
        core.touch HOST_TO_GUEST 0 6
        core.touched GUEST_TO_HOST 1 6
        core.error GUEST_TO_HOST 1 5
        core.exec.request HOST_TO_GUEST 2 1
        core.exec.started GUEST_TO_HOST 0 1
        core.exec.stdin HOST_TO_GUEST 0 1
        core.exec.stdin.error GUEST_TO_HOST 0 1
        core.exec.stdout GUEST_TO_HOST 0 1
        core.exec.stderr GUEST_TO_HOST 0 1
        core.exec.exited GUEST_TO_HOST 1 1
        core.exec.failed GUEST_TO_HOST 1 1
        core.exec.resize HOST_TO_GUEST 0 1
        core.exec.signal HOST_TO_GUEST 0 1
        core.fs.request HOST_TO_GUEST 2 2
        core.fs.response GUEST_TO_HOST 1 2
        core.fs.data BOTH 0 2
        core.tcp.connect HOST_TO_GUEST 2 4
        core.tcp.connected GUEST_TO_HOST 0 4
        core.tcp.data BOTH 0 4
        core.tcp.eof BOTH 0 4
        core.tcp.close HOST_TO_GUEST 0 4
        core.tcp.closed GUEST_TO_HOST 1 4
        core.tcp.failed GUEST_TO_HOST 1 4
        core.bootstrap HOST_TO_GUEST 0 7
        sluice.window BOTH 0 1
        """;

    @Test
    void isTheTableOfTheProtocol() {
        assertEquals(TABLE, Stream.of(MessageType.values())
            .map(type -> type.wireName() + " " + type.direction() + " " + type.flags() + " " + type.introducedIn() + "\n")
            .collect(Collectors.joining()));
    }

    @Test
    void namesAreFoundWhereverTheyLie() {
        for (final MessageType type : MessageType.values()) {
            for (int offset = 0; offset < 9; offset++) {
                final String text = "x".repeat(offset) + type.wireName();
                final MemorySegment memory = MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
                assertEquals(type, MessageType.ofWireName(memory, offset, type.wireName().length()));
                assertNull(MessageType.ofWireName(memory, offset + 1, type.wireName().length() - 1));
            }
        }
    }

    @Test
    void otherNamesAreNot() {
        final Random random = new Random(Seeds.next("names"));
        final java.util.Set<String> known = Stream.of(MessageType.values()).map(MessageType::wireName).collect(Collectors.toSet());
        for (int round = 0; round < 100_000; round++) {
            final MessageType type = MessageType.values()[random.nextInt(MessageType.values().length)];
            final byte[] name = type.wireName().getBytes(StandardCharsets.US_ASCII);
            name[random.nextInt(name.length)] ^= (byte) (1 << random.nextInt(8));
            if (!known.contains(new String(name, StandardCharsets.ISO_8859_1))) {
                assertNull(MessageType.ofWireName(MemorySegment.ofArray(name), 0, name.length));
            }
        }
        for (final String name : new String[] {"", "core", "core.", "core.x", ".request", "core.exec.requests", "core.pingcore.ping"}) {
            assertNull(MessageType.ofWireName(MemorySegment.ofArray(name.getBytes(StandardCharsets.US_ASCII)), 0, name.length()));
        }
    }

    @Test
    void flagsTellBeginningAndEnd() {
        for (final MessageType type : MessageType.values()) {
            assertEquals((type.flags() & 1) != 0, type.isTerminal());
            assertEquals((type.flags() & 2) != 0, type.startsSession());
        }
    }
}
