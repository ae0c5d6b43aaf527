package dev.sluice.relay;

import java.util.function.Consumer;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The sessions that the exec log follows, by the range of their ids: what one client has open costs the others nothing.
 *
 * <p>Pure state. One owner thread. No allocation in steady state.
 */
final class LoggedSessions {
    @SuppressWarnings({"unchecked", "rawtypes"})
    private final Int2ObjectHashMap<LoggedSession>[] ranges = new Int2ObjectHashMap[RangeTable.RANGES];

    /** {@return the session of an id, or null; any id may be asked for} */
    LoggedSession get(final int id) {
        final int range = RangeTable.rangeOf(id);
        return range == RangeTable.NO_RANGE || ranges[range] == null ? null : ranges[range].get(id);
    }

    /** Follows a session, whose id is in a range. */
    void add(final LoggedSession session) {
        final int range = RangeTable.rangeOf(session.id());
        if (ranges[range] == null) {
            ranges[range] = new Int2ObjectHashMap<>();
        }
        ranges[range].put(session.id(), session);
    }

    void remove(final LoggedSession session) {
        ranges[RangeTable.rangeOf(session.id())].remove(session.id());
    }

    /** Calls for every session of a range. @param action may remove the session it is called for */
    void forEachOf(final int range, final Consumer<LoggedSession> action) {
        final Int2ObjectHashMap<LoggedSession> open = ranges[range];
        if (open == null || open.isEmpty()) {
            return;
        }
        for (final LoggedSession session : open.values().toArray(new LoggedSession[0])) {
            action.accept(session);
        }
    }

    /** Calls for every session. @param action may remove the session it is called for */
    void forEach(final Consumer<LoggedSession> action) {
        for (int range = 0; range < RangeTable.RANGES; range++) {
            forEachOf(range, action);
        }
    }
}
