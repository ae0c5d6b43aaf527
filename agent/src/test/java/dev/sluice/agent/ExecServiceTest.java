package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.Spawn;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.PortAddress;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.ProtocolException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Launches that come when their session does not expect them any more. */
class ExecServiceTest {
    private static final ExecFailed REASON = ExecFailures.of(ExecFailed.Kind.OTHER, ExecFailures.STAGE_AGENT, "for a test");

    private final Posix posix = Posix.system();
    private final Arena arena = Arena.ofShared();
    private final AgentCounters counters = new AgentCounters();
    private final List<ExecOrder> orders = new ArrayList<>();
    private final Remains remains = new Remains(posix, null, warning -> { });
    private final List<Long> givenUp = new ArrayList<>();
    private final FlowClock clock = new FlowClock();
    private StdinMemory stdinMemory;
    private Epoll epoll;
    private ExecService service;

    private final class Orders implements ProgramStarter {
        @Override
        public void submit(final ExecOrder order, final Consumer<Launch> onLaunch) {
            orders.add(order);
        }

        @Override
        public void giveUp(final long serial) {
            givenUp.add(serial);
        }
    }

    @BeforeEach
    void make() throws IOException, ProtocolException {
        final AgentContext context = new AgentContext().portAddress(PortAddress.parse("unix:/nosuch")).conclude();
        stdinMemory = new StdinMemory();
        epoll = new Epoll(posix, 16);
        final PortOutput output = new PortOutput(arena.allocate(PortOutput.BUFFER_LENGTH, Long.BYTES), counters);
        final LoopResources resources = new LoopResources(
            posix, epoll, output, stdinMemory, counters, remains, null, arena.allocate(Long.BYTES, Long.BYTES), context);
        service = new ExecService(
            resources, new Answers(output, counters), clock, new DroppedOutput(arena), ProgramDefaults.of(context), new Orders());
        final byte[] frame = HostEnd.encode(1, HostEnd.request("sleep", "1000").build());
        final int bodyLength = frame.length - FrameDescriptor.HEADER_LENGTH;
        service.onFrame(
            1, 2, frame.length, new Envelope().wrap(MemorySegment.ofArray(frame), FrameDescriptor.HEADER_LENGTH, bodyLength));
        assertEquals(1, orders.size());
    }

    @AfterEach
    void end() {
        service.destroyAll();
        assertEquals(0, remains.end(HostEnd.LIMIT_NS));
        epoll.close();
        stdinMemory.close();
        arena.close();
    }

    private ChildProcess sleeper() throws IOException {
        final int nothing = posix.open("/dev/null", Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        try {
            return new Spawn("/bin/sleep".getBytes(StandardCharsets.US_ASCII))
                .arguments(List.of("sleep".getBytes(StandardCharsets.US_ASCII), "1000".getBytes(StandardCharsets.US_ASCII)))
                .environment(List.of()).standard(nothing, nothing, nothing).newSession().start(posix);
        } finally {
            posix.close(nothing);
        }
    }

    private void assertUnread(final int writeEnd) throws PosixException {
        assertEquals(-Errno.EPIPE, posix.write(writeEnd, arena.allocate(1).address(), 1), "the pipe's other end is open");
        posix.close(writeEnd);
    }

    @Test
    void aFailureOfASessionThatHasFailedIsNone() {
        final long serial = orders.getFirst().serial();
        service.onLaunch(new Launch.Failed(serial, REASON));
        service.onLaunch(new Launch.Failed(serial, REASON));
        assertEquals(1, counters.get(AgentCounter.SESSIONS_FAILED));
    }

    @Test
    void aProgramOfASessionThatHasFailedIsEndedAndItsPipesAreClosed() throws Exception {
        final long serial = orders.getFirst().serial();
        service.onLaunch(new Launch.Failed(serial, REASON));
        final ChildProcess child = sleeper();
        final int[] stdin = posix.pipe2(Linux.O_CLOEXEC | Linux.O_NONBLOCK);
        final int[] stdout = posix.pipe2(Linux.O_CLOEXEC | Linux.O_NONBLOCK);
        final int[] stderr = posix.pipe2(Linux.O_CLOEXEC | Linux.O_NONBLOCK);
        service.onLaunch(new Launch.Started(serial, child, stdin[1], stdout[0], stderr[0], null));
        assertUnread(stdout[1]);
        assertUnread(stderr[1]);
        assertEquals(0, posix.read(stdin[0], arena.allocate(1).address(), 1), "the pipe's other end is open");
        posix.close(stdin[0]);
        assertTrue(service.hasSession(1), "its client has not been told yet");
        assertEquals(0, remains.end(HostEnd.LIMIT_NS));
        AgentExecTest.awaitGone(child.pid());
    }
}
