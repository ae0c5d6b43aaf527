package dev.sluice.systemtests;

import dev.sluice.ffi.DescriptorPassing;
import dev.sluice.ffi.Mapping;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ring.RingChannel;
import dev.sluice.ring.RingDescriptor;
import dev.sluice.vsock.UnixAddress;
import dev.sluice.vsock.UnixConnector;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;

/** A guest at a relay's ring with its hands on the shared memory itself. The ring's own rules are kept by {@link #echo} alone. */
final class RingGuest implements AutoCloseable {
    private final Posix posix;
    private final int socket;
    private final Mapping mapping;
    private final RingChannel channel;
    private final int toGuestCapacity;
    private final int toHostCapacity;

    private RingGuest(final Posix posix, final int socket, final Mapping mapping, final int toGuest, final int toHost) {
        this.posix = posix;
        this.socket = socket;
        this.mapping = mapping;
        this.toGuestCapacity = toGuest;
        this.toHostCapacity = toHost;
        this.channel = new RingChannel(posix, socket, mapping, RingChannel.Side.GUEST, toGuest, toHost, toHost);
    }

    /** Takes a ring from a relay, as soon as it gives one away, and says core.ready. */
    static RingGuest join(final Posix posix, final Path path, final Duration limit) throws Exception {
        final int socket = UnixConnector.connect(posix, UnixAddress.of(path), limit);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment header = arena.allocate(RingDescriptor.HAND_OVER_LENGTH, Long.BYTES);
            final int memory = receive(posix, socket, header, limit);
            final long length = header.get(ValueLayout.JAVA_LONG, RingDescriptor.MEMORY_LENGTH_OFFSET);
            final RingGuest guest = new RingGuest(posix, socket, new Mapping(posix, memory, length),
                header.get(ValueLayout.JAVA_INT, RingDescriptor.HOST_TO_GUEST_CAPACITY_OFFSET),
                header.get(ValueLayout.JAVA_INT, RingDescriptor.GUEST_TO_HOST_CAPACITY_OFFSET));
            posix.closeQuietly(memory);
            guest.channel.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, Wire.READY), 0, Wire.READY.length);
            guest.channel.flush();
            return guest;
        }
    }

    private static int receive(final Posix posix, final int socket, final MemorySegment header, final Duration limit) throws Exception {
        return Await.success(PosixException.class, limit, () -> {
            try (DescriptorPassing.Received received = DescriptorPassing.receive(posix, socket, header, 1)) {
                if (received.count() != 1) {
                    throw new IOException("the relay gave no ring away: bytes=" + received.bytes());
                }
                return received.take(0);
            }
        });
    }

    /** The shared memory, with which anything can be done. */
    MemorySegment memory() {
        return mapping.segment();
    }

    int toGuestCapacity() {
        return toGuestCapacity;
    }

    int toHostCapacity() {
        return toHostCapacity;
    }

    /** Echoes what is there; false when the ring is broken or the relay has gone. */
    boolean echo() {
        int length = channel.poll();
        while (length > 0) {
            final int taken = channel.write(channel.reader().memory(), channel.reader().offset(), length);
            if (taken < 0) {
                return false;
            }
            if (taken == 0) {
                break;
            }
            channel.reader().advance(taken);
            length = channel.poll();
        }
        channel.release();
        channel.flush();
        return length >= 0;
    }

    /** Sends wake-ups that nobody has asked for. */
    void wake(final int count) {
        posix.send(socket, mapping.segment().address(), count, Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL);
    }

    @Override
    public void close() {
        channel.close();
    }
}
