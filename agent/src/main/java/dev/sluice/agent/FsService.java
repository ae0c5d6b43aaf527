package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.agent.files.FileRoot;
import dev.sluice.agent.files.Opened;
import dev.sluice.ffi.linux.iovec;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsRequest;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.LegacyFsRequest;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.function.IntPredicate;
import org.agrona.collections.Int2IntCounterMap;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.NanoClock;

/**
 * Files: takes requests of all generations, told apart by their shape, to where they are done, and data to the streams that it is for. The
 * loop itself makes no call that may wait for a file system: those are jobs of {@link ClientThreads}.
 *
 * <p>Requests of one client are done at the same time: who needs an order waits for answers. One owner thread.
 */
final class FsService implements SessionService {
    /** How often it is looked for what waits too long. */
    private static final long LOOK_INTERVAL_NS = 1_000_000_000;
    /** Generation from which on a request of the shape that all generations share is meant as that generation has it. */
    private static final int HANDLES_GENERATION = 2;

    private final AgentContext context;
    private final AgentCounters counters;
    private final PortOutput output;
    private final Answers answers;
    private final Mailbox mailbox;
    private final ClientThreads pool;
    private final NanoClock clock;
    private final IntPredicate inUseElsewhere;
    private final FsRequests requests;
    private final FsHandles handles = new FsHandles();
    private final FileMemory readMemory;
    private final FileMemory writeMemory;
    private final WriteShares writeShares;
    private final Int2ObjectHashMap<FsSession> byId = new Int2ObjectHashMap<>();
    private final Int2IntCounterMap countByBand = new Int2IntCounterMap(0);
    private final ArrayDeque<FsReadStream> starving = new ArrayDeque<>();
    private final DroppedData dropped = new DroppedData();
    private final MemorySegment vector;
    private final DataPayload data = new DataPayload();
    private final long waitingAnswersLimit;
    private long waitingAnswerBytes;
    private long nextLookNs;
    private boolean closing;

    /**
     * A service without sessions.
     *
     * @param resources of the loop
     * @param answers takes what is to be sent outside of sessions
     * @param mailbox takes results of jobs
     * @param pool does the jobs
     * @param root where paths lead
     * @param buffers memory for data; stays the caller's
     * @param arena for scratch memory; outlives the service
     * @param inUseElsewhere tells whether an id is that of a session that is not about files
     */
    FsService(
        final LoopResources resources, final Answers answers, final Mailbox mailbox, final ClientThreads pool, final FileRoot root,
        final FileBuffers buffers, final Arena arena, final IntPredicate inUseElsewhere) {
        this.context = resources.context();
        this.counters = resources.counters();
        this.output = resources.output();
        this.answers = answers;
        this.mailbox = mailbox;
        this.pool = pool;
        this.clock = context.clock();
        this.inUseElsewhere = inUseElsewhere;
        this.waitingAnswersLimit = context.files().memoryLimit() / 4;
        this.requests = new FsRequests(this, handles, root, context.files().atomicWrites());
        this.readMemory = buffers.read();
        this.writeMemory = buffers.written();
        this.writeShares = new WriteShares(context.files().memoryLimit() / 2);
        this.vector = iovec.allocate(arena);
    }

    @Override
    public void register(final FrameDispatcher dispatcher) {
        dispatcher.register(this, MessageType.FS_REQUEST, MessageType.FS_DATA);
    }

    // What sessions use.

    PortOutput output() {
        return output;
    }

    ClientThreads pool() {
        return pool;
    }

    FileMemory readMemory() {
        return readMemory;
    }

    /** @return scratch memory for one {@code struct iovec} */
    MemorySegment vector() {
        return vector;
    }

    /** Bytes of files have been taken or sent. */
    void noteBytes(final long count) {
        counters.add(AgentCounter.FILE_BYTES, count);
    }

    long nowNs() {
        return clock.nanoTime();
    }

    /** Hands something to the loop's thread. From any thread. @return false when the loop takes nothing any more */
    boolean deliver(final Runnable delivery) {
        return mailbox.offer(delivery);
    }

    /** A stream cannot read on for want of memory. */
    void starving(final FsReadStream stream) {
        starving.add(stream);
    }

    /** Gives back memory of a stream that reads, and lets those have it that wait for some: who has no use for it by now takes none. */
    void giveBackRead(final FileMemory.Chunk chunk) {
        readMemory.giveBack(chunk);
        while (!readMemory.isFull() && !starving.isEmpty()) {
            starving.poll().feed();
        }
    }

    // What waits to be written, and for whom.

    /** Takes memory for what a client has sent; a piece that holds so many bytes, or one as long as there are. */
    FileMemory.Chunk takeWrite(final int band, final int wanted) {
        final FileMemory.Chunk chunk = writeMemory.take(wanted);
        writeShares.took(band, chunk.length());
        return chunk;
    }

    void giveBackWrite(final int band, final FileMemory.Chunk chunk) {
        writeShares.gaveBack(band, chunk.length());
        writeMemory.giveBack(chunk);
    }

    void writeBegan(final int band) {
        writeShares.jobBegan(band, nowNs());
    }

    void writeEnded(final int band) {
        writeShares.jobEnded(band, nowNs());
    }

    void writeCancelled(final int band) {
        writeShares.jobCancelled(band);
    }

    /** @return whether more of a client's data is not worth waiting for: its file system hangs, and it has its share of the memory */
    boolean refusesWrite(final FsWriteStream stream) {
        final int band = stream.band();
        return writeShares.isUsedUp(band) && writeShares.hangs(band, nowNs(), WriteShares.PATIENCE_NS) || isOver(stream) && hasHung(band);
    }

    /** @return whether as much waits as a client without windows should have sent */
    private boolean isOver(final FsWriteStream stream) {
        return stream.hasNoWindow() && writeShares.used(stream.band()) >= FsWriteStream.QUEUE_LIMIT;
    }

    private boolean hasHung(final int band) {
        return writeShares.hangs(band, nowNs(), context.files().stallLimit().toNanos());
    }

    /** Makes room for an answer that has to wait for others. @return false when too much waits already */
    boolean reserveAnswer(final int bytes) {
        if (waitingAnswerBytes + bytes > waitingAnswersLimit) {
            return false;
        }
        waitingAnswerBytes += bytes;
        return true;
    }

    /** A long answer has been sent. */
    void releaseAnswer(final int bytes) {
        waitingAnswerBytes -= bytes;
    }

    /** The answer of a session has been sent. */
    void ended(final FsSession session) {
        if (byId.get(session.id()) == session) {
            byId.remove(session.id());
            countByBand.decrementAndGet(session.band());
        }
        session.release();
        if (session instanceof FsWriteStream stream && !stream.hasEnded()) {
            dropped.add(session.id());
        }
    }

    // Frames.

    @Override
    public void onFrame(final int id, final int flags, final int frameLength, final Envelope envelope) throws ProtocolException {
        if (id == 0) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
        } else if (envelope.type() == MessageType.FS_DATA) {
            data.wrap(envelope);
            onData(id, frameLength);
        } else if (hasSession(id) || inUseElsewhere.test(id)) {
            counters.increment(AgentCounter.REQUESTS_ID_IN_USE);
        } else {
            onRequest(id, envelope);
        }
    }

    private void onRequest(final int id, final Envelope envelope) throws ProtocolException {
        FsRequest request = null;
        LegacyFsRequest legacy = null;
        try {
            request = (FsRequest) Frames.decode(envelope);
            if (envelope.version() < HANDLES_GENERATION && (request.op() instanceof FsOp.Copy || request.op() instanceof FsOp.Rename)) {
                legacy = LegacyFsRequest.decode(envelope);
            }
        } catch (final ProtocolException e) {
            legacy = legacyOr(envelope, e);
        }
        dropped.remove(id);
        counters.increment(AgentCounter.FILE_REQUESTS);
        final String refusal = refusal(id);
        if (refusal != null) {
            refuse(id, refusal, request != null && request.op() instanceof FsOp.Write
                || legacy != null && legacy.op() == LegacyFsRequest.Op.WRITE);
        } else if (legacy != null) {
            requests.begin(id, legacy);
        } else {
            requests.begin(id, request);
        }
    }

    private static LegacyFsRequest legacyOr(final Envelope envelope, final ProtocolException reason) throws ProtocolException {
        try {
            return LegacyFsRequest.decode(envelope);
        } catch (final ProtocolException e) {
            throw reason;
        }
    }

    private String refusal(final int id) {
        if (closing) {
            return "the agent is shutting down";
        }
        final int limit = context.files().maxRequests();
        if (byId.size() >= limit) {
            return "too many requests about files at once: limit=" + limit;
        }
        // What one client leaves unanswered is not to keep others from asking.
        final int share = Math.max(1, limit / 2);
        return countByBand.get(FsHandles.bandOf(id)) < share ? null : "too many requests about files of one client at once: limit=" + share;
    }

    /** A request has become a session. */
    void began(final FsSession session) {
        byId.put(session.id(), session);
        countByBand.incrementAndGet(session.band());
        if (nextLookNs == 0) {
            nextLookNs = nowNs() + LOOK_INTERVAL_NS;
        }
    }

    /** Answers a request that becomes no session. */
    void refuse(final int id, final String text, final boolean dataFollows) {
        counters.increment(AgentCounter.FILE_REQUESTS_FAILED);
        if (dataFollows) {
            dropped.add(id);
        }
        answers.add(id, new FsResponse(false, text, null));
    }

    private void onData(final int id, final int frameLength) {
        final FsSession session = byId.get(id);
        if (session instanceof FsWriteStream stream) {
            noteBytes(data.dataLength());
            stream.received(frameLength, data.dataMemory(), data.dataOffset(), data.dataLength());
        } else if (session != null || inUseElsewhere.test(id)) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
        } else if (dropped.contains(id)) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
            if (data.dataLength() == 0) {
                dropped.remove(id);
            }
        } else {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
            answers.add(id, new FsResponse(false, "unknown write session: " + Integer.toUnsignedString(id), null));
        }
    }

    /** Data that is lost, or may be, ends the write: the file is not to pass for the whole. */
    @Override
    public void onBadFrame(final int id, final MessageType type, final String reason) {
        if ((type == null || type == MessageType.FS_DATA) && byId.get(id) instanceof FsWriteStream stream) {
            stream.garbled();
        }
    }

    @Override
    public void grant(final int id, final int stream, final long bytes) {
        byId.get(id).grant(stream, bytes);
    }

    /** @return the window of a write stream whose peer has windows */
    ReceiveWindow receiveWindow() {
        // The peer knows of the window in core.ready. More of it is for this one stream, while few enough have as much.
        final int known = context.stdinWindow();
        final int larger = Math.max(known, context.files().writeWindow());
        int wide = 0;
        for (final FsSession session : byId.values()) {
            wide += session instanceof FsWriteStream ? 1 : 0;
        }
        return new ReceiveWindow(writeMemory.fits((wide + 1L) * larger) ? larger : known, known);
    }

    // Events and time.

    @Override
    public boolean hasSession(final int id) {
        return byId.containsKey(id);
    }

    @Override
    public boolean isEmpty() {
        return byId.isEmpty();
    }

    @Override
    public void countSessions() {
        counters.set(AgentCounter.FILE_SESSIONS, byId.size());
    }

    @Override
    public boolean ownsEvents(final int kind) {
        return false;
    }

    @Override
    public void onEvent(final long token, final int events) {
        throw new AssertionError("files are not watched: token=" + token);
    }

    @Override
    public boolean isCongested() {
        if (writeMemory.isFull()) {
            return true;
        }
        if (writeMemory.usedBytes() < FsWriteStream.QUEUE_LIMIT) {
            return false;
        }
        for (final FsSession session : byId.values()) {
            if (session instanceof FsWriteStream stream && isOver(stream) && !hasHung(stream.band())) {
                return true;
            }
        }
        return writeShares.isWorthWaiting(nowNs());
    }

    @Override
    public long onTime() {
        if (byId.isEmpty()) {
            if (nextLookNs != 0) {
                nextLookNs = 0;
                readMemory.trim();
                writeMemory.trim();
            }
            return Long.MAX_VALUE;
        }
        final long nowNs = nowNs();
        if (nowNs - nextLookNs >= 0) {
            nextLookNs = nowNs + LOOK_INTERVAL_NS;
            endWhatWaitsTooLong(nowNs);
        }
        return nextLookNs - nowNs;
    }

    private void endWhatWaitsTooLong(final long nowNs) {
        final boolean full = isCongested();
        for (final FsSession session : byId.values().toArray(FsSession[]::new)) {
            if (session.isOver() || !session.hasJob()) {
                continue;
            }
            final long waitedNs = nowNs - session.waitingSinceNs();
            if (waitedNs >= context.files().stallLimit().toNanos() && session instanceof FsWriteStream stream
                && (full || isOver(stream))) {
                // Everybody's frames wait for this one, or would.
                counters.increment(AgentCounter.FILE_STALLS);
                stream.fail(new FileException("write: the file system takes nothing: waited " + seconds(waitedNs)));
            } else if (waitedNs >= context.files().queueLimit().toNanos() && session.cancelJob()) {
                counters.increment(AgentCounter.FILE_STALLS);
                session.release();
                session.respond(FsAnswers.error(session.id(),
                    "no thread for files became free: waited " + seconds(waitedNs) + " threads=" + context.files().threads()));
            }
        }
    }

    private static String seconds(final long ns) {
        return ns / 1_000_000_000 + " s";
    }

    // The end.

    @Override
    public void refuseNew() {
        closing = true;
    }

    @Override
    public void abandon(final long idStart, final long idEnd) {
        for (final FsSession session : byId.values().toArray(FsSession[]::new)) {
            final long id = Integer.toUnsignedLong(session.id());
            if (id >= idStart && id < idEnd && !session.isOver()) {
                counters.increment(AgentCounter.FILE_REQUESTS_ABANDONED);
                session.cancelJob();
                session.release();
                session.respond(FsAnswers.error(session.id(), "the client has left"));
            }
        }
        dropped.removeRange(idStart, idEnd);
        handles.removeRange(idStart, idEnd).forEach(this::discard);
    }

    /** Closes what nobody wants any more, once it is not in use. */
    void discard(final FsHandle handle) {
        handle.whenUnused(() -> pool.submit(FsHandles.bandOf(handle.openerId()), handle.opened()::discard));
    }

    /** Closes a file that has no handle. */
    void discard(final int band, final Opened opened) {
        pool.submit(band, opened::discard);
    }

    @Override
    public void destroyAll() {
        counters.add(AgentCounter.FILE_REQUESTS_ABANDONED, byId.size());
        for (final FsSession session : byId.values().toArray(FsSession[]::new)) {
            byId.remove(session.id());
            session.abandon();
        }
        countByBand.clear();
        starving.clear();
        waitingAnswerBytes = 0;
        dropped.clear();
        handles.removeRange(0, Long.MAX_VALUE).forEach(this::discard);
    }
}
