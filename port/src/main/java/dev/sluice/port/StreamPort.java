package dev.sluice.port;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A port over a descriptor that carries bytes: a stream socket, a terminal, a console device.
 *
 * <p>Readiness is remembered rather than probed: a call is made only when epoll has said that it will succeed, or when the last one took
 * all it was offered. A short count ends that for sockets, where it means empty or full. Devices hand out one buffer at a time (a Linux
 * virtio port: 4 KiB reads, 32 KiB writes), so for them only EAGAIN does.
 *
 * <p>A hang-up is not the end while there are bytes left: reading goes on until the descriptor itself reports the end.
 *
 * <p>Bytes are read into one buffer of {@link #READ_BUFFER_LENGTH}, at its start again once everything has been released. No allocation per
 * call.
 */
public final class StreamPort implements Port {
    /** Length of the read buffer in bytes, and so the most one read takes in. */
    public static final int READ_BUFFER_LENGTH = 256 * 1024;
    /**
     * Send buffer asked for on sockets, in bytes. The kernel doubles it, counts its own overhead against it and lets one write of up to 32
     * KiB go past it: so at most 256 KiB of payload wait for the peer.
     */
    public static final int SEND_BUFFER_LENGTH = 112 * 1024;

    /** A socket's peer that only sends no more counts as gone, as it does when its end is read. */
    private static final int HANG_UP = Linux.EPOLLHUP | Linux.EPOLLERR | Linux.EPOLLRDHUP;
    private static final int SEND_FLAGS = Linux.MSG_NOSIGNAL | Linux.MSG_DONTWAIT;

    private enum Kind { SOCKET, TERMINAL, DEVICE, CONSOLE }

    private final Posix posix;
    private final int fd;
    private final Kind kind;
    private final Arena arena = Arena.ofShared();
    private final Input input = new Input();
    private final Output output = new Output();
    private final MemorySegment buffer = arena.allocate(READ_BUFFER_LENGTH, Long.BYTES);
    private final MemorySegment queued = arena.allocate(ValueLayout.JAVA_INT);
    private boolean readable;
    private boolean writable = true;
    private boolean hungUp;
    private boolean peerGone;
    /** Whether a byte has been exchanged with whoever is at the other end of a console. */
    private boolean hostMet;
    private boolean hostLeft;
    private int readStatus;
    private int writeStatus;
    private String detail = "";
    private boolean closed;

    private StreamPort(final Posix posix, final int fd, final Kind kind) {
        this.posix = posix;
        this.fd = fd;
        this.kind = kind;
    }

    /**
     * A port over a connected stream socket.
     *
     * @param posix the system
     * @param fd the socket; becomes the port's, also when this fails
     * @return the port
     * @throws PosixException if the send buffer cannot be set
     */
    public static StreamPort ofSocket(final Posix posix, final int fd) throws PosixException {
        try {
            posix.setsockoptInt(fd, Linux.SOL_SOCKET, Linux.SO_SNDBUF, SEND_BUFFER_LENGTH);
        } catch (final PosixException e) {
            posix.closeQuietly(fd);
            throw e;
        }
        return new StreamPort(posix, fd, Kind.SOCKET);
    }

    /**
     * A port over a terminal, which is put into raw mode. Its hang-up (EIO) is its end.
     *
     * @param posix the system
     * @param fd the terminal, non-blocking; becomes the port's, also when this fails
     * @return the port
     * @throws PosixException if the mode cannot be set
     */
    public static StreamPort ofTerminal(final Posix posix, final int fd) throws PosixException {
        try {
            TerminalMode.makeRaw(posix, fd);
        } catch (final PosixException e) {
            posix.closeQuietly(fd);
            throw e;
        }
        return new StreamPort(posix, fd, Kind.TERMINAL);
    }

    /**
     * A port over a device whose end of file is the end of the port.
     *
     * @param posix the system
     * @param fd the device, non-blocking; becomes the port's
     * @return the port
     */
    public static StreamPort ofDevice(final Posix posix, final int fd) {
        return new StreamPort(posix, fd, Kind.DEVICE);
    }

    /**
     * A port over the guest's end of a virtual console. While no host is connected such a device reads as end of file and hangs up. Until
     * a byte has been exchanged, that is not the end of the port: it waits for a host. Afterwards it is, since what the next host says
     * begins anew; the device can be the next port's.
     *
     * <p>One host that leaves and another that comes before this side looks are one to it: nothing of the device tells.
     * Source: drivers/char/virtio_console.c, port_fops_read and port_fops_poll.
     *
     * @param posix the system
     * @param fd the device, non-blocking; becomes the port's
     * @return the port
     */
    public static StreamPort ofConsole(final Posix posix, final int fd) {
        return new StreamPort(posix, fd, Kind.CONSOLE);
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public PortReader reader() {
        return input;
    }

    @Override
    public PortWriter writer() {
        return output;
    }

    @Override
    public int prepareToSleep(final boolean wantRead, final boolean wantWrite) {
        if (wantRead && (input.length() > 0 || readable || readStatus != 0) || wantWrite && (writable || writeStatus != 0)) {
            return WORK_NOW;
        }
        // A hang-up is reported whether asked for or not, that of one direction where reading would not find it anyway. Edge triggered it
        // ends one wait, not every one.
        final int ends = wantRead || kind != Kind.SOCKET ? 0 : Linux.EPOLLRDHUP;
        return (wantRead ? Linux.EPOLLIN : ends) | (wantWrite ? Linux.EPOLLOUT : 0) | (hungUp ? Linux.EPOLLET : 0);
    }

    @Override
    public void onReady(final int events) {
        if (events == 0) {
            return;
        }
        hungUp = (events & HANG_UP) != 0;
        hostLeft |= hungUp && hostMet && kind == Kind.CONSOLE;
        peerGone |= hungUp && kind != Kind.CONSOLE || hostLeft;
        readable |= hungUp || (events & Linux.EPOLLIN) != 0;
        // A write to a peer that is gone says so at once; a console without a host takes nothing until it says it does.
        writable |= (events & Linux.EPOLLOUT) != 0 || hungUp && kind != Kind.CONSOLE;
    }

    /** @return whether this was a console that has ended with its host: its device is sound */
    boolean hasHostLeft() {
        return hostLeft;
    }

    @Override
    public boolean isPeerGone() {
        return peerGone || readStatus == PortStatus.CLOSED || writeStatus == PortStatus.CLOSED;
    }

    @Override
    public String detail() {
        return detail;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            posix.closeQuietly(fd);
            arena.close();
        }
    }

    private int statusOf(final String call, final int errno) {
        if (detail.isEmpty()) {
            detail = call + ": " + Errno.name(errno);
        }
        return switch (errno) {
            case Errno.ECONNRESET, Errno.EPIPE, Errno.EIO, Errno.ENODEV, Errno.ENOTCONN -> PortStatus.CLOSED;
            default -> PortStatus.FAILED;
        };
    }

    private final class Input implements PortReader {
        private int released;
        private int cursor;
        private int limit;

        @Override
        public int poll() {
            if (cursor < limit) {
                return limit - cursor;
            }
            if (readStatus != 0 || !readable) {
                return readStatus;
            }
            if (released == limit) {
                released = 0;
                cursor = 0;
                limit = 0;
            }
            return limit == READ_BUFFER_LENGTH ? 0 : read(READ_BUFFER_LENGTH - limit);
        }

        private int read(final int room) {
            final int count = (int) posix.read(fd, buffer.address() + limit, room);
            if (count > 0) {
                hostMet = true;
                limit += count;
                readable = count == room || hungUp || kind != Kind.SOCKET;
                return count;
            }
            if (count == -Errno.EAGAIN && !hostLeft) {
                // A socket that hung up still owes its end; edge triggered, nobody would say so again.
                readable = hungUp && kind == Kind.SOCKET;
                return 0;
            }
            readable = false;
            if (kind == Kind.CONSOLE && (count == 0 || count == -Errno.EAGAIN)) {
                if (hostMet) {
                    hostLeft = true;
                    end("the host has left the console");
                }
            } else if (count < 0) {
                readStatus = statusOf("read", -count);
            } else {
                end("end of stream");
            }
            // Whoever sends nothing any more is not written to either; after a failed write, though, there may be bytes left to read.
            writeStatus = writeStatus == 0 ? readStatus : writeStatus;
            return readStatus;
        }

        private void end(final String reason) {
            detail = detail.isEmpty() ? reason : detail;
            readStatus = PortStatus.CLOSED;
        }

        @Override
        public MemorySegment memory() {
            return buffer;
        }

        @Override
        public long offset() {
            return cursor;
        }

        @Override
        public int length() {
            return limit - cursor;
        }

        @Override
        public void advance(final int bytes) {
            if (bytes < 0 || bytes > limit - cursor) {
                throw new IllegalArgumentException("advance beyond the span: bytes=" + bytes + " length=" + (limit - cursor));
            }
            cursor += bytes;
        }

        @Override
        public void release() {
            released = cursor;
        }
    }

    private final class Output implements PortWriter {
        @Override
        public int write(final MemorySegment memory, final long offset, final int length) {
            if (!memory.isNative()) {
                throw new IllegalArgumentException("bytes to write must lie off-heap: memory=" + memory);
            }
            Objects.checkFromIndexSize(offset, length, memory.byteSize());
            final long address = memory.address() + offset;
            int taken = 0;
            while (taken < length && writable && writeStatus == 0) {
                final int count = put(address + taken, length - taken);
                if (count > 0) {
                    hostMet = true;
                    writable = count == length - taken || kind != Kind.SOCKET;
                    taken += count;
                } else {
                    writable = false;
                    if (count < 0 && count != -Errno.EAGAIN) {
                        writeStatus = statusOf("write", -count);
                    }
                }
            }
            return taken > 0 ? taken : writeStatus;
        }

        private int put(final long address, final int length) {
            return (int) (kind == Kind.SOCKET ? posix.send(fd, address, length, SEND_FLAGS) : posix.write(fd, address, length));
        }

        @Override
        public void flush() {
            // Every write went to the kernel at once.
        }

        @Override
        public int unread() {
            if (kind == Kind.CONSOLE || kind == Kind.DEVICE || posix.syscalls().ioctl(fd, Linux.SIOCOUTQ, queued.address()) < 0) {
                return 0;
            }
            return queued.get(ValueLayout.JAVA_INT, 0);
        }
    }
}
