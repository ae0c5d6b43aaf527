package dev.sluice.bench;

import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDecoder;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Framing and envelopes of data frames, per frame. Run with {@code -prof gc}: bytes per operation are to be 0. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = {BenchmarkJvm.NATIVE_ACCESS, BenchmarkJvm.ADD_EXPORTS})
public class FrameBenchmark {
    private static final int FRAMES = 512;

    /** Payload of one frame, in bytes. */
    @Param({"64", "4096"})
    private int size;

    private final FrameDecoder decoder = new FrameDecoder();
    private final Envelope envelope = new Envelope();
    private final DataPayload payload = new DataPayload();
    private Arena arena;
    private MemorySegment stream;
    private int frameLength;

    /** Made by JMH. */
    public FrameBenchmark() {
    }

    /** Lays out a stream of equal frames. */
    @Setup
    public void fill() {
        arena = Arena.ofConfined();
        frameLength = DataFrame.frameLength(MessageType.EXEC_STDOUT, size);
        stream = arena.allocate((long) frameLength * FRAMES);
        encode();
    }

    /** Frees the stream. */
    @TearDown
    public void free() {
        arena.close();
    }

    /**
     * Writes the head of every frame in place; the data is there already.
     *
     * @return the length of all frames, in bytes
     */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public final long encode() {
        long position = 0;
        for (int i = 0; i < FRAMES; i++) {
            DataFrame.encodeHeader(stream, position, MessageType.EXEC_STDOUT, 1, i + 1, size);
            position += frameLength;
        }
        return position;
    }

    /**
     * What a relay does with a frame: header copied and validated, body left where it is.
     *
     * @return the sum of all ids
     */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long decodeHeaders() {
        long sum = 0;
        long position = 0;
        for (int i = 0; i < FRAMES; i++) {
            position += decoder.takeHeader(stream, position, FrameDescriptor.HEADER_LENGTH);
            sum += decoder.id();
            position += decoder.bodyLength();
            decoder.bodyTaken(decoder.bodyRemaining());
        }
        return sum;
    }

    /**
     * What an end does with a frame: header, type and where the data lies.
     *
     * @return the sum of all data lengths
     * @throws ProtocolException never
     */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long decodeMessages() throws ProtocolException {
        long sum = 0;
        long position = 0;
        for (int i = 0; i < FRAMES; i++) {
            position += decoder.takeHeader(stream, position, FrameDescriptor.HEADER_LENGTH);
            envelope.wrap(stream, position, decoder.bodyLength());
            payload.wrap(envelope);
            sum += payload.dataLength();
            position += decoder.bodyLength();
            decoder.bodyTaken(decoder.bodyRemaining());
        }
        return sum;
    }
}
