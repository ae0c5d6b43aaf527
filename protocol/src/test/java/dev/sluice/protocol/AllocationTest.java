package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The paths that every frame takes allocate nothing. */
class AllocationTest {
    private static final int WARM_UP = 200_000;
    private static final int ITERATIONS = 1_000_000;
    private static final int ATTEMPTS = 10;
    /** What may be allocated in all iterations together: by the measuring itself, and by code that is compiled late. */
    private static final long TOLERATED_BYTES = 64 * 1024;

    private interface Step {
        void run(int iteration) throws ProtocolException;
    }

    @Test
    void findingFramesAllocatesNothing() throws ProtocolException {
        final MemorySegment stream = nativeStream();
        final FrameDecoder decoder = new FrameDecoder(Arena.ofAuto().allocate(16));
        final int length = (int) stream.byteSize();
        final int[] at = new int[1];
        assertAllocatesNothing(iteration -> {
            if (at[0] == length) {
                at[0] = 0;
            }
            // Headers in two pieces, bodies in two pieces.
            at[0] += decoder.takeHeader(stream, at[0], 4);
            at[0] += decoder.takeHeader(stream, at[0], length - at[0]);
            final int part = decoder.bodyRemaining() / 2;
            decoder.bodyTaken(part);
            at[0] += part;
            if (decoder.headerComplete()) {
                at[0] += decoder.bodyRemaining();
                decoder.bodyTaken(decoder.bodyRemaining());
            }
        });
    }

    @Test
    void assemblingFramesAllocatesNothing() throws ProtocolException {
        final MemorySegment stream = nativeStream();
        final FrameAssembler assembler = new FrameAssembler(FrameAssembler.RETAINED_LENGTH, length -> Arena.ofAuto().allocate(length));
        final long[] bodies = new long[1];
        final FrameHandler handler = (id, flags, memory, bodyOffset, bodyLength) -> bodies[0] += bodyLength;
        final int length = (int) stream.byteSize();
        final int[] at = new int[1];
        assertAllocatesNothing(iteration -> {
            final int piece = Math.min(97, length - at[0]);
            assertEquals(FrameError.NONE, assembler.append(stream, at[0], piece, handler));
            at[0] = at[0] + piece == length ? 0 : at[0] + piece;
        });
        assertTrue(bodies[0] > 0);
    }

    @Test
    void recognisingAllocatesNothing() throws ProtocolException {
        final Vectors.Vector[] vectors = Vectors.all().toArray(Vectors.Vector[]::new);
        final MemorySegment[] frames = new MemorySegment[vectors.length];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = Arena.ofAuto().allocate(vectors[i].frame().length);
            frames[i].copyFrom(vectors[i].memory());
        }
        final Envelope envelope = new Envelope();
        assertAllocatesNothing(iteration -> {
            final MemorySegment frame = frames[iteration % frames.length];
            final MessageType type = MessageType.recognise(frame, 9, (int) frame.byteSize() - 9);
            envelope.wrap(frame, 9, (int) frame.byteSize() - 9);
            if (type == null || type != envelope.type()) {
                throw new AssertionError("type=" + type + " envelope=" + envelope.type());
            }
        });
    }

    @Test
    void dataFramesAllocateNothing() throws ProtocolException {
        final MemorySegment frame = Arena.ofAuto().allocate(70_100);
        final Envelope envelope = new Envelope();
        final DataPayload payload = new DataPayload();
        assertAllocatesNothing(iteration -> {
            final int length = iteration * 31 % 70_000;
            final int header = DataFrame.encodeHeader(frame, 0, MessageType.EXEC_STDOUT, 7, iteration, length);
            payload.wrap(envelope.wrap(frame, 9, header + length - 9));
            if (payload.dataLength() != length || payload.dataOffset() != header) {
                throw new AssertionError("length=" + length);
            }
        });
    }

    @Test
    void windowFramesAllocateNothing() throws ProtocolException {
        final MemorySegment frame = Arena.ofAuto().allocate(WindowFrame.MAX_FRAME_LENGTH);
        final Envelope envelope = new Envelope();
        final WindowPayload payload = new WindowPayload();
        assertAllocatesNothing(iteration -> {
            final int length = WindowFrame.encode(frame, 0, 7, iteration, iteration % 3, iteration * 1000L);
            payload.wrap(envelope.wrap(frame, 9, length - 9));
            if (payload.bytes() != iteration * 1000L || payload.stream() != iteration % 3) {
                throw new AssertionError("bytes=" + payload.bytes());
            }
        });
    }

    @Test
    void readingAndWritingItemsAllocatesNothing() throws ProtocolException {
        final MemorySegment memory = Arena.ofAuto().allocate(256);
        final CborWriter writer = new CborWriter();
        final CborReader reader = new CborReader();
        assertAllocatesNothing(iteration -> {
            writer.wrap(memory, 0, 256);
            writer.writeMapHead(3);
            writer.writeText("key");
            writer.writeUnsigned(iteration);
            writer.writeText("bytes");
            writer.writeBytes(memory, 0, 8);
            writer.writeText("list");
            writer.writeArrayHead(3);
            writer.writeSigned(-iteration);
            writer.writeBoolean(true);
            writer.writeNull();
            reader.wrap(memory, 0, (int) writer.written());
            final long pairs = reader.readMapHead();
            reader.readText();
            final long value = reader.readUint64();
            reader.skip();
            reader.readBytes();
            reader.skip();
            reader.skip();
            if (pairs != 3 || value != iteration || reader.sliceLength() != 8 || reader.remaining() != 0) {
                throw new AssertionError("value=" + value);
            }
        });
    }

    private static MemorySegment nativeStream() {
        final byte[] stream = Vectors.stream();
        final MemorySegment memory = Arena.ofAuto().allocate(stream.length);
        memory.copyFrom(MemorySegment.ofArray(stream));
        return memory;
    }

    private static void assertAllocatesNothing(final Step step) throws ProtocolException {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int iteration = 0;
        for (; iteration < WARM_UP; iteration++) {
            step.run(iteration);
        }
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && least > TOLERATED_BYTES; attempt++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ITERATIONS; i++) {
                step.run(iteration++);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        System.out.println("bytes allocated in " + ITERATIONS + " iterations: " + least);
        assertTrue(least <= TOLERATED_BYTES, "bytes allocated in " + ITERATIONS + " iterations: " + least);
    }
}
