package dev.sluice.cli;

import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.execlog.LogSource;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Shows what the programs of a sandbox wrote, from its exec log.
 *
 * <p>What was written to standard error comes on standard error, and so do the markers of gaps; everything else on standard output, byte
 * for byte. On a terminal what would control it is written out instead.
 */
@Command(name = "logs", mixinStandardHelpOptions = true, description = "Shows what programs wrote (relay --exec-log).",
    footer = "%nStandard error, and where bytes are missing, comes on standard error. On a terminal control characters are written out.")
final class LogsCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(100);
    /** What a relay took in before a moment is in the files this much later, when its disk keeps up. */
    private static final Duration DELAY = Duration.ofSeconds(1);

    @Parameters(paramLabel = "DIR", description = "The log's directory.")
    private String directory;

    @Option(names = "--tail", paramLabel = "N", converter = NumberConverter.FromZero.class,
        description = "Only the last N records of those wanted; one is what the relay took in at once, up to 32 KiB of output.")
    private Long tail;

    @Option(names = "--since", paramLabel = "TIME", converter = MomentConverter.class,
        description = "Only what was written from then on: 2026-05-03T12:00:00Z, or 5m for five minutes ago.")
    private Instant since;

    @Option(names = "--until", paramLabel = "TIME", converter = MomentConverter.class, description = "Only what was written before then.")
    private Instant until;

    @Option(names = "--source", paramLabel = "SOURCE", split = ",", converter = LogSourceConverter.class,
        description = "Only these: stdout, stderr, output (of terminals), system (start, stop). Default: all but system.")
    private List<LogSource> sources;

    @Option(names = "--session", paramLabel = "N", converter = NumberConverter.FromOne.class,
        description = "Only this session; --show-session tells their numbers.")
    private Long session;

    @Option(names = {"-t", "--timestamps"}, description = "Begins each line with the time at which the relay took it in.")
    private boolean timestamps;

    @Option(names = "--show-session", description = "Begins each line with the number of its session, or - where there is none.")
    private boolean sessions;

    @Option(names = {"-f", "--follow"},
        description = "Goes on with what is yet to be written, until --until; also waits for a log that is not there yet.")
    private boolean follow;

    @Option(names = "--json", description = "Prints the records as they are in the files.")
    private boolean json;

    @Option(names = "--raw", description = "Prints every byte as it was written, also on a terminal.")
    private boolean raw;

    /** What was said already of lines and files that could not be shown. */
    private long skippedLines;
    private long tornLines;
    private long missedFiles;
    private LinePrefix prefix;
    private final BufferedStream out = new BufferedStream(StandardStream.out());
    private final BufferedStream err = new BufferedStream(StandardStream.err());

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        check();
        prefix = timestamps || sessions ? new LinePrefix(timestamps, sessions) : null;
        final boolean escapeOut = !raw && out.isTerminal();
        final boolean escapeErr = !raw && err.isTerminal();
        try (LogReader reader = ExecLog.read(Path.of(RawArguments.path("DIR", directory)), query())) {
            if (!follow && !reader.foundFiles()) {
                throw new FileSystemException(RawArguments.text(directory), null, "no exec log is there (-f waits for one)");
            }
            while (true) {
                // Before the look: what was written in time is there to be seen then.
                final boolean over = !follow || until != null && Instant.now().isAfter(until.plus(DELAY));
                final LogLine line = reader.next();
                if (line == null) {
                    final boolean read = flush(out) && flush(err);
                    report(reader);
                    if (over || !read) {
                        return ExitCode.OK;
                    }
                    Thread.sleep(POLL);
                } else if (!(json ? printJson(line, escapeOut) : print(line, escapeOut, escapeErr))) {
                    return ExitCode.OK;
                }
            }
        } finally {
            // Also what came before a part of the log that cannot be read.
            flush(out);
            flush(err);
        }
    }

    private void check() {
        if (since != null && until != null && !since.isBefore(until)) {
            throw new ParameterException(spec.commandLine(), "--since: " + since + " is not before --until, " + until
                + ": nothing was written between them");
        }
        if (json && (timestamps || sessions)) {
            throw new ParameterException(spec.commandLine(),
                (timestamps ? "--timestamps" : "--show-session") + ": not with --json, whose records have both");
        }
    }

    private LogQuery query() {
        LogQuery query = LogQuery.OUTPUTS.since(since).until(until).session(session == null ? 0 : session).follow(follow);
        if (sources != null) {
            query = query.sources(Set.copyOf(sources));
        }
        return tail == null ? query : query.tail(tail);
    }

    private boolean print(final LogLine line, final boolean escapeOut, final boolean escapeErr) throws IOException {
        final boolean toErr = line.stream() == LogSource.STDERR || line.gap() != null;
        // Both may be the same file or terminal: what came first is to be there first.
        final byte[] bytes = prefix == null ? line.data() : prefix.put(line);
        return flush(toErr ? out : err) && write(toErr ? err : out, bytes, toErr ? escapeErr : escapeOut);
    }

    private boolean printJson(final LogLine line, final boolean escape) throws IOException {
        final byte[] ended = Arrays.copyOf(line.json(), line.json().length + 1);
        ended[ended.length - 1] = '\n';
        return write(out, ended, escape);
    }

    /** @return false when nobody reads any more */
    private static boolean write(final BufferedStream stream, final byte[] bytes, final boolean escape) throws IOException {
        try {
            stream.write(escape ? TerminalText.of(bytes) : bytes);
            return true;
        } catch (final IOException e) {
            return left(stream, e);
        }
    }

    /** @return false when nobody reads any more */
    private static boolean flush(final BufferedStream stream) throws IOException {
        try {
            stream.flush();
            return true;
        } catch (final IOException e) {
            return left(stream, e);
        }
    }

    /** @return false: nobody reads any more */
    private static boolean left(final BufferedStream stream, final IOException error) throws IOException {
        if (stream.hasPeer()) {
            return false;
        }
        throw error;
    }

    /** Says what could not be shown, again whenever that has become more. */
    private void report(final LogReader reader) {
        skippedLines = report(skippedLines, reader.skippedLines(),
            "line is none of an exec log and was skipped", "lines are none of an exec log and were skipped");
        tornLines = report(tornLines, reader.tornLines(), "line lacks its end, which a crash cut off or which is being written",
            "lines lack their end, which a crash cut off or which is being written");
        missedFiles = report(missedFiles, reader.missedFiles(), "time files were gone before they were read: what was in them is missing",
            "times files were gone before they were read: what was in them is missing");
    }

    private static long report(final long told, final long number, final String one, final String many) {
        if (number > told) {
            Diagnostics.print(number + " " + (number == 1 ? one : many));
        }
        return Math.max(told, number);
    }
}
