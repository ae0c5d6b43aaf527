package dev.sluice.ring;

import dev.sluice.ffi.DescriptorPassing;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Mapping;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.SealedMemory;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How a ring comes to be shared.
 *
 * <ol>
 * <li>The guest connects to the host's Unix socket.</li>
 * <li>The host makes a memfd of the right length, seals it against shrinking and growing (a mapping cut short would end the process that
 * touches it), maps it and writes its header page.</li>
 * <li>It sends the first {@link RingDescriptor#HAND_OVER_LENGTH} bytes of that page with the descriptor (SCM_RIGHTS).</li>
 * <li>The guest checks magic, version, capacities, length and seals, and maps it.</li>
 * <li>From then on the socket carries wake-ups, and its end of stream means that the other side is gone.</li>
 * </ol>
 *
 * <p>Stateless; any thread.
 */
public final class RingHandOver {
    private static final String MEMORY_NAME = "sluice-ring";

    private RingHandOver() {
    }

    /**
     * Makes a ring and hands it to the guest at the other end of a socket.
     *
     * @param posix the system
     * @param socket connected, non-blocking; becomes the channel's, and is closed when this fails
     * @param hostToGuestCapacity in bytes, a power of two
     * @param guestToHostCapacity in bytes, a power of two
     * @param unreadLimit how many bytes the host leaves unread by the guest
     * @return the host's end
     * @throws IOException if the peer is gone or a call fails
     */
    public static RingChannel offer(
        final Posix posix, final int socket, final int hostToGuestCapacity, final int guestToHostCapacity, final int unreadLimit)
        throws IOException {
        final long length = RingDescriptor.memoryLength(hostToGuestCapacity, guestToHostCapacity);
        int memory = -1;
        Mapping mapping = null;
        try {
            memory = SealedMemory.create(posix, MEMORY_NAME, length);
            mapping = new Mapping(posix, memory, length);
            final MemorySegment header = mapping.segment().asSlice(0, RingDescriptor.HAND_OVER_LENGTH);
            header.set(ValueLayout.JAVA_LONG, RingDescriptor.MAGIC_OFFSET, RingDescriptor.MAGIC);
            header.set(ValueLayout.JAVA_INT, RingDescriptor.VERSION_OFFSET, RingDescriptor.VERSION);
            header.set(ValueLayout.JAVA_INT, RingDescriptor.HOST_TO_GUEST_CAPACITY_OFFSET, hostToGuestCapacity);
            header.set(ValueLayout.JAVA_INT, RingDescriptor.GUEST_TO_HOST_CAPACITY_OFFSET, guestToHostCapacity);
            header.set(ValueLayout.JAVA_LONG, RingDescriptor.MEMORY_LENGTH_OFFSET, length);
            final long sent = DescriptorPassing.send(posix, socket, header, memory);
            if (sent != RingDescriptor.HAND_OVER_LENGTH) {
                throw new IOException("hand-over of a ring was cut: sent=" + sent + " of=" + RingDescriptor.HAND_OVER_LENGTH);
            }
            return new RingChannel(
                posix, socket, mapping, RingChannel.Side.HOST, hostToGuestCapacity, guestToHostCapacity, unreadLimit);
        } catch (final IOException e) {
            if (mapping != null) {
                mapping.close();
            }
            posix.closeQuietly(socket);
            throw e;
        } finally {
            posix.closeQuietly(memory);
        }
    }

    /**
     * Receives the ring that the host at the other end of a socket has made, if it is there.
     *
     * @param posix the system
     * @param socket connected, non-blocking; becomes the channel's when there is one, stays the caller's otherwise
     * @return the guest's end, or null when nothing has been sent yet
     * @throws EOFException if the host closed the socket before
     * @throws IOException if what came is not a ring of this version, or a call fails
     */
    public static RingChannel tryReceive(final Posix posix, final int socket) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment header = arena.allocate(RingDescriptor.HAND_OVER_LENGTH, Long.BYTES);
            try (DescriptorPassing.Received received = receive(posix, socket, header)) {
                if (received == null) {
                    return null;
                }
                if (received.bytes() == 0) {
                    throw new EOFException("the host closed the socket before it handed a ring over");
                }
                check(header, received);
                return map(posix, socket, header, received);
            }
        }
    }

    private static DescriptorPassing.Received receive(final Posix posix, final int socket, final MemorySegment header) throws IOException {
        try {
            return DescriptorPassing.receive(posix, socket, header, 1);
        } catch (final PosixException e) {
            if (e.errno() == Errno.EAGAIN) {
                return null;
            }
            throw e;
        }
    }

    private static void check(final MemorySegment header, final DescriptorPassing.Received received) throws IOException {
        final long magic = header.get(ValueLayout.JAVA_LONG, RingDescriptor.MAGIC_OFFSET);
        final int version = header.get(ValueLayout.JAVA_INT, RingDescriptor.VERSION_OFFSET);
        if (received.bytes() != RingDescriptor.HAND_OVER_LENGTH || magic != RingDescriptor.MAGIC || received.count() != 1) {
            throw new IOException(
                "what came is not the hand-over of a ring; is this the address of one? bytes=" + received.bytes() + " magic=0x"
                    + Long.toHexString(magic) + " descriptors=" + received.count());
        }
        if (version != RingDescriptor.VERSION) {
            throw new IOException(
                "ring of another version, use the same version of Sluice at both ends: theirs=" + version + " ours="
                    + RingDescriptor.VERSION);
        }
    }

    private static RingChannel map(
        final Posix posix, final int socket, final MemorySegment header, final DescriptorPassing.Received received) throws IOException {
        final int toGuest = header.get(ValueLayout.JAVA_INT, RingDescriptor.HOST_TO_GUEST_CAPACITY_OFFSET);
        final int toHost = header.get(ValueLayout.JAVA_INT, RingDescriptor.GUEST_TO_HOST_CAPACITY_OFFSET);
        final long length = header.get(ValueLayout.JAVA_LONG, RingDescriptor.MEMORY_LENGTH_OFFSET);
        if (!RingDescriptor.isValidCapacity(toGuest) || !RingDescriptor.isValidCapacity(toHost)
            || length != RingDescriptor.memoryLength(toGuest, toHost)) {
            throw new IOException(
                "ring of impossible size: hostToGuestCapacity=" + toGuest + " guestToHostCapacity=" + toHost + " length=" + length);
        }
        final int memory = received.take(0);
        try {
            SealedMemory.verify(posix, memory, length, length);
            return new RingChannel(
                posix, socket, new Mapping(posix, memory, length), RingChannel.Side.GUEST, toGuest, toHost, toHost);
        } finally {
            posix.closeQuietly(memory);
        }
    }
}
