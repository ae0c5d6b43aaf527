package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimRandom;

/**
 * What a program writes to one of its outputs: bytes that follow from a number and their position, so that any part of them can be told
 * from anything else without being kept.
 */
final class Output {
    private static final int UNIT = 3;

    private final long key;
    private final Content content;
    private long written;
    private long delivered;

    /** What the bytes look like to whoever records them. */
    private enum Content {
        /** Any bytes. */
        BINARY,
        /** Characters of one byte. */
        LETTERS,
        /** Characters of three bytes, cut wherever a frame ends. */
        LONG_CHARACTERS
    }

    Output(final SimRandom random) {
        key = random.nextLong();
        content = Content.values()[random.below(Content.values().length)];
    }

    /** Writes the next bytes. */
    void write(final byte[] target, final int offset, final int length) {
        for (int i = 0; i < length; i++) {
            target[offset + i] = at(written + i);
        }
        written += length;
    }

    /** @return whether bytes are those at a position */
    boolean matches(final long position, final byte[] bytes) {
        if (position + bytes.length > written) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != at(position + i)) {
                return false;
            }
        }
        return true;
    }

    private byte at(final long position) {
        final long unit = SimRandom.mix(key + position / UNIT);
        final int within = (int) (position % UNIT);
        return switch (content) {
            case BINARY -> (byte) (unit >>> Byte.SIZE * within);
            case LETTERS -> (byte) (' ' + (unit >>> Byte.SIZE * within & 0x3F));
            case LONG_CHARACTERS -> longCharacter((int) (unit & 0x3FFF), within);
        };
    }

    /** UTF-8 of U+4000 to U+7FFF. */
    private static byte longCharacter(final int number, final int within) {
        return (byte) switch (within) {
            case 0 -> 0xE4 + (number >>> 12);
            case 1 -> 0x80 | number >>> 6 & 0x3F;
            default -> 0x80 | number & 0x3F;
        };
    }

    /** @return how much the program has written */
    long written() {
        return written;
    }

    /** The client has received bytes, in frames that are whole. */
    void deliver(final long bytes) {
        delivered += bytes;
    }

    /** @return how much the client has received */
    long delivered() {
        return delivered;
    }
}
