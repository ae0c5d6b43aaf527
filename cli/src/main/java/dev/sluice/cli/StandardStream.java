package dev.sluice.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One of this process's three standard descriptors, unbuffered and byte for byte, also where whoever started us has made it non-blocking.
 */
final class StandardStream {
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final FileChannel channel;
    private final int number;

    private StandardStream(final FileChannel channel, final int number) {
        this.channel = channel;
        this.number = number;
    }

    // The streams are never closed: the descriptors are the process's.
    @SuppressWarnings("resource")
    static StandardStream in() {
        return new StandardStream(new FileInputStream(FileDescriptor.in).getChannel(), 0);
    }

    @SuppressWarnings("resource")
    static StandardStream out() {
        return new StandardStream(new FileOutputStream(FileDescriptor.out).getChannel(), 1);
    }

    @SuppressWarnings("resource")
    static StandardStream err() {
        return new StandardStream(new FileOutputStream(FileDescriptor.err).getChannel(), 2);
    }

    /** Waits for bytes and reads them; -1 at the end. */
    int read(final byte[] target) throws IOException {
        int length = channel.read(ByteBuffer.wrap(target));
        while (length == 0) {
            // Non-blocking, and the JDK has no way to wait for a file: rare enough to look again now and then.
            LockSupport.parkNanos(RETRY_NANOS);
            length = channel.read(ByteBuffer.wrap(target));
        }
        return length;
    }

    /**
     * Writes all of the bytes.
     *
     * @throws IOException saying which stream it is and why it takes no more; every command says it so
     */
    void write(final byte[] source, final int offset, final int length) throws IOException {
        final ByteBuffer buffer = ByteBuffer.wrap(source, offset, length);
        try {
            while (buffer.hasRemaining()) {
                if (channel.write(buffer) == 0) {
                    LockSupport.parkNanos(RETRY_NANOS);
                }
            }
        } catch (final IOException e) {
            throw new IOException("cannot write standard " + (number == 1 ? "output" : "error") + ": " + e.getMessage(), e);
        }
    }

    /**
     * Tells whether the other end of this descriptor is another program or a person, who may go away; an error then means that they have.
     * An error of anything else, such as a file on a full disk, is worth a message.
     */
    boolean hasPeer() {
        final String target = target();
        return isTerminal(target) || target.startsWith("pipe:") || target.startsWith("socket:");
    }

    /** Tells whether a person may be looking at it. */
    boolean isTerminal() {
        return isTerminal(target());
    }

    private static boolean isTerminal(final String target) {
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || "/dev/console".equals(target);
    }

    private String target() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)).toString();
        } catch (final IOException e) {
            return "";
        }
    }
}
