package dev.sluice.client;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameAssembler;
import dev.sluice.protocol.FrameError;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Handshake;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.IdRange;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.Ready;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One connection to a relay: the channel, and the two threads that alone touch it. The channel is interruptible, so a caller that was
 * interrupted inside it would close it under everybody else.
 */
final class Connection {
    /** The type in a file's mode, and that of a socket. Source: inode(7). */
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;
    /** Two of the longest frames that our agent sends, so that hardly any makes the buffer grow, or is moved in it. In bytes. */
    private static final int READ_LENGTH = 528 * 1024;
    /** How long the threads have to notice that the channel is closed. */
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);
    /**
     * A relay that takes no more may have sent last words, which are read up to its end of the stream; this is for one that sends no end.
     */
    private static final Duration LAST_WORDS_DEADLINE = Duration.ofSeconds(1);

    private final Path path;
    private final SocketChannel channel;
    private final Thread reader;
    private final CompletableFuture<Link> established = new CompletableFuture<>();
    private final AtomicReference<ConnectionLoss> loss = new AtomicReference<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private IdRange range;
    private boolean offsetForm;
    private Link link;
    private String handshakeProblem;

    private Connection(final Path path, final SocketChannel channel) {
        this.path = path;
        this.channel = channel;
        this.reader = thread("sluice-client-reader", this::read);
    }

    /** Connects, and waits until the relay has said what a client must know. */
    static Connection connect(final Path path, final Duration time) throws SandboxException, InterruptedException {
        final Connection connection;
        try {
            connection = new Connection(path, SocketChannel.open(StandardProtocolFamily.UNIX));
        } catch (final IOException e) {
            throw new ConnectFailedException("cannot connect to " + path + ": " + e.getMessage(), e);
        }
        boolean connected = false;
        try {
            connection.reader.start();
            connection.awaitEstablished(time);
            connected = true;
        } finally {
            if (!connected) {
                connection.close();
            }
        }
        return connection;
    }

    /** What was agreed with the relay. */
    Link link() {
        return established.join();
    }

    /** Tells whether the connection stands. */
    boolean isOpen() {
        return !ended.isDone();
    }

    /** Completed when the connection has ended and every session knows. What depends on it must not wait. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** The relay's socket. */
    Path path() {
        return path;
    }

    /** Why the connection ended, or null while it stands. */
    ConnectionLoss loss() {
        return loss.get();
    }

    /** Waits for the connection to end; returns false when it has not by then. */
    boolean awaitEnd(final Deadline deadline) throws InterruptedException {
        return reader.join(Duration.ofNanos(Math.max(0, deadline.remainingNanos())));
    }

    /** Ends the connection and its threads; every session fails. Returns when nothing is left of it. */
    void close() {
        end("the client was closed", null);
        boolean interrupted = false;
        try {
            reader.join(CLOSE_DEADLINE);
            if (established.isDone() && !established.isCompletedExceptionally()) {
                link().writer().join(CLOSE_DEADLINE);
            }
        } catch (final InterruptedException e) {
            // The threads end all the same.
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitEstablished(final Duration time) throws SandboxException, InterruptedException {
        try {
            established.get(Math.max(0, Deadline.after(time).remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (final ExecutionException e) {
            throw new ConnectFailedException("cannot connect to " + path + ": " + e.getCause().getMessage() + hint(), e.getCause());
        } catch (final TimeoutException e) {
            throw new ConnectFailedException(
                "cannot connect to " + path + ": nothing heard of the guest within " + time.toMillis()
                + " ms: is this the socket where its relay listens, and does its agent run?", e);
        }
    }

    /** What there is in the place of a relay's socket, where that says more than the failure. */
    private String hint() {
        if (Files.notExists(path)) {
            return "; no relay listens there, or not yet";
        }
        try {
            return (FILE_TYPE & (int) Files.getAttribute(path, "unix:mode")) == SOCKET ? "" : "; it is not a socket";
        } catch (final IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    private Thread thread(final String role, final Runnable work) {
        return Thread.ofPlatform().daemon().name(role + " " + path).unstarted(work);
    }

    private void read() {
        String reason = "the reader has failed";
        Throwable cause = null;
        try (Arena arena = Arena.ofConfined()) {
            channel.connect(UnixDomainSocketAddress.of(path));
            reason = readFrames(arena);
        } catch (final IOException e) {
            reason = e.getMessage();
            cause = e;
        } catch (final ProtocolException e) {
            reason = "not a relay: " + e.getMessage();
            cause = e;
        } catch (final RuntimeException | Error e) {
            cause = e;
            throw e;
        } finally {
            try {
                end(reason, cause);
            } finally {
                ended.complete(null);
            }
        }
    }

    /** Reads until nothing more can come, and says why that is. */
    private String readFrames(final Arena arena) throws IOException, ProtocolException {
        final MemorySegment hello = arena.allocate(Handshake.RANGE_FORM_LENGTH);
        final ByteBuffer buffer = hello.asByteBuffer();
        while (buffer.position() < Handshake.RANGE_FORM_LENGTH) {
            if (channel.read(buffer) < 0) {
                return "the relay ended the connection: it has no room, its guest is gone, or you may not connect; its log says why";
            }
        }
        range = Handshake.decode(hello, 0);
        offsetForm = Handshake.isOffsetForm(hello, 0);
        final int form = offsetForm ? Handshake.OFFSET_FORM_LENGTH : Handshake.RANGE_FORM_LENGTH;
        final FrameAssembler assembler = new FrameAssembler(READ_LENGTH, length -> Arena.ofAuto().allocate(length));
        FrameError error = assembler.append(hello, form, buffer.position() - form, this::onFrame);
        while (error == FrameError.NONE && handshakeProblem == null) {
            final int room = assembler.room();
            final int length = channel.read(assembler.memory().asSlice(assembler.offset(), room).asByteBuffer());
            if (length < 0) {
                return assembler.atFrameBoundary() ? "the relay ended the connection" : "the relay ended the connection inside a frame";
            }
            error = assembler.received(length, this::onFrame);
        }
        return handshakeProblem != null ? handshakeProblem : "the relay sent a frame whose length cannot be: " + error;
    }

    private void onFrame(final int id, final int flags, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        if (link != null) {
            link.dispatcher().onFrame(id, flags, memory, bodyOffset, bodyLength);
        } else if (handshakeProblem == null) {
            onFirstFrame(id, memory, bodyOffset, bodyLength);
        }
    }

    private void onFirstFrame(final int id, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        try {
            final Envelope envelope = new Envelope().wrap(memory, bodyOffset, bodyLength);
            final Message message = Frames.decode(envelope);
            if (id != IdGrid.CONTROL_ID || !(message instanceof Ready)) {
                handshakeProblem = "not a relay: its first frame is " + envelope.typeName() + " of id " + Integer.toUnsignedString(id);
                return;
            }
            establish(Peer.of((Ready) message, envelope.version(), offsetForm));
        } catch (final ProtocolException e) {
            handshakeProblem = "not a relay: its first frame cannot be decoded: " + e.getMessage();
        }
    }

    private void establish(final Peer peer) {
        final SessionTable sessions = new SessionTable(range);
        final SendBuffer sendBuffer = new SendBuffer();
        final Thread writer = thread("sluice-client-writer", () -> write(sendBuffer));
        link = new Link(peer, sessions, new FrameDispatcher(sessions), new ReceiveBudget(), sendBuffer, writer);
        writer.start();
        if (!established.complete(link)) {
            // Whoever connected has given up by now.
            stop(link);
        }
    }

    private void write(final SendBuffer sendBuffer) {
        try {
            sendBuffer.writeTo(channel);
        } catch (final IOException e) {
            try {
                reader.join(LAST_WORDS_DEADLINE);
            } catch (final InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            end("writing to the relay failed: " + e.getMessage(), e);
        } catch (final RuntimeException | Error e) {
            end("the writer has failed", e);
            throw e;
        }
    }

    /** Ends everything; what this is called with first is what everybody is told. */
    private void end(final String reason, final Throwable cause) {
        established.completeExceptionally(new ConnectFailedException(reason, cause));
        loss.compareAndSet(null, new ConnectionLoss(reason, cause));
        if (established.isCompletedExceptionally()) {
            closeChannel();
        } else {
            stop(link());
        }
    }

    private void stop(final Link ended) {
        ended.sendBuffer().close(loss.get());
        closeChannel();
        // Only then is it known what has left and what has not.
        ended.sendBuffer().awaitWriter(CLOSE_DEADLINE);
        ended.sessions().fail(loss.get());
        ended.budget().close();
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (final IOException e) {
            // Closed all the same; what was not yet sent is lost, and everybody knows that the connection is.
            return;
        }
    }
}
