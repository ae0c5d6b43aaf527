package dev.sluice.relay;

import static dev.sluice.fuzz.Promise.check;
import static dev.sluice.fuzz.Promise.same;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.fuzz.Corpus;
import dev.sluice.fuzz.Script;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * Anything in place of a counters file: a snapshot that says what stands there, or the typed exception. What is accepted reads the same
 * with Agrona's reader, which knows nothing of this one; what a relay writes is accepted.
 *
 * <p>Input: a script that makes a file as a relay would, then writes over some of it, cuts it off or makes it longer.
 */
public final class CountersFileTarget {
    private static final Path PATH = Path.of("counters");
    private static final int MAX_COUNTERS = 3;
    private static final int MAX_CHANGES = 12;
    /** Numbers that stand at a bound of something. */
    private static final int[] INTERESTING = {
        0, 1, 2, 3, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, CountersDescriptor.LABEL_MAX_LENGTH, CountersDescriptor.LABEL_MAX_LENGTH + 1,
        CountersDescriptor.OUTCOME_MAX_LENGTH, CountersDescriptor.OUTCOME_MAX_LENGTH + 1, CountersDescriptor.MAX_COUNT,
        CountersDescriptor.MAX_COUNT + 1, Integer.MAX_VALUE / CountersDescriptor.METADATA_LENGTH
    };
    /** Where a header and a record have fields. */
    private static final int[] HEADER_FIELDS = {
        CountersDescriptor.MAGIC_OFFSET, CountersDescriptor.VERSION_OFFSET, CountersDescriptor.COUNT_OFFSET, CountersDescriptor.PID_OFFSET,
        CountersDescriptor.START_TIME_OFFSET, CountersDescriptor.STATE_OFFSET, CountersDescriptor.OUTCOME_LENGTH_OFFSET,
        CountersDescriptor.END_TIME_OFFSET, CountersDescriptor.OUTCOME_OFFSET
    };
    private static final int[] RECORD_FIELDS = {
        CountersDescriptor.RECORD_STATE_OFFSET, CountersDescriptor.TYPE_ID_OFFSET, CountersDescriptor.REUSE_DEADLINE_OFFSET,
        CountersDescriptor.KEY_OFFSET, CountersDescriptor.LABEL_LENGTH_OFFSET, CountersDescriptor.LABEL_OFFSET
    };

    private static final Script SCRIPT = new Script();

    private CountersFileTarget() {
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(CountersFileTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param input the input
     */
    public static void fuzzerTestOneInput(final byte[] input) {
        final Script script = SCRIPT.wrap(input);
        final int count = script.choose(MAX_COUNTERS + 1);
        final byte[] good = file(count);
        same(count, snapshot(good).readings().size(), "counters of what a relay has written");
        final byte[] changed = change(good, count);
        final CountersSnapshot snapshot = snapshot(changed);
        if (snapshot != null) {
            checkHeader(snapshot, ByteBuffer.wrap(changed).order(ByteOrder.nativeOrder()));
            checkReadings(snapshot, changed);
        }
    }

    /** Null when it is refused. */
    private static CountersSnapshot snapshot(final byte[] file) {
        try {
            return CountersFileReader.parse(PATH, MemorySegment.ofArray(file).asReadOnly(), false);
        } catch (final IOException e) {
            check(e.getMessage().startsWith(PATH + " is "), "what is refused says why");
            return null;
        }
    }

    private static byte[] file(final int count) {
        final ByteBuffer file = ByteBuffer.allocate(CountersDescriptor.fileLength(count)).order(ByteOrder.nativeOrder());
        file.putLong(CountersDescriptor.MAGIC_OFFSET, CountersDescriptor.MAGIC);
        file.putInt(CountersDescriptor.VERSION_OFFSET, CountersDescriptor.VERSION);
        file.putInt(CountersDescriptor.COUNT_OFFSET, count);
        file.putLong(CountersDescriptor.PID_OFFSET, 17);
        file.putInt(CountersDescriptor.STATE_OFFSET, CountersDescriptor.RUNNING);
        final RelayCounter[] counters = RelayCounter.values();
        for (int i = 0; i < count; i++) {
            // Of both kinds.
            final RelayCounter counter = i == 0 ? counters[counters.length - 1] : counters[i];
            final int at = CountersDescriptor.metadataOffset(i);
            file.putInt(at + CountersDescriptor.RECORD_STATE_OFFSET, CountersDescriptor.RECORD_ALLOCATED);
            file.putInt(at + CountersDescriptor.TYPE_ID_OFFSET, counter.kind().typeId());
            file.putLong(at + CountersDescriptor.REUSE_DEADLINE_OFFSET, CountersDescriptor.NEVER_REUSED);
            file.put(at + CountersDescriptor.KEY_OFFSET, counter.metricName().getBytes(US_ASCII));
            file.putInt(at + CountersDescriptor.LABEL_LENGTH_OFFSET, counter.label().length());
            file.put(at + CountersDescriptor.LABEL_OFFSET, counter.label().getBytes(US_ASCII));
            file.putLong(CountersDescriptor.valuesOffset(count) + i * CountersDescriptor.VALUE_LENGTH, 1000 + i);
        }
        return file.array();
    }

    private static byte[] change(final byte[] file, final int count) {
        byte[] changed = file;
        for (int i = 0; i < MAX_CHANGES && SCRIPT.hasNext(); i++) {
            switch (SCRIPT.choose(5)) {
                case 0 -> putInt(changed, HEADER_FIELDS[SCRIPT.choose(HEADER_FIELDS.length)], number());
                case 1 -> putInt(changed, CountersDescriptor.metadataOffset(count == 0 ? 0 : SCRIPT.choose(count))
                    + RECORD_FIELDS[SCRIPT.choose(RECORD_FIELDS.length)], number());
                case 2 -> putInt(changed, SCRIPT.nextShort(), SCRIPT.next());
                case 3 -> changed = Arrays.copyOf(changed, SCRIPT.nextShort());
                default -> {
                    final int offset = SCRIPT.nextShort();
                    Arrays.fill(changed, Math.min(offset, changed.length), Math.min(offset + SCRIPT.next(), changed.length),
                        (byte) SCRIPT.next());
                }
            }
        }
        return changed;
    }

    private static int number() {
        final int chosen = SCRIPT.choose(INTERESTING.length + 1);
        return chosen == INTERESTING.length ? SCRIPT.nextInt() : INTERESTING[chosen];
    }

    private static void putInt(final byte[] file, final int offset, final int value) {
        if (offset + Integer.BYTES <= file.length) {
            ByteBuffer.wrap(file).order(ByteOrder.nativeOrder()).putInt(offset, value);
        }
    }

    private static void checkHeader(final CountersSnapshot snapshot, final ByteBuffer file) {
        same(file.getInt(CountersDescriptor.COUNT_OFFSET), snapshot.readings().size(), "number of counters");
        same(CountersDescriptor.fileLength(snapshot.readings().size()), file.capacity(), "length of the file");
        same(file.getLong(CountersDescriptor.PID_OFFSET), snapshot.pid(), "process id");
        same(file.getLong(CountersDescriptor.START_TIME_OFFSET), snapshot.started().toEpochMilli(), "start");
        final boolean ended = file.getInt(CountersDescriptor.STATE_OFFSET) == CountersDescriptor.ENDED;
        check(ended == (snapshot.ended() != null) && ended == (snapshot.outcome() != null), "whether the relay has ended");
        if (ended) {
            same(file.getLong(CountersDescriptor.END_TIME_OFFSET), snapshot.ended().toEpochMilli(), "end");
            same(file.getInt(CountersDescriptor.OUTCOME_LENGTH_OFFSET), snapshot.outcome().length(), "length of the outcome");
            checkPrintable(snapshot.outcome());
        }
    }

    private static void checkReadings(final CountersSnapshot snapshot, final byte[] file) {
        final int count = snapshot.readings().size();
        final CountersReader reader = new CountersReader(
            new UnsafeBuffer(file, CountersDescriptor.HEADER_LENGTH, count * CountersDescriptor.METADATA_LENGTH),
            new UnsafeBuffer(file, CountersDescriptor.valuesOffset(count), count * CountersDescriptor.VALUE_LENGTH), US_ASCII);
        final int[] seen = new int[1];
        reader.forEach((id, label) -> {
            final CountersSnapshot.Reading reading = snapshot.readings().get(id);
            check(reading.label().equals(label), "label of counter " + id);
            same(reader.getCounterValue(id), reading.value(), "value of counter " + id);
            same(reader.getCounterTypeId(id), reading.kind().typeId(), "type id of counter " + id);
            seen[0]++;
        });
        same(count, seen[0], "counters that both readers see");
        for (final CountersSnapshot.Reading reading : snapshot.readings()) {
            checkPrintable(reading.label());
            checkPrintable(reading.metricName());
            check(!reading.metricName().isEmpty(), "a counter has a name");
        }
    }

    private static void checkPrintable(final String text) {
        check(text.chars().allMatch(symbol -> symbol >= ' ' && symbol <= '~'), "texts are printable");
    }
}
