package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.ExecRlimit;
import dev.sluice.protocol.ExecSignal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentFailureTest {
    private static final int SESSIONS = 3;

    @TempDir
    private Path directory;
    private TestAgent agent;
    private int nextId = 1;

    @BeforeEach
    void start() throws IOException {
        agent = TestAgent.start(context -> context.maxSessions(SESSIONS));
    }

    @AfterEach
    void end() throws IOException {
        agent.close();
    }

    private void assertFails(final Kind kind, final String errnoName, final String stage, final ExecRequest.Builder request)
        throws IOException {
        final ExecFailed failed = agent.host().run(nextId++, request).failed();
        assertEquals(kind, failed.kind(), failed.toString());
        assertEquals(errnoName, failed.errnoName(), failed.toString());
        assertEquals(stage, failed.stage(), failed.toString());
        assertTrue(!failed.message().isEmpty() && failed.message().length() < 1000, failed.message());
    }

    private String file(final String name, final String content, final String permissions) throws IOException {
        final Path file = directory.resolve(name);
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        return file.toString();
    }

    @Test
    void whatIsNotThere() throws IOException {
        assertFails(Kind.NOT_FOUND, "ENOENT", "search", HostEnd.request("nosuch"));
        assertFails(Kind.NOT_FOUND, "ENOENT", "search", HostEnd.request("/nosuch/program"));
        assertFails(Kind.NOT_FOUND, "ENOTDIR", "search", HostEnd.request("/etc/passwd/program"));
        assertFails(Kind.NOT_FOUND, "ENOENT", "request", HostEnd.request(""));
        assertFails(Kind.NOT_FOUND, "ENOENT", "search", HostEnd.request("ls").env(List.of(ByteString.of("PATH=/nosuch:/etc"))));
        assertFails(Kind.NOT_FOUND, "ENOENT", "spawn", HostEnd.request(file("script", "#!/nosuch/interpreter\n", "rwxr-xr-x")));
    }

    @Test
    void whatIsNoProgram() throws IOException {
        assertFails(Kind.PERMISSION_DENIED, "EACCES", "spawn", HostEnd.request(file("plain", "echo hi\n", "rw-r--r--")));
        assertFails(Kind.PERMISSION_DENIED, "EACCES", "spawn", HostEnd.request("/usr"));
        assertFails(Kind.NOT_EXECUTABLE, "ENOEXEC", "spawn", HostEnd.request(file("junk", "ju\0nk", "rwxr-xr-x")));
        file("tool", "x", "rw-r--r--");
        assertFails(Kind.PERMISSION_DENIED, "EACCES", "spawn", HostEnd.request("tool").env(List.of(ByteString.of("PATH=" + directory))));
    }

    @Test
    void aDirectoryThatCannotBeEntered() throws IOException {
        assertFails(Kind.BAD_CWD, "ENOENT", "cwd", HostEnd.request("ls").cwd(ByteString.of("/nosuch")));
        assertFails(Kind.BAD_CWD, "ENOTDIR", "cwd", HostEnd.request("ls").cwd(ByteString.of("/etc/passwd")));
        assertFails(Kind.BAD_CWD, "ENOENT", "cwd", HostEnd.request("ls").cwd(ByteString.EMPTY));
    }

    @Test
    void whatCannotBePassed() throws IOException {
        assertFails(Kind.BAD_ARGS, "EINVAL", "request", HostEnd.request("echo", "a\0b"));
        assertFails(Kind.BAD_ARGS, "EINVAL", "request", HostEnd.request("ec\0ho"));
        assertFails(Kind.BAD_ARGS, "EINVAL", "request", HostEnd.request("echo").env(List.of(ByteString.of("A=\0"))));
        assertFails(Kind.BAD_ARGS, "EINVAL", "request", HostEnd.request("echo").cwd(ByteString.of("/\0")));
        assertFails(Kind.BAD_ARGS, "E2BIG", "spawn", HostEnd.request("echo", "x".repeat(200_000)));
        assertFails(Kind.BAD_ARGS, "ENAMETOOLONG", "search", HostEnd.request("/" + "x".repeat(5000)));
    }

    @Test
    void h10_usersAndLimitsThatThereAreNot() throws IOException {
        for (final String user : List.of("nosuchuser", "root:nosuchgroup", "", ":", "root:", ":root", "4294967295", "-1", "1 ")) {
            assertFails(Kind.USER_SETUP_FAILED, null, "user", HostEnd.request("ls").user(ByteString.of(user)));
        }
        assertFails(Kind.RESOURCE_LIMIT, "EINVAL", "rlimit", HostEnd.request("ls").rlimits(List.of(new ExecRlimit("files", 10, 10))));
        assertFails(Kind.RESOURCE_LIMIT, "EINVAL", "rlimit", HostEnd.request("ls").rlimits(List.of(new ExecRlimit("nofile", 11, 10))));
        assertFails(Kind.RESOURCE_LIMIT, "EINVAL", "rlimit", HostEnd.request("ls").rlimits(List.of(new ExecRlimit("nofile", -1, 10))));
    }

    @Test
    void h10_failuresOfASeparateStartAreToldAlike() throws IOException {
        final List<ExecRlimit> limits = List.of(new ExecRlimit("core", 0, 0));
        assertFails(Kind.NOT_FOUND, "ENOENT", "search", HostEnd.request("nosuch").rlimits(limits));
        assertFails(Kind.NOT_FOUND, "ENOENT", "search", HostEnd.request("nosuch").rlimits(limits).tty(24, 80));
        assertFails(Kind.BAD_CWD, "ENOENT", "cwd", HostEnd.request("ls").rlimits(limits).cwd(ByteString.of("/nosuch")));
        assertFails(Kind.BAD_CWD, "ENOENT", "cwd", HostEnd.request("ls").rlimits(limits).cwd(ByteString.of("/nosuch")).tty(24, 80));
        assertFails(Kind.PERMISSION_DENIED, "EACCES", "spawn", HostEnd.request("/usr").rlimits(limits));
        assertFails(Kind.NOT_FOUND, "ENOENT", "spawn",
            HostEnd.request(file("script", "#!/nosuch/interpreter\n", "rwxr-xr-x")).rlimits(limits));
        assertFails(Kind.BAD_ARGS, "E2BIG", "spawn", HostEnd.request("echo", "x".repeat(200_000)).rlimits(limits));
    }

    @Test
    void aScriptThatNamesNoInterpreterIsAShells() throws IOException {
        final String script = file("plainscript", "echo $0-$1; exit 6\n", "rwxr-xr-x");
        final ExecResult result = agent.host().run(50, HostEnd.request(script, "x y"));
        assertEquals(script + "-x y\n", result.out());
        assertEquals(6, result.exited().code());
        final ExecResult found = agent.host().run(51, HostEnd.request("plainscript", "z")
            .env(List.of(ByteString.of("PATH=/nosuch:" + directory))).rlimits(List.of(new ExecRlimit("core", 0, 0))));
        assertEquals(script + "-z\n", found.out());
        assertEquals(6, found.exited().code());
    }

    @Test
    void moreSessionsThanAreAllowed() throws IOException {
        for (int id = 1; id <= SESSIONS; id++) {
            agent.host().exec(id, "sleep", "1000");
        }
        agent.host().exec(99, "true");
        final ExecFailed failed = agent.host().collect(99).failed();
        assertEquals(Kind.RESOURCE_LIMIT, failed.kind());
        for (int id = 1; id <= SESSIONS; id++) {
            agent.host().send(id, new ExecSignal(9));
        }
    }

    @Test
    void relativeNamesStartAtTheChildsDirectory() throws IOException {
        file("tool", "#!/bin/sh\necho found $0\n", "rwxr-xr-x");
        Files.createDirectory(directory.resolve("bin"));
        file("bin/inner", "#!/bin/sh\necho inner\n", "rwxr-xr-x");
        final ByteString cwd = ByteString.of(directory.toString());
        assertEquals("found ./tool\n", agent.host().run(1, HostEnd.request("./tool").cwd(cwd)).out());
        final List<ByteString> path = List.of(ByteString.of("PATH=bin:"));
        assertEquals("inner\n", agent.host().run(2, HostEnd.request("inner").cwd(cwd).env(path)).out());
        assertTrue(agent.host().run(3, HostEnd.request("tool").cwd(cwd).env(path)).out().startsWith("found "));
    }

    @Test
    void anElementOfThePathThatIsTooLongIsPassedOver() throws IOException {
        for (final String element : new String[] {"/" + "x".repeat(300), "/x".repeat(3000)}) {
            final List<ByteString> path = List.of(ByteString.of("PATH=" + element + ":/usr/bin:/bin"));
            assertEquals(0, agent.host().run(nextId++, HostEnd.request("true").env(path)).exited().code());
            assertFails(Kind.NOT_FOUND, "ENOENT", "search", HostEnd.request("nosuch").env(List.of(ByteString.of("PATH=" + element))));
        }
        assertFails(Kind.BAD_ARGS, "ENAMETOOLONG", "search", HostEnd.request("x".repeat(300)));
    }

    @Test
    void aProgramThatIsNotFoundIsNamedAndThePathIsNot() throws IOException {
        final List<ByteString> path = List.of(ByteString.of("PATH=/secret"));
        final String message = agent.host().run(1, HostEnd.request("nosuch").env(path)).failed().message();
        assertEquals("program \"nosuch\" not found in PATH: No such file or directory (os error 2)", message);
    }

    @Test
    void aLaterElementOfThePathMayHaveWhatAnEarlierForbids() throws IOException {
        file("true", "x", "rw-r--r--");
        final List<ByteString> path = List.of(ByteString.of("PATH=/etc/passwd:" + directory + ":/usr/bin:/bin"));
        assertEquals(0, agent.host().run(1, HostEnd.request("true").env(path)).exited().code());
    }
}
