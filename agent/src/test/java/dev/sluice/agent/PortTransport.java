package dev.sluice.agent;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.Port;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Bytes over a port of the host's side. One thread. */
final class PortTransport implements HostEnd.Transport {
    private static final int PIECE = 64 * 1024;

    private final Port port;
    private final Epoll epoll;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(PIECE);
    private int watched = Linux.EPOLLIN;

    PortTransport(final Posix posix, final Port port) throws IOException {
        this.port = port;
        this.epoll = new Epoll(posix, 1);
        epoll.add(port.fd(), watched, 0);
    }

    @Override
    public int read(final ByteBuffer target) {
        final int status = port.reader().poll();
        if (status <= 0) {
            return status == 0 ? 0 : -1;
        }
        final int length = Math.min(port.reader().length(), target.remaining());
        target.put(port.reader().memory().asSlice(port.reader().offset(), length).asByteBuffer());
        port.reader().advance(length);
        port.reader().release();
        return length;
    }

    @Override
    public int write(final ByteBuffer source) throws IOException {
        final int length = Math.min(PIECE, source.remaining());
        MemorySegment.copy(MemorySegment.ofBuffer(source), 0, memory, 0, length);
        final int taken = port.writer().write(memory, 0, length);
        port.writer().flush();
        if (taken < 0) {
            throw new IOException("port ended: " + port.detail());
        }
        source.position(source.position() + taken);
        return taken;
    }

    @Override
    public void awaitBytes(final long limitMs) throws IOException {
        await(true, false, limitMs);
    }

    @Override
    public void awaitRoom(final long limitMs) throws IOException {
        await(false, true, limitMs);
    }

    private void await(final boolean read, final boolean write, final long limitMs) throws IOException {
        final int wanted = port.prepareToSleep(read, write);
        if (wanted == Port.WORK_NOW) {
            return;
        }
        if (wanted != watched) {
            epoll.modify(port.fd(), wanted, 0);
            watched = wanted;
        }
        final int events = epoll.await((int) Math.min(Integer.MAX_VALUE, limitMs));
        port.onReady(events > 0 ? epoll.events(0) : 0);
    }

    @Override
    public void close() {
        epoll.close();
        port.close();
        arena.close();
    }
}
