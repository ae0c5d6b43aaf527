package dev.sluice.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A producer without room that announces, looks again and sleeps is woken by the consumer that gives space back.
 */
@JCStressTest
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "Saw it, and was not taken for asleep.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "Saw it, and is woken all the same.")
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "Sleeps, and is woken.")
@Outcome(id = "true, false", expect = Expect.FORBIDDEN, desc = "Sleeps with room there, and nobody wakes it.")
@State
public class WriterWakeUpTest {
    private final SharedDirection ring = new SharedDirection();

    /** A full ring. */
    public WriterWakeUpTest() {
        ring.fill();
    }

    /**
     * Goes to sleep unless there is room.
     *
     * @param result whether it sleeps
     */
    @Actor
    public void producer(final ZZ_Result result) {
        ring.roomWait.announce(ring.writer.usefulRoomPosition());
        result.r1 = !ring.writer.hasUsefulRoom();
        if (!result.r1) {
            ring.roomWait.withdraw();
        }
    }

    /**
     * Reads everything, gives it back, and wakes who sleeps.
     *
     * @param result whether it wakes
     */
    @Actor
    public void consumer(final ZZ_Result result) {
        while (ring.reader.poll() > 0) {
            ring.reader.advance(ring.reader.length());
        }
        ring.reader.release();
        result.r2 = ring.roomWake.takeIfReached(ring.reader.releasedPosition());
    }
}
