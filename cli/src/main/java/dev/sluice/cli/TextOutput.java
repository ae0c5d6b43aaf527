package dev.sluice.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;

/**
 * Standard output, for commands that print text. A {@link PrintWriter} forgets why it could not write; this one remembers. What is printed
 * is written when it is flushed.
 */
final class TextOutput extends PrintWriter {
    private final Target target;

    private TextOutput(final Target target) {
        super(target, false, System.out.charset());
        this.target = target;
    }

    static TextOutput standard() {
        return new TextOutput(new Target(StandardStream.out()));
    }

    /** Writes what is left. @return why something that was printed is missing where somebody may look for it, or null */
    IOException end() {
        flush();
        return target.failure;
    }

    private static final class Target extends OutputStream {
        private final StandardStream stream;
        private IOException failure;

        Target(final StandardStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(final int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(final byte[] bytes, final int offset, final int length) throws IOException {
            try {
                stream.write(bytes, offset, length);
            } catch (final IOException e) {
                // A peer that has gone wanted no more, and nobody says so of that.
                failure = stream.hasPeer() ? null : e;
                throw e;
            }
        }
    }
}
