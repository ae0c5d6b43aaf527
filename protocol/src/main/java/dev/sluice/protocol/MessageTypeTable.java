package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Finds a message type by its name in memory: one hash over the name's length and last eight bytes, then a compare, word by word. No
 * allocation.
 */
final class MessageTypeTable {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** At least three times the number of types, so that probing ends soon. */
    private static final int SLOT_BITS = 7;
    private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;
    private static final MessageType[] SLOTS = new MessageType[1 << SLOT_BITS];
    /** For each type its name in words of eight bytes, the last of which overlaps the one before. */
    private static final long[][] WORDS = new long[MessageType.values().length][];
    private static final int MIN_LENGTH = Long.BYTES;

    static {
        for (final MessageType type : MessageType.values()) {
            final MemorySegment name = MemorySegment.ofArray(type.wireBytes().toByteArray());
            final int length = (int) name.byteSize();
            if (length < MIN_LENGTH) {
                throw new IllegalStateException("name too short for this table: " + type);
            }
            final long[] words = new long[(length + Long.BYTES - 1) / Long.BYTES];
            for (int i = 0; i < words.length; i++) {
                words[i] = name.get(WORD, wordOffset(i, length));
            }
            WORDS[type.ordinal()] = words;
            int slot = slot(words[words.length - 1], length);
            while (SLOTS[slot] != null) {
                slot = slot + 1 & SLOT_MASK;
            }
            SLOTS[slot] = type;
        }
    }

    private MessageTypeTable() {
    }

    static MessageType find(final MemorySegment memory, final long offset, final int length) {
        if (length < MIN_LENGTH) {
            return null;
        }
        int slot = slot(memory.get(WORD, offset + length - Long.BYTES), length);
        while (SLOTS[slot] != null) {
            final MessageType type = SLOTS[slot];
            if (type.wireBytes().length() == length && matches(WORDS[type.ordinal()], memory, offset, length)) {
                return type;
            }
            slot = slot + 1 & SLOT_MASK;
        }
        return null;
    }

    private static boolean matches(final long[] words, final MemorySegment memory, final long offset, final int length) {
        for (int i = 0; i < words.length; i++) {
            if (memory.get(WORD, offset + wordOffset(i, length)) != words[i]) {
                return false;
            }
        }
        return true;
    }

    private static int wordOffset(final int index, final int length) {
        return Math.min(index * Long.BYTES, length - Long.BYTES);
    }

    private static int slot(final long lastWord, final int length) {
        // Fibonacci hashing: the multiplier is 2^64 divided by the golden ratio.
        return (int) ((lastWord + length) * 0x9E3779B97F4A7C15L >>> Long.SIZE - SLOT_BITS);
    }
}
