package dev.sluice.agent;

import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Spawn;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Ends the programs when the agent itself is killed: a small shell script in a process of its own that reads which process groups there are
 * from a pipe, and kills them when the pipe ends, for which nothing has to run here any more.
 *
 * <pre>
 *   "+ PGID\n"  the group exists        written by the thread that started it, at once
 *   "- PGID\n"  the group is forgotten  written before its leader is reaped, after which the number may be somebody else's
 * </pre>
 *
 * <p>What remains: a program that is started in the very moment of the kill, before its line is written, and processes that have left their
 * program's group. A machine's last resort is the end of PID 1, or of the control group that the agent runs in.
 *
 * <p>{@link #add} may be called from any thread, everything else by the loop.
 */
final class Guardian implements AutoCloseable {
    private static final byte[] SHELL = "/bin/sh".getBytes(StandardCharsets.US_ASCII);
    private static final String SCRIPT = """
        trap '' HUP INT QUIT TERM PIPE USR1 USR2
        g=' '
        while read -r o p; do
          case $o in
            +) g="$g$p " ;;
            -) case $g in *" $p "*) g="${g%% "$p" *} ${g#* "$p" }" ;; esac ;;
          esac
        done
        for p in $g; do kill -s KILL -- "-$p"; done
        """;
    private static final int LINE_LENGTH = 16;
    private static final String DEV_NULL = "/dev/null";

    private final Posix posix;
    private final int pipe;
    private final ChildProcess shell;
    private final ArrayDeque<Integer> unwritten = new ArrayDeque<>();
    private boolean closed;

    private Guardian(final Posix posix, final int pipe, final ChildProcess shell) {
        this.posix = posix;
        this.pipe = pipe;
        this.shell = shell;
    }

    /**
     * Starts the script.
     *
     * @param posix the calls
     * @return the guardian
     * @throws IOException if there is no shell, or no descriptors or processes are left
     */
    static Guardian start(final Posix posix) throws IOException {
        final int nothing = posix.open(DEV_NULL, Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        try {
            final int[] pipe = posix.pipe2(Linux.O_CLOEXEC);
            try {
                posix.setNonBlocking(pipe[1], true);
                final List<byte[]> arguments = List.of(
                    "sluice-guardian".getBytes(StandardCharsets.US_ASCII), "-c".getBytes(StandardCharsets.US_ASCII),
                    SCRIPT.getBytes(StandardCharsets.US_ASCII));
                final ChildProcess shell =
                    new Spawn(SHELL).arguments(arguments).standard(pipe[0], nothing, nothing).newSession().start(posix);
                return new Guardian(posix, pipe[1], shell);
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

    /** @return the script's process id */
    int pid() {
        return shell.pid();
    }

    /** A group has come to be. Never blocks: a guardian that does not read does without. */
    void add(final int group) {
        write('+', group);
    }

    /** A group is forgotten. What the pipe has no room for is written later; until then its number is on the guardian's list. */
    void remove(final int group) {
        flush();
        if (!unwritten.isEmpty() || !write('-', group)) {
            unwritten.add(group);
        }
    }

    /** Writes what the pipe had no room for. */
    void flush() {
        while (!unwritten.isEmpty() && write('-', unwritten.peek())) {
            unwritten.remove();
        }
    }

    /** Lines are shorter than PIPE_BUF, so they are written whole or not at all, and threads do not mix theirs. */
    private boolean write(final char operation, final int group) {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] line = (operation + " " + group + "\n").getBytes(StandardCharsets.US_ASCII);
            final MemorySegment memory = arena.allocate(LINE_LENGTH);
            MemorySegment.copy(line, 0, memory, ValueLayout.JAVA_BYTE, 0, line.length);
            return posix.write(pipe, memory.address(), line.length) != -Errno.EAGAIN;
        }
    }

    /** Ends the script, which kills whatever is still on its list. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        posix.closeQuietly(pipe);
        Reaping.endWithin(posix, shell.pidFd(), Reaping.PATIENCE_NS);
        posix.closeQuietly(shell.pidFd());
    }
}
