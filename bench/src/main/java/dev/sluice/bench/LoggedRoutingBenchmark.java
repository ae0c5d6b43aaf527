package dev.sluice.bench;

import dev.sluice.port.PortAddress;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Ready;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayCounter;
import dev.sluice.relay.SlowClientPolicy;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * A relay with its threads in this process, between a guest and a client on sockets: a program's output with the exec log off and on. An
 * operation is a byte of output, so that operations per microsecond are MB/s. The client has no windows, so the log never slows anybody
 * down; what it could not keep up with is in {@code behind}, bytes a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgs = {BenchmarkJvm.NATIVE_ACCESS, BenchmarkJvm.ADD_EXPORTS})
public class LoggedRoutingBenchmark {
    private static final int BYTES = 1 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String TEXT = "a line of \"text\" as programs write it, with an ä and a €\tnow and then\n";

    /** Whether there is a log, and what is in it. */
    public enum Log {
        /** None; text passes. */
        OFF,
        /** Lines of text. */
        TEXT,
        /** Random bytes, which become base64. */
        BINARY
    }

    /** What the log was too slow for. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Behind {
        /** Bytes that are missing in the log. */
        public long behind;

        /** Made by JMH. */
        public Behind() {
        }
    }

    /** Whether there is a log. */
    @Param({"OFF", "TEXT", "BINARY"})
    private Log log;

    /** Data of one frame, in bytes. */
    @Param({"64", "4096", "65536"})
    private int size;

    private final Semaphore go = new Semaphore(0);
    private final ByteBuffer received = ByteBuffer.allocateDirect(256 * 1024);
    private Path directory;
    private Relay relay;
    private CompletableFuture<Void> running;
    private ServerSocketChannel console;
    private SocketChannel guest;
    private SocketChannel client;
    private ByteBuffer block;
    private Thread sender;
    private volatile boolean ending;

    /** Made by JMH. */
    public LoggedRoutingBenchmark() {
    }

    /**
     * Starts a relay and opens a session through it.
     *
     * @throws Exception if something cannot be started
     */
    @Setup
    public void start() throws Exception {
        directory = Files.createTempDirectory("sluice-bench");
        final Path consolePath = directory.resolve("console");
        console = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(consolePath));
        final Path socket = directory.resolve("agent.sock");
        final RelayContext context = new RelayContext().guest(PortAddress.parse("unix:" + consolePath)).listen(socket)
            .slowClientPolicy(SlowClientPolicy.STALL);
        relay = Relay.open(log == Log.OFF ? context : context.execLog(directory.resolve("log")));
        running = CompletableFuture.runAsync(() -> {
            try {
                relay.run();
            } catch (final IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        guest = console.accept();
        write(guest, ByteBuffer.wrap(Frames.encode(1, 0, new Ready(1, 2, 3, "", 0))));
        if (!relay.awaitReady(LIMIT)) {
            throw new IOException("the relay does not become ready");
        }
        client = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        final int id = readExactly(client, Integer.BYTES).getInt() + 1;
        readExactly(client, readExactly(client, Integer.BYTES).getInt());
        final byte[] request = Frames.encode(1, id, ExecRequest.builder(ByteString.of("program")).build());
        write(client, ByteBuffer.wrap(request));
        readExactly(guest, request.length);
        block = block(id);
        sender = Thread.ofPlatform().daemon().name("guest").start(this::send);
    }

    private ByteBuffer block(final int id) {
        final byte[] data = new byte[size];
        if (log == Log.BINARY) {
            new Random(1).nextBytes(data);
        } else {
            System.arraycopy(TEXT.repeat(size / TEXT.length() + 1).getBytes(StandardCharsets.UTF_8), 0, data, 0, size);
        }
        final int frameLength = DataFrame.frameLength(MessageType.EXEC_STDOUT, size);
        final int frames = BYTES / size;
        final ByteBuffer bytes = ByteBuffer.allocateDirect(frames * frameLength);
        final MemorySegment memory = MemorySegment.ofBuffer(bytes);
        for (int i = 0; i < frames; i++) {
            final int head = DataFrame.encodeHeader(memory, (long) i * frameLength, MessageType.EXEC_STDOUT, 1, id, size);
            MemorySegment.copy(MemorySegment.ofArray(data), 0, memory, (long) i * frameLength + head, size);
        }
        return bytes;
    }

    private void send() {
        try {
            go.acquireUninterruptibly();
            while (!ending) {
                write(guest, block.rewind());
                go.acquireUninterruptibly();
            }
        } catch (final IOException e) {
            // The end of the relay is its user's to see.
            ending = true;
        }
    }

    private static void write(final SocketChannel channel, final ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer readExactly(final SocketChannel channel, final int length) throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the relay has closed a connection");
            }
        }
        return bytes.flip();
    }

    /**
     * Ends the relay.
     *
     * @throws Exception if something of it cannot be ended
     */
    @TearDown
    public void stop() throws Exception {
        ending = true;
        go.release();
        sender.join();
        relay.shutdown();
        running.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        relay.close();
        client.close();
        guest.close();
        console.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (final Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /**
     * A mebibyte of output from the guest to the client, and what frames add to it.
     *
     * @param lost what the log was too slow for
     * @throws IOException if the relay has ended
     */
    @Benchmark
    @OperationsPerInvocation(BYTES)
    public void route(final Behind lost) throws IOException {
        final long before = relay.counters().get(RelayCounter.EXEC_LOG_BYTES_BEHIND);
        go.release();
        for (int left = block.capacity(); left > 0;) {
            received.clear().limit(Math.min(received.capacity(), left));
            final int count = client.read(received);
            if (count < 0) {
                throw new EOFException("the relay has closed the client's connection");
            }
            left -= count;
        }
        lost.behind += relay.counters().get(RelayCounter.EXEC_LOG_BYTES_BEHIND) - before;
    }
}
