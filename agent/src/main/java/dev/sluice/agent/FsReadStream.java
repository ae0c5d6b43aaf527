package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.agent.files.OpenedFile;
import dev.sluice.ffi.Errno;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.WindowFrame;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends a file. What is in memory already is read by the loop itself, straight into what goes to the port, with a call that never waits.
 * What is not, or is on a file system that cannot tell, is read by jobs, a few pieces each and one job ahead of the port.
 *
 * <p>Nothing is read that the peer's window does not cover, so that what is held waits for the port alone. One owner thread.
 */
final class FsReadStream extends FsSession {
    /** Pieces that one job reads: so few jobs that their wake-ups do not count. */
    static final int CHUNKS_PER_JOB = 4;
    /** After so many jobs it is looked anew whether what follows is in memory. */
    private static final int JOBS_BETWEEN_LOOKS = 8;
    /** Less than this is not sent before the peer has granted more, if it has grants to give. */
    private static final int SMALL = 16 * 1024;

    private final SendWindow window;
    private long largestWindow;
    private final ArrayDeque<Piece> ready = new ArrayDeque<>();
    private OpenedFile file;
    private Runnable onRelease;
    private long position;
    private long end;
    private boolean endKnown;
    private boolean looks = true;
    private int jobsBeforeLook;
    private boolean exhausted;
    private byte[] answer;
    private boolean starving;

    /** Bytes that have been read. */
    private static final class Piece {
        private final FileMemory.Chunk chunk;
        private final int length;
        private int sent;

        Piece(final FileMemory.Chunk chunk, final int length) {
            this.chunk = chunk;
            this.length = length;
        }

        int left() {
            return length - sent;
        }
    }

    /**
     * A stream that has not begun.
     *
     * @param window wire bytes that the peer takes, {@link SendWindow#UNLIMITED} without windows
     */
    FsReadStream(final FsService service, final int id, final long window) {
        super(service, id);
        this.window = new SendWindow(window);
        this.largestWindow = window;
    }

    /**
     * Begins.
     *
     * @param source to read from
     * @param offset where, in bytes
     * @param length how many bytes, or null for up to the end
     * @param whenReleased what to do with the file afterwards
     */
    void start(final OpenedFile source, final long offset, final Long length, final Runnable whenReleased) {
        file = source;
        onRelease = whenReleased;
        position = offset;
        endKnown = length != null;
        end = !endKnown || length < 0 || length > Long.MAX_VALUE - offset ? Long.MAX_VALUE : offset + length;
        if (endKnown) {
            proceed();
        } else {
            readAhead();
        }
    }

    /** Goes on with whatever can be done now. */
    private void proceed() {
        if (isOver()) {
            return;
        }
        if (position >= end) {
            exhausted = true;
        }
        if (exhausted && ready.isEmpty() && !hasJob()) {
            respond(answer == null ? FsAnswers.ok(id(), null) : answer);
        } else if (hasData()) {
            service().output().wantData(this);
        } else if (!looks && !hasJob()) {
            readAhead();
        }
    }

    // Jobs.

    private void readAhead() {
        if (hasJob() || exhausted || isOver() || ready.size() > CHUNKS_PER_JOB) {
            return;
        }
        final long most = Math.min(Math.min(end - position, mayRead()), (long) CHUNKS_PER_JOB * FileMemory.CHUNK_LENGTH);
        if (most <= 0) {
            return;
        }
        final List<FileMemory.Chunk> chunks = new ArrayList<>(CHUNKS_PER_JOB);
        final FileMemory memory = service().readMemory();
        for (long room = 0; room < most && !memory.isFull(); room += FileMemory.CHUNK_LENGTH) {
            chunks.add(memory.take());
        }
        if (chunks.isEmpty()) {
            starve();
            return;
        }
        final long from = position;
        final OpenedFile source = file;
        final boolean findEnd = !endKnown;
        submit(() -> {
            final FsReadResult result = FsReadResult.read(source, findEnd, chunks, from, most);
            service().deliver(() -> onRead(result, chunks));
        }, () -> chunks.forEach(service()::giveBackRead));
    }

    private void starve() {
        if (!starving) {
            starving = true;
            service().starving(this);
        }
    }

    /** There is memory again. */
    void feed() {
        starving = false;
        readAhead();
    }

    private void onRead(final FsReadResult result, final List<FileMemory.Chunk> chunks) {
        jobDone();
        for (int i = 0; i < chunks.size(); i++) {
            if (result.lengths()[i] > 0 && !isOver()) {
                ready.add(new Piece(chunks.get(i), result.lengths()[i]));
                position += result.lengths()[i];
            } else {
                service().giveBackRead(chunks.get(i));
            }
        }
        if (isOver()) {
            releaseIfIdle();
            return;
        }
        if (!endKnown) {
            endKnown = true;
            end = Math.max(position, result.end());
        }
        if (result.errno() != 0) {
            fail(new FileException(result.errno()));
        }
        exhausted |= result.ended();
        proceed();
        if (!looks || jobsBeforeLook > 0) {
            jobsBeforeLook--;
            readAhead();
        }
    }

    private void fail(final FileException reason) {
        exhausted = true;
        answer = FsAnswers.error(id(), reason.during("read").getMessage());
    }

    // Data.

    @Override
    boolean hasUnsentData() {
        return !ready.isEmpty();
    }

    /** Bytes that the window lets through beyond what has been read already. */
    private long mayRead() {
        long held = 0;
        for (final Piece piece : ready) {
            held += DataFrame.frameLength(MessageType.FS_DATA, piece.left());
        }
        return window.available() == SendWindow.UNLIMITED
            ? Long.MAX_VALUE : DataFrame.dataLengthWithin(MessageType.FS_DATA, window.available() - held);
    }

    /** @return bytes that may be sent now of as many as there are */
    private int allowance(final int wanted) {
        final int most = Math.min(wanted, PortOutput.FILE_DATA_LENGTH);
        final int allowed = Math.min(most, DataFrame.dataLengthWithin(MessageType.FS_DATA, window.available()));
        // Of a nearly used up window no crumbs are sent: a peer that reads grants more when half of it is used.
        return allowed < Math.min(most, SMALL) && window.available() * 2 < largestWindow ? 0 : allowed;
    }

    private boolean mayLook() {
        return looks && !hasJob() && !exhausted && file != null && ready.isEmpty() && jobsBeforeLook <= 0;
    }

    @Override
    boolean hasData() {
        if (isOver()) {
            return super.hasData();
        }
        return !ready.isEmpty() ? allowance(ready.peek().left()) > 0 : mayLook() && endKnown && allowance(PortOutput.FILE_DATA_LENGTH) > 0;
    }

    @Override
    int writeData(final MemorySegment memory, final long offset) {
        if (isOver()) {
            return super.writeData(memory, offset);
        }
        if (!hasData()) {
            return 0;
        }
        final int length = ready.isEmpty() ? look(memory, offset) : copy(memory, offset);
        proceed();
        return length;
    }

    private int copy(final MemorySegment memory, final long offset) {
        final Piece piece = ready.peek();
        final int length = allowance(piece.left());
        final int head = DataFrame.headerLength(MessageType.FS_DATA, length);
        MemorySegment.copy(piece.chunk.memory(), piece.sent, memory, offset + head, length);
        piece.sent += length;
        if (piece.left() == 0) {
            ready.remove();
            service().giveBackRead(piece.chunk);
            if (!looks || jobsBeforeLook > 0) {
                readAhead();
            }
        }
        return finishFrame(memory, offset, length);
    }

    private int look(final MemorySegment memory, final long offset) {
        final int most = allowance((int) Math.min(end - position, PortOutput.FILE_DATA_LENGTH));
        if (most <= 0) {
            return 0;
        }
        final int head = DataFrame.headerLength(MessageType.FS_DATA, most);
        final long count = file.readCached(service().vector(), memory.asSlice(offset + head, most), most, position);
        if (count > 0) {
            final int length = (int) count;
            final int shorter = DataFrame.headerLength(MessageType.FS_DATA, length);
            if (shorter != head) {
                MemorySegment.copy(memory, offset + head, memory, offset + shorter, length);
            }
            position += length;
            return finishFrame(memory, offset, length);
        }
        if (count == 0) {
            exhausted = true;
        } else if (count == -Errno.EAGAIN || count == -Errno.EOPNOTSUPP) {
            looks = count == -Errno.EAGAIN;
            jobsBeforeLook = JOBS_BETWEEN_LOOKS;
            readAhead();
        } else {
            fail(new FileException((int) -count));
        }
        return 0;
    }

    private int finishFrame(final MemorySegment memory, final long offset, final int length) {
        DataFrame.encodeHeader(memory, offset, MessageType.FS_DATA, AgentProtocol.GENERATION, id(), length);
        final int frameLength = DataFrame.frameLength(MessageType.FS_DATA, length);
        window.sent(frameLength);
        service().noteBytes(length);
        return frameLength;
    }

    @Override
    void grant(final int stream, final long bytes) {
        if (stream == WindowFrame.FROM_GUEST) {
            window.grant(bytes);
            largestWindow = Math.max(largestWindow, window.available());
            if (file == null) {
                // Nothing has begun.
                return;
            }
            proceed();
            if (!endKnown || !looks || jobsBeforeLook > 0) {
                readAhead();
            }
        }
    }

    // The end.

    @Override
    void release() {
        ready.forEach(piece -> service().giveBackRead(piece.chunk));
        ready.clear();
        cancelJob();
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
