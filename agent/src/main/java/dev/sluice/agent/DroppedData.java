package dev.sluice.agent;

import java.util.LinkedHashSet;

/**
 * Ids of writes that have been answered before all of their data had come: what still comes is dropped quietly. Of very many the oldest are
 * forgotten; their data is answered as that of any id without a write.
 *
 * <p>Pure state. One owner thread.
 */
final class DroppedData {
    private static final int LIMIT = 4096;

    private final LinkedHashSet<Integer> ids = new LinkedHashSet<>();

    void add(final int id) {
        ids.add(id);
        if (ids.size() > LIMIT) {
            ids.removeFirst();
        }
    }

    boolean contains(final int id) {
        return ids.contains(id);
    }

    void remove(final int id) {
        ids.remove(id);
    }

    void removeRange(final long idStart, final long idEnd) {
        ids.removeIf(id -> Integer.toUnsignedLong(id) >= idStart && Integer.toUnsignedLong(id) < idEnd);
    }

    void clear() {
        ids.clear();
    }
}
