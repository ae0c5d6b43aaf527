package dev.sluice.execlog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** UTF-8 as the Unicode Standard has it (table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF. */
final class Utf8 {
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    static final long HIGH_BITS = 0x8080808080808080L;

    private static final int FIRST_LEAD_OF_2 = 0xC2;
    private static final int FIRST_LEAD_OF_3 = 0xE0;
    private static final int FIRST_LEAD_OF_4 = 0xF0;
    private static final int LAST_LEAD = 0xF4;

    private Utf8() {
    }

    static boolean isValid(final byte[] bytes, final int offset, final int length) {
        final int end = offset + length;
        int at = offset;
        while (at < end) {
            if (bytes[at] >= 0) {
                at = skipAscii(bytes, at, end);
                continue;
            }
            final int sequence = sequenceLength(bytes[at] & 0xFF);
            if (sequence == 0 || end - at < sequence || !continues(bytes, at, sequence)) {
                return false;
            }
            at += sequence;
        }
        return true;
    }

    private static int skipAscii(final byte[] bytes, final int from, final int end) {
        int at = from;
        while (at <= end - Long.BYTES && ((long) LONG.get(bytes, at) & HIGH_BITS) == 0) {
            at += Long.BYTES;
        }
        while (at < end && bytes[at] >= 0) {
            at++;
        }
        return at;
    }

    /** {@return length of the sequence that a byte above 0x7F begins, 0 when it begins none} */
    static int sequenceLength(final int lead) {
        if (lead < FIRST_LEAD_OF_2 || lead > LAST_LEAD) {
            return 0;
        }
        return lead < FIRST_LEAD_OF_3 ? 2 : lead < FIRST_LEAD_OF_4 ? 3 : 4;
    }

    /** {@return whether the first {@code present} bytes of a sequence, its lead included, may stand at the beginning of one} */
    static boolean continues(final byte[] bytes, final int at, final int present) {
        if (present > 1) {
            final int second = bytes[at + 1] & 0xFF;
            final int lowest;
            final int highest;
            switch (bytes[at] & 0xFF) {
                case 0xE0 -> {
                    lowest = 0xA0;
                    highest = 0xBF;
                }
                case 0xED -> {
                    lowest = 0x80;
                    highest = 0x9F;
                }
                case 0xF0 -> {
                    lowest = 0x90;
                    highest = 0xBF;
                }
                case 0xF4 -> {
                    lowest = 0x80;
                    highest = 0x8F;
                }
                default -> {
                    lowest = 0x80;
                    highest = 0xBF;
                }
            }
            if (second < lowest || second > highest) {
                return false;
            }
        }
        for (int i = 2; i < present; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return false;
            }
        }
        return true;
    }
}
