package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Spawn;
import dev.sluice.ffi.SpawnException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Has the virtual machine load and link, once a process, whatever a thread needs that becomes somebody else: by a start that fails, and by
 * calls that change nothing.
 */
final class StartRehearsal {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(10);
    /** More than there can be: refused. */
    private static final long TOO_MANY_GROUPS = UserDatabase.MAX_GROUPS + 1L;
    private static final int UNCHANGED = -1;
    private static final ByteString NOWHERE = ByteString.of("/proc/self/none");

    private static boolean done;

    private StartRehearsal() {
    }

    /** Rehearses, unless that has been done. Waits for another thread that does. */
    static synchronized void ensure(final Posix posix) throws SpawnException, InterruptedException {
        if (done) {
            return;
        }
        final byte[] path = NOWHERE.toString().getBytes(StandardCharsets.US_ASCII);
        final List<ProgramSearch.Candidate> candidates =
            List.of(new ProgramSearch.Candidate(NOWHERE, NOWHERE), new ProgramSearch.Candidate(NOWHERE, ByteString.of("/")));
        final Spawn description = new Spawn(path).newSession();
        try (ProgramStart start = new ProgramStart(posix, description, candidates, ByteString.of("/"), null, false, Privileges.ALL);
            SeparateStart separate = new SeparateStart(start, "sluice-rehearse")) {
            start.nameThread("sluice-rehearse");
            separate.begin();
            done = separate.await(LIMIT_NS);
        }
        posix.syscalls().setgroups(TOO_MANY_GROUPS, 0);
        posix.syscalls().setresgid(UNCHANGED, UNCHANGED, UNCHANGED);
        posix.syscalls().setresuid(UNCHANGED, UNCHANGED, UNCHANGED);
        posix.syscalls().prctl(Linux.PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
    }
}
