package dev.sluice.agent;

import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Spawn;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Ends the programs when the agent itself is killed: a small shell script in a process of its own that reads from a pipe which process
 * groups there are. When the pipe ends, for which nothing has to run here any more, it kills them.
 *
 * <pre>
 *   "+ PGID\n"  the group exists        written by the thread that started it, at once
 *   "- PGID\n"  the group is forgotten  written before its leader is reaped, after which the number may be somebody else's
 *   "q\n"       the agent has ended in good order: nothing is to be done
 * </pre>
 *
 * <p>That misses what is being started at that very moment, and what has left its group. So programs also carry a {@link #mark} in their
 * environment, which what they start inherits, and the script looks for it in {@code /proc}, several times: a process just made has it from
 * its exec on. Until then one that is held ({@link HoldPoint}) has the name of the agent's thread that made it, which is looked for too.
 *
 * <p>The mark is a random number of constant length: no other agent's mark is like it, nor begins like it. An agent that runs as a program
 * of another gives its own programs its own mark in the place of the one that it carries itself. So the end of either ends that one's
 * programs: those of the inner agent by its own guardian, which carries no mark and is in no group.
 *
 * <p>What remains: processes that have left their group and emptied their environment, or become another user's, when the agent is killed.
 * When it ends in order, {@link OrphanReaper} finds them. A machine's last resort is the end of PID 1, or of the control group that the
 * agent runs in. And between the script's look at a process and the signal, its number may in theory have become another's.
 *
 * <p>{@link #add} and {@link #mark} may be called from any thread, everything else by the loop.
 */
final class Guardian implements AutoCloseable {
    private static final byte[] SHELL = "/bin/sh".getBytes(StandardCharsets.US_ASCII);
    private static final String MARK_NAME = "SLUICE_AGENT";
    /**
     * Its arguments: the mark, what the names of children begin with that have executed nothing, and the directory of control groups or
     * nothing.
     */
    private static final String SCRIPT = """
        trap '' HUP INT QUIT TERM PIPE USR1 USR2
        g=' '
        while read -r o p; do
          case $o in
            +) g="$g$p " ;;
            -) case $g in *" $p "*) g="${g%% "$p" *} ${g#* "$p" }" ;; esac ;;
            q) exit 0 ;;
          esac
        done
        test "$3" && echo 1 >"$3/cgroup.kill"
        for p in $g; do kill -s KILL -- "-$p"; done
        for i in 1 2 3 4 5 6 7; do
          for f in $(grep -lsF "$1" /proc/[0-9]*/environ); do
            p=${f#/proc/}
            grep -qsF "$1" "$f" && kill -s KILL "${p%/*}"
          done
          for f in $(grep -ls "^$2-" /proc/[0-9]*/comm); do
            p=${f#/proc/}
            grep -qs "^$2-" "$f" && kill -s KILL "${p%/*}"
          done
          sleep 0.1 || sleep 1
        done
        test "$3" && rmdir "$3"/*/ "$3"
        """;
    private static final int LINE_LENGTH = 16;
    private static final int TOKEN_LENGTH = 16;
    private static final String DEV_NULL = "/dev/null";

    private final Posix posix;
    private final int pipe;
    private final ChildProcess shell;
    private final ByteString mark;
    private final ArrayDeque<Integer> unwritten = new ArrayDeque<>();
    private boolean closed;

    private Guardian(final Posix posix, final int pipe, final ChildProcess shell, final ByteString mark) {
        this.posix = posix;
        this.pipe = pipe;
        this.shell = shell;
        this.mark = mark;
    }

    /**
     * Starts the script.
     *
     * @param posix the calls
     * @param startPrefix what the names of the threads begin with whose children it ends before they have executed anything
     * @param controlGroups the directory of the programs' control groups, which it kills and removes, or null
     * @return the guardian
     * @throws IOException if there is no shell, or no descriptors or processes are left
     */
    static Guardian start(final Posix posix, final String startPrefix, final Path controlGroups) throws IOException {
        final int nothing = posix.open(DEV_NULL, Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        try {
            final int[] pipe = posix.pipe2(Linux.O_CLOEXEC);
            try {
                posix.setNonBlocking(pipe[1], true);
                final String mark = MARK_NAME + "=" + token();
                final String directory = controlGroups == null ? "" : controlGroups.toString();
                final ChildProcess shell = new Spawn(SHELL)
                    .arguments(bytes("sluice-guardian", "-c", SCRIPT, "sluice-guardian", mark, startPrefix, directory))
                    .environment(bytes("PATH=" + ChildEnvironment.DEFAULT_PATH))
                    .standard(pipe[0], nothing, nothing).newSession().start(posix);
                return new Guardian(posix, pipe[1], shell, ByteString.of(mark));
            } catch (final IOException e) {
                posix.closeQuietly(pipe[1]);
                throw e;
            } finally {
                posix.closeQuietly(pipe[0]);
            }
        } finally {
            posix.closeQuietly(nothing);
        }
    }

    private static String token() {
        final byte[] token = new byte[TOKEN_LENGTH];
        new SecureRandom().nextBytes(token);
        return HexFormat.of().formatHex(token);
    }

    private static List<byte[]> bytes(final String... texts) {
        return Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.US_ASCII)).toList();
    }

    /** @return the environment entry that every program carries */
    ByteString mark() {
        return mark;
    }

    /** @return a prefix that no other agent's threads have */
    static String randomStartPrefix() {
        return token().substring(0, StartNames.PREFIX_LENGTH);
    }

    /** @return the script's process id */
    int pid() {
        return shell.pid();
    }

    /** A group has come to be. Never blocks: a guardian that does not read does without. */
    void add(final int group) {
        write("+ " + group);
    }

    /** A group is forgotten. What the pipe has no room for is written later; until then its number is on the guardian's list. */
    void remove(final int group) {
        flush();
        if (!unwritten.isEmpty() || !write("- " + group)) {
            unwritten.add(group);
        }
    }

    /** Writes what the pipe had no room for. */
    void flush() {
        while (!unwritten.isEmpty() && write("- " + unwritten.peek())) {
            unwritten.remove();
        }
    }

    /** Lines are shorter than PIPE_BUF, so they are written whole or not at all, and threads do not mix theirs. */
    private boolean write(final String order) {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] line = (order + "\n").getBytes(StandardCharsets.US_ASCII);
            final MemorySegment memory = arena.allocate(LINE_LENGTH);
            MemorySegment.copy(line, 0, memory, ValueLayout.JAVA_BYTE, 0, line.length);
            return posix.write(pipe, memory.address(), line.length) != -Errno.EAGAIN;
        }
    }

    /** Ends the script; the programs have ended before. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        write("q");
        posix.closeQuietly(pipe);
        Reaping.endWithin(posix, shell.pidFd(), Reaping.PATIENCE_NS);
        posix.closeQuietly(shell.pidFd());
    }
}
