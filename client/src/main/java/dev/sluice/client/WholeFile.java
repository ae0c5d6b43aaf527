package dev.sluice.client;

import java.util.Arrays;

/** A file as one array of bytes. */
final class WholeFile {
    private static final int FIRST_CAPACITY = 8 * 1024;

    private WholeFile() {
    }

    /** Reads up to the end; a file longer than the limit is a failure. */
    static byte[] read(final FileSource source, final int limit) throws SandboxException, InterruptedException {
        byte[] content = new byte[Math.min(FIRST_CAPACITY, limit)];
        int length = 0;
        final byte[] beyond = new byte[1];
        while (true) {
            if (length == content.length && length < limit) {
                content = Arrays.copyOf(content, (int) Math.min(limit, 2L * length));
            }
            final boolean full = length == content.length;
            final int taken = full ? source.read(beyond, 0, 1) : source.read(content, length, content.length - length);
            if (taken < 0) {
                return length == content.length ? content : Arrays.copyOf(content, length);
            }
            if (full) {
                throw new FileOperationException(source.task(), "the file is longer than the limit of " + limit + " bytes");
            }
            length += taken;
        }
    }
}
