package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.DescriptorPassing;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.SealedMemory;
import dev.sluice.ffi.linux.Linux;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RingHandOverTest {
    private static final int CAPACITY = 4096;
    private static final long LENGTH = RingDescriptor.memoryLength(CAPACITY, CAPACITY);

    private final Posix posix = Posix.system();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment header = arena.allocate(RingDescriptor.HAND_OVER_LENGTH, Long.BYTES);
    private int host;
    private int guest;

    @BeforeEach
    void connect() throws PosixException {
        final int[] pair = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        host = pair[0];
        guest = pair[1];
        header.set(ValueLayout.JAVA_LONG, RingDescriptor.MAGIC_OFFSET, RingDescriptor.MAGIC);
        header.set(ValueLayout.JAVA_INT, RingDescriptor.VERSION_OFFSET, RingDescriptor.VERSION);
        header.set(ValueLayout.JAVA_INT, RingDescriptor.HOST_TO_GUEST_CAPACITY_OFFSET, CAPACITY);
        header.set(ValueLayout.JAVA_INT, RingDescriptor.GUEST_TO_HOST_CAPACITY_OFFSET, CAPACITY);
        header.set(ValueLayout.JAVA_LONG, RingDescriptor.MEMORY_LENGTH_OFFSET, LENGTH);
    }

    @AfterEach
    void close() {
        posix.closeQuietly(host);
        posix.closeQuietly(guest);
        arena.close();
    }

    private void send(final int... descriptors) throws PosixException {
        DescriptorPassing.send(posix, host, header, descriptors);
    }

    private void sendMemory(final long length) throws PosixException {
        final int memory = SealedMemory.create(posix, "test", length);
        send(memory);
        posix.close(memory);
    }

    private String refusal() {
        return assertThrows(IOException.class, () -> RingHandOver.tryReceive(posix, guest)).getMessage();
    }

    @Test
    void bothEndsShareTheMemory() throws IOException {
        try (RingChannel one = RingHandOver.offer(posix, host, 4096, 8192, 4096);
             RingChannel other = RingHandOver.tryReceive(posix, guest)) {
            host = -1;
            guest = -1;
            assertNotNull(other);
            final MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_LONG, 42);
            assertEquals(8, one.write(bytes, 0, 8));
            one.flush();
            assertEquals(8, other.poll());
            assertEquals(42, other.reader().memory().get(ValueLayout.JAVA_LONG, other.reader().offset()));
            assertEquals(8, other.write(bytes, 0, 8));
            other.flush();
            assertEquals(8, one.poll());
            assertEquals(8192, one.reader().memory().byteSize());
            assertEquals(4096, other.reader().memory().byteSize());
        }
    }

    @Test
    void handedOverMemoryCannotBeResized() throws IOException {
        try (RingChannel ring = RingHandOver.offer(posix, host, CAPACITY, CAPACITY, CAPACITY)) {
            host = -1;
            assertNotNull(ring);
            final DescriptorPassing.Received received = DescriptorPassing.receive(posix, guest, header, 1);
            final int memory = received.take(0);
            assertEquals(LENGTH, SealedMemory.verify(posix, memory, LENGTH, LENGTH));
            for (final long size : new long[] {0, LENGTH - 4096, LENGTH + 4096}) {
                assertEquals(Errno.EPERM, assertThrows(PosixException.class, () -> posix.ftruncate(memory, size)).errno());
            }
            posix.close(memory);
        }
    }

    @Test
    void nothingSentYetIsNoError() throws IOException {
        assertNull(RingHandOver.tryReceive(posix, guest));
    }

    @Test
    void endBeforeTheHandOverIsToldApart() {
        posix.closeQuietly(host);
        host = -1;
        assertThrows(EOFException.class, () -> RingHandOver.tryReceive(posix, guest));
    }

    @Test
    void offeringToAPeerThatIsGoneFailsAndClosesTheSocket() {
        posix.closeQuietly(guest);
        guest = -1;
        final int socket = host;
        host = -1;
        assertEquals(
            Errno.EPIPE,
            assertThrows(PosixException.class, () -> RingHandOver.offer(posix, socket, CAPACITY, CAPACITY, CAPACITY)).errno());
    }

    @Test
    void otherMagicIsRefused() throws PosixException {
        header.set(ValueLayout.JAVA_LONG, RingDescriptor.MAGIC_OFFSET, 1);
        sendMemory(LENGTH);
        assertTrue(refusal().contains("not the hand-over of a ring"));
    }

    @Test
    void otherVersionIsRefused() throws PosixException {
        header.set(ValueLayout.JAVA_INT, RingDescriptor.VERSION_OFFSET, 2);
        sendMemory(LENGTH);
        assertTrue(refusal().contains("theirs=2 ours=1"));
    }

    @Test
    void impossibleSizesAreRefused() throws PosixException {
        for (final int capacity : new int[] {0, -1, 4095, 8192, 1 << 30, Integer.MIN_VALUE}) {
            header.set(ValueLayout.JAVA_INT, RingDescriptor.GUEST_TO_HOST_CAPACITY_OFFSET, capacity);
            sendMemory(LENGTH);
            assertTrue(refusal().contains("impossible size"), "capacity " + capacity);
        }
    }

    @Test
    void memoryThatIsTooShortIsRefused() throws PosixException {
        sendMemory(LENGTH - 4096);
        assertTrue(refusal().contains("wrong size"));
    }

    @Test
    void memoryThatIsNotSealedIsRefused() throws PosixException {
        final int memory = posix.memfdCreate("test", Linux.MFD_CLOEXEC | Linux.MFD_ALLOW_SEALING);
        posix.ftruncate(memory, LENGTH);
        send(memory);
        posix.close(memory);
        assertTrue(refusal().contains("not sealed"));
    }

    @Test
    void otherDescriptorsAndNoneAndManyAreRefused() throws PosixException {
        send(guest);
        assertTrue(refusal().contains("not sealable memory"));
        send();
        assertTrue(refusal().contains("descriptors=0"));
        send(guest, guest);
        assertTrue(refusal().contains("too many descriptors"));
    }

    @Test
    void aCutMessageIsRefused() throws PosixException {
        posix.send(host, header.address(), 20, 0);
        assertTrue(refusal().contains("bytes=20"));
    }
}
