package dev.sluice.relay;

import static dev.sluice.fuzz.Promise.check;
import static dev.sluice.fuzz.Promise.same;

import dev.sluice.fuzz.Corpus;
import dev.sluice.fuzz.Script;
import dev.sluice.protocol.FrameDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * What a client sends, on its way to the guest: in any pieces, with a guest that takes any pieces. The guest is given exactly the frames
 * before the first that breaks a rule, byte for byte, a begun frame to its end, and none that is not complete.
 *
 * <p>Input: a script that first makes a stream of frames, long ones and broken ones among them, then says how it comes and goes.
 */
public final class ClientInputTarget {
    private static final int MAX_STREAM = 1 << 20;
    private static final int MAX_FRAMES = 24;
    private static final int LONG_BODY = 64 * 1024;

    private static final byte[] STREAM = new byte[MAX_STREAM];
    private static final MemorySegment STREAM_MEMORY = MemorySegment.ofArray(STREAM);
    private static final ByteBuffer STREAM_BUFFER = ByteBuffer.wrap(STREAM);
    private static final MemorySegment OWN = MemorySegment.ofArray(new byte[ClientInput.CAPACITY]);
    private static final MemorySegment ASSEMBLY = MemorySegment.ofArray(new byte[FrameDescriptor.MAX_FRAME_LENGTH]);
    private static final Script SCRIPT = new Script();

    static {
        for (int i = 0; i < MAX_STREAM; i++) {
            STREAM[i] = (byte) (i * 7 + (i >> 8));
        }
    }

    private static RangeTable ranges;
    private static int range;
    private static ClientInput input;
    private static ClientAdmission admission;
    private static int length;
    /** What the guest is to be given: the stream up to here. */
    private static int acceptedEnd;
    private static Violation violation;
    private static int fed;
    private static int sent;
    private static ClientInput.Progress progress;

    private ClientInputTarget() {
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(ClientInputTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param script the input
     */
    public static void fuzzerTestOneInput(final byte[] script) {
        SCRIPT.wrap(script);
        ranges = new RangeTable();
        range = ranges.take();
        final boolean mayShutDown = SCRIPT.choose(2) == 0;
        admission = new ClientAdmission(range, ranges, mayShutDown, null, new RelayCounters());
        input = new ClientInput(OWN);
        makeStream();
        parse(mayShutDown);
        fed = 0;
        sent = 0;
        progress = ClientInput.Progress.OK;
        while (SCRIPT.hasNext()) {
            if (SCRIPT.choose(2) == 0) {
                feed(1 + SCRIPT.nextShort());
            } else {
                send(SCRIPT.nextShort());
            }
        }
        finish();
    }

    private static void makeStream() {
        length = 0;
        for (int i = 0; i < MAX_FRAMES && SCRIPT.hasNext(); i++) {
            switch (SCRIPT.choose(8)) {
                case 0, 1, 2, 3 -> frame(SCRIPT.next());
                case 4 -> frame(SCRIPT.nextShort());
                case 5 -> frame(LONG_BODY + 4 * SCRIPT.nextShort());
                case 6 -> raw(SCRIPT.choose(16));
                default -> {
                    return;
                }
            }
        }
    }

    private static void frame(final int bodyLength) {
        if (length + FrameDescriptor.HEADER_LENGTH + bodyLength > MAX_STREAM) {
            return;
        }
        final int id = switch (SCRIPT.choose(8)) {
            case 0 -> 0;
            case 1 -> SCRIPT.nextInt();
            default -> RangeTable.idOffset(range) + 1 + SCRIPT.choose(8);
        };
        STREAM_BUFFER.putInt(length, FrameDescriptor.MIN_LENGTH + bodyLength);
        STREAM_BUFFER.putInt(length + FrameDescriptor.ID_OFFSET, id);
        STREAM_BUFFER.put(length + FrameDescriptor.FLAGS_OFFSET, (byte) SCRIPT.choose(8));
        length += FrameDescriptor.HEADER_LENGTH + bodyLength;
    }

    private static void raw(final int count) {
        for (int i = 0; i < count && length < MAX_STREAM; i++) {
            STREAM[length++] = (byte) SCRIPT.next();
        }
    }

    /** A plain loop over the stream: where it first breaks a rule, or stops being whole. */
    private static void parse(final boolean mayShutDown) {
        int at = 0;
        violation = Violation.NONE;
        while (violation == Violation.NONE && length - at >= FrameDescriptor.LENGTH_PREFIX) {
            final long frameLength = STREAM_BUFFER.getInt(at) & 0xFFFFFFFFL;
            if (frameLength < FrameDescriptor.MIN_LENGTH) {
                violation = Violation.TOO_SHORT;
            } else if (frameLength > FrameDescriptor.MAX_LENGTH) {
                violation = Violation.TOO_LONG;
            } else if (length - at >= FrameDescriptor.HEADER_LENGTH) {
                violation = judge(STREAM_BUFFER.getInt(at + 4), (STREAM[at + 8] & FrameDescriptor.FLAG_SHUTDOWN) != 0, mayShutDown);
            }
            if (violation != Violation.NONE || length - at < FrameDescriptor.LENGTH_PREFIX + frameLength) {
                break;
            }
            at += FrameDescriptor.LENGTH_PREFIX + (int) frameLength;
        }
        acceptedEnd = at;
    }

    private static Violation judge(final int id, final boolean shutdown, final boolean mayShutDown) {
        if (id == 0 && shutdown) {
            return mayShutDown ? Violation.NONE : Violation.SHUTDOWN_NOT_ALLOWED;
        }
        if (id == 0 || shutdown) {
            return Violation.BAD_CONTROL;
        }
        final long offset = Integer.toUnsignedLong(id) - Integer.toUnsignedLong(RangeTable.idOffset(range));
        return offset > 0 && offset < 33_554_431 ? Violation.NONE : Violation.FOREIGN_ID;
    }

    private static void feed(final int most) {
        final int room = input.readRoom();
        check(room >= 0 && input.readOffset() + room <= input.memory().byteSize(), "room within the memory");
        final int count = Math.min(Math.min(most, room), length - fed);
        if (count <= 0 || progress == ClientInput.Progress.VIOLATION) {
            return;
        }
        MemorySegment.copy(STREAM_MEMORY, fed, input.memory(), input.readOffset(), count);
        fed += count;
        input.received(count);
        admit();
    }

    private static void admit() {
        progress = input.admit(admission);
        if (progress == ClientInput.Progress.NEEDS_ASSEMBLY && input.run().isEmpty()) {
            input.beginAssembly(ASSEMBLY);
        }
        if (progress == ClientInput.Progress.VIOLATION) {
            check(input.violation() == violation, "which rule was broken");
            input.forgetIncompleteFrame();
        }
    }

    private static void send(final int most) {
        final FrameRun run = input.run();
        check(run.length() >= 0 && sent + run.length() <= acceptedEnd, "nothing is eligible that is not whole and within the rules");
        final int count = Math.min(most, run.length());
        check(MemorySegment.mismatch(run.memory(), run.start(), run.start() + count, STREAM_MEMORY, sent, sent + count) < 0,
            "the guest is given what the client sent");
        final int frames = framesBetween(sent, sent + count);
        sent += count;
        same(frames, run.sent(count), "frames completed");
        check(run.insideFrame() == (sent != frameStart(sent)), "whether the guest has part of a frame");
        if (input.assemblyDone()) {
            check(input.endAssembly() == ASSEMBLY, "the assembly buffer comes back");
        }
        input.compact();
        if (input.run().isEmpty() && progress != ClientInput.Progress.VIOLATION) {
            admit();
        }
    }

    private static int framesBetween(final int from, final int to) {
        int frames = 0;
        int at = 0;
        while (at < acceptedEnd) {
            at += FrameDescriptor.LENGTH_PREFIX + STREAM_BUFFER.getInt(at);
            frames += at > from && at <= to ? 1 : 0;
        }
        return frames;
    }

    /** Where the frame starts that a place of the stream lies in. */
    private static int frameStart(final int place) {
        int at = 0;
        while (at < place) {
            final int next = at + FrameDescriptor.LENGTH_PREFIX + STREAM_BUFFER.getInt(at);
            if (next > place) {
                return at;
            }
            at = next;
        }
        return at;
    }

    private static void finish() {
        int before = -1;
        while (before != fed + sent) {
            before = fed + sent;
            feed(Integer.MAX_VALUE);
            send(Integer.MAX_VALUE);
        }
        same(acceptedEnd, sent, "everything that is whole and within the rules reaches the guest");
        check((progress == ClientInput.Progress.VIOLATION) == (violation != Violation.NONE), "a broken rule is found");
        if (progress != ClientInput.Progress.VIOLATION) {
            same(length, fed, "everything is taken");
            check(input.hasIncompleteFrame() == (length > acceptedEnd), "whether a frame has begun that is not complete");
        }
    }
}
