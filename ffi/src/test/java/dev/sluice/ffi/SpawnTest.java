package dev.sluice.ffi;

import dev.sluice.ffi.SpawnException.Stage;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

class SpawnTest {
    private static final byte[] ODD = {(byte) 0xff, (byte) 0xfe, ' ', '\n', '"', (byte) 0xc3};

    private final FaultySyscalls faulty = new FaultySyscalls(Posix.system().syscalls());
    private final Posix posix = new Posix(faulty);

    private record Result(byte[] output, ProcessExit exit) {
        String text() {
            return new String(output, StandardCharsets.UTF_8);
        }

        List<String> lines() {
            return text().lines().toList();
        }
    }

    @Test
    void argumentsArriveByteForByte() throws IOException {
        final String script = "cat /proc/$$/cmdline; :";
        final byte[] expected = joined(List.of(bytes("sh"), bytes("-c"), bytes(script), ODD, bytes(""), bytes("last")));
        assertArrayEquals(expected, run(shell(script, ODD, bytes(""), bytes("last"))).output());
    }

    @Test
    void theEnvironmentIsExactlyWhatWasSet() throws IOException {
        final List<byte[]> environment = List.of(bytes("PATH=/usr/bin:/bin"), concatenated(bytes("ODD="), ODD), bytes("EMPTY="));
        assertArrayEquals(joined(environment), run(shell("cat /proc/$$/environ; :").environment(environment)).output());
    }

    @Test
    void theChildHasNoOtherDescriptors() throws IOException {
        final int inheritable = posix.eventfd(0, 0);
        try {
            assertEquals(List.of("0", "1", "2"), run(shell("ls /proc/$$/fd; :")).lines());
        } finally {
            posix.close(inheritable);
        }
    }

    @Test
    void standardDescriptorsMayBeSwapped() throws IOException {
        final int[] pipe = posix.pipe2(Linux.O_CLOEXEC);
        final Spawn spawn = shell("found=$(readlink /proc/$$/fd/1 /proc/$$/fd/2); echo \"$found\" >&0").standard(pipe[1], 2, 1);
        final List<String> expected = Stream.of("2", "1").map(SpawnTest::ownDescriptor).toList();
        assertEquals(expected, finish(spawn.start(posix), pipe).lines());
    }

    @Test
    void signalsAreDefaultAndUnblocked() throws Exception {
        final Class<?> signal = Class.forName("sun.misc.Signal");
        final Class<?> handler = Class.forName("sun.misc.SignalHandler");
        final Object ttou = signal.getConstructor(String.class).newInstance("TTOU");
        signal.getMethod("handle", signal, handler).invoke(null, ttou, handler.getField("SIG_IGN").get(null));
        try {
            assertFalse(status(Files.readString(Path.of("/proc/self/status")), "SigIgn").matches("0+"), "this process ignores signals");
            final String status = run(shell("cat /proc/self/status")).text();
            assertTrue(status(status, "SigIgn").matches("0+"), status);
            assertTrue(status(status, "SigBlk").matches("0+"), status);
        } finally {
            signal.getMethod("handle", signal, handler).invoke(null, ttou, handler.getField("SIG_DFL").get(null));
        }
    }

    @Test
    void aGroupOrASessionOfItsOwn() throws IOException {
        final String ids = "echo $$ $(cut -d' ' -f5,6 /proc/$$/stat)";
        final String[] grouped = run(shell(ids)).text().trim().split(" ");
        assertEquals(grouped[0], grouped[1], "the group is the child's own");
        assertFalse(grouped[0].equals(grouped[2]), "the session is not");
        final String[] session = run(shell(ids).newSession()).text().trim().split(" ");
        assertEquals(List.of(session[0], session[0], session[0]), List.of(session));
    }

    @Test
    void theExitCodeIsReaped() throws IOException {
        final Result result = run(shell("echo out; echo err >&2; exit 7"));
        assertEquals(List.of("out", "err"), result.lines());
        assertEquals(new ProcessExit(7, 0, false), result.exit());
        assertEquals(7, result.exit().shellStatus());
    }

    @Test
    void theSignalIsReaped() throws IOException {
        final ProcessExit exit = run(shell("kill -TERM $$")).exit();
        assertEquals(new ProcessExit(0, Linux.SIGTERM, false), exit);
        assertEquals(143, exit.shellStatus());
    }

    @Test
    void theExitIsAnEventOfThePidFd() throws IOException {
        final int[] input = posix.pipe2(Linux.O_CLOEXEC);
        final int[] output = posix.pipe2(Linux.O_CLOEXEC);
        final ChildProcess child = shell("cat; exit 3").standard(input[0], output[1], output[1]).start(posix);
        posix.close(input[0]);
        try (Epoll epoll = new Epoll(posix, 1)) {
            epoll.add(child.pidFd(), Linux.EPOLLIN, child.pid());
            assertEquals(0, epoll.await(0));
            assertEquals(Optional.empty(), ProcessExit.poll(posix, child.pidFd()));
            posix.close(input[1]);
            assertEquals(1, epoll.await(-1));
            assertEquals(child.pid(), epoll.token(0));
            assertEquals(Optional.of(new ProcessExit(3, 0, false)), ProcessExit.poll(posix, child.pidFd()));
            final PosixException again = assertThrows(PosixException.class, () -> ProcessExit.poll(posix, child.pidFd()));
            assertEquals(Errno.ECHILD, again.errno());
        }
        posix.close(child.pidFd());
        posix.close(output[0]);
        posix.close(output[1]);
    }

    @Test
    void theWorkingDirectoryIsEnteredBeforeTheProgramIsFound(@TempDir final Path directory) throws IOException {
        Files.writeString(directory.resolve("tool"), "#!/bin/sh\npwd\n");
        Files.setPosixFilePermissions(directory.resolve("tool"), PosixFilePermissions.fromString("rwx------"));
        final Spawn spawn = new Spawn(bytes("./tool")).environment(List.of(bytes("PATH=/bin"))).workingDirectory(path(directory));
        assertEquals(directory.toRealPath() + "\n", run(spawn).text());
    }

    @Test
    void aBadDirectoryIsToldFromABadProgram(@TempDir final Path directory) throws IOException {
        final Path empty = Files.writeString(directory.resolve("empty"), "");
        final Path plain = Files.writeString(directory.resolve("plain"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("rwx------"));
        final byte[] program = bytes("/bin/true");
        final byte[] missing = path(directory.resolve("missing"));
        assertFails(Stage.WORKING_DIRECTORY, Errno.ENOENT, new Spawn(program).workingDirectory(missing));
        assertFails(Stage.WORKING_DIRECTORY, Errno.ENOENT, new Spawn(program).workingDirectory(bytes("")));
        assertFails(Stage.WORKING_DIRECTORY, Errno.ENOTDIR, new Spawn(program).workingDirectory(path(plain)));
        assertFails(Stage.PROGRAM, Errno.ENOENT, new Spawn(missing).workingDirectory(path(directory)));
        assertFails(Stage.PROGRAM, Errno.EACCES, new Spawn(path(plain)));
        assertFails(Stage.PROGRAM, Errno.EACCES, new Spawn(path(directory)));
        assertFails(Stage.PROGRAM, Errno.ENOEXEC, new Spawn(path(empty)));
        final byte[] tooLong = new byte[200_000];
        Arrays.fill(tooLong, (byte) 'x');
        assertFails(Stage.PROGRAM, Errno.E2BIG, new Spawn(program).arguments(List.of(program, tooLong)));
        assertFails(Stage.PREPARATION, Errno.EBADF, new Spawn(program).standard(0, Integer.MAX_VALUE, 2));
    }

    @Test
    void aDirectoryThatMayNotBeEnteredIsToldFromABadProgram(@TempDir final Path directory) throws IOException {
        assumeFalse(Linux.geteuid() == 0, "the superuser may enter every directory");
        final Path closed = Files.createDirectory(directory.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rw-------"));
        assertFails(Stage.WORKING_DIRECTORY, Errno.EACCES, new Spawn(bytes("/bin/true")).workingDirectory(path(closed)));
    }

    @Test
    void whateverFailsNothingIsLeft() throws IOException {
        final long before = openDescriptors();
        int failures = 0;
        long faultAt = 1;
        do {
            faulty.inject(FaultSchedule.onNthOfAll(faultAt, Fault.error(Errno.EMFILE)));
            try {
                final ChildProcess child =
                    shell("exit 0").standard(0, 2, 2).workingDirectory(bytes("/")).start(posix);
                faulty.inject(FaultSchedule.NEVER);
                assertEquals(0, ProcessExit.await(posix, child.pidFd()).code());
                posix.close(child.pidFd());
            } catch (final SpawnException e) {
                assertEquals(Errno.EMFILE, e.errno(), e.getMessage());
                failures++;
            }
            assertEquals(before, openDescriptors(), "after fault " + faultAt);
            faultAt++;
        } while (faultAt < 30);
        assertEquals(15, failures, "every call before the clean-up fails once");
    }

    @Test
    void aChildThatCannotBeWatchedIsEnded() {
        faulty.inject(FaultSchedule.always(Call.PIDFD_OPEN, Fault.error(Errno.EMFILE)));
        final SpawnException e = assertThrows(SpawnException.class, () -> shell("sleep 1000").start(posix));
        assertEquals(Stage.PREPARATION, e.stage());
        assertEquals(1, faulty.count(Call.KILL));
        assertEquals(1, faulty.count(Call.WAITID));
    }

    @Test
    void argumentsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new Spawn(bytes("/bin/true\0x")).start(posix));
        assertThrows(IllegalArgumentException.class, () -> shell("true", new byte[] {0}).start(posix));
        assertThrows(IllegalArgumentException.class, () -> new Spawn(bytes("/bin/true")).arguments(List.of()));
    }

    private void assertFails(final Stage stage, final int errno, final Spawn spawn) {
        final SpawnException e = assertThrows(SpawnException.class, () -> spawn.start(posix));
        assertEquals(stage + " " + Errno.name(errno), e.stage() + " " + Errno.name(e.errno()), e.getMessage());
    }

    private Result run(final Spawn spawn) throws IOException {
        final int[] pipe = posix.pipe2(Linux.O_CLOEXEC);
        final int nothing = posix.open("/dev/null", Linux.O_RDONLY | Linux.O_CLOEXEC, 0);
        try {
            return finish(spawn.standard(nothing, pipe[1], pipe[1]).start(posix), pipe);
        } finally {
            posix.close(nothing);
        }
    }

    /** Reads what the child writes into the pipe, and reaps it. */
    private Result finish(final ChildProcess child, final int[] pipe) throws IOException {
        posix.close(pipe[1]);
        final ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment room = arena.allocate(4096);
            for (long n = posix.read(pipe[0], room.address(), 4096); n > 0; n = posix.read(pipe[0], room.address(), 4096)) {
                output.write(room.asSlice(0, n).toArray(JAVA_BYTE));
            }
        }
        posix.close(pipe[0]);
        final ProcessExit exit = ProcessExit.await(posix, child.pidFd());
        posix.close(child.pidFd());
        return new Result(output.toByteArray(), exit);
    }

    private static Spawn shell(final String script, final byte[]... arguments) {
        final List<byte[]> vector = new ArrayList<>(List.of(bytes("sh"), bytes("-c"), bytes(script)));
        vector.addAll(Arrays.asList(arguments));
        return new Spawn(bytes("/bin/sh")).arguments(vector).environment(List.of(bytes("PATH=/usr/bin:/bin")));
    }

    private static String status(final String text, final String field) {
        return text.lines().filter(line -> line.startsWith(field + ":")).findFirst().orElseThrow().split("\\s+")[1];
    }

    private static String ownDescriptor(final String fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd", fd)).toString();
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    /** Each followed by NUL, as in {@code /proc}. */
    private static byte[] joined(final List<byte[]> strings) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (final byte[] string : strings) {
            all.writeBytes(string);
            all.write(0);
        }
        return all.toByteArray();
    }

    private static byte[] concatenated(final byte[] first, final byte[] second) {
        final byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] path(final Path path) {
        return bytes(path.toString());
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
