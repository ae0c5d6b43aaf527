package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The environment of a program: the agent's own, overridden by the request's. Entries are bytes, {@code NAME=VALUE}, and stay as they are.
 *
 * <p>Immutable.
 */
final class ChildEnvironment {
    /** Where programs are looked for when neither the agent nor the request has a PATH; the program gets it too, so that both agree. */
    static final ByteString DEFAULT_PATH = ByteString.of("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    private static final ByteString PATH_NAME = ByteString.of("PATH");
    private static final int SEPARATOR = '=';

    private final ByteString[] entries;
    private final ByteString path;
    private final int dropped;

    private ChildEnvironment(final ByteString[] entries, final ByteString path, final int dropped) {
        this.entries = entries;
        this.path = path;
        this.dropped = dropped;
    }

    /**
     * Puts an environment together.
     *
     * @param inherited entries of the agent
     * @param requested entries of the request; the last of one name counts. One without a name or without {@code =} is dropped, as existing
     *     agents do.
     * @param mark entry that no request overrides, or null
     * @return the environment
     */
    static ChildEnvironment of(final List<ByteString> inherited, final List<ByteString> requested, final ByteString mark) {
        final Map<ByteString, ByteString> byName = new LinkedHashMap<>();
        put(inherited, byName);
        final int dropped = put(requested, byName);
        if (mark != null) {
            put(List.of(mark), byName);
        }
        final ByteString pathEntry = byName.computeIfAbsent(PATH_NAME, name -> ByteString.of("PATH=" + DEFAULT_PATH));
        return new ChildEnvironment(
            byName.values().toArray(ByteString[]::new), pathEntry.substring(PATH_NAME.length() + 1, pathEntry.length()), dropped);
    }

    private static int put(final List<ByteString> entries, final Map<ByteString, ByteString> byName) {
        int dropped = 0;
        for (final ByteString entry : entries) {
            final int separator = entry.indexOf(SEPARATOR);
            if (separator <= 0) {
                dropped++;
            } else {
                byName.put(entry.substring(0, separator), entry);
            }
        }
        return dropped;
    }

    /** @return the entries, in the order the names came first; not to be changed */
    ByteString[] entries() {
        return entries;
    }

    /** @return the value of PATH, possibly empty */
    ByteString path() {
        return path;
    }

    /** @return how many entries of the request were dropped */
    int dropped() {
        return dropped;
    }
}
