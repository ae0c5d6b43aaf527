package dev.sluice.relay;

import static dev.sluice.fuzz.Promise.check;
import static dev.sluice.fuzz.Promise.same;

import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogFiles;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.fuzz.Corpus;
import dev.sluice.fuzz.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The files of the exec log over whatever was there before, with disks that fill up and calls that fail. What is no whole line at the end
 * is cut off; after that the files are what was there, and every line said to be written, once and in order; only the oldest file is ever
 * given up, and only for rotation; the reader gets through all of it. No session gets a number that is in the log.
 *
 * <p>Input: a script that makes a file, then opens, appends, reopens and makes calls fail.
 */
public final class LogFilesTarget {
    private static final int MAX_CONTENT = 300_000;
    private static final int MAX_OPERATIONS = 24;
    private static final int SMALL_FILE = 700;
    private static final int MAX_LINES = 6;
    private static final int[] ERRNOS = {Errno.ENOSPC, Errno.EIO, Errno.EMFILE, Errno.EINTR};
    private static final Call[] CALLS = {
        Call.WRITE, Call.WRITE, Call.FTRUNCATE, Call.LSEEK, Call.READ, Call.OPENAT, Call.RENAMEAT, Call.STATX
    };

    private static final FaultySyscalls SYSTEM = new FaultySyscalls(Posix.system().syscalls());
    private static final Path DIRECTORY = makeDirectory();
    private static final byte[] DATA = new byte[256];
    private static final Script SCRIPT = new Script();

    private static ExecLogVolume volume;
    private static ExecLogShared shared;
    private static ByteArrayOutputStream expected;
    private static long maxFileBytes;
    private static long session;
    private static long logged;

    private LogFilesTarget() {
    }

    private static Path makeDirectory() {
        final Path memory = Path.of("/dev/shm");
        try {
            final Path directory = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "sluice-fuzz") : Files.createTempDirectory("sluice-fuzz");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                removeFiles();
                directory.toFile().delete();
            }));
            return directory;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void removeFiles() {
        for (final String name : LogFiles.oldestFirst()) {
            DIRECTORY.resolve(name).toFile().delete();
        }
        DIRECTORY.resolve(ExecLogNumbers.NAME).toFile().delete();
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(LogFilesTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param input the input
     */
    public static void fuzzerTestOneInput(final byte[] input) {
        removeFiles();
        SYSTEM.inject(FaultSchedule.NEVER);
        shared = new ExecLogShared();
        logged = 0;
        try {
            run(SCRIPT.wrap(input));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (volume != null) {
                volume.close();
                volume = null;
            }
        }
    }

    private static void run(final Script script) throws IOException {
        maxFileBytes = script.choose(2) == 0 ? 0 : SMALL_FILE;
        final byte[] content = content();
        Files.write(DIRECTORY.resolve(LogFiles.CURRENT), content);
        expected = new ByteArrayOutputStream();
        expected.write(content, 0, endOfLastLine(content));
        open();
        for (int i = 0; i < MAX_OPERATIONS && script.hasNext(); i++) {
            switch (script.choose(4)) {
                case 0, 1 -> append(1 + script.choose(MAX_LINES));
                case 2 -> fail(CALLS[script.choose(CALLS.length)], 1 + script.choose(4), script.choose(2), script.choose(ERRNOS.length));
                default -> {
                    if (volume != null) {
                        volume.close();
                    }
                    open();
                }
            }
        }
        SYSTEM.inject(FaultSchedule.NEVER);
        if (volume == null) {
            open();
        }
        same(1, append(1), "lines written when nothing fails");
        checkFiles();
    }

    private static byte[] content() {
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        while (SCRIPT.hasNext() && content.size() < MAX_CONTENT) {
            switch (SCRIPT.choose(5)) {
                case 0 -> content.writeBytes(new byte[] {(byte) SCRIPT.next(), (byte) SCRIPT.next()});
                case 1 -> content.writeBytes("{\"t\":\"2026-11-21T07:00:00.000Z\",\"s\":\"stdout\",\"d\":\"x\",\"id\":1}\n".getBytes());
                case 2 -> content.writeBytes(new byte[SCRIPT.nextShort()]);
                case 3 -> content.write('\n');
                default -> {
                    return content.toByteArray();
                }
            }
        }
        return content.toByteArray();
    }

    private static int endOfLastLine(final byte[] content) {
        int end = content.length;
        while (end > 0 && content[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private static void open() {
        volume = null;
        try {
            volume = new ExecLogVolume(new Posix(SYSTEM), DIRECTORY, maxFileBytes, LogFiles.MAX_ROTATED, shared);
            check(volume.numbers().highest() >= logged, "no number that is in the log is given again");
            session = volume.numbers().highest();
        } catch (final IOException e) {
            check(e.getMessage() != null, "what cannot be opened says why");
        }
    }

    private static void fail(final Call call, final int nth, final int shortened, final int errno) {
        SYSTEM.inject(FaultSchedule.onNth(call, nth, shortened == 1 && (call == Call.WRITE || call == Call.READ)
            ? Fault.shortCount(1 + SCRIPT.next()) : Fault.error(ERRNOS[errno])));
    }

    private static int append(final int lines) {
        if (volume == null) {
            return 0;
        }
        final ExecLogBatch batch = new ExecLogBatch();
        for (int i = 0; i < lines; i++) {
            volume.numbers().given(++session);
            batch.addData(i, ExecLogBatch.key(session, 0), DATA, 0, SCRIPT.next());
        }
        final int written = volume.append(batch);
        check(written >= 0 && written <= lines, "lines written");
        check(written == lines || volume.error() > 0, "why not all lines were written");
        if (written > 0) {
            expected.write(batch.bytes(), 0, batch.end(written - 1));
            logged = ExecLogBatch.session(batch.key(written - 1));
        }
        return written;
    }

    private static void checkFiles() throws IOException {
        final ByteArrayOutputStream found = new ByteArrayOutputStream();
        for (final String name : LogFiles.oldestFirst()) {
            final Path file = DIRECTORY.resolve(name);
            if (Files.exists(file)) {
                found.writeBytes(Files.readAllBytes(file));
            }
        }
        final byte[] all = expected.toByteArray();
        final byte[] bytes = found.toByteArray();
        check(bytes.length <= all.length && Arrays.equals(bytes, 0, bytes.length, all, all.length - bytes.length, all.length),
            "the files hold what was there and what was said to be written, in order");
        // A rotation that failed half way leaves fewer files than there were, so those that there are now do not tell.
        final boolean full = shared.count(RelayCounter.EXEC_LOG_ROTATIONS) >= LogFiles.MAX_ROTATED;
        check(full || bytes.length == all.length, "nothing is given up but the oldest of all files");
        check(bytes.length == 0 || bytes[bytes.length - 1] == '\n', "the last line is whole");
        try (LogReader reader = ExecLog.read(DIRECTORY, LogQuery.EVERYTHING)) {
            long lines = 0;
            while (reader.next() != null) {
                lines++;
            }
            check(lines > 0 && reader.tornLines() == 0, "the reader finds the line that was written last");
        }
    }
}
