package dev.sluice.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixListenerTest {
    private static final int BACKLOG = 8;

    private final Posix posix = Posix.system();

    @TempDir
    private Path temporary;

    private UnixListener open(final Path path) throws IOException {
        return UnixListener.open(posix, UnixAddress.of(path), BACKLOG);
    }

    private String refusal(final Path path) {
        return assertThrows(IOException.class, () -> open(path)).getMessage();
    }

    private static String permissions(final Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Set<String> names(final Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void connectsAndCarriesBytes() throws IOException {
        try (UnixListener listener = open(temporary.resolve("s")); Arena arena = Arena.ofConfined()) {
            assertEquals(-Errno.EAGAIN, listener.accept());
            final int near = UnixConnector.tryConnect(posix, listener.address());
            final int far = listener.accept();
            assertTrue(near >= 0 && far >= 0);
            final MemorySegment bytes = arena.allocateFrom("bytes");
            assertEquals(5, posix.send(near, bytes.address(), 5, Linux.MSG_NOSIGNAL));
            final MemorySegment received = arena.allocate(16);
            assertEquals(5, posix.read(far, received.address(), 16));
            assertEquals("bytes", received.getString(0));
            assertEquals(-Errno.EAGAIN, posix.read(far, received.address(), 16), "accepted sockets do not block");
            assertEquals(-Errno.EAGAIN, posix.read(near, received.address(), 16), "connected sockets do not block");
            final PeerCredentials own = PeerCredentials.own(posix);
            assertEquals(own, PeerCredentials.of(posix, far));
            assertEquals(ProcessHandle.current().pid(), own.pid());
            posix.close(near);
            posix.close(far);
        }
    }

    @Test
    void onlyThisUserCanGetThere() throws IOException {
        final Path path = temporary.resolve("new/deeper/s");
        try (UnixListener listener = open(path)) {
            assertEquals("rwx------", permissions(temporary.resolve("new")));
            assertEquals("rwx------", permissions(path.getParent()));
            assertEquals("rw-------", permissions(path));
            assertEquals("rw-------", permissions(Path.of(path + ".lock")));
            assertEquals(Set.of("s", "s.lock"), names(path.getParent()));
            assertEquals(path, listener.address().toPath());
        }
    }

    @Test
    void closeRemovesTheSocketAndLeavesTheLockFile() throws IOException {
        final Path path = temporary.resolve("s");
        final UnixListener listener = open(path);
        listener.close();
        listener.close();
        assertEquals(Set.of("s.lock"), names(temporary));
        open(path).close();
    }

    @Test
    void aSecondOwnerIsRefusedAndTheFirstNotDisturbed() throws IOException {
        final Path path = temporary.resolve("s");
        try (UnixListener listener = open(path)) {
            final String message = refusal(path);
            assertTrue(message.contains("in use by process " + ProcessHandle.current().pid()), message);
            final int near = UnixConnector.tryConnect(posix, listener.address());
            final int far = listener.accept();
            assertTrue(near >= 0 && far >= 0);
            posix.close(near);
            posix.close(far);
        }
    }

    @Test
    void whatADeadOwnerLeftIsReplaced() throws IOException {
        final Path path = temporary.resolve("s");
        bindAndForget(path);
        bindAndForget(Path.of(path + "~"));
        Files.writeString(Path.of(path + ".lock"), "1\n");
        try (UnixListener listener = open(path)) {
            final int near = UnixConnector.tryConnect(posix, listener.address());
            assertTrue(near >= 0);
            posix.close(near);
        }
    }

    private void bindAndForget(final Path path) throws PosixException {
        final int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            posix.bind(fd, UnixAddress.of(path).toSockaddr(arena));
        }
        posix.close(fd);
    }

    @Test
    void whatIsNotASocketIsLeftAlone() throws IOException {
        final Path file = Files.writeString(temporary.resolve("file"), "precious");
        final Path directory = Files.createDirectory(temporary.resolve("directory"));
        final Path link = Files.createSymbolicLink(temporary.resolve("link"), file);
        for (final Path path : new Path[] {file, directory, link}) {
            final String message = refusal(path);
            assertTrue(message.contains("not a socket of this user"), message);
        }
        assertEquals("precious", Files.readString(file));
        assertTrue(Files.isSymbolicLink(link));
        assertEquals(
            Set.of("file", "directory", "link", "file.lock", "directory.lock", "link.lock"), names(temporary),
            "no temporary name stays behind");
    }

    @Test
    void aListenerWithoutLockIsNotReplaced() throws IOException {
        final Path path = temporary.resolve("s");
        final int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            posix.bind(fd, UnixAddress.of(path).toSockaddr(arena));
            posix.listen(fd, 1);
        }
        assertTrue(refusal(path).contains("holds no lock"));
        posix.close(fd);
        open(path).close();
    }

    @Test
    void aLockThatIsALinkIsNotFollowed() throws IOException {
        final Path target = temporary.resolve("target");
        Files.createSymbolicLink(temporary.resolve("s.lock"), target);
        assertTrue(refusal(temporary.resolve("s")).contains("ELOOP"));
        assertFalse(Files.exists(target));
    }

    @Test
    void aFileThatIsNoLockIsLeftAsItIs() throws IOException {
        final Path lock = temporary.resolve("s.lock");
        final Path notes = temporary.resolve("notes");
        for (final String text : new String[] {"my notes\n", "12345678901234567890", "1\n2\n", "\0\0\0\0\0\0\0\0\0\0\0\0"}) {
            Files.writeString(lock, text);
            final String message = refusal(temporary.resolve("s"));
            assertTrue(message.contains(lock + " exists and is not a lock of this user"), message);
            assertEquals(text, Files.readString(lock));
        }
        Files.writeString(notes, "12\n");
        Files.delete(lock);
        Files.createLink(lock, notes);
        assertTrue(refusal(temporary.resolve("s")).contains("not a lock"));
        assertEquals("12\n", Files.readString(notes));
        Files.delete(lock);
        Files.createDirectory(lock);
        refusal(temporary.resolve("s"));
        assertEquals(Set.of("notes", "s.lock"), names(temporary));
    }

    @Test
    void aLockNamesItsOwnerAndNobodyElse() throws IOException {
        final Path lock = temporary.resolve("s.lock");
        for (final String text : new String[] {"", "4194304\n", "4194304", "\0\0\0"}) {
            Files.writeString(lock, text);
            open(temporary.resolve("s")).close();
            assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(lock));
        }
    }

    @Test
    void everyDirectoryThatIsMadeLetsThroughWhoMayConnect() throws IOException {
        final Path path = temporary.resolve("new/deeper/s");
        UnixListener.open(posix, UnixAddress.of(path), BACKLOG, SocketAccess.CHECKED_BY_CREDENTIALS).close();
        assertEquals("rwx--x--x", permissions(temporary.resolve("new")));
        assertEquals("rwx--x--x", permissions(path.getParent()));
        assertEquals("rwx------", permissions(temporary), "what was there is as it was");
    }

    @Test
    void aDirectoryThatAGroupMayChangeIsRefusedUnlessTheGroupMayConnect() throws IOException {
        final Path directory = Files.createDirectory(temporary.resolve("shared"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxr-x"));
        final int gid = (Integer) Files.getAttribute(directory, "unix:gid");
        final String message = refusal(directory.resolve("s"));
        assertTrue(message.contains("group " + gid + " may replace files") && message.contains("chmod g-w"), message);
        assertEquals(Set.of(), names(directory));
        final UnixAddress address = UnixAddress.of(directory.resolve("s"));
        UnixListener.open(posix, address, BACKLOG, SocketAccess.group(gid)).close();
        assertThrows(IOException.class, () -> UnixListener.open(posix, address, BACKLOG, SocketAccess.group(gid + 1)));
        Files.setAttribute(directory, "unix:mode", 01775);
        open(directory.resolve("s")).close();
    }

    @Test
    void aDirectoryThatEverybodyMayChangeIsRefused() throws IOException {
        final Path directory = Files.createDirectory(temporary.resolve("open"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTrue(refusal(directory.resolve("s")).contains("everybody may replace files"));
        assertEquals(Set.of(), names(directory));
    }

    @Test
    void closeLeavesASocketThatTookItsPlace() throws IOException {
        final Path path = temporary.resolve("s");
        final UnixListener listener = open(path);
        Files.delete(path);
        bindAndForget(path);
        listener.close();
        assertTrue(Files.exists(path));
    }

    @Test
    void aPathWithoutRoomForTheTemporaryNameIsRefused() {
        final String name = "x".repeat(UnixAddress.MAX_PATH_LENGTH);
        assertThrows(IllegalArgumentException.class, () -> UnixListener.open(posix, new UnixAddress(name), BACKLOG));
        assertFalse(Files.exists(Path.of(name + ".lock")));
    }

    @Test
    void connectorWaitsForAListenerThatComesLate() throws Exception {
        final UnixAddress address = UnixAddress.of(temporary.resolve("late"));
        assertEquals(-Errno.ENOENT, UnixConnector.tryConnect(posix, address));
        bindAndForget(address.toPath());
        assertEquals(-Errno.ECONNREFUSED, UnixConnector.tryConnect(posix, address));
        final Thread opener = Thread.ofPlatform().start(() -> {
            try (UnixListener listener = UnixListener.open(posix, address, BACKLOG)) {
                int far = listener.accept();
                while (far == -Errno.EAGAIN) {
                    Thread.onSpinWait();
                    far = listener.accept();
                }
                posix.closeQuietly(far);
            } catch (final IOException e) {
                throw new AssertionError(e);
            }
        });
        posix.close(UnixConnector.connect(posix, address, Duration.ofSeconds(20)));
        opener.join();
    }

    @Test
    void connectorGivesUpAtItsDeadline() {
        final UnixAddress address = UnixAddress.of(temporary.resolve("never"));
        final String message =
            assertThrows(IOException.class, () -> UnixConnector.connect(posix, address, Duration.ofMillis(30))).getMessage();
        assertTrue(message.contains("no listener at " + address + " within 30 ms: ENOENT"), message);
    }

    @Test
    void connectorGivesUpAtOnceWhenWaitingCannotHelp() throws IOException {
        final UnixAddress address = UnixAddress.of(Files.writeString(temporary.resolve("file"), "").resolve("s"));
        final PosixException e =
            assertThrows(PosixException.class, () -> UnixConnector.connect(posix, address, Duration.ofSeconds(20)));
        assertEquals(Errno.ENOTDIR, e.errno());
    }
}
