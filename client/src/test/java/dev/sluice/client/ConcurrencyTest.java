package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testsupport.Seeds;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many sessions of many threads on one connection, with a relay behind which every program is cat. */
class ConcurrencyTest {
    private static final int WINDOW = 16 * 1024;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everySessionGetsItsOwnBytesBack(final boolean virtual) throws Exception {
        final long seed = Seeds.next("inputs of concurrent sessions");
        try (ScriptedRelay relay = new ScriptedRelay()) {
            final Task<Void> cats;
            try (SandboxClient client = relay.connectWithWindows(WINDOW)) {
                cats = Task.start(() -> new Cats(relay).run());
                final List<Task<Void>> tasks = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    final Random random = new Random(seed + i);
                    tasks.add(virtual ? Task.startVirtual(() -> roundTrips(client, random)) : Task.start(() -> roundTrips(client, random)));
                }
                for (final Task<Void> task : tasks) {
                    task.get();
                }
                assertEquals(0, client.ignoredFrames());
            }
            assertThrows(EOFException.class, cats::get);
        }
    }

    @Test
    void connectionsComeAndGoWithoutATrace() throws Exception {
        try (ScriptedRelay relay = new ScriptedRelay()) {
            for (int i = 0; i < 200; i++) {
                try (SandboxClient client = relay.connectWithWindows(WINDOW)) {
                    final Task<ExecResult> running = Task.start(() -> client.exec("x"));
                    relay.send(Wire.withId(Wire.EXITED_0, relay.start()));
                    assertEquals(0, running.get().exitCode());
                }
                relay.closePeer();
            }
        }
    }

    private static Void roundTrips(final SandboxClient client, final Random random) throws Exception {
        for (int i = 0; i < 50; i++) {
            final byte[] input = new byte[random.nextInt(8) == 0 ? random.nextInt(200_000) : random.nextInt(2000)];
            random.nextBytes(input);
            final ExecResult result = client.exec(ExecOptions.command("cat").build(), input);
            assertArrayEquals(input, result.stdout());
            assertEquals(0, result.exitCode());
        }
        return null;
    }

    /** Echoes the input of every session within the windows of both sides. */
    private static final class Cats {
        private final ScriptedRelay relay;
        private final Map<Integer, Cat> cats = new HashMap<>();

        Cats(final ScriptedRelay relay) {
            this.relay = relay;
        }

        /** Runs until the client closes. */
        Void run() throws Exception {
            while (true) {
                final byte[] frame = relay.receive();
                final int id = Wire.id(frame);
                switch (Wire.type(frame)) {
                    case "core.exec.request" -> {
                        cats.put(id, new Cat(id, Wire.number(frame, "sluice_window")));
                        relay.send(Wire.withId(Wire.STARTED_42, id));
                    }
                    case "core.exec.stdin" -> cats.get(id).takes(frame);
                    // Grants may arrive for a session that has just ended.
                    case "sluice.window" -> cats.getOrDefault(id, new Cat(id, 0)).isGranted(frame);
                    default -> throw new AssertionError(Wire.type(frame));
                }
            }
        }

        private final class Cat {
            private final int id;
            private final List<byte[]> waiting = new ArrayList<>();
            private long window;
            private long inputWindow = WINDOW;

            Cat(final int id, final long window) {
                this.id = id;
                this.window = window;
            }

            void takes(final byte[] frame) throws Exception {
                inputWindow -= frame.length;
                if (inputWindow < 0) {
                    throw new AssertionError("more input than granted: " + -inputWindow);
                }
                waiting.add(Wire.dataOf(frame));
                write();
            }

            void isGranted(final byte[] frame) throws Exception {
                if (Wire.number(frame, "stream") == 1) {
                    window += Wire.number(frame, "bytes");
                    write();
                }
            }

            private void write() throws Exception {
                while (!waiting.isEmpty()) {
                    final byte[] piece = waiting.getFirst();
                    if (piece.length == 0) {
                        relay.send(Wire.withId(Wire.EXITED_0, id));
                        cats.remove(id);
                        return;
                    }
                    final int length = (int) Math.min(piece.length, window - 60);
                    if (length <= 0) {
                        return;
                    }
                    final byte[] frame = Wire.data("core.exec.stdout", id, Arrays.copyOf(piece, length));
                    relay.send(frame);
                    window -= frame.length;
                    waiting.removeFirst();
                    if (length < piece.length) {
                        waiting.addFirst(Arrays.copyOfRange(piece, length, piece.length));
                    } else {
                        relay.send(Wire.window(id, 0, piece.length + Wire.STDIN_EOF.length));
                        inputWindow += piece.length + Wire.STDIN_EOF.length;
                    }
                }
            }
        }
    }
}
