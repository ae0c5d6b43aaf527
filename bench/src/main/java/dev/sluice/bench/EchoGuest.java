package dev.sluice.bench;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.port.Port;
import dev.sluice.port.PortAddress;
import dev.sluice.port.PortReader;
import dev.sluice.port.PortSource;
import dev.sluice.port.PortSources;
import dev.sluice.port.PortWriter;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.Ready;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A guest that sends core.ready and then every byte back: the other end of a relay when its ring is measured. It uses the public port API
 * and blocks like the agent; nothing spins.
 *
 * <p>{@code java ... dev.sluice.bench.EchoGuest ring:PATH|unix:PATH|unix-listen:PATH|file:PATH}
 */
public final class EchoGuest {
    private static final int RETRY_MS = 10;

    private EchoGuest() {
    }

    /**
     * Echoes until the port ends, then exits.
     *
     * @param arguments the address of the port
     * @throws IOException if the port cannot be opened
     */
    public static void main(final String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("usage: EchoGuest " + PortAddress.SYNTAX);
            System.exit(2);
        }
        final Posix posix = Posix.system();
        try (PortSource source = PortSources.guest(posix, PortAddress.parse(arguments[0]));
            Epoll epoll = new Epoll(posix, 4);
            Port port = open(source, epoll)) {
            epoll.add(port.fd(), 0, 0);
            greet(port.writer());
            echo(port, epoll);
        }
    }

    private static Port open(final PortSource source, final Epoll epoll) throws IOException {
        Port port = source.tryOpen();
        while (port == null) {
            epoll.await(RETRY_MS);
            port = source.tryOpen();
        }
        return port;
    }

    private static void greet(final PortWriter writer) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] ready = Frames.encode(1, 0, new Ready(1, 2, 3, "", 0));
            final MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, ready);
            if (writer.write(memory, 0, ready.length) != ready.length) {
                throw new IOException("the port does not take core.ready");
            }
            writer.flush();
        } catch (final ProtocolException e) {
            throw new AssertionError(e);
        }
    }

    private static void echo(final Port port, final Epoll epoll) throws IOException {
        final PortReader reader = port.reader();
        final PortWriter writer = port.writer();
        int watched = 0;
        while (true) {
            boolean full = false;
            int status = reader.poll();
            while (status >= 0 && reader.length() > 0 && !full) {
                final int length = reader.length();
                final int taken = writer.write(reader.memory(), reader.offset(), length);
                status = Math.min(status, taken);
                reader.advance(Math.max(0, taken));
                full = taken < length;
            }
            if (status < 0) {
                return;
            }
            writer.flush();
            reader.release();
            final int events = port.prepareToSleep(!full, full);
            if (events != Port.WORK_NOW) {
                if (events != watched) {
                    epoll.modify(port.fd(), events, 0);
                    watched = events;
                }
                port.onReady(epoll.await(-1) > 0 ? epoll.events(0) : 0);
            }
        }
    }
}
