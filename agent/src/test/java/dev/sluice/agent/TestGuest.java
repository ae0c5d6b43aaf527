package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.ProtocolException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Namespaces that stand for a guest, with {@link GuestProgram} as their first process: PIDs, mounts, names and network of their own, an
 * interface {@code v0}, no shared memory mounted, and {@code /etc/hosts} and {@code /etc/resolv.conf} that are files of the test.
 */
final class TestGuest implements AutoCloseable {
    private static final long LIMIT_S = 60;
    private static final String[] NAMESPACES = {
        "unshare", "--pid", "--mount", "--uts", "--net", "--ipc", "--fork", "--kill-child", "--propagation", "private"};
    private static final String SETUP = """
        set -e
        test $$ = 1
        mount -t proc proc /proc
        mount --bind "$0/hosts" /etc/hosts
        mount --bind "$0/resolv.conf" /etc/resolv.conf
        while umount -l /dev/shm 2>/dev/null; do :; done
        ip link add v0 type veth peer name v1
        """;
    private static final String START = SETUP + "exec \"$@\"\n";

    private final Path directory;
    private final ServerSocketChannel server;
    private final Path log;
    private final Process process;
    private HostEnd host;

    TestGuest(final Path directory, final long deadlineMs) throws IOException {
        this.directory = directory;
        this.log = directory.resolve("log");
        Files.writeString(directory.resolve("hosts"), "127.0.0.1 localhost\n");
        Files.writeString(directory.resolve("resolv.conf"), "nameserver 192.0.2.99\n");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(directory.resolve("port.sock")));
        final List<String> command = new ArrayList<>(List.of(NAMESPACES));
        command.addAll(List.of("sh", "-c", START, directory.toString(), ProcessHandle.current().info().command().orElseThrow()));
        for (final String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (argument.startsWith("--enable-native-access") || argument.startsWith("--add-exports")) {
                command.add(argument);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), GuestProgram.class.getName(),
            "unix:" + directory.resolve("port.sock"), Long.toString(deadlineMs)));
        process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /** Skips the test where there can be no such namespaces. */
    static void assumePossible(final Path directory) throws Exception {
        assumeTrue(Linux.geteuid() == 0, "not root: no namespaces of our own");
        assumeTrue(Files.exists(Path.of("/etc/hosts")) && Files.exists(Path.of("/etc/resolv.conf")), "no files to put others over");
        Files.writeString(directory.resolve("hosts"), "");
        Files.writeString(directory.resolve("resolv.conf"), "");
        final List<String> command = new ArrayList<>(List.of(NAMESPACES));
        command.addAll(List.of("sh", "-c", SETUP, directory.toString()));
        try {
            final Process probe = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(directory.resolve("probe").toFile()).start();
            assumeTrue(probe.waitFor(LIMIT_S, TimeUnit.SECONDS) && probe.exitValue() == 0,
                "no namespaces, or no veth interfaces here: " + Files.readString(directory.resolve("probe")));
        } catch (final IOException e) {
            assumeTrue(false, "no unshare here: " + e.getMessage());
        }
    }

    HostEnd connect() throws IOException {
        host = new HostEnd(new SocketTransport(server.accept()));
        return host;
    }

    void send(final Message message) throws IOException {
        try {
            host.sendRaw(Frames.encode(7, 0, message));
        } catch (final ProtocolException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** @return what it has said, when it has ended */
    String awaitEnd() throws Exception {
        assertTrue(process.waitFor(LIMIT_S, TimeUnit.SECONDS), () -> "the guest ends: " + log());
        return log();
    }

    int exitCode() {
        return process.exitValue();
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (final IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() throws IOException {
        if (host != null) {
            host.close();
        }
        server.close();
        // Its first process ends with it, and all others with that.
        process.destroyForcibly().onExit().join();
    }
}
