package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecSignal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs in control groups of their own, where there is a version 2 hierarchy that may be written to. */
class AgentControlGroupTest {
    private Path parent;
    private Path groups;
    private TestAgent agent;
    private HostEnd host;

    @BeforeEach
    void start() throws IOException {
        parent = Stream.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified").map(Path::of)
            .filter(path -> Files.exists(path.resolve("cgroup.controllers")) && Files.isWritable(path)).findFirst().orElse(null);
        assumeTrue(parent != null, "no writable control groups of version 2 here");
        groups = Files.createTempDirectory(parent, "sluice-test-");
        agent = TestAgent.start(context -> context.programs().controlGroups().directory(groups));
        host = agent.host();
    }

    @AfterEach
    void end() throws IOException {
        if (agent != null) {
            agent.close();
            assertEquals(List.of(), ownGroups());
        }
        if (groups != null) {
            Files.delete(groups);
        }
    }

    private List<Path> ownGroups() throws IOException {
        try (Stream<Path> files = Files.list(groups)) {
            return files.filter(path -> path.getFileName().toString().matches("sluice-[0-9a-f]{8}")).toList();
        }
    }

    private void awaitNoProgramGroups() throws IOException {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (true) {
            try (Stream<Path> files = Files.list(ownGroups().getFirst())) {
                if (files.noneMatch(Files::isDirectory)) {
                    return;
                }
            }
            assertTrue(System.nanoTime() - deadlineNs < 0, "a group is left");
            host.next(5_000_000);
        }
    }

    @Test
    void aProgramIsInItsGroupFromItsExecOn() throws IOException {
        final String own = host.run(1, HostEnd.request("cat", "/proc/self/cgroup")).out();
        assertTrue(own.lines().anyMatch(line -> line.matches("0::.*/sluice-[0-9a-f]{8}/program-1")), own);
        assertEquals("31 97\r\n", host.run(2, HostEnd.request("stty", "size").tty(31, 97)).out());
        awaitNoProgramGroups();
        assertEquals("not_found", host.run(3, HostEnd.request("/proc/self/none")).failed().kind().wireName());
        awaitNoProgramGroups();
    }

    @Test
    void h2_daemonsThatHaveLeftEverythingElseEndWhenTheirClientLeaves() throws IOException {
        final String daemons = "(env -i setsid sh -c 'sleep 1000 & echo $!; sleep 1000 & echo $!') & (setsid sleep 1000 & echo $!); wait; ";
        host.send(1, HostEnd.shell(daemons + "echo last; exec sleep 1000").build());
        final ExecResult result = new ExecResult();
        while (!result.out().contains("last")) {
            result.take(host.next());
        }
        host.send(1, new ExecSignal(9));
        while (result.terminal == null) {
            result.take(host.next());
        }
        assertEquals(new ExecExited(137, 9, false), result.exited());
        final List<Long> pids = new ArrayList<>(result.out().lines().filter(line -> !line.equals("last")).map(Long::valueOf).toList());
        assertEquals(3, pids.size(), result.out());
        pids.forEach(AgentExecTest::awaitGone);
        awaitNoProgramGroups();
    }

    @Test
    void whatAProgramLeavesBehindEndsWithIt() throws IOException {
        final String out = host.run(1, HostEnd.shell("setsid sleep 1000 >/dev/null 2>&1 & echo $!")).out();
        AgentExecTest.awaitGone(Long.parseLong(out.strip()));
        awaitNoProgramGroups();
    }

    @Test
    void groupsThatAProgramMakesInItsOwnAreRemovedWithIt() throws IOException {
        final String script = "mkdir -p $0/a/b $0/c; sleep 1000 & echo $! >$0/a/b/cgroup.procs; echo $!";
        final String out = host.run(1, HostEnd.request("sh", "-c", script, ownGroups().getFirst() + "/program-1")).out();
        AgentExecTest.awaitGone(Long.parseLong(out.strip()));
        awaitNoProgramGroups();
    }

    @Test
    void manyGroupsAndDeepOnesAreRemoved() throws IOException {
        final String script = "cd $0; for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do mkdir -p w$i/$j; done; done; "
            + "d=; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do d=${d}d/; done; mkdir -p $d; ls -d w*/*/ | wc -l; "
            + "test -d $d && echo deep";
        final String out = host.run(1, HostEnd.request("sh", "-c", script, ownGroups().getFirst() + "/program-1")).out();
        assertEquals("100\ndeep\n", out);
        awaitNoProgramGroups();
    }

    @Test
    void groupsOfWhatGoesOnStayWhileItDoes() throws IOException {
        final Path directory = Files.createDirectory(groups.resolve("background"));
        try (TestAgent keeping = TestAgent.start(context -> {
            context.keepBackground(true);
            context.programs().controlGroups().directory(directory);
        })) {
            final Path group = onlyGroupIn(directory).resolve("program-1");
            final String script = "mkdir -p $0/empty $0/a; sleep 1000 >/dev/null 2>&1 & echo $! >$0/a/cgroup.procs; echo $!";
            final String out = keeping.host().run(1, HostEnd.request("sh", "-c", script, group.toString())).out();
            // Its group has been looked at when that of another has been taken away.
            assertEquals("", keeping.host().run(2, HostEnd.request("true")).out());
            awaitMissing(group.resolveSibling("program-2"), keeping.host());
            assertTrue(Files.exists(group.resolve("empty")), "it may need it");
            assertTrue(ProcessHandle.of(Long.parseLong(out.strip())).orElseThrow().destroyForcibly());
            awaitMissing(group, keeping.host());
        } finally {
            Files.delete(directory);
        }
    }

    private static Path onlyGroupIn(final Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }

    private static void awaitMissing(final Path group, final HostEnd host) throws IOException {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (Files.exists(group)) {
            assertTrue(System.nanoTime() - deadlineNs < 0, group + " is left");
            host.next(5_000_000);
        }
    }

    @Test
    void limitsThatTheKernelDoesNotHaveAreAnErrorAtTheStart() throws IOException {
        assumeTrue(!Files.readString(parent.resolve("cgroup.controllers")).contains("pids"), "the hierarchy limits processes");
        assertThrows(IOException.class, () -> ControlGroups.make(parent, "sluice-00000000", 10, 0));
        assertFalse(Files.exists(parent.resolve("sluice-00000000")));
    }
}
