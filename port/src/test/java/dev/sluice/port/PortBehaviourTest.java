package dev.sluice.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.testsupport.BytePattern;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One behaviour for every family of ports and for both ends. */
class PortBehaviourTest {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int BUFFER_LENGTH = 1 << 20;

    private final FaultySyscalls calls = new FaultySyscalls(Posix.system().syscalls());
    private final Posix posix = new Posix(calls);
    private final MemorySegment bytes = Arena.ofAuto().allocate(BUFFER_LENGTH, 8);
    private final BytePattern pattern = new BytePattern(7);

    @TempDir
    private Path directory;

    /** Writes everything, letting nobody read meanwhile. @return how many were taken before there was no more room */
    private int fill(final PortOwner owner, final int most) throws PosixException {
        int taken = 0;
        while (taken < most) {
            final int now = owner.port.writer().write(bytes, taken, Math.min(most - taken, 1 + taken % 5000));
            assertTrue(now >= 0, owner.port::detail);
            taken += now;
            if (now == 0 && !owner.await(false, true, 20)) {
                break;
            }
        }
        owner.port.writer().flush();
        return taken;
    }

    /** Reads exactly so many bytes of the pattern, waiting for them. */
    private void drain(final PortOwner owner, final int length) throws PosixException {
        drain(owner, 0, length);
    }

    private void drain(final PortOwner owner, final int from, final int length) throws PosixException {
        final PortReader reader = owner.port.reader();
        int received = 0;
        while (received < length) {
            final int found = reader.poll();
            assertTrue(found >= 0, owner.port::detail);
            assertEquals(found > 0, reader.length() > 0);
            if (found == 0) {
                reader.release();
                assertTrue(owner.await(true, false, PATIENCE_MILLIS), "bytes missing after " + received);
                continue;
            }
            final int now = Math.min(reader.length(), length - received);
            pattern.check(reader.memory(), reader.offset(), now, from + received);
            reader.advance(now);
            received += now;
        }
        reader.release();
    }

    private void awaitEnd(final PortOwner owner) throws PosixException {
        int found = owner.port.reader().poll();
        while (found == 0) {
            assertTrue(owner.await(true, false, PATIENCE_MILLIS), "no end");
            found = owner.port.reader().poll();
        }
        assertEquals(PortStatus.CLOSED, found, owner.port::detail);
        assertFalse(owner.port.detail().isEmpty());
        assertEquals(PortStatus.CLOSED, owner.port.reader().poll(), "an ended port stays ended");
    }

    @ParameterizedTest
    @EnumSource
    void halfAMessageIsHandedOutAndIsNoEnd(final PortFamily family) throws IOException {
        pattern.fill(bytes, 0, 9, 0);
        try (PortPair pair = family.open(posix, directory)) {
            assertSame(pair.host.port.reader(), pair.host.port.reader());
            assertEquals(0, pair.host.port.reader().poll());
            assertEquals(3, pair.guest.port.writer().write(bytes, 0, 3));
            pair.guest.port.writer().flush();
            drain(pair.host, 3);
            assertEquals(0, pair.host.port.reader().poll());
            assertFalse(pair.host.await(true, false, 0));
            assertEquals(6, pair.guest.port.writer().write(bytes, 3, 6));
            pair.guest.port.writer().flush();
            drain(pair.host, 3, 6);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotReadHoldsUpABoundedNumberOfBytes(final PortFamily family) throws IOException {
        pattern.fill(bytes, 0, BUFFER_LENGTH, 0);
        try (PortPair pair = family.open(posix, directory)) {
            final int toGuest = fill(pair.host, BUFFER_LENGTH);
            assertTrue(toGuest >= 2048 && toGuest <= family.mostUnreadByGuest, "taken " + toGuest);
            // The kernel moves what is written to one end of a terminal to the other end's input, where it cannot be asked for.
            assertTrue(family == PortFamily.TERMINAL || pair.host.port.writer().unread() > 0);
            final int toHost = fill(pair.guest, BUFFER_LENGTH);
            assertTrue(toHost >= 2048 && toHost <= family.mostUnreadByHost, "taken " + toHost);
            drain(pair.guest, toGuest);
            drain(pair.host, toHost);
            assertTrue(pair.host.await(false, true, PATIENCE_MILLIS), "room is not noticed");
            assertTrue(pair.host.port.writer().write(bytes, 0, 1) == 1);
            assertTrue(pair.guest.await(false, true, PATIENCE_MILLIS), "room is not noticed");
            assertTrue(pair.guest.port.writer().write(bytes, 0, 1) == 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasSentBeforeTheEndIsReadBeforeTheEnd(final PortFamily family) throws IOException {
        pattern.fill(bytes, 0, 3000, 0);
        try (PortPair pair = family.open(posix, directory)) {
            assertEquals(3000, fill(pair.guest, 3000));
            pair.guest.close();
            drain(pair.host, 3000);
            awaitEnd(pair.host);
            assertEquals(PortStatus.CLOSED, pair.host.port.writer().write(bytes, 0, 1));
            assertTrue(pair.host.await(true, true, 0), "the end is work until the port is closed");
        }
    }

    @ParameterizedTest
    @EnumSource
    void theGuestSeesTheHostsEnd(final PortFamily family) throws IOException {
        pattern.fill(bytes, 0, 3000, 0);
        try (PortPair pair = family.open(posix, directory)) {
            assertEquals(3000, fill(pair.host, 3000));
            // A terminal's master takes with it what its slave has not read.
            if (family == PortFamily.TERMINAL) {
                drain(pair.guest, 3000);
            }
            pair.host.close();
            if (family != PortFamily.TERMINAL) {
                drain(pair.guest, 3000);
            }
            awaitEnd(pair.guest);
            int written = pair.guest.port.writer().write(bytes, 0, 1);
            written = written == 1 ? pair.guest.port.writer().write(bytes, 0, 1) : written;
            assertEquals(PortStatus.CLOSED, written);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDeadPeerDoesNotKeepAnOwnerAwakeWhoDoesNotWantToRead(final PortFamily family) throws IOException {
        pattern.fill(bytes, 0, 3000, 0);
        try (PortPair pair = family.open(posix, directory)) {
            fill(pair.guest, 3000);
            pair.host.await(false, false, 0);
            assertFalse(pair.host.port.isPeerGone());
            pair.guest.close();
            int woken = 0;
            while (pair.host.await(false, false, 50)) {
                woken++;
                assertTrue(woken < 5, "woken again and again");
            }
            assertTrue(pair.host.port.isPeerGone(), "an owner who does not read is told all the same");
            drain(pair.host, 3000);
            awaitEnd(pair.host);
            assertTrue(pair.host.port.isPeerGone());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HOST_DIALS", "GUEST_DIALS"})
    void aPeerThatOnlySendsNoMoreIsGoneToo(final PortFamily family) throws IOException {
        pattern.fill(bytes, 0, 3000, 0);
        try (PortPair pair = family.open(posix, directory)) {
            fill(pair.guest, 3000);
            posix.syscalls().shutdown(pair.guest.port.fd(), Linux.SHUT_WR);
            int woken = 0;
            while (pair.host.await(false, false, 50)) {
                woken++;
                assertTrue(woken < 5, "woken again and again");
            }
            assertTrue(pair.host.port.isPeerGone());
            drain(pair.host, 3000);
            awaitEnd(pair.host);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatIsThereIsNotGone(final PortFamily family) throws IOException {
        pattern.fill(bytes, 0, 3000, 0);
        try (PortPair pair = family.open(posix, directory)) {
            fill(pair.guest, 3000);
            drain(pair.host, 3000);
            assertEquals(0, pair.host.port.reader().poll());
            pair.host.await(true, false, 0);
            pair.guest.await(true, true, 0);
            assertFalse(pair.host.port.isPeerGone());
            assertFalse(pair.guest.port.isPeerGone());
        }
    }

    @ParameterizedTest
    @EnumSource
    void passedBytesStayUntilTheyAreReleased(final PortFamily family) throws IOException {
        pattern.fill(bytes, 0, 3000, 0);
        try (PortPair pair = family.open(posix, directory)) {
            final PortReader reader = pair.host.port.reader();
            fill(pair.guest, 1000);
            while (reader.poll() == 0) {
                assertTrue(pair.host.await(true, false, PATIENCE_MILLIS));
            }
            final MemorySegment memory = reader.memory();
            final long offset = reader.offset();
            final int length = reader.length();
            reader.advance(length);
            for (int i = 1000; i < 3000; i += 500) {
                assertEquals(500, pair.guest.port.writer().write(bytes, i, 500));
                pair.guest.port.writer().flush();
                pair.host.await(true, false, 0);
                reader.poll();
            }
            pattern.check(memory, offset, length, 0);
            drain(pair.host, length, 3000 - length);
        }
    }

    /** Both directions at once on two threads, every size, sleeping whenever possible. */
    @ParameterizedTest
    @EnumSource
    void twoThreadsExchangeStreams(final PortFamily family) throws Exception {
        final long seed = Seeds.next("port streams");
        final int total = family == PortFamily.TERMINAL ? 2 << 20 : 24 << 20;
        try (PortPair pair = family.open(posix, directory)) {
            exchange(pair, seed, total, 300_000);
        }
    }

    /** Interruption, short counts down to one byte, and not-ready answers on every call that can give them. */
    @ParameterizedTest
    @EnumSource
    void interruptionsAndShortCountsChangeNothing(final PortFamily family) throws Exception {
        final long seed = Seeds.next("port faults");
        try (PortPair pair = family.open(posix, directory)) {
            calls.inject((call, nth, nthOfAll) -> fault(call, nth, seed));
            try {
                exchange(pair, seed, family == PortFamily.TERMINAL ? 64 << 10 : 1 << 20, 5000);
            } finally {
                calls.inject(FaultSchedule.NEVER);
            }
        }
    }

    private static Fault fault(final Call call, final long nth, final long seed) {
        final long draw = new SplittableRandom(seed ^ nth * 31 + call.ordinal()).nextLong();
        return switch (call) {
            case READ, WRITE, SEND -> switch ((int) (draw & 7)) {
                case 0 -> Fault.INTERRUPTED;
                case 1 -> Fault.error(Errno.EAGAIN);
                case 2 -> Fault.shortCount(1);
                case 3, 4 -> Fault.shortCount(1 + (draw >>> 8) % 700);
                default -> Fault.NONE;
            };
            case EPOLL_WAIT -> (draw & 15) == 0 ? Fault.INTERRUPTED : Fault.NONE;
            default -> Fault.NONE;
        };
    }

    private void exchange(final PortPair pair, final long seed, final int total, final int largest) throws Exception {
        final Exchange host = new Exchange(pair.host, seed, seed + 1, total, largest);
        final Exchange guest = new Exchange(pair.guest, seed + 1, seed, total, largest);
        final CompletableFuture<Void> other = CompletableFuture.runAsync(guest);
        try {
            host.run();
        } finally {
            // Nothing is closed under a thread that still uses it.
            other.handle((result, failure) -> null).get(50, TimeUnit.SECONDS);
        }
        other.join();
    }

    @ParameterizedTest
    @EnumSource
    void writingNeedsOffHeapMemoryAndValidBounds(final PortFamily family) throws IOException {
        assumeTrue(family != PortFamily.RING, "a ring copies from any memory");
        try (PortPair pair = family.open(posix, directory)) {
            final PortWriter writer = pair.host.port.writer();
            assertThrows(
                IllegalArgumentException.class, () -> writer.write(MemorySegment.ofArray(new byte[8]), 0, 8));
            assertThrows(IndexOutOfBoundsException.class, () -> writer.write(bytes, BUFFER_LENGTH - 1, 2));
        }
    }

    /** Sends one stream and checks another. */
    private static final class Exchange implements Runnable {
        private final PortOwner owner;
        private final BytePattern outbound;
        private final BytePattern inbound;
        private final SplittableRandom random;
        private final int total;
        private final int largest;
        private final MemorySegment chunk;
        private int sent;
        private int received;

        Exchange(final PortOwner owner, final long outboundSeed, final long inboundSeed, final int total, final int largest) {
            this.owner = owner;
            this.outbound = new BytePattern(outboundSeed);
            this.inbound = new BytePattern(inboundSeed);
            this.random = new SplittableRandom(outboundSeed);
            this.total = total;
            this.largest = largest;
            this.chunk = Arena.ofAuto().allocate(largest, 8);
        }

        @Override
        public void run() {
            try {
                while (sent < total || received < total) {
                    final boolean full = sent < total && send();
                    receive();
                    if (full || sent == total && received < total) {
                        await(full);
                    }
                }
                owner.port.writer().flush();
                // An owner goes on sleeping and waking; a wake-up that was not let through is sent before one of the next sleeps.
                for (int i = 0; i < 30; i++) {
                    owner.await(false, false, 0);
                }
            } catch (final PosixException e) {
                throw new AssertionError(e);
            } catch (final AssertionError e) {
                Posix.system().syscalls().shutdown(owner.port.fd(), Linux.SHUT_RDWR);
                throw e;
            }
        }

        /** An interrupted wait reports nothing and is no sign of being stuck. */
        private void await(final boolean full) throws PosixException {
            final long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            while (!owner.await(received < total, full, PATIENCE_MILLIS)) {
                assertTrue(System.nanoTime() < deadline, () -> "stuck: sent=" + sent + " received=" + received + " full=" + full);
            }
        }

        private boolean send() {
            final int length = Math.min(total - sent, random.nextInt(1, random.nextInt(4) == 0 ? largest : 100));
            outbound.fill(chunk, 0, length, sent);
            final int taken = owner.port.writer().write(chunk, 0, length);
            assertTrue(taken >= 0, owner.port::detail);
            sent += taken;
            if (taken < length || random.nextBoolean()) {
                owner.port.writer().flush();
            }
            return taken < length;
        }

        private void receive() {
            final PortReader reader = owner.port.reader();
            int found = reader.poll();
            while (found > 0 && received < total) {
                final int now = random.nextInt(8) == 0 ? random.nextInt(1, reader.length() + 1) : reader.length();
                inbound.check(reader.memory(), reader.offset(), now, received);
                reader.advance(now);
                received += now;
                found = random.nextInt(20) == 0 ? 0 : reader.poll();
            }
            assertTrue(found >= 0, owner.port::detail);
            reader.release();
        }
    }
}
