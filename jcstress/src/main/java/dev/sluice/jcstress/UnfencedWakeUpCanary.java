package dev.sluice.jcstress;

import dev.sluice.ring.RingDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link ReaderWakeUpTest} with wait words of its own that have no fence: the wake-up that is lost is to be found, or the other tests prove
 * nothing on this machine.
 */
@JCStressTest
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "Saw it, and was not taken for asleep.")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "Saw it, and is woken all the same.")
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "Sleeps, and is woken.")
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE_INTERESTING, desc = "The wake-up that is lost without a fence.")
@State
public class UnfencedWakeUpCanary {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final long WORD_OFFSET = SharedDirection.CAPACITY + RingDescriptor.CONSUMER_WAIT_OFFSET;

    private final SharedDirection ring = new SharedDirection();

    /** A new ring. */
    public UnfencedWakeUpCanary() {
    }

    /**
     * Goes to sleep unless there is something.
     *
     * @param result whether it sleeps
     */
    @Actor
    public void consumer(final ZZ_Result result) {
        WORD.setOpaque(ring.consumer, WORD_OFFSET, ring.reader.nextPosition());
        result.r1 = ring.reader.poll() == 0;
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
        final long wanted = (long) WORD.getOpaque(ring.producer, WORD_OFFSET);
        result.r2 = wanted != 0 && ring.writer.position() >= wanted && WORD.compareAndSet(ring.producer, WORD_OFFSET, wanted, 0L);
    }
}
