package dev.sluice.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link ReaderWakeUpTest} with whole channels and the socket between them.
 */
@JCStressTest
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "Saw it, and was not taken for asleep.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "Saw it, and is woken all the same.")
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "Sleeps, and is woken.")
@Outcome(id = "true, false", expect = Expect.FORBIDDEN, desc = "Sleeps with bytes there, and nobody wakes it.")
@State
public class ChannelReaderWakeUpTest {
    private final ChannelPair pair = ChannelPair.take();

    /** An empty ring. */
    public ChannelReaderWakeUpTest() {
    }

    /**
     * Goes to sleep unless there is something.
     *
     * @param result whether it sleeps
     */
    @Actor
    public void guest(final ZZ_Result result) {
        result.r1 = pair.guest.prepareToSleep(true, false);
    }

    /** Writes and flushes. */
    @Actor
    public void host() {
        pair.host.write(Bytes.NEW, 0, Long.BYTES);
        pair.host.flush();
    }

    /**
     * Afterwards.
     *
     * @param result whether a wake-up was sent
     */
    @Arbiter
    public void afterwards(final ZZ_Result result) {
        result.r2 = pair.hostWoke();
        pair.giveBack();
    }
}
