package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Syscalls;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.timespec;
import dev.sluice.protocol.ClockSync;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Touched;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent tells of its life, and what it does to the machine's clock. */
class AgentLifeTest {
    private static final long NOW_NS = 1_700_000_000_000_000_000L;
    private static final Pattern BEAT = Pattern.compile(
        "\\{\"heartbeat_seq\":(\\d+),\"activity_seq\":(\\d+),\"timestamp\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?Z\","
            + "\"last_activity\":\"[^\"]+Z\",\"active_exec_sessions\":(\\d+),\"active_fs_streams\":\\d+,\"active_tcp_streams\":\\d+,"
            + "\"activity_counters\":\\{\"host_messages\":\\d+,\"guest_messages\":\\d+,\"exec_output_bytes\":(\\d+),\"fs_bytes\":\\d+,"
            + "\"tcp_bytes\":\\d+\\}\\}\n");

    @TempDir
    private Path directory;

    /** @return a beat later than the one with that number */
    private static Matcher beatAfter(final Path file, final long sequence) throws IOException {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (deadlineNs - System.nanoTime() > 0) {
            try {
                final String line = Files.readString(file);
                final Matcher beat = BEAT.matcher(line);
                assertTrue(beat.matches(), line);
                if (Long.parseLong(beat.group(1)) > sequence) {
                    return beat;
                }
            } catch (final NoSuchFileException e) {
                // Not yet.
            }
            LockSupport.parkNanos(10_000_000);
        }
        throw new AssertionError("no heartbeat in time");
    }

    @Test
    void theHeartbeatTellsOfActivity() throws Exception {
        final Path file = directory.resolve("later/heartbeat.json");
        try (TestAgent agent = TestAgent.start(context -> context.heartbeat(file))) {
            assertFalse(Files.exists(file.getParent()), "the directory is somebody else's to make");
            Files.createDirectory(file.getParent());
            Matcher beat = beatAfter(file, 0);
            assertEquals("0", beat.group(3));
            agent.host().exec(1, "sh", "-c", "echo hello; cat");
            agent.host().next();
            agent.host().next();
            final long idle = Long.parseLong(beat.group(2));
            beat = beatAfter(file, Long.parseLong(beat.group(1)) + 1);
            assertEquals("1", beat.group(3));
            assertEquals("6", beat.group(4));
            assertTrue(Long.parseLong(beat.group(2)) > idle);
            final long busy = Long.parseLong(beat.group(2));
            agent.host().send(2, new EmptyMessage(MessageType.PING));
            agent.host().next();
            beat = beatAfter(file, Long.parseLong(beat.group(1)) + 1);
            assertEquals(busy, Long.parseLong(beat.group(2)), "a ping is no activity");
            agent.host().send(3, new EmptyMessage(MessageType.TOUCH));
            assertEquals(busy + 1, agent.host().next().as(Touched.class).activitySeq());
            beat = beatAfter(file, Long.parseLong(beat.group(1)) + 1);
            assertEquals(busy + 1, Long.parseLong(beat.group(2)));
        }
        assertFalse(Files.exists(file.resolveSibling("heartbeat.json.tmp")));
    }

    @Test
    void theHeartbeatDoesNotFollowALink() throws Exception {
        final Path file = directory.resolve("heartbeat.json");
        final Path target = Files.writeString(directory.resolve("target"), "mine");
        Files.createSymbolicLink(directory.resolve("heartbeat.json.tmp"), target);
        Files.createSymbolicLink(file, target);
        try (TestAgent agent = TestAgent.start(context -> context.heartbeat(file))) {
            final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
            while (Files.isSymbolicLink(file) && deadlineNs - System.nanoTime() > 0) {
                LockSupport.parkNanos(10_000_000);
            }
            beatAfter(file, 0);
            assertEquals(0, agent.count(AgentCounter.HEARTBEATS_MISSED));
        }
        assertEquals("mine", Files.readString(target));
    }

    /** Calls of the system but for the one that sets its clock, which is noted. */
    @SuppressWarnings("restricted")
    private static Posix withClock(final List<Long> settings) {
        final Syscalls system = Posix.system().syscalls();
        return new Posix((Syscalls) Proxy.newProxyInstance(
            Syscalls.class.getClassLoader(), new Class<?>[] {Syscalls.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("clockSettime")) {
                    final MemorySegment time = MemorySegment.ofAddress((long) arguments[1]).reinterpret(timespec.sizeof());
                    settings.add(timespec.tv_sec(time) * 1_000_000_000 + timespec.tv_nsec(time));
                    return 0;
                }
                return method.invoke(system, arguments);
            }));
    }

    @Test
    void aClockThatIsAlmostRightIsLeftAlone() {
        final List<Long> settings = new ArrayList<>();
        final AgentCounters counters = new AgentCounters();
        final GuestClock clock = new GuestClock(withClock(settings), () -> NOW_NS, counters, AgentListener.NONE);
        clock.sync(NOW_NS + 100_000_000);
        clock.sync(NOW_NS - 100_000_000);
        clock.sync(-1);
        assertEquals(List.of(), settings);
        clock.sync(NOW_NS + 100_000_001);
        clock.sync(0);
        assertEquals(List.of(NOW_NS + 100_000_001, 0L), settings);
        assertEquals(2, counters.get(AgentCounter.CLOCK_STEPS));
    }

    @Test
    void aClockThatMayNotBeSetIsSaidOnce() throws Exception {
        final FaultySyscalls faulty = new FaultySyscalls(withClock(new ArrayList<>()).syscalls());
        faulty.inject(FaultSchedule.always(Call.CLOCK_SETTIME, Fault.error(Errno.EPERM)));
        final List<String> warnings = new CopyOnWriteArrayList<>();
        try (TestAgent agent = TestAgent.start(context -> context.posix(new Posix(faulty)).setClock(true).listener(new AgentListener() {
            @Override
            public void onWarning(final String message) {
                warnings.add(message);
            }
        }))) {
            agent.host().send(0, new ClockSync(0));
            agent.host().send(0, new ClockSync(0));
            agent.host().send(7, new EmptyMessage(MessageType.PING));
            assertEquals(MessageType.PONG, agent.host().next().message().type(), "nothing else is said");
            assertEquals(2, agent.count(AgentCounter.CLOCK_FAILURES));
            assertEquals(1, warnings.stream().filter(text -> text.contains("CAP_SYS_TIME")).count());
        }
    }

    @Test
    void theClockIsNotSetUnlessThatWasAskedFor() throws Exception {
        final List<Long> settings = new CopyOnWriteArrayList<>();
        try (TestAgent agent = TestAgent.start(context -> context.posix(withClock(settings)))) {
            agent.host().send(0, new ClockSync(0));
            agent.host().send(7, new EmptyMessage(MessageType.PING));
            agent.host().next();
            assertEquals(List.of(), settings);
            assertEquals(1, agent.count(AgentCounter.ORDERS_IGNORED));
        }
    }
}
