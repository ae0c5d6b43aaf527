package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The environment of a program: the agent's own, overridden by the request's. Entries are bytes, {@code NAME=VALUE}, and stay as they are.
 *
 * <p>Immutable.
 */
final class ChildEnvironment {
    /** Where programs are looked for when neither the agent nor the request has a PATH; the program gets it too, so that both agree. */
    static final ByteString DEFAULT_PATH = ByteString.of("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    private static final ByteString PATH_NAME = ByteString.of("PATH");
    private static final ByteString HOME_NAME = ByteString.of("HOME");
    private static final byte[] HOME_PREFIX = {'H', 'O', 'M', 'E', '='};
    private static final int SEPARATOR = '=';

    private final ByteString[] entries;
    private final ByteString path;
    private final int dropped;
    private final boolean homeRequested;

    private ChildEnvironment(final ByteString[] entries, final ByteString path, final int dropped, final boolean homeRequested) {
        this.entries = entries;
        this.path = path;
        this.dropped = dropped;
        this.homeRequested = homeRequested;
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
            byName.values().toArray(ByteString[]::new), pathEntry.substring(PATH_NAME.length() + 1, pathEntry.length()), dropped,
            requested.stream().anyMatch(entry -> isOf(HOME_NAME, entry)));
    }

    /**
     * Gives it the home of the user who the program runs as.
     *
     * @param home a path
     * @return an environment with that home, or this one when the request has set one
     */
    ChildEnvironment withHome(final ByteString home) {
        if (homeRequested) {
            return this;
        }
        final List<ByteString> others = Arrays.stream(entries).filter(entry -> !isOf(HOME_NAME, entry)).collect(Collectors.toList());
        final byte[] entry = Arrays.copyOf(HOME_PREFIX, HOME_PREFIX.length + home.length());
        System.arraycopy(home.toByteArray(), 0, entry, HOME_PREFIX.length, home.length());
        others.add(ByteString.copyOf(entry));
        return new ChildEnvironment(others.toArray(ByteString[]::new), path, dropped, false);
    }

    private static boolean isOf(final ByteString name, final ByteString entry) {
        final int separator = entry.indexOf(SEPARATOR);
        return separator == name.length() && entry.substring(0, separator).equals(name);
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
