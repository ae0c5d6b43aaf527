package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Callers that are interrupted, cancelled and late at any moment, on a connection with few ids, harm nobody but themselves. */
class StormTest {
    private static final int IDS = 40;
    private static final int CALLERS = 100;
    private static final int CALLS = 40;

    @Test
    void c7_interruptedAndLateCallersLeaveIdsAndWindowsAsTheyWere() throws Exception {
        final long seed = Seeds.next("moments of interrupts");
        try (ScriptedRelay relay = new ScriptedRelay()) {
            final Task<Void> guest;
            final byte[] greeting = Wire.concat(Wire.hex("0000000100000029"), Wire.readyWithWindow(16 * 1024));
            try (SandboxClient client = relay.connect(greeting)) {
                final Programs programs = new Programs(relay, new Random(seed));
                guest = Task.start(programs::run);
                storm(client, seed);
                // What was given up may still be on its way, its kill too, which follows the frames that were queued before.
                programs.mode = Mode.ALL_END;
                client.exec("x");
                client.exec("x");
                programs.mode = Mode.NONE_ENDS;
                // Everybody gets an id and a window again: nothing was lost, and nothing given back twice.
                final List<ExecSession> sessions = new ArrayList<>();
                for (int i = 0; i < IDS; i++) {
                    sessions.add(client.start(ExecOptions.command("x").build()));
                }
                final ExecOptions impatient = ExecOptions.command("x").startDeadline(Duration.ofMillis(20)).build();
                assertThrows(DeadlineExceededException.class, () -> client.start(impatient));
                assertTrue(programs.announced <= ReceiveBudget.TOTAL && programs.announced >= ReceiveBudget.TOTAL / 2,
                    "windows: " + programs.announced);
                assertEquals(IDS, programs.active.size());
                sessions.forEach(ExecSession::close);
                assertEquals(0, client.ignoredFrames());
            }
            // An end of stream, or a reset where the client had not read everything.
            assertThrows(IOException.class, guest::get);
        }
    }

    private static void storm(final SandboxClient client, final long seed) throws Exception {
        final AtomicInteger completed = new AtomicInteger();
        final List<Task<Void>> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            final Random random = new Random(seed + i);
            callers.add(i % 4 == 0 ? Task.start(() -> call(client, random, completed))
                : Task.startVirtual(() -> call(client, random, completed)));
        }
        final Random random = new Random(seed);
        while (callers.stream().anyMatch(caller -> !caller.isDone())) {
            callers.get(random.nextInt(CALLERS)).interrupt();
            LockSupport.parkNanos(random.nextInt(200_000));
        }
        for (final Task<Void> caller : callers) {
            caller.get();
        }
        assertTrue(completed.get() > 0, "not one call was completed");
    }

    private static Void call(final SandboxClient client, final Random random, final AtomicInteger completed) throws Exception {
        for (int i = 0; i < CALLS; i++) {
            try {
                final Duration deadline = Duration.ofNanos(random.nextInt(4) == 0 ? random.nextInt(2_000_000) : 10_000_000_000L);
                final ExecOptions options = ExecOptions.command("x").startDeadline(deadline).build();
                if (random.nextBoolean()) {
                    client.exec(options, new byte[random.nextInt(20_000)]);
                } else {
                    try (ExecSession session = client.start(options)) {
                        session.stdin().write(new byte[random.nextInt(20_000)]);
                        session.waitFor(deadline);
                    }
                }
                completed.incrementAndGet();
            } catch (final InterruptedException | InterruptedIOException | DeadlineExceededException | InputClosedException e) {
                Thread.interrupted();
            }
        }
        return null;
    }

    /** Which programs end without being killed. */
    private enum Mode {
        SOME_END,
        ALL_END,
        NONE_ENDS
    }

    /** Programs that read their input and end at once or when they are killed. */
    private static final class Programs {
        private final ScriptedRelay relay;
        private final Random random;
        private final Set<Integer> active = new HashSet<>();
        private volatile Mode mode = Mode.SOME_END;
        private volatile long announced;

        Programs(final ScriptedRelay relay, final Random random) {
            this.relay = relay;
            this.random = random;
        }

        Void run() throws Exception {
            while (true) {
                final byte[] frame = relay.receive();
                final int id = Wire.id(frame);
                switch (Wire.type(frame)) {
                    case "core.exec.request" -> begin(id, 2 * Wire.number(frame, "sluice_window"));
                    case "core.exec.stdin" -> {
                        if (active.contains(id)) {
                            relay.send(Wire.window(id, 0, frame.length));
                        }
                    }
                    case "core.exec.signal" -> end(id);
                    default -> { }
                }
            }
        }

        private void begin(final int id, final long windows) throws Exception {
            if (!active.add(id)) {
                throw new AssertionError("an id is in flight twice: " + id);
            }
            relay.send(Wire.withId(Wire.STARTED_42, id), Wire.data("core.exec.stdout", id, new byte[random.nextInt(2000)]));
            switch (mode) {
                case NONE_ENDS -> announced += windows;
                case ALL_END -> end(id);
                default -> {
                    if (random.nextInt(3) > 0) {
                        end(id);
                    }
                }
            }
        }

        private void end(final int id) throws Exception {
            if (active.remove(id)) {
                relay.send(Wire.withId(Wire.EXITED_0, id));
            }
        }
    }
}
