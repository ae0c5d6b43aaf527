package dev.sluice.relay;

import dev.sluice.execlog.LogFiles;
import dev.sluice.execlog.LogLineEncoder;
import dev.sluice.execlog.LogSource;
import dev.sluice.ffi.Posix;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.Ready;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
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

/**
 * The path of a program's output to the exec log, on one thread: what a line costs, what the loop pays for each frame, and all of it down
 * to the file. An operation is a byte of output, so that operations per microsecond are MB/s. Run with {@code -prof gc}: bytes per
 * operation are to be 0. Files go to the directory for temporary files, and are rotated.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = {"--enable-native-access=ALL-UNNAMED", "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"})
public class ExecLogBenchmark {
    private static final int BYTES = 1 << 20;
    private static final int SESSION = 1;
    private static final String TEXT = "a line of \"text\" as programs write it, with an ä and a €\tnow and then\n";

    /** What a program writes. */
    public enum Content {
        /** Lines with some characters that have to be escaped, and some of several bytes. */
        TEXT,
        /** Random bytes, which become base64. */
        BINARY
    }

    /** What the program writes. */
    @Param({"TEXT", "BINARY"})
    private Content content;

    /** Data of one frame, in bytes. */
    @Param({"64", "4096", "65536"})
    private int size;

    private final ExecLogRing ring = new ExecLogRing(8 << 20);
    private final ExecLogShared shared = new ExecLogShared();
    private final LogLineEncoder encoder = new LogLineEncoder();
    private Arena arena;
    private Path directory;
    private ExecLogVolume volume;
    private ExecLogWriter writer;
    private ExecLogTap tap;
    private MemorySegment body;
    private byte[] data;
    private byte[] line;

    /** Made by JMH. */
    public ExecLogBenchmark() {
    }

    /**
     * Opens a log and a session in it.
     *
     * @throws IOException if the log cannot be opened
     * @throws ProtocolException never
     */
    @Setup
    public void open() throws IOException, ProtocolException {
        arena = Arena.ofConfined();
        data = new byte[size];
        if (content == Content.BINARY) {
            new Random(1).nextBytes(data);
        } else {
            System.arraycopy(TEXT.repeat(size / TEXT.length() + 1).getBytes(StandardCharsets.UTF_8), 0, data, 0, size);
        }
        line = new byte[LogLineEncoder.maxLength(Math.min(size, ExecLogRecord.MAX_DATA))];
        final MemorySegment frame = arena.allocate(DataFrame.frameLength(MessageType.EXEC_STDOUT, size));
        final int head = DataFrame.encodeHeader(frame, 0, MessageType.EXEC_STDOUT, 1, SESSION, size);
        MemorySegment.copy(MemorySegment.ofArray(data), 0, frame, head, size);
        body = frame.asSlice(FrameDescriptor.BODY_OFFSET);
        directory = Files.createTempDirectory("sluice-bench");
        volume = new ExecLogVolume(Posix.system(), directory, RelayLimit.EXEC_LOG_FILE_BYTES.defaultValue(), 1, shared);
        writer = new ExecLogWriter(ring.ring(), volume, shared);
        tap = new ExecLogTap(ring, shared, () -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()), ExecLogPolicy.GAP,
            new RelayCounters(), () -> { });
        tap.guestReady(MemorySegment.ofArray(Frames.encode(1, 0, new Ready(1, 2, 3, "", 0))));
        final MemorySegment request =
            MemorySegment.ofArray(Frames.encode(1, SESSION, ExecRequest.builder(ByteString.of("program")).build()));
        tap.opened(SESSION, request, FrameDescriptor.BODY_OFFSET, (int) request.byteSize() - FrameDescriptor.BODY_OFFSET);
        drain();
    }

    /**
     * Removes the log.
     *
     * @throws IOException if it cannot be
     */
    @TearDown
    public void remove() throws IOException {
        final boolean lost = tap.session(SESSION).hasLost() || shared.count(RelayCounter.EXEC_LOG_GAPS) > 0;
        volume.close();
        for (final String name : LogFiles.oldestFirst()) {
            Files.deleteIfExists(directory.resolve(name));
        }
        Files.deleteIfExists(directory.resolve(ExecLogNumbers.NAME));
        Files.delete(directory);
        arena.close();
        if (lost) {
            throw new IllegalStateException("output was lost: what was measured is not the way to the disk");
        }
    }

    private void drain() {
        int done = 1;
        while (done > 0) {
            done = writer.doWork(0, 0);
        }
    }

    /**
     * A line alone: scan, and escape or base64.
     *
     * @return length of the last line
     */
    @Benchmark
    @OperationsPerInvocation(BYTES)
    public int encode() {
        int length = 0;
        for (int sent = 0; sent < BYTES;) {
            final int piece = Math.min(size, ExecLogRecord.MAX_DATA);
            length = encoder.encode(line, 0, sent, LogSource.STDOUT, data, 0, piece, SESSION);
            sent += piece;
        }
        return length;
    }

    /** What the relay's loop does with each frame; the records are thrown away. */
    @Benchmark
    @OperationsPerInvocation(BYTES)
    public void tap() {
        pass();
        ring.ring().read((type, buffer, index, length) -> { }, Integer.MAX_VALUE);
    }

    /** All of it: loop, writer and file. */
    @Benchmark
    @OperationsPerInvocation(BYTES)
    public void record() {
        pass();
        drain();
    }

    private void pass() {
        tap.startPass();
        for (int sent = 0; sent < BYTES; sent += size) {
            tap.frameStart(SESSION, (int) body.byteSize());
            tap.body(body, 0, (int) body.byteSize());
            tap.frameEnd(false);
        }
        tap.endPass();
    }
}
