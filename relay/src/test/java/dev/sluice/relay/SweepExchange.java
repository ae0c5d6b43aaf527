package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import dev.sluice.ring.RingChannel;
import dev.sluice.ring.RingHandOver;
import dev.sluice.vsock.UnixAddress;
import dev.sluice.vsock.UnixConnector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The relay's peers: a guest, which comes back when it is lost; two clients at once; then a third, which shows that the relay still serves,
 * and orders the shutdown. A third client that comes to harm has a successor.
 */
final class SweepExchange implements AutoCloseable {
    /** The first clients, one behind the other. */
    static final int FIRST_CLIENTS = 2;
    private static final int MOST_CLIENTS = 5;
    private static final int CHUNK = 64 * 1024;

    final List<SweepClient> clients = new ArrayList<>();
    final List<SweepGuest> guests = new ArrayList<>();
    private final Path socket;
    private final Path console;
    private final PortAddress.Kind kind;
    private final ServerSocketChannel listener;
    private int ringSocket = -1;
    private BooleanSupplier logWriter = () -> false;

    SweepExchange(final Path socket, final Path console, final PortAddress.Kind kind) throws IOException {
        this.socket = socket;
        this.console = console;
        this.kind = kind;
        listener = kind == PortAddress.Kind.UNIX
            ? ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(console)) : null;
        if (listener != null) {
            listener.configureBlocking(false);
        }
    }

    /** The writer of the relay's exec log acts with the peers. */
    void logWriter(final BooleanSupplier passes) {
        logWriter = passes;
    }

    /** Does what can be done now; {@return whether that was anything} */
    boolean step() {
        try {
            boolean moved = connectGuest();
            for (final SweepGuest guest : guests) {
                moved |= guest.pump();
            }
            for (final SweepClient client : clients) {
                moved |= client.pump();
                if (client.sessionEnded && clients.indexOf(client) < FIRST_CLIENTS && !client.isOver()) {
                    client.close();
                    moved = true;
                }
            }
            return moved | connectClient() | logWriter.getAsBoolean();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean connectGuest() throws IOException {
        if (!guests.isEmpty() && !guests.getLast().isOver() || isShutDown()) {
            return false;
        }
        final ScriptedPeer.SweepChannel channel = switch (kind) {
            case UNIX -> accept();
            case UNIX_LISTEN -> Files.exists(console) ? ScriptedPeer.of(SocketChannel.open(UnixDomainSocketAddress.of(console))) : null;
            default -> takeRing();
        };
        if (channel != null) {
            guests.add(new SweepGuest(channel));
        }
        return channel != null;
    }

    private ScriptedPeer.SweepChannel accept() throws IOException {
        final SocketChannel accepted = listener.accept();
        return accepted == null ? null : ScriptedPeer.of(accepted);
    }

    private ScriptedPeer.SweepChannel takeRing() throws IOException {
        if (ringSocket < 0) {
            final int connected = UnixConnector.tryConnect(Posix.system(), UnixAddress.of(console));
            if (connected < 0) {
                return null;
            }
            ringSocket = connected;
        }
        try {
            final RingChannel channel = RingHandOver.tryReceive(Posix.system(), ringSocket);
            if (channel == null) {
                return null;
            }
            ringSocket = -1;
            return new RingEnd(channel);
        } catch (final IOException e) {
            // A hand-over that was cut, or none: the next attempt connects again.
            Posix.system().closeQuietly(ringSocket);
            ringSocket = -1;
            return null;
        }
    }

    private boolean connectClient() throws IOException {
        final boolean due = clients.isEmpty()
            || clients.size() < FIRST_CLIENTS && (clients.getFirst().isGreeted() || clients.getFirst().isOver())
            || clients.size() >= FIRST_CLIENTS && clients.size() < MOST_CLIENTS && !isShutDown()
            && clients.stream().allMatch(ScriptedPeer::isOver);
        if (!due || !Files.exists(socket)) {
            return false;
        }
        clients.add(new SweepClient(socket, clients.size() >= FIRST_CLIENTS));
        return true;
    }

    /** {@return whether a guest has been told to shut down} */
    boolean isShutDown() {
        return guests.stream().anyMatch(guest -> guest.shutDown);
    }

    /** After the relay has ended: the ends of all connections are read. */
    void finish() {
        clients.forEach(ScriptedPeer::pump);
        guests.forEach(ScriptedPeer::pump);
    }

    @Override
    public void close() throws IOException {
        clients.forEach(ScriptedPeer::close);
        guests.forEach(ScriptedPeer::close);
        if (ringSocket >= 0) {
            Posix.system().closeQuietly(ringSocket);
        }
        if (listener != null) {
            listener.close();
        }
        Files.deleteIfExists(console);
    }

    /** A guest's end of a ring, polled. */
    private static final class RingEnd implements ScriptedPeer.SweepChannel {
        private final RingChannel ring;
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment staging = arena.allocate(CHUNK);

        RingEnd(final RingChannel ring) {
            this.ring = ring;
        }

        @Override
        public int read(final ByteBuffer buffer) {
            ring.onReady(dev.sluice.ffi.linux.Linux.EPOLLIN);
            final int found = ring.poll();
            if (found <= 0) {
                // Asleep, as a guest with nothing to do is: the relay has to wake it.
                ring.prepareToSleep(true, false);
                return found;
            }
            final int count = Math.min(found, buffer.remaining());
            buffer.put(ring.reader().memory().asSlice(ring.reader().offset(), count).asByteBuffer());
            ring.reader().advance(count);
            ring.release();
            return count;
        }

        @Override
        public int write(final ByteBuffer buffer) {
            final int count = Math.min(buffer.remaining(), CHUNK);
            staging.asByteBuffer().put(buffer.slice(buffer.position(), count));
            final int taken = ring.write(staging, 0, count);
            ring.flush();
            return taken;
        }

        @Override
        public void close() {
            ring.close();
            arena.close();
        }
    }
}
