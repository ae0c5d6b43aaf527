package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.port.PortAddress;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AgentFaultTest {
    private static final int WINDOW = 50_000;
    private static final String LOOP_THREAD = "test-agent";

    /** Everything the agent calls that signal(7) does not rule out. */
    private static final Set<Call> INTERRUPTIBLE = EnumSet.of(
        Call.READ, Call.WRITE, Call.SEND, Call.OPEN, Call.CLOSE, Call.FCNTL, Call.PIPE2, Call.EPOLL_WAIT, Call.EPOLL_CTL, Call.POLL,
        Call.WAITID, Call.PIDFD_OPEN);

    private final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());

    private TestAgent start() throws IOException {
        return TestAgent.start(context -> context.posix(new Posix(faults)).guardian(false));
    }

    /** A program with input, both outputs and an exit code, and one that does not exist. */
    private static void assertAllIsWell(final TestAgent agent, final int length, final Random random) throws IOException {
        final byte[] input = new byte[length];
        random.nextBytes(input);
        agent.host().send(1, HostEnd.shell("tee /dev/stderr; exit 3").sluiceWindow(WINDOW).build());
        final ExecResult result =
            new WindowedPeer(agent.host(), 1, InputOptions.WINDOW_DEFAULT, WINDOW, input, 10_000).run();
        assertArrayEquals(input, result.stdout.toByteArray());
        assertArrayEquals(input, result.stderr.toByteArray());
        assertEquals(new ExecExited(3, 0, false), result.exited());
        assertEquals(ExecFailed.Kind.NOT_FOUND, agent.host().run(2, HostEnd.request("nosuch")).failed().kind());
    }

    @Test
    void interruptedCallsChangeNothing() throws IOException {
        final Random random = new Random(Seeds.next("interrupts"));
        try (TestAgent agent = start()) {
            faults.inject((call, nth, nthOfAll) ->
                INTERRUPTIBLE.contains(call) && synchronizedNext(random, 3) == 0 ? Fault.INTERRUPTED : Fault.NONE);
            assertAllIsWell(agent, 300_000, new Random(1));
            faults.inject(FaultSchedule.NEVER);
        }
    }

    private static int synchronizedNext(final Random random, final int bound) {
        synchronized (random) {
            return random.nextInt(bound);
        }
    }

    @Test
    void shortCountsChangeNothing() throws IOException {
        final Random random = new Random(Seeds.next("short counts"));
        try (TestAgent agent = start()) {
            faults.inject(onLoop((call, nth, nthOfAll) -> Fault.shortCount(8 + random.nextInt(100))));
            assertAllIsWell(agent, 100_000, new Random(2));
            faults.inject(FaultSchedule.NEVER);
        }
    }

    @Test
    void callsThatWouldBlockAreMadeAgain() throws IOException {
        final Random random = new Random(Seeds.next("spurious EAGAIN"));
        final Set<Call> calls = EnumSet.of(Call.READ, Call.WRITE, Call.SEND);
        try (TestAgent agent = start()) {
            faults.inject(onLoop(
                (call, nth, nthOfAll) -> calls.contains(call) && random.nextInt(3) == 0 ? Fault.error(Errno.EAGAIN) : Fault.NONE));
            assertAllIsWell(agent, 300_000, new Random(3));
            faults.inject(FaultSchedule.NEVER);
        }
    }

    /** Writes of other threads are wake-ups, which do not fail. */
    private static FaultSchedule onLoop(final FaultSchedule schedule) {
        return (call, nth, nthOfAll) ->
            LOOP_THREAD.equals(Thread.currentThread().getName()) ? schedule.at(call, nth, nthOfAll) : Fault.NONE;
    }

    @ParameterizedTest
    @CsvSource({"PIPE2, EMFILE, RESOURCE_LIMIT", "PIPE2, ENFILE, RESOURCE_LIMIT", "OPEN, EMFILE, RESOURCE_LIMIT",
        "POSIX_SPAWN, EAGAIN, RESOURCE_LIMIT", "POSIX_SPAWN, ENOMEM, OUT_OF_MEMORY", "POSIX_SPAWN, E2BIG, BAD_ARGS",
        "POSIX_SPAWN, ETXTBSY, NOT_EXECUTABLE", "POSIX_SPAWN, EPERM, PERMISSION_DENIED", "PIDFD_OPEN, EMFILE, RESOURCE_LIMIT",
        "FCNTL, ENOMEM, OUT_OF_MEMORY", "POSIX_SPAWN_FILE_ACTIONS_ADDDUP2, ENOMEM, OUT_OF_MEMORY"})
    void whatCannotBeHadIsTold(final Call call, final String errnoName, final ExecFailed.Kind kind) throws Exception {
        final int errno = (int) Errno.class.getField(errnoName).get(null);
        try (TestAgent agent = start()) {
            for (int nth = 1; nth <= 3; nth++) {
                faults.inject(FaultSchedule.onNth(call, nth, Fault.error(errno)));
                final ExecResult result = agent.host().run(nth, HostEnd.request("echo", "hi").cwd(
                    ByteString.of("/")));
                if (faults.count(call) >= nth) {
                    assertEquals(kind, result.failed().kind(), result.failed().toString());
                    assertEquals(errno, result.failed().errno());
                } else {
                    assertEquals(0, result.exited().code());
                }
            }
            faults.inject(FaultSchedule.NEVER);
            assertEquals("ok\n", agent.host().run(9, HostEnd.request("echo", "ok")).out());
        }
    }

    @Test
    void aConnectionThatCannotBeAcceptedIsTriedFromTimeToTime(@TempDir final Path directory) throws Exception {
        final Path path = directory.resolve("listen.sock");
        final PortAddress address = new PortAddress(PortAddress.Kind.UNIX_LISTEN, path.toString());
        try (Agent agent = new Agent(new AgentContext().portAddress(address).posix(new Posix(faults)).guardian(false))) {
            faults.inject((call, nth, nthOfAll) -> call == Call.ACCEPT4 && nth <= 5 ? Fault.error(Errno.ENOBUFS) : Fault.NONE);
            final Thread thread = Thread.ofPlatform().name(LOOP_THREAD).start(() -> assertDoesNotThrow(agent::run));
            try (HostEnd host = new HostEnd(new SocketTransport(SocketChannel.open(UnixDomainSocketAddress.of(path))))) {
                host.next();
                assertTrue(faults.count(Call.EPOLL_WAIT) < 50, "waits=" + faults.count(Call.EPOLL_WAIT));
                assertEquals("ok\n", host.run(1, HostEnd.request("echo", "ok")).out());
            }
            agent.shutdown();
            thread.join();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL_CTL", "READ", "WRITE", "IOCTL", "KILL", "PIDFD_SEND_SIGNAL", "POLL", "CLOSE"})
    void aFaultInOneSessionEndsNoOther(final Call call) throws IOException {
        try (TestAgent agent = start()) {
            final HostEnd host = agent.host();
            for (int nth = 1; nth <= 12; nth++) {
                host.exec(1000, "cat");
                assertNotNull(host.next());
                host.stdin(1000, (byte) 'a');
                assertEquals(1000, host.next().id());
                faults.inject(onLoop(isOfSession(call, nth)));
                final ExecResult hurt = host.run(nth, HostEnd.shell("echo hi; exit 2"));
                assertTrue(hurt.terminal != null);
                faults.inject(FaultSchedule.NEVER);
                host.stdin(1000, (byte) 'b');
                host.stdin(1000);
                final ExecResult other = new ExecResult();
                other.started = new ExecStarted(1);
                while (other.terminal == null) {
                    final HostEnd.Received frame = host.next();
                    if (frame.id() == 1000) {
                        other.take(frame);
                    }
                }
                assertEquals("b", other.out(), "nth=" + nth);
                assertEquals(0, other.exited().code());
            }
        }
    }

    /** As one that hangs in the kernel: signals do nothing to it until the faults end. */
    @Test
    void h3_aProgramThatCannotBeKilledHoldsUpNobodyNorAPlaceAndIsCounted() throws Exception {
        try (TestAgent agent = TestAgent.start(context -> context.posix(new Posix(faults)).guardian(false).maxSessions(2))) {
            final HostEnd host = agent.host();
            host.exec(1, "sleep", "1000");
            final long pid = host.next().as(ExecStarted.class).pid();
            faults.inject(onLoop((call, nth, nthOfAll) -> switch (call) {
                case KILL, PIDFD_SEND_SIGNAL -> Fault.error(Errno.EPERM);
                // Input that its pipe has no room for cannot be waited with: an error in the agent's own work.
                case EPOLL_CTL -> isCalledBy("InputPipe") ? Fault.error(Errno.ENOMEM) : Fault.NONE;
                default -> Fault.NONE;
            }));
            host.stdin(1, new byte[200_000]);
            assertEquals(ExecFailed.Kind.OTHER, host.next().as(ExecFailed.class).kind());
            assertEquals(0, faults.count(Call.POLL), "the loop has waited for something else than its events");
            assertTrue(ProcessHandle.of(pid).isPresent());
            host.exec(2, "cat");
            host.next().as(ExecStarted.class);
            assertEquals("ok\n", host.run(3, HostEnd.request("echo", "ok")).out());
            assertEquals(1, agent.count(AgentCounter.EXEC_KILL_PENDING));
            assertTrue(ProcessHandle.of(pid).isPresent());
            faults.inject(FaultSchedule.NEVER);
            AgentExecTest.awaitGone(pid);
            AgentGraceTest.awaitCount(agent, AgentCounter.EXEC_KILL_PENDING, 0);
        }
    }

    @Test
    void anErrorInAStartCostsItsSessionAlone() throws IOException {
        try (TestAgent agent = start()) {
            faults.inject((call, nth, nthOfAll) -> {
                if (call == Call.PIPE2 && nth <= 10) {
                    throw new StackOverflowError("as a mistake would");
                }
                return Fault.NONE;
            });
            for (int id = 1; id <= 10; id++) {
                final ExecFailed failed = agent.host().run(id, HostEnd.request("true")).failed();
                assertEquals(ExecFailed.Kind.OTHER, failed.kind());
                assertEquals("agent", failed.stage());
            }
            assertEquals("ok\n", agent.host().run(11, HostEnd.request("echo", "ok")).out());
        }
    }

    /** While a start hangs, those behind it wait with all that they are made of. */
    @Test
    void ordersThatWaitTakeNoMoreThanTheirShareOfMemory() throws IOException {
        final CountDownLatch go = new CountDownLatch(1);
        try (TestAgent agent = TestAgent.start(context -> {
            context.posix(new Posix(faults)).guardian(false);
            context.programs().spawnThreads(1);
        })) {
            faults.inject((call, nth, nthOfAll) -> {
                if (call == Call.PIPE2) {
                    awaitUninterruptibly(go);
                }
                return Fault.NONE;
            });
            final List<ByteString> arguments = Collections.nCopies(35, ByteString.of("x".repeat(100_000)));
            final int fitting = (int) (Spawner.MAX_ORDER_BYTES / (35 * 100_064));
            for (int id = 1; id <= 20; id++) {
                agent.host().send(id, HostEnd.request("true").args(arguments).build());
            }
            for (int id = fitting + 1; id <= 20; id++) {
                final HostEnd.Received frame = agent.host().next();
                assertEquals(id, frame.id());
                assertEquals(ExecFailed.Kind.RESOURCE_LIMIT, frame.as(ExecFailed.class).kind());
            }
            go.countDown();
            for (int id = 1; id <= fitting; id++) {
                assertEquals(ExecFailed.Kind.BAD_ARGS, agent.host().next().as(ExecFailed.class).kind());
            }
            assertEquals("ok\n", agent.host().run(21, HostEnd.request("echo", "ok")).out());
        } finally {
            go.countDown();
        }
    }

    private static void awaitUninterruptibly(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isCalledBy(final String className) {
        return StackWalker.getInstance().walk(frames -> frames.anyMatch(frame -> frame.getClassName().endsWith("." + className)));
    }

    /** The port itself is a socket in these tests: its reads and its registration are left alone. */
    private static FaultSchedule isOfSession(final Call call, final int nth) {
        final int[] seen = {0};
        return (made, number, numberOfAll) -> {
            if (made != call || !StackWalker.getInstance().walk(
                frames -> frames.anyMatch(frame -> frame.getClassName().endsWith(".ExecProcess")))) {
                return Fault.NONE;
            }
            seen[0]++;
            return seen[0] == nth ? Fault.error(Errno.EIO) : Fault.NONE;
        };
    }
}
