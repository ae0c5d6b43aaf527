package dev.sluice.jcstress;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ring.RingChannel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LZ_Result;

/**
 * A peer that writes and closes: what it wrote is read before its end is told.
 */
@JCStressTest
@Outcome(id = "none, false", expect = Expect.ACCEPTABLE, desc = "Nothing yet.")
@Outcome(id = "new, false", expect = Expect.ACCEPTABLE, desc = "The bytes, the end not yet.")
@Outcome(id = "new, true", expect = Expect.ACCEPTABLE, desc = "The bytes; the end is known, and told behind them.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The end before the bytes.")
@State
public class ChannelCloseTest {
    /** Closing takes longer than looking. */
    private static final int MOST_LOOKS = 64;

    private final ChannelPair pair = ChannelPair.make();

    /** A new ring. */
    public ChannelCloseTest() {
    }

    /** Writes, flushes and closes. */
    @Actor
    public void guest() {
        pair.guest.write(Bytes.NEW, 0, Long.BYTES);
        pair.guest.flush();
        pair.guest.close();
    }

    /**
     * Looks at the socket until it tells of the end, then at the ring.
     *
     * @param result what was there, and whether the end was seen
     */
    @Actor
    public void host(final LZ_Result result) {
        for (int i = 0; i < MOST_LOOKS && !pair.host.isPeerGone(); i++) {
            pair.host.onReady(Linux.EPOLLIN | Linux.EPOLLHUP);
        }
        result.r2 = pair.host.isPeerGone();
        final int found = pair.host.poll();
        result.r1 = found == 0 ? "none" : found == RingChannel.CLOSED ? "closed" : Bytes.span(pair.host.reader());
    }

    /**
     * Afterwards.
     *
     * @param result not looked at
     */
    @Arbiter
    public void afterwards(final LZ_Result result) {
        pair.host.close();
    }
}
