package dev.sluice.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes inputs that resemble those of a corpus. Blind, unlike the fuzzer, but the same for the same seed. */
final class Mutator {
    private static final int[] INTERESTING = {0, 1, 4, 5, 8, 0x17, 0x18, 0x1F, 0x40, 0x7F, 0x80, 0x9F, 0xBF, 0xF6, 0xF8, 0xFF};
    private static final int MOST_STEPS = 5;

    private final List<byte[]> corpus;
    private final int maxLength;
    private final SplittableRandom random;

    Mutator(final List<byte[]> corpus, final int maxLength, final SplittableRandom random) {
        this.corpus = corpus;
        this.maxLength = maxLength;
        this.random = random;
    }

    byte[] next() {
        byte[] input = pick().clone();
        for (int i = random.nextInt(1, MOST_STEPS + 1); i > 0; i--) {
            input = step(input);
        }
        return input.length > maxLength ? Arrays.copyOf(input, maxLength) : input;
    }

    private byte[] pick() {
        return corpus.get(random.nextInt(corpus.size()));
    }

    private byte[] step(final byte[] input) {
        if (input.length == 0) {
            return insert(input, 0, new byte[] {(byte) random.nextInt()});
        }
        final int at = random.nextInt(input.length);
        switch (random.nextInt(7)) {
            case 0 -> input[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> input[at] = (byte) random.nextInt();
            case 2 -> input[at] = (byte) INTERESTING[random.nextInt(INTERESTING.length)];
            case 3 -> input[at] += (byte) random.nextInt(-4, 5);
            case 4 -> {
                return remove(input, at, random.nextInt(input.length - at) + 1);
            }
            case 5 -> {
                return insert(input, at, Arrays.copyOfRange(input, at, at + random.nextInt(input.length - at) + 1));
            }
            default -> {
                final byte[] other = pick();
                return insert(Arrays.copyOf(input, at), at, other.length == 0
                    ? other : Arrays.copyOfRange(other, random.nextInt(other.length), other.length));
            }
        }
        return input;
    }

    private static byte[] insert(final byte[] input, final int at, final byte[] added) {
        final byte[] longer = Arrays.copyOf(input, input.length + added.length);
        System.arraycopy(input, at, longer, at + added.length, input.length - at);
        System.arraycopy(added, 0, longer, at, added.length);
        return longer;
    }

    private static byte[] remove(final byte[] input, final int at, final int count) {
        final byte[] shorter = Arrays.copyOf(input, input.length - count);
        System.arraycopy(input, at + count, shorter, at, input.length - at - count);
        return shorter;
    }
}
