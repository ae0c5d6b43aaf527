package dev.sluice.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * The bytes are there before the position says so.
 */
@JCStressTest
@Outcome(id = "none", expect = Expect.ACCEPTABLE, desc = "Not yet published.")
@Outcome(id = "new", expect = Expect.ACCEPTABLE, desc = "Published, and whole.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Published, and not whole.")
@State
public class PublishTest {
    private final SharedDirection ring = new SharedDirection();

    /** A new ring. */
    public PublishTest() {
    }

    /** Writes and publishes. */
    @Actor
    public void producer() {
        ring.writer.write(Bytes.NEW, 0, Long.BYTES);
        ring.writer.publish();
    }

    /**
     * Reads once.
     *
     * @param result what was there
     */
    @Actor
    public void consumer(final L_Result result) {
        result.r1 = ring.reader.poll() == 0 ? "none" : Bytes.span(ring.reader);
    }
}
