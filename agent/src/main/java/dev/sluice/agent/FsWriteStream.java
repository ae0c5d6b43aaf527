package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.agent.files.OpenedFile;
import dev.sluice.protocol.WindowFrame;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a file from what the peer sends. Data is copied once, into pieces of memory, and written by one job at a time, each taking what
 * has gathered: the slower the disk, the fewer the jobs. A peer with windows is granted more when half of its window has been written;
 * others are slowed down by the port not being read.
 *
 * <p>One owner thread.
 */
final class FsWriteStream extends FsSession {
    /** Queued for a client without windows, in all of its streams, before the port is left unread; two of the largest frames. */
    static final long QUEUE_LIMIT = 8 * 1024 * 1024;
    /** A job that hangs keeps no more than this, whatever becomes of its stream. */
    private static final long JOB_BYTES = 4L * FileMemory.CHUNK_LENGTH;

    private final ReceiveWindow window;
    private final ArrayDeque<Piece> queue = new ArrayDeque<>();
    private OpenedFile file;
    private Runnable onRelease;
    private Runnable onEnd;
    private long position;
    private Long expected;
    private long received;
    private long written;
    private int lastLength;
    private boolean ended;
    private boolean finished;

    /** Bytes that have arrived. */
    private static final class Piece {
        private final FileMemory.Chunk chunk;
        private int length;

        Piece(final FileMemory.Chunk chunk) {
            this.chunk = chunk;
        }
    }

    /** @param window of the peer, or null when it has none */
    FsWriteStream(final FsService service, final int id, final ReceiveWindow window) {
        super(service, id);
        this.window = window;
        wantGrant();
    }

    /**
     * Begins to write; data may have arrived before.
     *
     * @param target to write to
     * @param offset where, in bytes
     * @param length how many bytes are to come, or null for any number
     * @param whenComplete what to do when everything has been written; it settles the answer
     * @param whenReleased what to do with the file when it is not needed any more
     */
    void start(
        final OpenedFile target, final long offset, final Long length, final Runnable whenComplete, final Runnable whenReleased) {
        file = target;
        position = offset;
        expected = length;
        onEnd = whenComplete;
        onRelease = whenReleased;
        proceed();
    }

    /** @return whether the last byte has arrived */
    boolean hasEnded() {
        return ended;
    }

    /** @return whether it is slowed down by the port not being read, and by nothing else */
    boolean hasNoWindow() {
        return window == null && !isOver();
    }

    // Arrival.

    /** A frame of data has come; an empty one is the last. */
    void received(final long frameLength, final MemorySegment memory, final long offset, final int length) {
        if (isOver() || ended) {
            ended |= length == 0;
            return;
        }
        if (window != null && !window.received(frameLength, length)) {
            fail(new FileException("write: more data than the window allows"));
            return;
        }
        if (length > 0 && service().refusesWrite(this)) {
            fail(new FileException("write: the file system takes nothing, and as much waits for it as one client may have"));
            return;
        }
        if (length == 0) {
            ended = true;
        } else {
            received += length;
            enqueue(memory, offset, length);
        }
        proceed();
    }

    /** Data has come that cannot be understood: what was to be there is missing. */
    void garbled() {
        if (!isOver() && !ended) {
            fail(new FileException("write: data that could not be decoded"));
        }
    }

    private void enqueue(final MemorySegment memory, final long offset, final int length) {
        int done = 0;
        while (done < length) {
            Piece last = queue.peekLast();
            if (last == null || last.length == last.chunk.length()) {
                // As long as what is there, and longer ones as more comes.
                final int longer = hasJob() || last != null ? 2 * lastLength : 0;
                last = new Piece(service().takeWrite(band(), Math.max(length - done, longer)));
                lastLength = last.chunk.length();
                queue.add(last);
            }
            final int count = Math.min(length - done, last.chunk.length() - last.length);
            MemorySegment.copy(memory, offset + done, last.chunk.memory(), last.length, count);
            last.length += count;
            done += count;
        }
    }

    // Writing.

    private void proceed() {
        if (file == null || isOver() || hasJob()) {
            return;
        }
        if (!queue.isEmpty()) {
            write();
        } else if (ended && !finished) {
            finished = true;
            finish();
        }
    }

    private void write() {
        final List<Piece> pieces = new ArrayList<>();
        for (long bytes = 0; bytes < JOB_BYTES && !queue.isEmpty();) {
            bytes += queue.peek().length;
            pieces.add(queue.remove());
        }
        final OpenedFile target = file;
        final long from = position + written;
        service().writeBegan(band());
        submit(() -> {
            long done = 0;
            for (final Piece piece : pieces) {
                final long count = target.write(piece.chunk.memory().address(), piece.length, from + done);
                if (count < 0) {
                    done = count;
                    break;
                }
                done += count;
            }
            final long result = done;
            service().deliver(() -> onWritten(pieces, result));
        }, () -> {
            service().writeCancelled(band());
            giveBack(pieces);
        });
    }

    private void onWritten(final List<Piece> pieces, final long result) {
        jobDone();
        service().writeEnded(band());
        final long bytes = giveBack(pieces);
        if (isOver()) {
            releaseIfIdle();
            return;
        }
        if (result < 0) {
            fail(new FileException((int) -result).during("write"));
            return;
        }
        written += bytes;
        if (window != null) {
            window.consumed(bytes);
            wantGrant();
        }
        proceed();
    }

    private long giveBack(final Iterable<Piece> pieces) {
        long bytes = 0;
        for (final Piece piece : pieces) {
            bytes += piece.length;
            service().giveBackWrite(band(), piece.chunk);
        }
        return bytes;
    }

    private void finish() {
        if (expected != null && expected != received) {
            fail(new FileException(
                "write length mismatch: expected " + Long.toUnsignedString(expected) + ", wrote " + received));
        } else {
            onEnd.run();
        }
    }

    /** Ends it without success. */
    void fail(final FileException reason) {
        if (file != null) {
            file.fail();
        }
        respond(FsAnswers.error(id(), reason.getMessage()));
        cancelJob();
        release();
    }

    // Windows.

    private void wantGrant() {
        if (window != null && window.grantDue() > 0 && !ended) {
            service().output().wantReply(this);
        }
    }

    @Override
    int writeInterim(final MemorySegment memory, final long offset) {
        if (window == null || isOver() || ended || window.grantDue() == 0) {
            return 0;
        }
        final long bytes = window.grantDue();
        window.granted(bytes);
        return WindowFrame.encode(memory, offset, AgentProtocol.GENERATION, id(), WindowFrame.TO_GUEST, bytes);
    }

    // The end.

    @Override
    void release() {
        if (!finished && file != null) {
            // Something is missing: it must not take another file's place.
            file.fail();
        }
        giveBack(queue);
        queue.clear();
        releaseIfIdle();
    }

    private void releaseIfIdle() {
        if (!hasJob() && onRelease != null) {
            final Runnable action = onRelease;
            onRelease = null;
            action.run();
        }
    }
}
