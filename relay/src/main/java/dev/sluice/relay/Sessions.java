package dev.sluice.relay;

import org.agrona.collections.Int2IntHashMap;

/**
 * The open sessions of one client: correlation id to {@link SessionKind}. Kept for cleaning up, never for deciding what is forwarded.
 *
 * <p>Pure state. One owner thread. No allocation in steady state.
 */
final class Sessions {
    /** More than this many are not remembered: what one client can make the relay hold is bounded. */
    static final int MAX_TRACKED = 16_384;

    private static final int NONE = -1;

    private final Int2IntHashMap kinds = new Int2IntHashMap(NONE);

    /** {@return false when the session could not be remembered because too many are} */
    boolean open(final int id, final SessionKind kind) {
        final int known = kinds.get(id);
        if (known == NONE && kinds.size() >= MAX_TRACKED) {
            return false;
        }
        if (known == SessionKind.EXEC.ordinal()) {
            // A program runs, or may run, under this id, whatever else is asked for under it.
            return true;
        }
        kinds.put(id, kind.ordinal());
        return true;
    }

    /** {@return whether the session was open} */
    boolean end(final int id) {
        return kinds.remove(id) != NONE;
    }

    /** {@return the kind, or null when no such session is open} */
    SessionKind kind(final int id) {
        final int ordinal = kinds.get(id);
        return ordinal == NONE ? null : SessionKind.of(ordinal);
    }

    int count() {
        return kinds.size();
    }

    /** {@return the ids of all open sessions, as a copy} */
    int[] ids() {
        final int[] ids = new int[kinds.size()];
        final Int2IntHashMap.KeyIterator iterator = kinds.keySet().iterator();
        for (int i = 0; i < ids.length; i++) {
            ids[i] = iterator.nextValue();
        }
        return ids;
    }

    void clear() {
        kinds.clear();
    }
}
