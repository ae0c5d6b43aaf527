package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.cmsghdr;
import dev.sluice.ffi.linux.iovec;
import dev.sluice.ffi.linux.msghdr;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

import static java.lang.foreign.ValueLayout.JAVA_INT;

/**
 * Bytes with descriptors over a Unix socket (SCM_RIGHTS).
 *
 * <p>On a stream socket the descriptors come with the first byte of the bytes they were sent with. A plain read of that byte drops them:
 * both ends must agree where to expect them.
 *
 * <p><b>Threads.</b> Stateless.
 */
public final class DescriptorPassing {
    /** How many descriptors one message may carry here. Linux allows 253 (SCM_MAX_FD in net/scm.h); nobody needs that many. */
    public static final int MAX_DESCRIPTORS = 32;

    private static final long CMSG_ALIGNMENT = Long.BYTES;
    /** CMSG_DATA: where the data of a control message begins. */
    private static final long CMSG_DATA_OFFSET = cmsghdr.sizeof();

    private DescriptorPassing() {
    }

    /**
     * Sends bytes and descriptors in one call.
     *
     * @param posix the calls
     * @param socket a connected Unix socket
     * @param bytes at least one; off-heap
     * @param descriptors which stay the caller's; at most {@link #MAX_DESCRIPTORS}
     * @return how many bytes were sent, at least 1; the descriptors went with the first, so the rest is sent without
     * @throws PosixException if nothing was sent, {@link Errno#EAGAIN} included
     */
    public static long send(final Posix posix, final int socket, final MemorySegment bytes, final int... descriptors)
        throws PosixException {
        if (bytes.byteSize() == 0 || descriptors.length > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException("bytes=" + bytes.byteSize() + " descriptors=" + descriptors.length);
        }
        try (Arena arena = Arena.ofConfined()) {
            final long dataLength = (long) descriptors.length * Integer.BYTES;
            final MemorySegment control = arena.allocate(space(dataLength), CMSG_ALIGNMENT);
            cmsghdr.cmsg_len(control, CMSG_DATA_OFFSET + dataLength);
            cmsghdr.cmsg_level(control, Linux.SOL_SOCKET);
            cmsghdr.cmsg_type(control, Linux.SCM_RIGHTS);
            MemorySegment.copy(descriptors, 0, control, JAVA_INT, CMSG_DATA_OFFSET, descriptors.length);
            final MemorySegment message = message(arena, bytes, control, descriptors.length == 0 ? 0 : control.byteSize());
            final long sent = posix.sendmsg(socket, message.address(), Linux.MSG_NOSIGNAL);
            Reference.reachabilityFence(bytes);
            if (sent < 0) {
                throw new PosixException("sendmsg", (int) -sent, socket, bytes, descriptors.length + " descriptors");
            }
            return sent;
        }
    }

    /**
     * Receives bytes and the descriptors that came with them, close-on-exec.
     *
     * <p>A message with more descriptors than expected, or one that was cut, is refused: what came with it is closed and the connection is
     * of no more use.
     *
     * @param posix the calls
     * @param socket a connected Unix socket
     * @param bytes room for the bytes, at least one; off-heap
     * @param maxDescriptors how many descriptors are acceptable, at most {@link #MAX_DESCRIPTORS}
     * @return what came; close it when the descriptors that are wanted have been taken out of it
     * @throws PosixException if recvmsg fails, {@link Errno#EAGAIN} included
     * @throws IOException if the message was refused
     */
    public static Received receive(final Posix posix, final int socket, final MemorySegment bytes, final int maxDescriptors)
        throws IOException {
        if (bytes.byteSize() == 0 || maxDescriptors < 0 || maxDescriptors > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException("bytes=" + bytes.byteSize() + " maxDescriptors=" + maxDescriptors);
        }
        try (Arena arena = Arena.ofConfined()) {
            // Always with a control buffer, or descriptors would be dropped without a flag that says so. Its length without the final
            // padding, in which the kernel would put one descriptor more.
            final long controlLength = CMSG_DATA_OFFSET + (long) maxDescriptors * Integer.BYTES;
            final MemorySegment control = arena.allocate(space(controlLength), CMSG_ALIGNMENT);
            final MemorySegment message = message(arena, bytes, control, controlLength);
            final long received = posix.recvmsg(socket, message.address(), Linux.MSG_CMSG_CLOEXEC);
            Reference.reachabilityFence(bytes);
            if (received < 0) {
                throw new PosixException("recvmsg", (int) -received, socket, bytes, maxDescriptors + " descriptors");
            }
            final Received result = new Received(posix, received, descriptors(control, msghdr.msg_controllen(message)));
            final int flags = msghdr.msg_flags(message);
            if ((flags & (Linux.MSG_CTRUNC | Linux.MSG_TRUNC)) != 0 || result.count() > maxDescriptors) {
                result.close();
                throw new IOException("message refused, it was cut or has too many descriptors: socket=" + socket + " bytes=" + received
                    + " flags=0x" + Integer.toHexString(flags) + " descriptors=" + result.count() + " max=" + maxDescriptors);
            }
            return result;
        }
    }

    private static MemorySegment message(
        final Arena arena, final MemorySegment bytes, final MemorySegment control, final long controlLength) {
        final MemorySegment vector = arena.allocate(iovec.layout());
        iovec.iov_base(vector, bytes);
        iovec.iov_len(vector, bytes.byteSize());
        final MemorySegment message = arena.allocate(msghdr.layout());
        msghdr.msg_iov(message, vector);
        msghdr.msg_iovlen(message, 1);
        msghdr.msg_control(message, controlLength == 0 ? MemorySegment.NULL : control);
        msghdr.msg_controllen(message, controlLength);
        return message;
    }

    private static List<Integer> descriptors(final MemorySegment control, final long length) {
        final List<Integer> found = new ArrayList<>();
        long offset = 0;
        while (offset + CMSG_DATA_OFFSET <= length) {
            final MemorySegment header = control.asSlice(offset, CMSG_DATA_OFFSET);
            final long end = Math.min(offset + cmsghdr.cmsg_len(header), length);
            if (end < offset + CMSG_DATA_OFFSET) {
                break;
            }
            if (cmsghdr.cmsg_level(header) == Linux.SOL_SOCKET && cmsghdr.cmsg_type(header) == Linux.SCM_RIGHTS) {
                for (long at = offset + CMSG_DATA_OFFSET; at + Integer.BYTES <= end; at += Integer.BYTES) {
                    found.add(control.get(JAVA_INT, at));
                }
            }
            offset = aligned(end);
        }
        return found;
    }

    private static long space(final long length) {
        return CMSG_DATA_OFFSET + aligned(length);
    }

    private static long aligned(final long length) {
        return length + CMSG_ALIGNMENT - 1 & -CMSG_ALIGNMENT;
    }

    /** Received bytes and descriptors. Owns the descriptors until they are taken. One thread. */
    public static final class Received implements AutoCloseable {
        private final Posix posix;
        private final long bytes;
        private final int[] descriptors;

        private Received(final Posix posix, final long bytes, final List<Integer> descriptors) {
            this.posix = posix;
            this.bytes = bytes;
            this.descriptors = descriptors.stream().mapToInt(Integer::intValue).toArray();
        }

        /**
         * How many bytes came.
         *
         * @return the number of bytes, 0 at end of stream
         */
        public long bytes() {
            return bytes;
        }

        /**
         * How many descriptors came.
         *
         * @return the number of descriptors, taken ones included
         */
        public int count() {
            return descriptors.length;
        }

        /**
         * Hands a descriptor over to the caller.
         *
         * @param index in the order sent
         * @return the descriptor, now the caller's; -1 if it was taken before
         */
        public int take(final int index) {
            final int taken = descriptors[index];
            descriptors[index] = -1;
            return taken;
        }

        /** Closes the descriptors that nobody took. Idempotent. */
        @Override
        public void close() {
            for (int i = 0; i < descriptors.length; i++) {
                posix.closeQuietly(take(i));
            }
        }
    }
}
