package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A guest at a relay's ring, with its hands on the shared memory. It never sleeps, so nobody has to wake it. */
final class RingGuest implements AutoCloseable {
    private final Posix posix = Posix.system();
    private final Arena arena = Arena.ofConfined();
    private final int socket;
    private final Mapping mapping;
    private final int toGuestCapacity;
    private final RingChannel channel;

    /** Takes the ring that the relay gives away. */
    RingGuest(final Path path) throws IOException {
        socket = UnixConnector.connect(posix, UnixAddress.of(path), RelayUnderTest.LIMIT);
        final MemorySegment header = arena.allocate(RingDescriptor.HAND_OVER_LENGTH, Long.BYTES);
        final int memory = receive(header);
        mapping = new Mapping(posix, memory, header.get(ValueLayout.JAVA_LONG, RingDescriptor.MEMORY_LENGTH_OFFSET));
        posix.closeQuietly(memory);
        toGuestCapacity = header.get(ValueLayout.JAVA_INT, RingDescriptor.HOST_TO_GUEST_CAPACITY_OFFSET);
        final int toHostCapacity = header.get(ValueLayout.JAVA_INT, RingDescriptor.GUEST_TO_HOST_CAPACITY_OFFSET);
        channel = new RingChannel(posix, socket, mapping, RingChannel.Side.GUEST, toGuestCapacity, toHostCapacity, toHostCapacity);
    }

    private int receive(final MemorySegment header) throws IOException {
        final long deadline = System.nanoTime() + RelayUnderTest.LIMIT.toNanos();
        while (true) {
            try (DescriptorPassing.Received received = DescriptorPassing.receive(posix, socket, header, 1)) {
                return received.take(0);
            } catch (final PosixException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
            }
            Thread.onSpinWait();
        }
    }

    MemorySegment memory() {
        return mapping.segment();
    }

    /** Where in the memory the direction towards the relay begins: its records, then its indices. */
    long toHostRecords() {
        return RingDescriptor.guestToHostOffset(toGuestCapacity);
    }

    void write(final byte[] bytes) {
        final MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        int written = 0;
        while (written < bytes.length) {
            final int taken = channel.write(copy, written, bytes.length - written);
            assertTrue(taken >= 0, channel.detail());
            written += taken;
            channel.flush();
        }
    }

    private byte[] read(final int count) {
        final byte[] bytes = new byte[count];
        int read = 0;
        while (read < count) {
            final int length = Math.min(channel.poll(), count - read);
            assertTrue(length >= 0, channel.detail());
            if (length > 0) {
                MemorySegment.copy(channel.reader().memory(), ValueLayout.JAVA_BYTE, channel.reader().offset(), bytes, read, length);
                channel.reader().advance(length);
                channel.release();
                channel.flush();
                read += length;
            }
        }
        return bytes;
    }

    byte[] readFrame() {
        final byte[] prefix = read(4);
        return Wire.concat(prefix, read(ByteBuffer.wrap(prefix).getInt()));
    }

    /** Sends wake-ups that nobody has asked for. */
    void wake(final int count) {
        posix.send(socket, mapping.segment().address(), count, Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL);
    }

    /** Waits until the relay has given this guest up. */
    void awaitEnd() {
        final MemorySegment wakeUps = arena.allocate(64);
        RelayUnderTest.await("the end of the ring", () -> posix.read(socket, wakeUps.address(), wakeUps.byteSize()) == 0);
    }

    @Override
    public void close() {
        channel.close();
        arena.close();
    }
}
