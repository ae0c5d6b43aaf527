package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads counters files, those of relays that run and those they have left behind.
 *
 * <p>The file may be anything: each length in it is checked before it is used, texts are printable ASCII or refused. It is read, not
 * mapped, because a mapped file that is cut off under its reader ends the reader's process. The kernel copies out of a file in units of at
 * least a word, so a value is not torn although its relay writes it meanwhile.
 */
public final class CountersFileReader {
    private static final Pattern METRIC_NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
    private static final Pattern TEXT = Pattern.compile("[ -~]*");

    private final Path path;
    private final MemorySegment file;

    private CountersFileReader(final Path path, final MemorySegment file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Reads a counters file once.
     *
     * @param posix the system
     * @param path of the file
     * @return what it says
     * @throws IOException if it cannot be read, is no counters file, is of another version of the layout, is cut off or contradicts itself
     */
    public static CountersSnapshot read(final Posix posix, final Path path) throws IOException {
        final int fd = open(posix, path);
        try {
            // Before the content: a relay that ends in between is then taken for one that lives and has said how it ended.
            final boolean alive = isLocked(posix, fd);
            return parse(path, content(posix, fd, path), alive);
        } finally {
            posix.closeQuietly(fd);
        }
    }

    /**
     * Makes sense of what was read.
     *
     * @param path what messages call it
     * @param content all of the file
     */
    static CountersSnapshot parse(final Path path, final MemorySegment content, final boolean alive) throws IOException {
        return new CountersFileReader(path, content).snapshot(alive);
    }

    private static int open(final Posix posix, final Path path) throws IOException {
        try {
            // Non-blocking: opening a FIFO that nobody writes to would wait for ever.
            return posix.open(path.toString(), Linux.O_RDONLY | Linux.O_CLOEXEC | Linux.O_NONBLOCK, 0);
        } catch (final PosixException e) {
            throw new IOException("cannot open counters file " + path + ": " + Errno.describe(e.errno()), e);
        }
    }

    private static boolean isLocked(final Posix posix, final int fd) throws PosixException {
        try {
            // Shared, and gone with the descriptor: a relay that starts looks for an exclusive one.
            posix.flock(fd, Linux.LOCK_SH | Linux.LOCK_NB);
            return false;
        } catch (final PosixException e) {
            if (e.errno() == Errno.EAGAIN) {
                return true;
            }
            throw e;
        }
    }

    private static MemorySegment content(final Posix posix, final int fd, final Path path) throws IOException {
        final int longest = CountersDescriptor.fileLength(CountersDescriptor.MAX_COUNT);
        try (Arena arena = Arena.ofConfined()) {
            // One more than there can be, to tell a file that is too long.
            final MemorySegment buffer = arena.allocate(longest + 1L);
            long length = 0;
            while (length < buffer.byteSize()) {
                final long count = posix.read(fd, buffer.address() + length, buffer.byteSize() - length);
                if (count < 0) {
                    throw new IOException("cannot read " + path + ": " + Errno.describe((int) -count));
                }
                if (count == 0) {
                    break;
                }
                length += count;
            }
            return MemorySegment.ofArray(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)).asReadOnly();
        }
    }

    private CountersSnapshot snapshot(final boolean alive) throws IOException {
        final int count = checkHeader();
        final List<CountersSnapshot.Reading> readings = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            readings.add(reading(i, CountersDescriptor.metadataOffset(i), CountersDescriptor.valuesOffset(count)));
        }
        final boolean ended = state() == CountersDescriptor.ENDED;
        return new CountersSnapshot(longAt(CountersDescriptor.PID_OFFSET), alive, instant(CountersDescriptor.START_TIME_OFFSET),
            ended ? instant(CountersDescriptor.END_TIME_OFFSET) : null, ended ? outcome() : null, readings);
    }

    /** Returns the number of counters. */
    private int checkHeader() throws IOException {
        if (file.byteSize() < Long.BYTES || longAt(CountersDescriptor.MAGIC_OFFSET) != CountersDescriptor.MAGIC) {
            throw refused("is not a counters file");
        }
        if (file.byteSize() < CountersDescriptor.HEADER_LENGTH) {
            throw refused("is a counters file that is cut off: " + file.byteSize() + " bytes are no header");
        }
        final int version = intAt(CountersDescriptor.VERSION_OFFSET);
        if (version != CountersDescriptor.VERSION) {
            throw refused("is a counters file of layout version " + version + ", and this program reads version "
                + CountersDescriptor.VERSION + ": use the program that belongs to the relay");
        }
        final int count = intAt(CountersDescriptor.COUNT_OFFSET);
        if (count < 0 || count > CountersDescriptor.MAX_COUNT) {
            throw damaged("number of counters", count);
        }
        final int length = CountersDescriptor.fileLength(count);
        if (file.byteSize() < length) {
            throw refused("is a counters file that is cut off: " + file.byteSize() + " of " + length + " bytes are there");
        }
        if (file.byteSize() > length) {
            throw damaged("length behind its " + length + " bytes", file.byteSize() - length);
        }
        return count;
    }

    private CountersSnapshot.Reading reading(final int index, final int metadata, final int values) throws IOException {
        final int state = intAt(metadata + CountersDescriptor.RECORD_STATE_OFFSET);
        if (state != CountersDescriptor.RECORD_ALLOCATED) {
            throw damaged("state of counter " + index, state);
        }
        final String metricName = text("metric name of counter " + index, metadata + CountersDescriptor.KEY_OFFSET, keyLength(metadata));
        if (!METRIC_NAME.matcher(metricName).matches()) {
            throw damaged("metric name of counter " + index, metricName);
        }
        final String label = text("label of counter " + index, metadata + CountersDescriptor.LABEL_OFFSET, checkLength(
            "label of counter " + index, intAt(metadata + CountersDescriptor.LABEL_LENGTH_OFFSET), CountersDescriptor.LABEL_MAX_LENGTH));
        return new CountersSnapshot.Reading(kind(index, intAt(metadata + CountersDescriptor.TYPE_ID_OFFSET)), metricName, label,
            longAt(values + index * CountersDescriptor.VALUE_LENGTH));
    }

    private RelayCounter.Kind kind(final int index, final int typeId) throws IOException {
        for (final RelayCounter.Kind kind : RelayCounter.Kind.values()) {
            if (kind.typeId() == typeId) {
                return kind;
            }
        }
        throw damaged("type id of counter " + index, typeId);
    }

    private int state() throws IOException {
        final int state = intAt(CountersDescriptor.STATE_OFFSET);
        if (state != CountersDescriptor.RUNNING && state != CountersDescriptor.ENDED) {
            throw damaged("state", state);
        }
        return state;
    }

    private String outcome() throws IOException {
        final int length = checkLength("outcome", intAt(CountersDescriptor.OUTCOME_LENGTH_OFFSET), CountersDescriptor.OUTCOME_MAX_LENGTH);
        return text("outcome", CountersDescriptor.OUTCOME_OFFSET, length);
    }

    private Instant instant(final int offset) {
        // Every long is a moment, if a strange one.
        return Instant.ofEpochMilli(longAt(offset));
    }

    private int keyLength(final int metadata) {
        int length = 0;
        while (length < CountersDescriptor.KEY_MAX_LENGTH
            && file.get(ValueLayout.JAVA_BYTE, (long) metadata + CountersDescriptor.KEY_OFFSET + length) != 0) {
            length++;
        }
        return length;
    }

    private int checkLength(final String what, final int length, final int most) throws IOException {
        if (length < 0 || length > most) {
            throw damaged("length of " + what, length);
        }
        return length;
    }

    private String text(final String what, final int offset, final int length) throws IOException {
        final String text = new String(file.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), US_ASCII);
        if (!TEXT.matcher(text).matches()) {
            throw damaged(what, "not printable");
        }
        return text;
    }

    private int intAt(final int offset) {
        return file.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
    }

    private long longAt(final int offset) {
        return file.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }

    private IOException damaged(final String what, final Object value) {
        return refused("is a counters file that is damaged: " + what + ": " + value);
    }

    private IOException refused(final String why) {
        return new IOException(path + " " + why);
    }
}
