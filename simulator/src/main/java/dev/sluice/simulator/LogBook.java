package dev.sluice.simulator;

import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogFiles;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.execlog.LogSource;
import dev.sluice.simulator.kernel.SimDisk;
import dev.sluice.simulator.kernel.SimulationFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the exec log has to say about the programs of a run. It is read back by the reader that ships: every byte is that of its program at
 * its place, what is missing is counted, and a byte that a client has received is one or the other.
 */
final class LogBook {
    /** So many bytes tell whose they are. */
    private static final int TELLING = 8;
    private static final long NO_SESSION = 0;
    private static final String DIRECTORY = "log";

    private final World world;
    private final List<Session> programs = new ArrayList<>();

    LogBook(final World world) {
        this.world = world;
    }

    /** The guest has started a program. */
    void started(final Session session) {
        programs.add(session);
    }

    /** A part of an output that lies in the log in one piece. */
    private record Piece(long position, byte[] bytes) {
    }

    /** One output of a session, as the log has it. */
    private static final class Recorded {
        private final List<Piece> pieces = new ArrayList<>();
        private long bytes;
        private long total;

        private void add(final LogLine line) {
            if (line.gap() != null) {
                total += line.gap().bytes();
            } else {
                pieces.add(new Piece(total, line.data()));
                bytes += line.data().length;
                total += line.data().length;
            }
        }

        private boolean isOf(final Output output) {
            if (total > output.written()) {
                return false;
            }
            for (final Piece piece : pieces) {
                if (!output.matches(piece.position, piece.bytes)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Both outputs of a session, as the log has them. */
    private static final class RecordedSession {
        private final Recorded[] outputs = {new Recorded(), new Recorded()};

        private boolean tells() {
            return outputs[0].bytes >= TELLING || outputs[1].bytes >= TELLING;
        }

        private boolean isOf(final Session program) {
            return outputs[0].isOf(program.output(0)) && outputs[1].isOf(program.output(1));
        }

        private boolean covers(final Session program) {
            return outputs[0].total >= program.output(0).delivered() && outputs[1].total >= program.output(1).delivered();
        }

        @Override
        public String toString() {
            return "stdout " + outputs[0].bytes + " of " + outputs[0].total + ", stderr " + outputs[1].bytes + " of " + outputs[1].total;
        }
    }

    /**
     * Reads the log and compares.
     *
     * @param disk where it is
     * @param path of its directory
     * @param before what there was before this relay began, whole lines
     * @param scratch a real directory to read from
     * @param complete whether the relay has ended in order, with a disk that takes everything
     * @return everything there is now, whole lines
     */
    byte[] check(final SimDisk disk, final String path, final byte[] before, final Path scratch, final boolean complete)
        throws IOException {
        final byte[] all = disk.everWritten(path, LogFiles.CURRENT);
        final int end = endOfLastLine(all);
        SimulationFailure.unless(!complete || end == all.length, () -> "the log ends inside a line: bytes=" + (all.length - end));
        SimulationFailure.unless(end >= before.length && Arrays.equals(all, 0, before.length, before, 0, before.length),
            () -> "lines of an earlier relay are gone: bytes=" + before.length + " now=" + end);
        checkLengths(disk.lengths(path, LogFiles.CURRENT));
        final Map<Long, RecordedSession> sessions = read(Arrays.copyOfRange(all, before.length, end), scratch);
        final long last = read(before, scratch).keySet().stream().mapToLong(Long::longValue).max().orElse(0);
        SimulationFailure.unless(sessions.keySet().stream().allMatch(number -> number == NO_SESSION || number > last),
            () -> "numbers of sessions of an earlier relay are used again: " + sessions.keySet() + ", before: " + last);
        compare(sessions, complete);
        return Arrays.copyOf(all, end);
    }

    private static int endOfLastLine(final byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private void checkLengths(final List<Integer> lengths) {
        final int most = world.scenario().log().fileBytes();
        SimulationFailure.unless(lengths.size() <= 1 + LogFiles.MAX_ROTATED, () -> "more files than are kept: " + lengths);
        for (final int length : lengths) {
            SimulationFailure.unless(most == 0 || length <= most, () -> "a file of the log is too long: bytes=" + length);
        }
    }

    private Map<Long, RecordedSession> read(final byte[] lines, final Path scratch) throws IOException {
        final Path directory = Files.createDirectories(scratch.resolve(DIRECTORY));
        final Path file = directory.resolve(LogFiles.CURRENT);
        Files.write(file, lines);
        final Map<Long, RecordedSession> sessions = new TreeMap<>();
        try (LogReader reader = ExecLog.read(directory, LogQuery.EVERYTHING)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                world.ledger().saw(line.gap() != null ? "log gaps read" : "log lines read");
                if (line.stream() != LogSource.SYSTEM) {
                    sessions.computeIfAbsent(line.session(), number -> new RecordedSession())
                        .outputs[line.stream() == LogSource.STDERR ? 1 : 0].add(line);
                }
            }
            final long foreign = reader.skippedLines() + reader.tornLines();
            SimulationFailure.unless(foreign == 0, () -> "the log has lines that are none: " + foreign);
        } finally {
            Files.delete(file);
            Files.delete(directory);
        }
        return sessions;
    }

    private void compare(final Map<Long, RecordedSession> recorded, final boolean complete) {
        final List<Session> left = new ArrayList<>(programs);
        final List<RecordedSession> untold = new ArrayList<>();
        recorded.forEach((number, session) -> {
            if (!session.tells()) {
                untold.add(session);
                return;
            }
            final Session program = find(number, session);
            if (program != null) {
                left.remove(program);
                world.ledger().saw("programs found in the log");
                SimulationFailure.unless(!complete || session.covers(program),
                    () -> "the log does not account for what the client of " + program + " has received: " + session);
            }
        });
        // Too little is recorded of these to tell them apart: somebody among those left has to have written it.
        for (final RecordedSession session : untold) {
            SimulationFailure.unless(anyTroubled() || left.stream().anyMatch(session::isOf), () -> "nobody has written " + session);
        }
        for (final Session program : left) {
            final boolean received = program.output(0).delivered() + program.output(1).delivered() > 0;
            SimulationFailure.unless(!received || !complete || isTroubled(program)
                || untold.stream().anyMatch(session -> session.isOf(program) && session.covers(program)),
                () -> "the log does not account for what the client of " + program + " has received");
        }
    }

    private Session find(final long number, final RecordedSession session) {
        for (final Session program : programs) {
            if (session.isOf(program)) {
                return program;
            }
        }
        SimulationFailure.unless(anyTroubled(), () -> "session " + number + " of the log is not what any program has written: " + session);
        return null;
    }

    private boolean anyTroubled() {
        return programs.stream().anyMatch(LogBook::isTroubled);
    }

    /** Memory that a guest has tampered with may hold anything. */
    private static boolean isTroubled(final Session program) {
        return program.connection().epoch().lies();
    }
}
