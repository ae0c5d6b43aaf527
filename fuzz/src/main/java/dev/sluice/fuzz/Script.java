package dev.sluice.fuzz;

/**
 * Reads a fuzzer's input as a list of small decisions. Behind its end every decision is 0, so that every input is a valid script.
 */
public final class Script {
    private byte[] bytes;
    private int position;

    /** A script of nothing, until {@link #wrap}. */
    public Script() {
    }

    /**
     * Starts at the beginning of an input.
     *
     * @param input the bytes; stay the caller's and must not change meanwhile
     * @return this script
     */
    public Script wrap(final byte[] input) {
        bytes = input;
        position = 0;
        return this;
    }

    /** {@return whether decisions are left} */
    public boolean hasNext() {
        return position < bytes.length;
    }

    /** {@return how many bytes have been read} */
    public int position() {
        return Math.min(position, bytes.length);
    }

    /** {@return the next byte, 0 to 255} */
    public int next() {
        return position < bytes.length ? bytes[position++] & 0xFF : 0;
    }

    /**
     * A choice among a few.
     *
     * @param count how many there are, 1 to 256
     * @return 0 to count - 1
     */
    public int choose(final int count) {
        return next() % count;
    }

    /** {@return the next two bytes as a number, 0 to 65535} */
    public int nextShort() {
        return next() << 8 | next();
    }

    /** {@return the next four bytes as a number} */
    public int nextInt() {
        return nextShort() << 16 | nextShort();
    }

    /** {@return the next eight bytes as a number} */
    public long nextLong() {
        return (long) nextInt() << 32 | nextInt() & 0xFFFFFFFFL;
    }
}
