package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import dev.sluice.ffi.linux.sockaddr_un;
import dev.sluice.relay.RelayListener;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells the service manager that started this process how its relay is: the protocol of sd_notify(3), datagrams of {@code NAME=VALUE} lines
 * to the Unix socket that {@code NOTIFY_SOCKET} names. Without that variable it tells nobody.
 *
 * <p>READY=1 goes out when the relay's sockets are bound, not when the guest is ready: the unit of the virtual machine, ordered after the
 * relay's, would never start otherwise. The relay starts no processes, so there is nobody to hide the variable from.
 *
 * <p>Nothing here is fatal or waits, but for READY=1, which waits a little for a service manager that is busy.
 *
 * <p><b>Threads.</b> As {@link RelayListener}; the rest one owner thread.
 */
final class ServiceNotifier implements RelayListener, AutoCloseable {
    static final String VARIABLE = "NOTIFY_SOCKET";

    private static final Logger LOG = System.getLogger(ServiceNotifier.class.getName());
    private static final int NOBODY = -1;
    private static final int READY_PATIENCE_MS = 5000;
    /** Most characters of a status: a guest's words may be in it. */
    private static final int MAX_STATUS_LENGTH = 256;
    private static final long PATH_OFFSET = sockaddr_un.sun_path$offset();
    private static final int MAX_NAME_LENGTH = 108;

    private final Posix posix;
    private final int fd;

    private ServiceNotifier(final Posix posix, final int fd) {
        this.posix = posix;
        this.fd = fd;
    }

    /** Tells whom the environment of this process names. */
    static ServiceNotifier fromEnvironment(final Posix posix) {
        try {
            // From the kernel: the JVM's own view of it has been through a character set.
            for (final String entry : RawArguments.strings(Files.readAllBytes(Path.of("/proc/self/environ")))) {
                if (entry.startsWith(VARIABLE + "=")) {
                    return to(posix, entry.substring(VARIABLE.length() + 1).getBytes(ISO_8859_1));
                }
            }
        } catch (final IOException e) {
            LOG.log(Level.WARNING, "the service manager is not told anything: {0}", e.getMessage());
        }
        return new ServiceNotifier(posix, NOBODY);
    }

    /** Tells the socket of that name: a path, or {@code @} and an abstract name. */
    static ServiceNotifier to(final Posix posix, final byte[] name) {
        int fd = NOBODY;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment address = address(arena, name);
            fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
            final int result = posix.connect(fd, address);
            if (result < 0) {
                throw new PosixException("connect", -result, new String(name, UTF_8));
            }
        } catch (final IOException e) {
            LOG.log(Level.WARNING, "the service manager is not told anything: {0}", e.getMessage());
            if (fd >= 0) {
                posix.closeQuietly(fd);
            }
            fd = NOBODY;
        }
        return new ServiceNotifier(posix, fd);
    }

    private static MemorySegment address(final Arena arena, final byte[] name) throws IOException {
        final boolean isAbstract = name.length > 1 && name[0] == '@';
        final boolean isPath = name.length > 0 && name[0] == '/';
        // A path ends with a NUL, an abstract name begins with one.
        if (!isAbstract && !isPath || name.length + (isPath ? 1 : 0) > MAX_NAME_LENGTH) {
            throw new IOException(VARIABLE + " names no Unix socket: " + new String(name, UTF_8));
        }
        final MemorySegment address = arena.allocate(PATH_OFFSET + name.length + (isPath ? 1 : 0), Short.BYTES);
        sockaddr_un.sun_family(address, (short) Linux.AF_UNIX);
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, PATH_OFFSET, name.length);
        if (isAbstract) {
            address.set(ValueLayout.JAVA_BYTE, PATH_OFFSET, (byte) 0);
        }
        return address;
    }

    /** The relay's sockets are bound. */
    void onBound() {
        tell("READY=1\nSTATUS=waiting for the guest", READY_PATIENCE_MS);
    }

    @Override
    public void onReady() {
        tell("STATUS=guest ready", 0);
    }

    @Override
    public void onGuestLost(final String reason) {
        final String status = TerminalText.line("waiting for a guest, the last was lost: " + reason);
        tell("STATUS=" + status.substring(0, Math.min(status.length(), MAX_STATUS_LENGTH)), 0);
    }

    @Override
    public void onShutdownRequested() {
        tell("STATUS=the guest is shutting down", 0);
    }

    @Override
    public void onDraining() {
        tell("STOPPING=1\nSTATUS=ending", 0);
    }

    private void tell(final String message, final int patienceMs) {
        if (fd == NOBODY) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, message.getBytes(UTF_8));
            long sent = send(bytes);
            if (sent == -Errno.EAGAIN && patienceMs > 0) {
                final MemorySegment waited = pollfd.allocate(arena);
                pollfd.fd(waited, fd);
                pollfd.events(waited, (short) Linux.POLLOUT);
                posix.poll(waited.address(), 1, patienceMs);
                sent = send(bytes);
            }
            if (sent < 0) {
                LOG.log(Level.WARNING, "the service manager could not be told {0}: {1}", message.lines().findFirst().orElse(""),
                    Errno.name((int) -sent));
            }
        }
    }

    private long send(final MemorySegment bytes) {
        return posix.send(fd, bytes.address(), bytes.byteSize(), Linux.MSG_NOSIGNAL | Linux.MSG_DONTWAIT);
    }

    @Override
    public void close() {
        if (fd != NOBODY) {
            posix.closeQuietly(fd);
        }
    }
}
