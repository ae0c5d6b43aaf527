package dev.sluice.port;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Ports over a character device. */
final class DeviceSource implements PortSource {
    private static final int FLAGS = Linux.O_RDWR | Linux.O_NONBLOCK | Linux.O_NOCTTY | Linux.O_CLOEXEC;

    private final Posix posix;
    private final String path;
    private final boolean outlivesPeer;
    private final Shortage shortage = new Shortage();
    private boolean busy;

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
        final int fd;
        busy = false;
        try {
            checkDevice();
            fd = posix.open(path, FLAGS, 0);
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
        shortage.over();
        if (TerminalMode.isTerminal(posix, fd)) {
            return StreamPort.ofTerminal(posix, fd);
        }
        return outlivesPeer ? StreamPort.ofConsole(posix, fd) : StreamPort.ofDevice(posix, fd);
    }

    @Override
    public String obstacle() {
        return busy ? "somebody else has it open" : "it is not there, or not plugged in";
    }

    @Override
    public void close() {
        // Nothing is held between two calls.
    }

    private void checkDevice() throws IOException {
        final int mode = (Integer) Files.getAttribute(Path.of(path), "unix:mode");
        if ((mode & Linux.S_IFMT) != Linux.S_IFCHR) {
            throw new IOException("not a character device or terminal: path=" + path + " mode=" + Integer.toOctalString(mode));
        }
    }
}
