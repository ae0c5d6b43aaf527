package dev.sluice.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link WriterWakeUpTest} with whole channels and the socket between them.
 */
@JCStressTest
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "Saw it, and was not taken for asleep.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "Saw it, and is woken all the same.")
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "Sleeps, and is woken.")
@Outcome(id = "true, false", expect = Expect.FORBIDDEN, desc = "Sleeps with room there, and nobody wakes it.")
@State
public class ChannelWriterWakeUpTest {
    private final ChannelPair pair = ChannelPair.take();

    /** A ring that is full towards the guest. */
    public ChannelWriterWakeUpTest() {
        pair.fill();
    }

    /**
     * Goes to sleep unless there is room.
     *
     * @param result whether it sleeps
     */
    @Actor
    public void host(final ZZ_Result result) {
        result.r1 = pair.host.prepareToSleep(false, true);
    }

    /** Reads everything, and gives it back. */
    @Actor
    public void guest() {
        pair.drainGuest();
    }

    /**
     * Afterwards.
     *
     * @param result whether a wake-up was sent
     */
    @Arbiter
    public void afterwards(final ZZ_Result result) {
        result.r2 = pair.guestWoke();
        pair.giveBack();
    }
}
