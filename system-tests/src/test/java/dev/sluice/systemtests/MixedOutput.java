package dev.sluice.systemtests;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;

/**
 * A file with what a program is to write, made from a seed: by turns text with characters of every length and of terminals, and random
 * bytes. Each turn ends anywhere, also inside a character.
 */
record MixedOutput(Path file, long length) {
    private static final int LONGEST_TURN = 50_000;
    private static final int BUFFER_BYTES = 1 << 16;

    static MixedOutput write(final Path file, final long length, final long seed) {
        final Random random = new Random(seed);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
            final byte[] binary = new byte[LONGEST_TURN];
            for (long left = length; left > 0;) {
                final int turn = (int) Math.min(left, 1 + random.nextInt(LONGEST_TURN));
                if (random.nextInt(3) == 0) {
                    random.nextBytes(binary);
                    out.write(binary, 0, turn);
                } else {
                    out.write(text(random, turn), 0, turn);
                }
                left -= turn;
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return new MixedOutput(file, length);
    }

    private static byte[] text(final Random random, final int atLeast) {
        final StringBuilder text = new StringBuilder(atLeast + 100);
        while (text.length() < atLeast) {
            text.append("line ").append(random.nextInt()).append(" of \"text\" \\ äöü €uro 𐍈\t\u001b[1mbold\u001b[0m\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    String sha256() throws IOException {
        return sha256After("");
    }

    /** Digest of a text and the whole. */
    String sha256After(final String text) throws IOException {
        final MessageDigest digest = Output.newDigest();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return sha256(digest, length);
    }

    /** Digest of the last bytes. */
    String sha256OfLast(final long count) throws IOException {
        return sha256(Output.newDigest(), count);
    }

    private String sha256(final MessageDigest digest, final long count) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try (FileChannel channel = FileChannel.open(file).position(length - count)) {
            while (channel.read(buffer) >= 0) {
                digest.update(buffer.flip());
                buffer.clear();
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
