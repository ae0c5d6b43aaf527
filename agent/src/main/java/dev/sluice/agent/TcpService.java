package dev.sluice.agent;

import dev.sluice.ffi.PosixException;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.TcpConnect;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.protocol.WindowFrame;
import dev.sluice.vsock.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.agrona.collections.ArrayListUtil;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Connections that are made from inside the guest: takes the frames of TCP sessions and what epoll reports of their sockets to the session
 * they belong to. An error in one session ends that session and nothing else.
 *
 * <p>What a client sent before it said that it had sent all arrives also when it then closes the connection or leaves ({@link
 * LingeringSocket}), as far as there is time, memory and room for it.
 *
 * <p>Data for a session that there is not is answered with {@code core.tcp.failed}; an end or a close of one is nothing to speak of.
 *
 * <p>One owner thread.
 */
final class TcpService implements SessionService {
    private final LoopResources resources;
    private final AgentContext context;
    private final AgentCounters counters;
    private final Answers answers;
    private final FlowClock clock;
    private final Resolver resolver;
    private final IntPredicate inUse;
    private final Int2ObjectHashMap<TcpConnection> byId = new Int2ObjectHashMap<>();
    private final Long2ObjectHashMap<TcpConnection> bySerial = new Long2ObjectHashMap<>();
    private final ArrayList<TcpConnection> connecting = new ArrayList<>();
    /** They belong to no session, and make room for those who do. */
    private final LingeringSockets lingering = new LingeringSockets();
    private final DataPayload data = new DataPayload();
    private TcpConnection congested;
    private long nextSerial = 1;
    private boolean closing;

    /** Something done with a session's socket. */
    @FunctionalInterface
    private interface Action {
        void run() throws PosixException;
    }

    /**
     * A service without sessions.
     *
     * @param resources of the loop
     * @param answers takes what is to be sent outside of sessions
     * @param clock for deadlines
     * @param resolver of names; the caller ends it
     * @param inUse tells whether an id is that of a session of any service
     */
    TcpService(
        final LoopResources resources, final Answers answers, final FlowClock clock, final Resolver resolver, final IntPredicate inUse) {
        this.resources = resources;
        this.context = resources.context();
        this.counters = resources.counters();
        this.answers = answers;
        this.clock = clock;
        this.resolver = resolver;
        this.inUse = inUse;
    }

    @Override
    public void register(final FrameDispatcher dispatcher) {
        dispatcher.register(this, MessageType.TCP_CONNECT, MessageType.TCP_DATA, MessageType.TCP_EOF, MessageType.TCP_CLOSE);
    }

    // Frames.

    @Override
    public void onFrame(final int id, final int flags, final int frameLength, final Envelope envelope) throws ProtocolException {
        switch (envelope.type()) {
            case TCP_CONNECT -> onConnect(id, (TcpConnect) Frames.decode(envelope));
            case TCP_DATA -> {
                data.wrap(envelope);
                onData(id, frameLength);
            }
            default -> {
                Frames.decode(envelope);
                onEnd(id, envelope.type());
            }
        }
    }

    private void onConnect(final int id, final TcpConnect request) {
        if (id == 0) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
            return;
        }
        counters.increment(AgentCounter.CONNECTIONS_REQUESTED);
        final String target = TcpDialer.target(request.host(), request.port());
        if (closing) {
            refuse(id, target + ": the agent is shutting down");
        } else if (byId.size() >= context.connections().max()) {
            refuse(id, target + ": too many connections at once: limit=" + context.connections().max());
        } else {
            if (byId.size() + lingering.size() >= context.connections().max()) {
                lingering.freePlace();
            }
            begin(id, request);
        }
    }

    private void refuse(final int id, final String reason) {
        counters.increment(AgentCounter.CONNECTIONS_FAILED);
        answers.add(id, new TcpFailed(reason));
    }

    private void begin(final int id, final TcpConnect request) {
        final long serial = nextSerial++;
        final long clientWindow = request.sluiceWindow() == 0 ? SendWindow.UNLIMITED : request.sluiceWindow();
        final TcpSession session = new TcpSession(id, clientWindow, context.input().window(), context.input().limit());
        final TcpDialer dialer = new TcpDialer(
            resources, EventToken.of(EventToken.TCP, serial), request.host(), request.port(),
            clock.nowNs() + context.connections().connectDeadline().toNanos());
        final TcpConnection connection = new TcpConnection(serial, session, dialer, resources, this::forget);
        byId.put(id, connection);
        bySerial.put(serial, connection);
        connecting.add(connection);
        final IpAddress literal = Resolver.literal(request.host(), request.port());
        if (literal != null) {
            dialer.resolved(List.of(literal));
            guard(connection, () -> connection.dial(clock.nowNs()));
        } else {
            dialer.resolving(
                resolver.resolve(IdGrid.indexOf(id), request.host(), request.port(), result -> onResolved(serial, result)));
        }
    }

    private void onResolved(final long serial, final Resolver.Result result) {
        final TcpConnection connection = bySerial.get(serial);
        if (connection != null) {
            if (result.failure() == null) {
                connection.dialer().resolved(result.addresses());
            } else {
                connection.dialer().unresolved(result.failure());
            }
            guard(connection, () -> connection.dial(clock.nowNs()));
        }
    }

    private void onData(final int id, final int frameLength) {
        final TcpConnection connection = byId.get(id);
        if (connection != null) {
            guard(connection, () -> connection.received(frameLength, data.dataMemory(), data.dataOffset(), data.dataLength()));
            makeRoom(connection);
            noteCongestion(connection);
        } else {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
            if (id != 0 && !inUse.test(id)) {
                answers.add(id, new TcpFailed("unknown TCP session: " + Integer.toUnsignedString(id)));
            }
        }
    }

    private void onEnd(final int id, final MessageType type) {
        final TcpConnection connection = byId.get(id);
        if (connection == null) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
        } else if (type == MessageType.TCP_CLOSE) {
            deliverRest(connection);
            connection.close();
        } else {
            guard(connection, connection::eofReceived);
        }
    }

    /** Data that is lost, or may be, ends the connection: neither end is to take what remains for the whole. */
    @Override
    public void onBadFrame(final int id, final MessageType type, final String reason) {
        if (type == null || type == MessageType.TCP_DATA || type == MessageType.TCP_EOF) {
            byId.get(id).fail(reason);
        }
    }

    @Override
    public void grant(final int id, final int stream, final long bytes) {
        if (stream == WindowFrame.FROM_GUEST) {
            byId.get(id).grant(bytes);
        }
    }

    // Events, time.

    @Override
    public boolean ownsEvents(final int kind) {
        return kind == EventToken.TCP;
    }

    @Override
    public void onEvent(final long token, final int events) {
        final long serial = EventToken.serial(token);
        // First: a connection that has parted with its socket is still there until its end could be told.
        if (lingering.advance(serial, context.clock().nanoTime())) {
            return;
        }
        final TcpConnection connection = bySerial.get(serial);
        if (connection != null) {
            guard(connection, () -> connection.onEvent(events, clock.nowNs()));
        }
    }

    @Override
    public long onTime() {
        long remainingNs = Long.MAX_VALUE;
        for (int i = connecting.size() - 1; i >= 0; i--) {
            final TcpConnection connection = connecting.get(i);
            final long nowNs = clock.nowNs();
            if (connection.isConnecting() && connection.dialer().remainingNs(nowNs) == 0) {
                guard(connection, () -> connection.dial(nowNs));
            }
            if (connection.isConnecting()) {
                remainingNs = Math.min(remainingNs, connection.dialer().remainingNs(nowNs));
            } else {
                ArrayListUtil.fastUnorderedRemove(connecting, i);
            }
        }
        return remainingNs;
    }

    @Override
    public long onRealTime(final long nowNs) {
        return lingering.supervise(nowNs);
    }

    private static void guard(final TcpConnection connection, final Action action) {
        try {
            action.run();
        } catch (final PosixException | RuntimeException e) {
            connection.abort(e);
        }
    }

    private void forget(final TcpConnection connection) {
        byId.remove(connection.session().id());
        bySerial.remove(connection.serial());
        if (congested == connection) {
            congested = null;
        }
    }

    // Connections whose clients have gone.

    private void deliverRest(final TcpConnection connection) {
        final long nowNs = context.clock().nanoTime();
        final LingeringSocket rest = connection.partSocket(nowNs + context.connections().lingerLimit().toNanos());
        if (rest != null) {
            lingering.add(connection.serial(), rest, nowNs);
        }
    }

    // Data that nobody reads.

    /** Whoever is still there comes before who has gone. */
    private void makeRoom(final TcpConnection connection) {
        boolean freed = connection.session().needsMemory();
        while (freed && isMemoryFull()) {
            freed = lingering.freeMemory();
        }
    }

    private void noteCongestion(final TcpConnection connection) {
        if (congested == null && isCongested(connection)) {
            congested = connection;
        }
    }

    private boolean isCongested(final TcpConnection connection) {
        return connection.session().isCongested(isMemoryFull());
    }

    @Override
    public InputSink congested() {
        if (congested != null && !isCongested(congested)) {
            congested = null;
        }
        return congested;
    }

    private boolean isMemoryFull() {
        return resources.stdinMemory().usedBytes() >= context.input().memoryLimit();
    }

    @Override
    public boolean isCongested() {
        return congested() != null;
    }

    // The end.

    @Override
    public boolean hasSession(final int id) {
        return byId.containsKey(id);
    }

    @Override
    public boolean isEmpty() {
        return byId.isEmpty();
    }

    @Override
    public boolean isDelivering() {
        return !lingering.isEmpty();
    }

    @Override
    public void countSessions() {
        counters.set(AgentCounter.CONNECTIONS, byId.size());
    }

    @Override
    public void refuseNew() {
        closing = true;
    }

    @Override
    public void abandon(final long idStart, final long idEnd) {
        for (final TcpConnection connection : byId.values().toArray(TcpConnection[]::new)) {
            final long id = Integer.toUnsignedLong(connection.session().id());
            if (id >= idStart && id < idEnd) {
                counters.increment(AgentCounter.SESSIONS_ABANDONED);
                deliverRest(connection);
                connection.abandon();
            }
        }
    }

    @Override
    public void destroyAll() {
        counters.add(AgentCounter.SESSIONS_ABANDONED, byId.size());
        byId.values().forEach(TcpConnection::destroy);
        byId.clear();
        bySerial.clear();
        connecting.clear();
        lingering.cutAll();
        congested = null;
    }
}
