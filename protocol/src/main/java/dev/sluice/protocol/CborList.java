package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists inside messages.
 */
final class CborList {
    /**
     * More items than this are refused: twice what a full frame holds of the smallest directory entries, and enough that no list of a few
     * bytes an item costs many times its frame in memory.
     */
    static final int MAX_ITEMS = 128 * 1024;

    /** Reads one item. */
    interface ItemReader<T> {
        T read(CborReader reader) throws ProtocolException;
    }

    /** Writes one item. */
    interface ItemWriter<T> {
        void write(CborWriter writer, T item);
    }

    private CborList() {
    }

    static <T> List<T> read(final CborReader reader, final ItemReader<T> items) throws ProtocolException {
        return read(reader, items, MAX_ITEMS, "more items than " + MAX_ITEMS);
    }

    /** Reads a list of at most so many items; the text says that there are more. */
    static <T> List<T> read(final CborReader reader, final ItemReader<T> items, final int most, final String tooMany)
        throws ProtocolException {
        final long count = reader.readArrayHead();
        final List<T> list = new ArrayList<>();
        while (reader.hasNext(count, list.size())) {
            if (list.size() == most) {
                throw reader.error(Reason.TOO_LARGE, tooMany);
            }
            list.add(items.read(reader));
        }
        return List.copyOf(list);
    }

    static <T> void write(final CborWriter writer, final List<T> list, final ItemWriter<T> items) {
        writer.writeArrayHead(list.size());
        for (final T item : list) {
            items.write(writer, item);
        }
    }
}
