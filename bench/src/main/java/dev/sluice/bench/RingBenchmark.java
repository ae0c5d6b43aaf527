package dev.sluice.bench;

import dev.sluice.ring.RingDescriptor;
import dev.sluice.ring.RingReader;
import dev.sluice.ring.RingWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Control;

/**
 * The ring between two spinning threads of one process: what its layout and its validation cost, without wake-ups. Agrona's own ring,
 * which trusts its peer, moves the same messages beside it.
 *
 * <p>One way: the writer's and the reader's operations per second; the lower of the two is the throughput. Round trip: the time until a
 * message has come back over a second ring.
 */
@State(Scope.Group)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = {BenchmarkJvm.NATIVE_ACCESS, BenchmarkJvm.ADD_EXPORTS})
public class RingBenchmark {
    private static final int CAPACITY = RingDescriptor.DEFAULT_CAPACITY;
    private static final int AGRONA_TYPE = 1;

    /** Length of a message, in bytes. */
    @Param({"64", "4096"})
    private int size;

    private Arena arena;
    private MemorySegment message;
    private RingWriter pingWriter;
    private RingReader pingReader;
    private RingWriter pongWriter;
    private RingReader pongReader;
    private UnsafeBuffer agronaMessage;
    private OneToOneRingBuffer agronaPing;
    private OneToOneRingBuffer agronaPong;

    /** Made by JMH. */
    public RingBenchmark() {
    }

    /** Lays out both directions of both kinds of ring. */
    @Setup(Level.Iteration)
    public void open() {
        arena = Arena.ofShared();
        message = arena.allocate(size);
        final MemorySegment ping = direction();
        final MemorySegment pong = direction();
        pingWriter = new RingWriter(ping, CAPACITY);
        pingReader = new RingReader(ping, CAPACITY);
        pongWriter = new RingWriter(pong, CAPACITY);
        pongReader = new RingReader(pong, CAPACITY);
        agronaMessage = new UnsafeBuffer(message.asByteBuffer());
        agronaPing = agronaRing();
        agronaPong = agronaRing();
    }

    private MemorySegment direction() {
        return arena.allocate(RingDescriptor.directionLength(CAPACITY), RingDescriptor.HEADER_PAGE_LENGTH);
    }

    private OneToOneRingBuffer agronaRing() {
        return new OneToOneRingBuffer(new UnsafeBuffer(direction().asSlice(0, CAPACITY + RingDescriptor.TRAILER_LENGTH).asByteBuffer()));
    }

    /** Frees the rings. */
    @TearDown(Level.Iteration)
    public void close() {
        arena.close();
    }

    /**
     * Writes one message, waiting for room.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("oneWay")
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    public void write(final Control control) {
        send(pingWriter, control);
    }

    /**
     * Reads one message, waiting for it.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("oneWay")
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    public void read(final Control control) {
        receive(pingReader, control);
    }

    /**
     * Writes one message to Agrona's ring, waiting for room.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("oneWayAgrona")
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    public void writeAgrona(final Control control) {
        while (!agronaPing.write(AGRONA_TYPE, agronaMessage, 0, size) && !control.stopMeasurement) {
            Thread.onSpinWait();
        }
    }

    /**
     * Reads one message from Agrona's ring, waiting for it.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("oneWayAgrona")
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    public void readAgrona(final Control control) {
        receiveAgrona(agronaPing, control);
    }

    /**
     * Sends one message and waits until it is back.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("roundTrip")
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public void ping(final Control control) {
        send(pingWriter, control);
        receive(pongReader, control);
    }

    /**
     * Sends one message back.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("roundTrip")
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public void pong(final Control control) {
        receive(pingReader, control);
        send(pongWriter, control);
    }

    /**
     * Sends one message over Agrona's ring and waits until it is back.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("roundTripAgrona")
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public void pingAgrona(final Control control) {
        agronaPing.write(AGRONA_TYPE, agronaMessage, 0, size);
        receiveAgrona(agronaPong, control);
    }

    /**
     * Sends one message back over Agrona's ring.
     *
     * @param control says when the iteration ends
     */
    @Benchmark
    @Group("roundTripAgrona")
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public void pongAgrona(final Control control) {
        receiveAgrona(agronaPing, control);
        agronaPong.write(AGRONA_TYPE, agronaMessage, 0, size);
    }

    private void send(final RingWriter writer, final Control control) {
        int sent = writer.write(message, 0, size);
        while (sent < size && !control.stopMeasurement) {
            writer.publish();
            Thread.onSpinWait();
            sent += writer.write(message, sent, size - sent);
        }
        writer.publish();
    }

    private void receive(final RingReader reader, final Control control) {
        int received = 0;
        while (received < size && !control.stopMeasurement) {
            if (reader.poll() > 0) {
                final int length = Math.min(reader.length(), size - received);
                reader.advance(length);
                received += length;
            } else {
                Thread.onSpinWait();
            }
        }
        reader.release();
    }

    private static void receiveAgrona(final OneToOneRingBuffer ring, final Control control) {
        while (ring.read((type, buffer, index, length) -> { }, 1) == 0 && !control.stopMeasurement) {
            Thread.onSpinWait();
        }
    }
}
