package dev.sluice.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A consumer that announces, looks again and sleeps is woken by the producer that publishes.
 */
@JCStressTest
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "Saw it, and was not taken for asleep.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "Saw it, and is woken all the same.")
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "Sleeps, and is woken.")
@Outcome(id = "true, false", expect = Expect.FORBIDDEN, desc = "Sleeps with bytes there, and nobody wakes it.")
@State
public class ReaderWakeUpTest {
    private final SharedDirection ring = new SharedDirection();

    /** A new ring. */
    public ReaderWakeUpTest() {
    }

    /**
     * Goes to sleep unless there is something.
     *
     * @param result whether it sleeps
     */
    @Actor
    public void consumer(final ZZ_Result result) {
        ring.readWait.announce(ring.reader.nextPosition());
        result.r1 = ring.reader.poll() == 0;
        if (!result.r1) {
            ring.readWait.withdraw();
        }
    }

    /**
     * Publishes, and wakes who sleeps.
     *
     * @param result whether it wakes
     */
    @Actor
    public void producer(final ZZ_Result result) {
        ring.writer.write(Bytes.NEW, 0, Long.BYTES);
        ring.writer.publish();
        result.r2 = ring.readWake.takeIfReached(ring.writer.position());
    }
}
