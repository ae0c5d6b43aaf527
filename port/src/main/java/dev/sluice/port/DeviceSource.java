package dev.sluice.port;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Ports over a character device.
 *
 * <p>A guest's virtual console stays open from one host to the next: closed, it would drop what the next host has sent already.
 */
final class DeviceSource implements PortSource {
    private static final int FLAGS = Linux.O_RDWR | Linux.O_NONBLOCK | Linux.O_NOCTTY | Linux.O_CLOEXEC;

    private static final int NONE = -1;

    private final Posix posix;
    private final String path;
    private final boolean outlivesPeer;
    private final Shortage shortage = new Shortage();
    private boolean busy;
    /** The console, also while no port is open. */
    private int held = NONE;
    private StreamPort console;

    /** @param outlivesPeer whether end of file on the device means no more than that no peer is there now, as on a guest's virtual console
     * */
    DeviceSource(final Posix posix, final String path, final boolean outlivesPeer) {
        this.posix = posix;
        this.path = path;
        this.outlivesPeer = outlivesPeer;
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public Port tryOpen() throws IOException {
        busy = false;
        if (held != NONE && !console.hasHostLeft()) {
            // It has failed, or what came made no sense: begun anew, it may do better.
            close();
        }
        try {
            if (held != NONE) {
                return shareConsole();
            }
            checkDevice();
            return open();
        } catch (final NoSuchFileException e) {
            return null;
        } catch (final PosixException e) {
            busy = e.errno() == Errno.EBUSY;
            // Not there, not plugged in, or still held by a predecessor: a virtio port can be open once.
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENXIO || e.errno() == Errno.ENODEV || e.errno() == Errno.EBUSY
                || shortage.explains(e, path)) {
                return null;
            }
            throw e;
        }
    }

    private Port open() throws PosixException {
        final int fd = posix.open(path, FLAGS, 0);
        if (TerminalMode.isTerminal(posix, fd)) {
            shortage.over();
            return StreamPort.ofTerminal(posix, fd);
        }
        if (!outlivesPeer) {
            shortage.over();
            return StreamPort.ofDevice(posix, fd);
        }
        held = fd;
        try {
            return shareConsole();
        } catch (final PosixException e) {
            close();
            throw e;
        }
    }

    /** The port has a descriptor of its own for the one open device. */
    private Port shareConsole() throws PosixException {
        console = StreamPort.ofConsole(posix, posix.fcntl(held, Linux.F_DUPFD_CLOEXEC, 0));
        shortage.over();
        return console;
    }

    @Override
    public String obstacle() {
        return busy ? "somebody else has it open" : "it is not there, or not plugged in";
    }

    @Override
    public void close() {
        if (held != NONE) {
            posix.closeQuietly(held);
            held = NONE;
        }
    }

    private void checkDevice() throws IOException {
        final int mode = (Integer) Files.getAttribute(Path.of(path), "unix:mode");
        if ((mode & Linux.S_IFMT) != Linux.S_IFCHR) {
            throw new IOException("not a character device or terminal: path=" + path + " mode=" + Integer.toOctalString(mode));
        }
    }
}
