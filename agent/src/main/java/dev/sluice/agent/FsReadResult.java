package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.agent.files.OpenedFile;
import java.util.List;

/**
 * What a job has read.
 *
 * @param lengths bytes in each piece
 * @param end where reading to the end ends, if that was asked
 * @param ended whether nothing follows
 * @param errno why no more could be read, or 0
 */
record FsReadResult(int[] lengths, long end, boolean ended, int errno) {
    /**
     * Reads; may block.
     *
     * @param file to read from
     * @param findEnd whether to ask where the end is
     * @param chunks where to
     * @param from position of the first byte
     * @param most bytes at most
     */
    static FsReadResult read(
        final OpenedFile file, final boolean findEnd, final List<FileMemory.Chunk> chunks, final long from, final long most) {
        final int[] lengths = new int[chunks.size()];
        long end = Long.MAX_VALUE;
        if (findEnd) {
            try {
                end = file.end();
            } catch (final FileException e) {
                return new FsReadResult(lengths, end, true, e.errno());
            }
        }
        long left = Math.min(most, Math.max(0, end - from));
        long position = from;
        for (int i = 0; i < lengths.length && left > 0; i++) {
            final int wanted = (int) Math.min(left, FileMemory.CHUNK_LENGTH);
            while (lengths[i] < wanted) {
                final long count = file.read(chunks.get(i).memory().address() + lengths[i], wanted - lengths[i], position);
                if (count <= 0) {
                    return new FsReadResult(lengths, end, true, (int) -count);
                }
                lengths[i] += (int) count;
                position += count;
            }
            left -= wanted;
        }
        return new FsReadResult(lengths, end, false, 0);
    }
}
