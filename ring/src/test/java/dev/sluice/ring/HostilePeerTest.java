package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.DescriptorPassing;
import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Mapping;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A guest that writes to the whole shared memory, and to the socket, while the host uses its end of the ring. */
class HostilePeerTest {
    private static final int CAPACITY = 4096;
    private static final long LENGTH = RingDescriptor.memoryLength(CAPACITY, CAPACITY);
    private static final int RINGS = 60;
    private static final int RINGS_MOST = 100 * RINGS;
    private static final int STEPS = 5_000;

    private final Posix posix = Posix.system();
    private final long seed = Seeds.next("hostile peer");
    private long data;
    private long broken;
    private long announced;

    @Test
    void aConcurrentVandalOnlyBreaksItsOwnRing() throws Exception {
        int rings = 0;
        // Both sides have to run at once for anything to happen; on a busy machine some rings go by without.
        while (rings < RINGS || rings < RINGS_MOST && !isReached()) {
            vandalise(new SplittableRandom(seed + rings), rings % 2 == 0);
            rings++;
        }
        System.out.printf("rings=%d broken=%d polls with data=%d sleeps=%d%n", rings, broken, data, announced);
        assertTrue(isReached(), "the test did not reach what it is for");
    }

    private boolean isReached() {
        return broken > RINGS / 4 && data > 0 && announced > 0;
    }

    private void vandalise(final SplittableRandom random, final boolean patient) throws Exception {
        final int[] sockets = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        try (Arena arena = Arena.ofShared();
             Epoll epoll = new Epoll(posix, 1);
             RingChannel host = RingHandOver.offer(posix, sockets[0], CAPACITY, CAPACITY, CAPACITY / 4);
             Mapping shared = receive(arena, sockets[1])) {
            epoll.add(host.fd(), Linux.EPOLLIN, 0);
            final AtomicBoolean stop = new AtomicBoolean();
            final SplittableRandom vandals = random.split();
            final CompletableFuture<Void> vandal =
                CompletableFuture.runAsync(() -> overwrite(vandals, shared.segment(), sockets[1], patient, stop));
            try {
                operate(random, host, epoll, arena.allocate(2 * CAPACITY));
            } finally {
                stop.set(true);
                vandal.get(30, TimeUnit.SECONDS);
            }
            broken += host.poll() == RingChannel.BROKEN ? 1 : 0;
            announced += host.sleepsAnnounced();
        } finally {
            posix.closeQuietly(sockets[1]);
        }
    }

    private Mapping receive(final Arena arena, final int socket) throws IOException {
        final MemorySegment header = arena.allocate(RingDescriptor.HAND_OVER_LENGTH, Long.BYTES);
        final int memory = DescriptorPassing.receive(posix, socket, header, 1).take(0);
        try {
            return new Mapping(posix, memory, LENGTH);
        } finally {
            posix.close(memory);
        }
    }

    private void operate(final SplittableRandom random, final RingChannel host, final Epoll epoll, final MemorySegment bytes)
        throws IOException {
        for (int step = 0; step < STEPS; step++) {
            final long walked = host.reader().recordsWalked();
            final int found = host.poll();
            assertTrue(found >= RingChannel.BROKEN && found <= CAPACITY, "poll");
            if (found > 0) {
                data++;
                host.reader().memory().get(ValueLayout.JAVA_BYTE, host.reader().offset() + found - 1);
                host.reader().advance(random.nextInt(found + 1));
            }
            if (random.nextBoolean()) {
                host.release();
            }
            final int taken = host.write(bytes, 0, random.nextInt(1, 2 * CAPACITY));
            assertTrue(taken >= RingChannel.BROKEN && taken <= 2 * CAPACITY, "write");
            host.flush();
            final int unread = host.unread();
            assertTrue(unread >= 0 && unread <= CAPACITY / 4, "unread");
            if (host.prepareToSleep(random.nextBoolean(), random.nextBoolean())) {
                host.onReady(epoll.await(0) == 1 ? epoll.events(0) : 0);
            }
            assertTrue(host.reader().recordsWalked() - walked <= 3 * CAPACITY / 8, "steps");
        }
    }

    /** Random words everywhere, or, for longer lives, only where they break nothing at once: wait words, payloads, records that pass. */
    private void overwrite(
        final SplittableRandom random, final MemorySegment memory, final int socket, final boolean patient, final AtomicBoolean stop) {
        final long guestToHost = RingDescriptor.guestToHostOffset(CAPACITY);
        long tail = 0;
        while (!stop.get()) {
            switch (random.nextInt(patient ? 4 : 6)) {
                case 0 -> memory.set(
                    ValueLayout.JAVA_LONG, guestToHost + CAPACITY + RingDescriptor.PRODUCER_WAIT_OFFSET,
                    random.nextLong() >> random.nextInt(64));
                case 1 -> memory.set(
                    ValueLayout.JAVA_LONG, RingDescriptor.HEADER_PAGE_LENGTH + CAPACITY + RingDescriptor.CONSUMER_WAIT_OFFSET,
                    random.nextLong() >> random.nextInt(64));
                case 2 -> {
                    final long index = guestToHost + (tail & CAPACITY - 1);
                    memory.set(ValueLayout.JAVA_INT, index + RingDescriptor.TYPE_OFFSET, 1);
                    memory.set(ValueLayout.JAVA_INT, index, 8 * random.nextInt(1, 4));
                    tail += 8;
                    memory.set(ValueLayout.JAVA_LONG, guestToHost + CAPACITY + RingDescriptor.TAIL_OFFSET, tail);
                }
                case 3 -> posix.send(socket, memory.address(), random.nextInt(100) == 0 ? 2 : 0, Linux.MSG_DONTWAIT | Linux.MSG_NOSIGNAL);
                case 4 -> memory.set(ValueLayout.JAVA_LONG, 8 * random.nextLong(LENGTH / 8), random.nextLong());
                default -> memory.asSlice(8 * random.nextLong(LENGTH / 8)).fill((byte) random.nextInt(2));
            }
        }
    }
}
