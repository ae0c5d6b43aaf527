package dev.sluice.jcstress;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ring.RingChannel;
import dev.sluice.ring.RingHandOver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Both ends of a ring that was handed over through a real socket. Making one takes some system calls, so those still good are kept. */
final class ChannelPair {
    private static final int CAPACITY = 128;
    private static final ConcurrentLinkedQueue<ChannelPair> IDLE = new ConcurrentLinkedQueue<>();

    final RingChannel host;
    final RingChannel guest;
    private long hostWakeUpsBefore;
    private long guestWakeUpsBefore;

    private ChannelPair() throws IOException {
        final Posix posix = Posix.system();
        final int[] sockets = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        host = RingHandOver.offer(posix, sockets[0], CAPACITY, CAPACITY, CAPACITY);
        guest = RingHandOver.tryReceive(posix, sockets[1]);
    }

    /** A new pair. */
    static ChannelPair make() {
        try {
            return new ChannelPair();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A pair that may have been used before; empty, and nobody asleep. */
    static ChannelPair take() {
        final ChannelPair idle = IDLE.poll();
        final ChannelPair pair = idle != null ? idle : make();
        pair.hostWakeUpsBefore = pair.host.wakeUpsSent();
        pair.guestWakeUpsBefore = pair.guest.wakeUpsSent();
        return pair;
    }

    /** Fills the direction from host to guest up. */
    void fill() {
        while (host.write(Bytes.OLD, 0, Long.BYTES) > 0) {
            host.flush();
        }
    }

    /** Reads everything there is at the guest's end, and gives its space back. */
    void drainGuest() {
        while (guest.poll() > 0) {
            guest.reader().advance(guest.reader().length());
        }
        guest.release();
    }

    boolean hostWoke() {
        return host.wakeUpsSent() != hostWakeUpsBefore;
    }

    boolean guestWoke() {
        return guest.wakeUpsSent() != guestWakeUpsBefore;
    }

    /** Empties the pair, wakes who sleeps, and keeps it for the next test. */
    void giveBack() {
        host.onReady(Linux.EPOLLIN);
        guest.onReady(Linux.EPOLLIN);
        drainGuest();
        if (!host.detail().isEmpty() || !guest.detail().isEmpty()) {
            throw new AssertionError("honest ends broke their ring: " + host.detail() + guest.detail());
        }
        IDLE.add(this);
    }
}
