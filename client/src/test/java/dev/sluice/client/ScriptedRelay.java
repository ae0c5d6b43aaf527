package dev.sluice.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A relay that a test plays: a real socket, bytes out and frames in, no logic. */
final class ScriptedRelay implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(20);

    private final Path directory;
    private final Path path;
    private final ServerSocketChannel listener;
    private SocketChannel peer;

    ScriptedRelay() throws IOException {
        directory = Files.createTempDirectory("sluice-client");
        path = directory.resolve("agent.sock");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path));
    }

    Path path() {
        return path;
    }

    void accept() throws IOException {
        peer = listener.accept();
    }

    /** Accepts a client and tells it range 0 and a guest that knows no windows. */
    SandboxClient connect() throws Exception {
        return connect(Wire.concat(new byte[4], Wire.READY));
    }

    SandboxClient connectWithWindows(final int inputWindow) throws Exception {
        return connect(Wire.concat(new byte[4], Wire.readyWithWindow(inputWindow)));
    }

    SandboxClient connect(final byte[] greeting) throws Exception {
        final Task<SandboxClient> connecting = Task.start(() -> SandboxClient.connect(path, DEADLINE));
        accept();
        send(greeting);
        return connecting.get();
    }

    void send(final byte[]... frames) throws IOException {
        for (final byte[] frame : frames) {
            final ByteBuffer buffer = ByteBuffer.wrap(frame);
            while (buffer.hasRemaining()) {
                peer.write(buffer);
            }
        }
    }

    /** Reads the next frame, whatever it is. */
    byte[] receive() throws IOException {
        final ByteBuffer prefix = read(ByteBuffer.allocate(4));
        final int length = prefix.getInt(0);
        return read(ByteBuffer.allocate(4 + length).putInt(length)).array();
    }

    /** Reads the next frame of that type; others are passed over. */
    byte[] receive(final String type) throws IOException {
        byte[] frame = receive();
        while (!Wire.type(frame).equals(type)) {
            frame = receive();
        }
        return frame;
    }

    /** Reads a request, answers that it has started, and returns its id. */
    int start() throws IOException {
        final int id = Wire.id(receive("core.exec.request"));
        send(Wire.withId(Wire.STARTED_42, id));
        return id;
    }

    /** Reads what there is until the client has closed. */
    byte[] receiveAll() throws IOException {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        while (peer.read(buffer.clear()) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
        }
        return all.toByteArray();
    }

    /** From now on nobody can connect. */
    void stopListening() throws IOException {
        listener.close();
    }

    void closePeer() throws IOException {
        peer.close();
    }

    private ByteBuffer read(final ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (peer.read(buffer) < 0) {
                throw new EOFException("the client has closed");
            }
        }
        return buffer;
    }

    @Override
    public void close() throws IOException {
        if (peer != null) {
            peer.close();
        }
        listener.close();
        Files.deleteIfExists(path);
        Files.delete(directory);
    }
}
