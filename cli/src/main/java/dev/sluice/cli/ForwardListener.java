package dev.sluice.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A socket of this machine that is listened at, TCP or Unix. A Unix socket is only its owner's to connect to from its first moment on; it
 * takes the place of one at which nobody listens any more, and of nothing else.
 */
final class ForwardListener implements AutoCloseable {
    private static final int BACKLOG = 128;
    private static final String PREFIX = ".sluice-";

    private final ServerSocketChannel channel;
    private final SocketAddress address;

    private ForwardListener(final ServerSocketChannel channel, final SocketAddress address) {
        this.channel = channel;
        this.address = address;
    }

    /**
     * Listens.
     *
     * @throws IOException naming the address
     */
    static ForwardListener open(final SocketAddress address) throws IOException {
        try {
            return address instanceof final UnixDomainSocketAddress unix ? openUnix(unix) : openInet(address);
        } catch (final FileAlreadyExistsException e) {
            throw e;
        } catch (final IOException e) {
            throw new IOException("cannot listen at " + ForwardRule.format(address) + ": " + e.getMessage(), e);
        }
    }

    private static ForwardListener openInet(final SocketAddress address) throws IOException {
        final ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, BACKLOG);
            return new ForwardListener(channel, channel.getLocalAddress());
        } catch (final IOException e) {
            channel.close();
            throw e;
        }
    }

    private static ForwardListener openUnix(final UnixDomainSocketAddress address) throws IOException {
        final Path path = address.getPath().toAbsolutePath();
        checkFree(path);
        final ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        // Only we can enter a directory made so; by the time the socket leaves it, it has its permissions.
        final Path directory = Files.createTempDirectory(path.getParent(), PREFIX);
        final Path made = directory.resolve("s");
        try {
            channel.bind(UnixDomainSocketAddress.of(made), BACKLOG);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
            return new ForwardListener(channel, address);
        } catch (final IOException e) {
            channel.close();
            Files.deleteIfExists(made);
            throw e;
        } finally {
            Files.delete(directory);
        }
    }

    private static void checkFree(final Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new FileAlreadyExistsException(path.toString(), null, probe.isOpen() ? "somebody listens there" : "");
        } catch (final ConnectException e) {
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(path.toString(), null, "it is no socket, and left alone");
            }
        }
    }

    /** Where it listens, with the port that it has. */
    SocketAddress address() {
        return address;
    }

    /** Waits for the next connection. */
    SocketChannel accept() throws IOException {
        return channel.accept();
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (address instanceof final UnixDomainSocketAddress unix) {
            Files.deleteIfExists(unix.getPath());
        }
    }
}
