package dev.sluice.fuzz;

/**
 * Whether bytes are a well-formed CBOR item, as the pseudo code of RFC 8949, appendix C, decides it: the oracle for what a decoder has to
 * accept and what it has to refuse.
 */
final class WellFormed {
    private static final int NO_BREAK = 1;
    private static final int BREAK = -1;
    private static final int INDEFINITE = 31;

    private final byte[] bytes;
    private int position;

    private WellFormed(final byte[] bytes) {
        this.bytes = bytes;
    }

    /** Raised for what is not well-formed. */
    private static final class NotWellFormedException extends Exception {
        private static final long serialVersionUID = 1L;

        NotWellFormedException() {
            super("not well-formed", null, false, false);
        }
    }

    /** {@return where the first item ends, or -1 when it is not well-formed} */
    static int end(final byte[] bytes) {
        final WellFormed check = new WellFormed(bytes);
        try {
            check.item(false);
            return check.position;
        } catch (final NotWellFormedException e) {
            return -1;
        }
    }

    private int item(final boolean breakable) throws NotWellFormedException {
        final int initial = take();
        final int major = initial >> 5;
        final int info = initial & 0x1F;
        long value = info;
        switch (info) {
            case 24, 25, 26, 27 -> {
                value = 0;
                for (int i = 1 << info - 24; i > 0; i--) {
                    value = value << 8 | take();
                }
            }
            case 28, 29, 30 -> throw new NotWellFormedException();
            case INDEFINITE -> {
                return indefinite(major, breakable);
            }
            default -> { }
        }
        switch (major) {
            case 2, 3 -> skip(value);
            case 4 -> items(value, 1);
            case 5 -> items(value, 2);
            case 6 -> item(false);
            case 7 -> {
                if (info == 24 && value < 32) {
                    throw new NotWellFormedException();
                }
            }
            default -> { }
        }
        return NO_BREAK;
    }

    private int indefinite(final int major, final boolean breakable) throws NotWellFormedException {
        switch (major) {
            case 2, 3 -> {
                while (peek() != 0xFF) {
                    if (peek() >> 5 != major || (peek() & 0x1F) == INDEFINITE) {
                        throw new NotWellFormedException();
                    }
                    item(false);
                }
                position++;
            }
            case 4 -> {
                int last = NO_BREAK;
                while (last != BREAK) {
                    last = item(true);
                }
            }
            case 5 -> {
                while (item(true) != BREAK) {
                    item(false);
                }
            }
            case 7 -> {
                if (breakable) {
                    return BREAK;
                }
                throw new NotWellFormedException();
            }
            default -> throw new NotWellFormedException();
        }
        return NO_BREAK;
    }

    private void items(final long count, final int each) throws NotWellFormedException {
        if (Long.compareUnsigned(count, bytes.length) > 0) {
            throw new NotWellFormedException();
        }
        for (long i = 0; i < count * each; i++) {
            item(false);
        }
    }

    private void skip(final long length) throws NotWellFormedException {
        if (Long.compareUnsigned(length, bytes.length - position) > 0) {
            throw new NotWellFormedException();
        }
        position += (int) length;
    }

    private int peek() throws NotWellFormedException {
        if (position == bytes.length) {
            throw new NotWellFormedException();
        }
        return bytes[position] & 0xFF;
    }

    private int take() throws NotWellFormedException {
        final int value = peek();
        position++;
        return value;
    }
}
