package dev.sluice.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LI_Result;

/**
 * Space is given back after it has been read: what the producer puts there next does not change what the consumer read.
 */
@JCStressTest
@Outcome(id = "old, 0", expect = Expect.ACCEPTABLE, desc = "No room yet.")
@Outcome(id = "old, 8", expect = Expect.ACCEPTABLE, desc = "Written into the space given back.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Read what was written later, or broken.")
@State
public class ReleaseTest {
    private final SharedDirection ring = new SharedDirection();

    /** A full ring. */
    public ReleaseTest() {
        ring.fill();
        ring.reader.poll();
    }

    /**
     * Reads a record and gives its space back.
     *
     * @param result what was read
     */
    @Actor
    public void consumer(final LI_Result result) {
        result.r1 = Bytes.span(ring.reader);
        ring.reader.advance(ring.reader.length());
        ring.reader.release();
    }

    /**
     * Writes if there is room.
     *
     * @param result how much was taken
     */
    @Actor
    public void producer(final LI_Result result) {
        result.r2 = ring.writer.write(Bytes.NEW, 0, Long.BYTES);
        ring.writer.publish();
    }
}
