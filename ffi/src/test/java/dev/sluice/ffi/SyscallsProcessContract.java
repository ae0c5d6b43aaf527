package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.posix_spawn_file_actions_t;
import dev.sluice.ffi.linux.posix_spawnattr_t;
import dev.sluice.ffi.linux.siginfo_t;
import dev.sluice.ffi.linux.sigset_t;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What any implementation of {@link Syscalls} on a real kernel does with processes. */
abstract class SyscallsProcessContract {
    private final Syscalls calls = implementation();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment actions = arena.allocate(posix_spawn_file_actions_t.layout());
    private final MemorySegment attributes = arena.allocate(posix_spawnattr_t.layout());
    private final MemorySegment information = arena.allocate(siginfo_t.layout());

    /** The implementation under test. */
    protected abstract Syscalls implementation();

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void aProgramIsStartedAsTheActionsAndAttributesSay(@TempDir final Path directory) throws IOException {
        assertEquals(0, calls.spawnFileActionsInit(actions.address()));
        assertEquals(0, calls.spawnAttributesInit(attributes.address()));
        final int target = calls.open(CString.of(arena, directory.toString()).address(), Linux.O_PATH | Linux.O_CLOEXEC, 0);
        assertEquals(0, calls.spawnFileActionsAddFchdir(actions.address(), target));
        assertEquals(0, calls.spawnFileActionsAddOpen(
            actions.address(), 1, CString.of(arena, "out").address(), Linux.O_WRONLY | Linux.O_CREAT, 0600));
        assertEquals(0, calls.spawnFileActionsAddDup2(actions.address(), 1, 2));
        assertEquals(0, calls.spawnFileActionsAddClose(actions.address(), 0));
        assertEquals(0, calls.spawnFileActionsAddCloseFrom(actions.address(), 3));
        final MemorySegment signals = arena.allocate(sigset_t.layout());
        assertEquals(0, calls.spawnAttributesSetSignalDefault(attributes.address(), signals.address()));
        assertEquals(0, calls.spawnAttributesSetSignalMask(attributes.address(), signals.address()));
        assertEquals(0, calls.spawnAttributesSetProcessGroup(attributes.address(), 0));
        assertEquals(0, calls.spawnAttributesSetFlags(attributes.address(), (short) Linux.POSIX_SPAWN_SETPGROUP));
        final int pid = spawn("pwd; echo error >&2; ls /proc/$$/fd; exec sh -c 'exit 3'");
        assertEquals(0, calls.spawnFileActionsDestroy(actions.address()));
        assertEquals(0, calls.spawnAttributesDestroy(attributes.address()));
        assertEquals(0, calls.close(target));
        assertEquals(0, calls.waitid(Linux.P_PID, pid, information.address(), Linux.WEXITED));
        assertEquals(Linux.CLD_EXITED, siginfo_t.si_code(information));
        assertEquals(List.of(directory.toRealPath().toString(), "error", "1", "2"), Files.readAllLines(directory.resolve("out")));
    }

    @Test
    void whatCannotBeExecutedIsTheResultOfTheStart() {
        final MemorySegment pid = arena.allocate(JAVA_INT);
        final MemorySegment path = CString.of(arena, "/nonexistent/program");
        final MemorySegment argv = CString.vector(arena, Stream.of("x").map(String::getBytes).toList());
        assertEquals(-Errno.ENOENT, calls.posixSpawn(pid.address(), path.address(), 0, 0, argv.address(), argv.address()));
        assertEquals(-Errno.EBADF, calls.spawnFileActionsAddDup2(actions.address(), -1, 0));
    }

    @Test
    void aProcessIsSignalledAndReapedByItsDescriptor() {
        final int pid = spawn("exec sleep 1000");
        final int pidFd = calls.pidfdOpen(pid, 0);
        assertTrue(pidFd >= 0);
        assertEquals(Linux.FD_CLOEXEC, calls.fcntl(pidFd, Linux.F_GETFD, 0));
        assertEquals(0, calls.waitid(Linux.P_PIDFD, pidFd, information.address(), Linux.WEXITED | Linux.WNOHANG));
        assertEquals(0, siginfo_t.si_signo(information), "still running");
        assertEquals(0, calls.kill(pid, 0));
        assertEquals(0, calls.pidfdSendSignal(pidFd, Linux.SIGTERM));
        assertEquals(0, calls.waitid(Linux.P_PIDFD, pidFd, information.address(), Linux.WEXITED));
        assertEquals(Linux.SIGCHLD, siginfo_t.si_signo(information));
        assertEquals(Linux.CLD_KILLED, siginfo_t.si_code(information));
        assertEquals(-Errno.ECHILD, calls.waitid(Linux.P_PIDFD, pidFd, information.address(), Linux.WEXITED));
        assertEquals(-Errno.ESRCH, calls.pidfdSendSignal(pidFd, 0));
        assertEquals(0, calls.close(pidFd));
    }

    @Test
    void whatIsNoProcessCannotBeSignalled() {
        assertEquals(-Errno.ESRCH, calls.kill(Integer.MAX_VALUE, 0));
        assertEquals(-Errno.ESRCH, calls.pidfdOpen(Integer.MAX_VALUE, 0));
        assertEquals(-Errno.EINVAL, calls.pidfdOpen(-1, 0));
    }

    @Test
    void prctlTakesAddressesAndIntegers() {
        final MemorySegment name = arena.allocate(16);
        assertEquals(0, calls.prctl(Linux.PR_GET_NAME, name.address(), 0, 0, 0));
        assertTrue(name.getString(0, StandardCharsets.UTF_8).length() > 0);
        assertEquals(-Errno.EINVAL, calls.prctl(-1, 0, 0, 0, 0));
    }

    private int spawn(final String script) {
        final MemorySegment pid = arena.allocate(JAVA_INT);
        final MemorySegment path = CString.of(arena, "/bin/sh");
        final MemorySegment argv = CString.vector(arena, Stream.of("sh", "-c", script).map(String::getBytes).toList());
        final MemorySegment envp = CString.vector(arena, Stream.of("PATH=/usr/bin:/bin").map(String::getBytes).toList());
        final boolean initialised = posix_spawn_file_actions_t.__used(actions) > 0;
        assertEquals(0, calls.posixSpawn(
            pid.address(), path.address(), initialised ? actions.address() : 0, initialised ? attributes.address() : 0, argv.address(),
            envp.address()));
        return pid.get(JAVA_INT, 0);
    }
}
