package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Syscalls;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsRequest;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.FsResponseData;
import dev.sluice.protocol.IdGrid;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One client's disk takes nothing: the other clients' files are written all the same. */
class AgentHangingDiskTest {
    private static final int GENERATION = 7;
    /** Within the window that each session has from the first. */
    private static final byte[] MUCH = new byte[250 * 1024];
    private static final String NO_MORE = "write: the file system takes nothing, and as much waits for it as one client may have";

    private final CountDownLatch disk = new CountDownLatch(1);
    private final List<String> refusals = new ArrayList<>();
    @TempDir
    private Path directory;
    private TestAgent agent;
    private FileClient hog;
    private FileClient other;
    private long handle;

    private void start(final Duration stallLimit) throws IOException {
        agent = TestAgent.start(context -> context.posix(new Posix(hanging(Posix.system().syscalls()))).files().stallLimit(stallLimit));
        hog = new FileClient(agent.host(), 0);
        other = new FileClient(agent.host(), IdGrid.RANGE_STEP);
        handle = hog.open(directory.resolve("hangs"), FileClient.writing());
    }

    @AfterEach
    void end() throws IOException {
        disk.countDown();
        agent.close();
    }

    private Syscalls hanging(final Syscalls calls) {
        final Class<?>[] type = {Syscalls.class};
        return (Syscalls) Proxy.newProxyInstance(Syscalls.class.getClassLoader(), type, (proxy, method, args) -> {
            if (method.getName().equals("pwrite") && Files.readSymbolicLink(Path.of("/proc/self/fd/" + args[0])).endsWith("hangs")) {
                disk.await();
            }
            try {
                return method.invoke(calls, args);
            } catch (final InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    /** Reads frames until a request's answer has come; what was refused to the other client is noted. */
    private FsResponse answer(final int id) throws IOException {
        while (true) {
            final HostEnd.Received frame = agent.host().next();
            if (frame.id() == id && frame.isTerminal()) {
                return frame.as(FsResponse.class);
            }
            if (frame.message() instanceof FsResponse refused) {
                refusals.add(refused.error());
            }
        }
    }

    private void writeAsOther(final String name) throws IOException {
        final byte[] content = new byte[1_000_000];
        new Random(Seeds.next("content")).nextBytes(content);
        final Path file = directory.resolve(name);
        final FsResponse opened = answer(other.begin(new FsOp.OpenFile(FileClient.bytes(file), FileClient.writing())));
        final long number = ((FsResponseData.Handle) FileClient.data(opened)).handle();
        final int id = other.begin(new FsOp.Write(number, 0, null));
        other.data(id, content);
        other.data(id);
        final FsResponse written = answer(id);
        assertTrue(written.ok(), written.error());
        assertArrayEquals(content, Files.readAllBytes(file));
    }

    @Test
    void h14_whatOneClientHasSentLeavesTheOthersMemory() throws IOException {
        // Longer than this test waits for any frame: nothing gets better by itself.
        start(Duration.ofNanos(2 * HostEnd.LIMIT_NS));
        for (int i = 0; i < 200; i++) {
            final int id = hog.nextId();
            hog.send(id, GENERATION, new FsRequest(new FsOp.Write(handle, 0, null), MUCH.length));
            hog.data(id, MUCH);
        }
        writeAsOther("file");
        writeAsOther("again");
        assertTrue(refusals.size() >= 50, "refused=" + refusals.size());
        refusals.forEach(refusal -> assertEquals(NO_MORE, refusal));
    }

    @Test
    void h14_aClientWithoutWindowsIsWaitedForOnce() throws IOException {
        start(Duration.ofSeconds(1));
        for (int i = 0; i < 4; i++) {
            final int id = hog.begin(new FsOp.Write(handle, 0, null));
            for (int sent = 0; sent < 12 << 20; sent += MUCH.length) {
                hog.data(id, MUCH);
            }
            final FsResponse failed = answer(id);
            assertTrue(i == 0 && failed.error().startsWith("write: the file system takes nothing") || failed.error().equals(NO_MORE),
                failed.error());
        }
        writeAsOther("file");
    }
}
