package dev.sluice.cli;

import dev.sluice.protocol.ByteString;
import java.io.IOException;

/** Standard output, for commands that print what a sandbox holds, byte for byte. What is written is there when it is flushed. */
final class DataOutput {
    private static final int SIGPIPE = 13;

    private final StandardStream stream = StandardStream.out();
    private final BufferedStream buffered = new BufferedStream(stream);
    private final boolean terminal = stream.isTerminal();

    /** Whoever read standard output reads no more, and nobody says so of that. */
    static final class ReaderGoneException extends IOException {
        private static final long serialVersionUID = 1L;

        ReaderGoneException(final IOException cause) {
            super("nobody reads standard output", cause);
        }

        /** As of a program that was ended by the signal for it. */
        int exitCode() {
            return ExitCode.SIGNALLED + SIGPIPE;
        }
    }

    boolean isTerminal() {
        return terminal;
    }

    void write(final byte[] bytes) throws IOException {
        try {
            buffered.write(bytes);
        } catch (final IOException e) {
            throw described(e);
        }
    }

    /** Writes bytes at once, past what waits: flush first. */
    void writeThrough(final byte[] bytes, final int length) throws IOException {
        try {
            stream.write(bytes, 0, length);
        } catch (final IOException e) {
            throw described(e);
        }
    }

    /** Writes a name as part of a line. */
    void writeName(final ByteString name) throws IOException {
        write(terminal ? TerminalText.name(name.toByteArray()) : name.toByteArray());
    }

    void flush() throws IOException {
        try {
            buffered.flush();
        } catch (final IOException e) {
            throw described(e);
        }
    }

    private IOException described(final IOException error) {
        return stream.hasPeer() ? new ReaderGoneException(error) : error;
    }
}
