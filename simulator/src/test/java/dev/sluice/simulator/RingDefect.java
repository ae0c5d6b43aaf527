package dev.sluice.simulator;

import dev.sluice.simulator.RelayDefect.Change;
import java.util.ArrayList;
import java.util.List;

/** Defects that the relay's end of a ring could have, each of which lets the peer do more than end its own connection. */
enum RingDefect {
    NONE,
    TRUSTS_LENGTHS(new Change("RingReader", "recordLength < RECORD_HEADER_LENGTH || recordLength > maxRecordLength\n"
        + "            || RingDescriptor.align(recordLength) > Math.min(tail - position, capacity - index)", "recordLength < 0")),
    READS_LENGTHS_TWICE(new Change("RingReader", "spanLength = recordLength - RECORD_HEADER_LENGTH;",
        "dev.sluice.simulator.Interference.now();\n"
            + "spanLength = (int) INT.getAcquire(direction, (long) index + LENGTH_OFFSET) - RECORD_HEADER_LENGTH;"));

    /** Puts the peer between every two looks. */
    private static final List<Change> INTERFERENCE = List.of(
        before("RingReader", "final long seen = (long) LONG.getAcquire"),
        before("RingReader", "final int recordLength = (int) INT.getAcquire"),
        before("RingReader", "final int type = (int) INT.get"),
        before("RingWriter", "final long seen = (long) LONG.getAcquire"),
        before("WaitWord", "final long wanted = (long) WORD.getOpaque"),
        before("RingPort", "return spans.memory();"));

    private final List<Change> changes = new ArrayList<>();

    RingDefect(final Change... changes) {
        this.changes.addAll(List.of(changes));
    }

    private static Change before(final String className, final String statement) {
        return new Change(className, statement, "dev.sluice.simulator.Interference.now();\n" + statement);
    }

    /** @return what makes the classes those of this defect, with the peer interfering */
    List<Change> changes() {
        final List<Change> all = new ArrayList<>(changes);
        all.addAll(INTERFERENCE);
        return all;
    }
}
