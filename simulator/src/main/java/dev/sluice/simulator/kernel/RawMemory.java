package dev.sluice.simulator.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** The memory of this process by address, which is how system calls are given it. An address that is not mapped ends the JVM. */
final class RawMemory {
    private static final MemorySegment ALL = all();

    private RawMemory() {
    }

    @SuppressWarnings("restricted") // system calls take addresses: there is no segment to check them against
    private static MemorySegment all() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    static void read(final long address, final byte[] target, final int offset, final int length) {
        MemorySegment.copy(ALL, JAVA_BYTE, address, target, offset, length);
    }

    static void write(final long address, final byte[] source, final int offset, final int length) {
        MemorySegment.copy(source, offset, ALL, JAVA_BYTE, address, length);
    }

    static byte getByte(final long address) {
        return ALL.get(JAVA_BYTE, address);
    }

    static short getShort(final long address) {
        return ALL.get(JAVA_SHORT_UNALIGNED, address);
    }

    static int getInt(final long address) {
        return ALL.get(JAVA_INT_UNALIGNED, address);
    }

    static long getLong(final long address) {
        return ALL.get(JAVA_LONG_UNALIGNED, address);
    }

    static void putShort(final long address, final short value) {
        ALL.set(JAVA_SHORT_UNALIGNED, address, value);
    }

    static void putInt(final long address, final int value) {
        ALL.set(JAVA_INT_UNALIGNED, address, value);
    }

    static void putLong(final long address, final long value) {
        ALL.set(JAVA_LONG_UNALIGNED, address, value);
    }

    /** Reads a C string of at most so many bytes. */
    static String getString(final long address, final int mostBytes) {
        int length = 0;
        while (length < mostBytes && getByte(address + length) != 0) {
            length++;
        }
        final byte[] bytes = new byte[length];
        read(address, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
