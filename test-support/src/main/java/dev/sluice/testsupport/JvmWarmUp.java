package dev.sluice.testsupport;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Makes the JVM open what it opens once and keeps: its pre-close socket, the pollers of virtual threads, the process reaper, our
 * own watchdog. Without this the first test class to use one of them would be blamed for it.
 */
final class JvmWarmUp {
    private static final long PROCESS_SECONDS = 10;
    private static boolean done;

    private JvmWarmUp() {
    }

    static synchronized void once() throws Exception {
        if (done) {
            return;
        }
        done = true;
        Watchdog.warmUp();
        Selector.open().close();
        sockets();
        final Process process = new ProcessBuilder("true").redirectErrorStream(true).start();
        if (!process.waitFor(PROCESS_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        ThreadDump.take();
    }

    private static void sockets() throws Exception {
        final Path directory = Files.createTempDirectory("sluice-warm-up");
        final Path path = directory.resolve("socket");
        final UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address);
            try (SocketChannel near = SocketChannel.open(address); SocketChannel far = listener.accept()) {
                final Thread blocked = Thread.startVirtualThread(() -> readQuietly(near));
                Thread.startVirtualThread(Thread::yield).join();
                far.write(ByteBuffer.wrap(new byte[1]));
                blocked.join();
            }
        } finally {
            Files.deleteIfExists(path);
            Files.deleteIfExists(directory);
        }
    }

    private static void readQuietly(final SocketChannel channel) {
        try {
            channel.read(ByteBuffer.allocate(1));
        } catch (final IOException e) {
            // The read is made for what it opens; nothing depends on what it returns.
            Thread.currentThread().interrupt();
        }
    }
}
