package dev.sluice.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/**
 * A consumer that finds something after all withdraws its announcement and makes the next one: of two batches neither is missed, and no
 * wake-up is sent that was not asked for.
 */
@JCStressTest
@Outcome(id = "false, 0", expect = Expect.ACCEPTABLE, desc = "Saw both.")
@Outcome(id = "false, 1", expect = Expect.ACCEPTABLE, desc = "Saw both, and is woken all the same.")
@Outcome(id = "false, 2", expect = Expect.ACCEPTABLE, desc = "Saw both, and is woken twice for two announcements.")
@Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "Sleeps, and is woken.")
@Outcome(id = "true, 2", expect = Expect.ACCEPTABLE, desc = "Sleeps, and is woken; so it was the time before.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Sleeps with bytes there, and nobody wakes it.")
@State
public class RepeatedSleepTest {
    private final SharedDirection ring = new SharedDirection();

    /** A new ring. */
    public RepeatedSleepTest() {
    }

    /**
     * Reads one batch if it is there, and goes to sleep unless there is another.
     *
     * @param result whether it sleeps
     */
    @Actor
    public void consumer(final ZI_Result result) {
        boolean asleep = announceAndLook();
        if (!asleep) {
            ring.readWait.withdraw();
            ring.reader.advance(ring.reader.length());
            if (ring.reader.poll() == 0) {
                asleep = announceAndLook();
            }
        }
        result.r1 = asleep;
    }

    private boolean announceAndLook() {
        ring.readWait.announce(ring.reader.nextPosition());
        return ring.reader.poll() == 0;
    }

    /**
     * Publishes twice, and wakes who sleeps.
     *
     * @param result how often it wakes
     */
    @Actor
    public void producer(final ZI_Result result) {
        for (int i = 0; i < 2; i++) {
            ring.writer.write(Bytes.NEW, 0, Long.BYTES);
            ring.writer.publish();
            if (ring.readWake.takeIfReached(ring.writer.position())) {
                result.r2++;
            }
        }
    }
}
