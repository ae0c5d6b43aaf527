package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The other ends of a relay under test, spoken byte by byte over the JDK's own sockets: nothing of Sluice's codec is in it. */
final class Wire {
    /** core.ready of generation 1, as the protocol's description prints it. */
    static final byte[] READY = HexFormat.of().parseHex(
        "000000520000000000a361760161746a636f72652e726561647961705838a36c626f6f745f74696d655f6e731a08f0d1806c"
            + "696e69745f74696d655f6e731a004c4b406d72656164795f74696d655f6e731a09896800");
    /** The 13th byte of a body that was written as encoders do: the generation. */
    private static final int GENERATION_OFFSET = 12;
    private static final int GRID_STEP = 33_554_431;
    /** core.shutdown with an empty payload. */
    static final byte[] SHUTDOWN = HexFormat.of().parseHex("0000001c0000000004a361760161746d636f72652e73687574646f776e617040");
    static final String EXEC_REQUEST_BODY = "a3617601617471636f72652e657865632e72657175657374617046a163636d646178";
    static final String EXITED_BODY = "a3617601617470636f72652e657865632e657869746564617047a164636f646500";
    static final String FS_REQUEST_BODY = "a361760161746f636f72652e66732e72657175657374"
        + "6170581ba1626f70a16453746174a164706174686a2f6574632f686f737473";

    private static final Pattern TYPE = Pattern.compile("at[\\x60-\\x78].?(core[.][a-z.]+)ap", Pattern.DOTALL);

    /** A thread for each thing that may wait: a pool could run out of them. */
    static final Executor THREADS = task -> Thread.ofPlatform().name("other end").start(task);

    private Wire() {
    }

    /** The bytes of a text in ASCII. */
    static byte[] text(final String text) {
        return text.getBytes(US_ASCII);
    }

    static byte[] frame(final int id, final int flags, final byte[] body) {
        return ByteBuffer.allocate(9 + body.length).putInt(5 + body.length).putInt(id).put((byte) flags).put(body).array();
    }

    static byte[] frame(final int id, final int flags, final String hexBody) {
        return frame(id, flags, HexFormat.of().parseHex(hexBody));
    }

    /** core.ready of a generation. */
    static byte[] ready(final int generation) {
        return inGeneration(generation, READY);
    }

    /** A frame as it would be in another generation; only the version's byte differs. */
    static byte[] inGeneration(final int generation, final byte[] frame) {
        final byte[] changed = frame.clone();
        changed[GENERATION_OFFSET] = (byte) generation;
        return changed;
    }

    /** The type in a frame's envelope, which stands there in plain text; "?" when there is none. */
    static String type(final byte[] frame) {
        final Matcher matcher = TYPE.matcher(new String(frame, StandardCharsets.ISO_8859_1));
        return matcher.find() ? matcher.group(1) : "?";
    }

    static int id(final byte[] frame) {
        return ByteBuffer.wrap(frame).getInt(4);
    }

    static byte[] concat(final byte[]... parts) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (final byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private interface Reading {
        byte[] from(End end) throws IOException;
    }

    /** One end of a connection. */
    static class End implements AutoCloseable {
        final SocketChannel channel;
        private final InputStream input;

        End(final SocketChannel channel) {
            this.channel = channel;
            this.input = Channels.newInputStream(channel);
        }

        /** Writes on a thread of its own, for what the other side may be slow to take. */
        CompletableFuture<Void> writeLater(final byte[] bytes) {
            return CompletableFuture.runAsync(() -> {
                try {
                    write(bytes);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            }, THREADS);
        }

        /** Reads to the end on a thread of its own. */
        CompletableFuture<byte[]> readToEndLater() {
            return readLater(End::readToEnd);
        }

        CompletableFuture<byte[]> readLater(final int count) {
            return readLater(end -> end.read(count));
        }

        private CompletableFuture<byte[]> readLater(final Reading reading) {
            return CompletableFuture.supplyAsync(() -> {
                try {
                    return reading.from(this);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            }, THREADS);
        }

        void write(final byte[] bytes) throws IOException {
            final ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }

        byte[] read(final int count) throws IOException {
            final byte[] bytes = input.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException("end of stream after " + bytes.length + " of " + count + " bytes");
            }
            return bytes;
        }

        /** Reads one frame, its length prefix included. */
        byte[] readFrame() throws IOException {
            final byte[] prefix = read(4);
            final int length = ByteBuffer.wrap(prefix).getInt();
            final byte[] frame = Arrays.copyOf(prefix, 4 + length);
            System.arraycopy(read(length), 0, frame, 4, length);
            return frame;
        }

        /** Reads until the end; a reset counts as one. */
        byte[] readToEnd() throws IOException {
            return input.readAllBytes();
        }

        boolean atEnd() throws IOException {
            return input.read() < 0;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** A client that has taken the 4-byte handshake. */
    static final class Client extends End {
        final int idOffset;
        final byte[] ready;

        private Client(final SocketChannel channel) throws IOException {
            super(channel);
            idOffset = ByteBuffer.wrap(read(4)).getInt();
            ready = readFrame();
        }

        static Client connect(final Path path) throws IOException {
            return greeted(dial(path), Client::new);
        }

        int id(final int n) {
            return idOffset + n;
        }

        int range() {
            return Integer.divideUnsigned(idOffset, GRID_STEP);
        }
    }

    /** A client that has taken the 8-byte handshake. */
    static final class RangeClient extends End {
        final int idStart;
        final int idEndExclusive;
        final byte[] ready;

        private RangeClient(final SocketChannel channel) throws IOException {
            super(channel);
            idStart = ByteBuffer.wrap(read(4)).getInt();
            idEndExclusive = ByteBuffer.wrap(read(4)).getInt();
            ready = readFrame();
        }

        static RangeClient connect(final Path path) throws IOException {
            return greeted(dial(path), RangeClient::new);
        }

        int id(final int n) {
            return idStart + n - 1;
        }

        int range() {
            return Integer.divideUnsigned(idStart, GRID_STEP);
        }
    }

    private interface Greeting<T> {
        T read(SocketChannel channel) throws IOException;
    }

    private static <T> T greeted(final SocketChannel channel, final Greeting<T> greeting) throws IOException {
        try {
            return greeting.read(channel);
        } catch (final IOException e) {
            channel.close();
            throw e;
        }
    }

    static SocketChannel dial(final Path path) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    /** A guest's console as a virtual machine monitor offers it: a listening socket. */
    static final class GuestConsole implements AutoCloseable {
        private final ServerSocketChannel listener;

        GuestConsole(final Path path) throws IOException {
            listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        }

        End accept() throws IOException {
            return new End(listener.accept());
        }

        /** Drops connections that wait: those of a relay that dialled again before it ended. */
        void dropWaiting() throws IOException {
            listener.configureBlocking(false);
            for (SocketChannel waiting = listener.accept(); waiting != null; waiting = listener.accept()) {
                waiting.close();
            }
            listener.configureBlocking(true);
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
