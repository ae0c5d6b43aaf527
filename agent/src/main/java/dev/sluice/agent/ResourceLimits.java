package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.rlimit;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import dev.sluice.protocol.ExecRlimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The resource limits that a program is to have, of one resource the last that was asked for. Source of names and numbers: getrlimit(2).
 *
 * <p>Immutable.
 */
final class ResourceLimits {
    private static final Map<String, Integer> NUMBERS = Map.ofEntries(
        Map.entry("as", Linux.RLIMIT_AS), Map.entry("core", Linux.RLIMIT_CORE), Map.entry("cpu", Linux.RLIMIT_CPU),
        Map.entry("data", Linux.RLIMIT_DATA), Map.entry("fsize", Linux.RLIMIT_FSIZE), Map.entry("locks", Linux.RLIMIT_LOCKS),
        Map.entry("memlock", Linux.RLIMIT_MEMLOCK), Map.entry("msgqueue", Linux.RLIMIT_MSGQUEUE), Map.entry("nice", Linux.RLIMIT_NICE),
        Map.entry("nofile", Linux.RLIMIT_NOFILE), Map.entry("nproc", Linux.RLIMIT_NPROC), Map.entry("rss", Linux.RLIMIT_RSS),
        Map.entry("rtprio", Linux.RLIMIT_RTPRIO), Map.entry("rttime", Linux.RLIMIT_RTTIME),
        Map.entry("sigpending", Linux.RLIMIT_SIGPENDING), Map.entry("stack", Linux.RLIMIT_STACK));

    private final Collection<ExecRlimit> limits;

    private ResourceLimits(final Collection<ExecRlimit> limits) {
        this.limits = limits;
    }

    /** @return why a program cannot have these limits, or null */
    static ExecFailed check(final List<ExecRlimit> requested) {
        for (final ExecRlimit limit : requested) {
            if (!NUMBERS.containsKey(name(limit))) {
                return ExecFailures.ofErrno(
                    Kind.RESOURCE_LIMIT, Errno.EINVAL, ExecFailures.STAGE_LIMITS, "unknown resource limit \"" + limit.resource() + '"');
            }
            if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
                return ExecFailures.ofErrno(
                    Kind.RESOURCE_LIMIT, Errno.EINVAL, ExecFailures.STAGE_LIMITS, "soft limit above hard limit: " + text(limit));
            }
        }
        return null;
    }

    /** @return limits that have been {@link #check checked} */
    static ResourceLimits of(final List<ExecRlimit> requested) {
        final Map<String, ExecRlimit> byName = new TreeMap<>();
        requested.forEach(limit -> byName.put(name(limit), limit));
        return new ResourceLimits(byName.values());
    }

    boolean isEmpty() {
        return limits.isEmpty();
    }

    /**
     * Gives them to a process.
     *
     * @param posix the calls
     * @param pid of the process
     * @return null, or why it has not got all of them
     */
    ExecFailed apply(final Posix posix, final int pid) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(rlimit.layout());
            for (final ExecRlimit limit : limits) {
                rlimit.rlim_cur(memory, limit.soft());
                rlimit.rlim_max(memory, limit.hard());
                final int result = posix.syscalls().prlimit(pid, NUMBERS.get(name(limit)), memory.address(), 0);
                if (result < 0) {
                    return ExecFailures.ofErrno(Kind.RESOURCE_LIMIT, -result, ExecFailures.STAGE_LIMITS, "resource limit " + text(limit));
                }
            }
            return null;
        }
    }

    private static String name(final ExecRlimit limit) {
        return limit.resource().toLowerCase(Locale.ROOT);
    }

    private static String text(final ExecRlimit limit) {
        return limit.resource() + '=' + Long.toUnsignedString(limit.soft()) + ':' + Long.toUnsignedString(limit.hard());
    }
}
