package dev.sluice.jcstress;

import dev.sluice.ring.RingReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What is written, and how it is looked at. */
final class Bytes {
    /** Eight bytes that differ from each other and from zero. */
    static final MemorySegment NEW = of(0x0807_0605_0403_0201L);
    /** Eight others. */
    static final MemorySegment OLD = of(0x1817_1615_1413_1211L);

    private Bytes() {
    }

    private static MemorySegment of(final long value) {
        return Arena.global().allocateFrom(ValueLayout.JAVA_LONG, value);
    }

    /** The current span as text: "new", "old", its length if it is short, or its value. */
    static String span(final RingReader reader) {
        if (reader.length() != Long.BYTES) {
            return "length " + reader.length();
        }
        final long value = reader.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, reader.offset());
        if (value == NEW.get(ValueLayout.JAVA_LONG, 0)) {
            return "new";
        }
        return value == OLD.get(ValueLayout.JAVA_LONG, 0) ? "old" : Long.toHexString(value);
    }
}
