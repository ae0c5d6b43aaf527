package dev.sluice.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * Two batches come in their order, and each whole.
 */
@JCStressTest
@Outcome(id = "none, none", expect = Expect.ACCEPTABLE, desc = "Nothing published yet.")
@Outcome(id = "none, new", expect = Expect.ACCEPTABLE, desc = "The first is published at the second look.")
@Outcome(id = "new, none", expect = Expect.ACCEPTABLE, desc = "The first is published.")
@Outcome(id = "new, old", expect = Expect.ACCEPTABLE, desc = "Both are published.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Out of order, or not whole.")
@State
public class BatchTest {
    private final SharedDirection ring = new SharedDirection();

    /** A new ring. */
    public BatchTest() {
    }

    /** Writes and publishes, twice. */
    @Actor
    public void producer() {
        ring.writer.write(Bytes.NEW, 0, Long.BYTES);
        ring.writer.publish();
        ring.writer.write(Bytes.OLD, 0, Long.BYTES);
        ring.writer.publish();
    }

    /**
     * Reads twice.
     *
     * @param result what was there
     */
    @Actor
    public void consumer(final LL_Result result) {
        result.r1 = next();
        result.r2 = next();
    }

    private String next() {
        final int length = ring.reader.poll();
        if (length == 0) {
            return "none";
        }
        final String found = Bytes.span(ring.reader);
        ring.reader.advance(Math.max(length, 0));
        return found;
    }
}
