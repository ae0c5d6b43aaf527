package dev.sluice.cli;

import dev.sluice.ffi.linux.Linux;
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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
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
    /** Device and inode of a Unix socket; null for TCP. */
    private final Object file;

    private ForwardListener(final ServerSocketChannel channel, final SocketAddress address, final Object file) {
        this.channel = channel;
        this.address = address;
        this.file = file;
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
            return new ForwardListener(channel, channel.getLocalAddress(), null);
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
            final Object file = fileKey(made);
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
            return new ForwardListener(channel, address, file);
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
        if (((Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & Linux.S_IFMT) != Linux.S_IFSOCK) {
            throw new FileAlreadyExistsException(path.toString(), null, "it is no socket, and left alone");
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new FileAlreadyExistsException(path.toString(), null, probe.isOpen() ? "somebody listens there" : "");
        } catch (final ConnectException e) {
            // Nobody does any more: it is replaced.
            return;
        }
    }

    private static Object fileKey(final Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
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

    /** Also removes a Unix socket, unless something else has taken its place. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (address instanceof final UnixDomainSocketAddress unix) {
            try {
                if (fileKey(unix.getPath()).equals(file)) {
                    Files.deleteIfExists(unix.getPath());
                }
            } catch (final NoSuchFileException e) {
                // Gone already.
                return;
            }
        }
    }
}
