package dev.sluice.relay;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.port.PortWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Carries frames from the clients to the guest. Clients take turns: in each pass every client that has something gets one, which is one
 * read at most and whatever complete frames it then has. A frame that the guest took part of is finished before anything else is begun.
 *
 * <p>When the guest takes no more, the frames stay in the memory of their clients, and nothing is read from a client that has frames
 * waiting: a client that sends faster than the guest reads is slowed down by its own socket alone.
 *
 * <p>One owner thread. No allocation in steady state.
 */
final class Upstream {
    private final Posix posix;
    private final ClientTable clients;
    private final GuestOrders orders;
    private final AssemblyPool assemblies;
    private final RelayCounters counters;
    private final RelayLog log;
    private final long halfCloseLingerNs;
    private final ArrayDeque<ClientConnection> turns = new ArrayDeque<>(RangeTable.RANGES);

    /** Whose frame the guest has part of; null when it is the relay's own, or when nobody's. */
    private ClientConnection holder;
    private boolean guestFull;
    private int guestStatus;
    private boolean shutdownForwarded;
    private long nowNs;
    private long guestProgressNs;
    private long clientActivityNs;

    Upstream(
        final RelayContext context, final ClientTable clients, final GuestOrders orders, final AssemblyPool assemblies,
        final RelayCounters counters, final RelayLog log) {
        this.posix = context.posix();
        this.halfCloseLingerNs = context.limit(RelayLimit.HALF_CLOSE_LINGER);
        this.clients = clients;
        this.orders = orders;
        this.assemblies = assemblies;
        this.counters = counters;
        this.log = log;
    }

    /** From this time on is counted. */
    void start(final long now) {
        nowNs = now;
        guestProgressNs = now;
        clientActivityNs = now;
    }

    /** Puts a client in the queue of turns if it wants one and is not in it. */
    void enqueue(final ClientConnection client) {
        if (!client.queued() && client.wantsTurn()) {
            client.queued(true);
            turns.add(client);
        }
    }

    /** {@return whether the guest took less than it was offered: more room towards it is worth a wake-up} */
    boolean guestFull() {
        return guestFull;
    }

    /** {@return whether a pass would find something to do without anything having happened} */
    boolean hasTurns() {
        return !turns.isEmpty();
    }

    /** {@return whether the relay itself has something to say to the guest} */
    boolean hasOrders(final boolean ready) {
        return !orders.isEmpty(ready);
    }

    /** {@return when the guest last took something, or nothing was waiting for it} */
    long guestProgressNs() {
        return guestProgressNs;
    }

    /** {@return when a byte last came from a client} */
    long clientActivityNs() {
        return clientActivityNs;
    }

    /** {@return whether nothing is on its way to the guest or waits to be} */
    boolean isIdle() {
        return turns.isEmpty() && holder == null && orders.isEmpty(true);
    }

    /** {@return whether a shutdown frame was handed to the guest since the last call} */
    boolean takeShutdownForwarded() {
        final boolean forwarded = shutdownForwarded;
        shutdownForwarded = false;
        return forwarded;
    }

    /**
     * One pass: a turn for every client in the queue.
     *
     * @param writer the guest's port, or null while there is none
     * @param generation of the guest
     * @param ready whether the guest serves sessions; while it does not, clients that left are looked after, and no others
     * @return 0, or the status below 0 with which the port has ended
     */
    int pass(final PortWriter writer, final int generation, final boolean ready, final long now) {
        nowNs = now;
        guestStatus = 0;
        final boolean wasFull = guestFull;
        guestFull = false;
        if (!ready) {
            dropTurns();
        }
        if (writer == null) {
            return 0;
        }
        int turnsLeft = turns.size();
        while (finishBegunFrame(writer) && sendOrders(writer, generation, ready) && !guestFull && turnsLeft-- > 0) {
            final ClientConnection client = turns.poll();
            client.queued(false);
            turn(client, writer);
            if (guestStatus < 0) {
                return guestStatus;
            }
        }
        writer.flush();
        if (!guestFull || !wasFull) {
            guestProgressNs = now;
        }
        return guestStatus;
    }

    /** The guest took something, or is not to be blamed for not doing so. */
    void guestProgressed(final long now) {
        guestProgressNs = now;
    }

    private boolean finishBegunFrame(final PortWriter writer) {
        if (holder != null) {
            final ClientConnection client = holder;
            final FrameRun run = client.input().run();
            if (!sendOf(client, run.frameRemaining(), writer)) {
                return false;
            }
            holder = null;
            afterSend(client);
        }
        return true;
    }

    private boolean sendOrders(final PortWriter writer, final int generation, final boolean ready) {
        while (orders.prepare(generation, ready)) {
            if (!send(orders.run(), orders.run().length(), writer)) {
                return false;
            }
        }
        return true;
    }

    /** Sends frames of a client. @return whether the guest took everything */
    private boolean sendOf(final ClientConnection client, final int length, final PortWriter writer) {
        final boolean taken = send(client.input().run(), length, writer);
        shutdownForwarded |= client.input().run().takeShutdownSent();
        return taken;
    }

    /** {@return whether the guest took everything} */
    private boolean send(final FrameRun run, final int length, final PortWriter writer) {
        final int taken = writer.write(run.memory(), run.start(), length);
        if (taken < 0) {
            guestStatus = taken;
            return false;
        }
        final int frames = run.sent(taken);
        counters.add(RelayCounter.FRAMES_TO_GUEST, frames);
        counters.add(RelayCounter.BYTES_TO_GUEST, taken);
        if (taken > 0) {
            guestProgressNs = nowNs;
        }
        guestFull |= taken < length;
        return taken == length;
    }

    private void turn(final ClientConnection client, final PortWriter writer) {
        final FrameRun run = client.input().run();
        if (run.isEmpty() && client.readable() && client.isOpen()) {
            receive(client);
        }
        if (!run.isEmpty()) {
            final int before = run.start();
            sendOf(client, run.length(), writer);
            if (run.start() == before) {
                // The guest was full already: that was no turn, the client keeps its place.
                client.queued(true);
                turns.addFirst(client);
                return;
            }
            if (run.insideFrame()) {
                holder = client;
            }
        }
        afterSend(client);
    }

    private void afterSend(final ClientConnection client) {
        final ClientInput input = client.input();
        if (input.assemblyDone()) {
            giveBackAssembly(client);
        }
        input.compact();
        if (input.run().isEmpty()) {
            if (client.isOpen()) {
                // Frames behind the one that was just sent may be complete already, or need an assembly buffer now.
                admit(client);
            }
        }
        if (client.state() == ClientConnection.State.CLOSED) {
            releaseIfSent(client);
        } else {
            enqueue(client);
            clients.settle(client);
        }
    }

    private void receive(final ClientConnection client) {
        final ClientInput input = client.input();
        final int room = input.readRoom();
        if (room == 0) {
            return;
        }
        final long received = posix.read(client.fd(), input.memory().address() + input.readOffset(), room);
        if (received > 0) {
            client.frameProgressNs(nowNs);
            clientActivityNs = nowNs;
            // A read that did not fill its room need not have emptied the socket: it ends behind a descriptor that was sent along. No edge
            // comes for what is there already, so the client is asked until it has nothing.
            input.received((int) received);
            admit(client);
        } else if (received == -Errno.EAGAIN) {
            client.readable(false);
            // The time it waited for its turn was not its own: from now on it is.
            client.frameProgressNs(nowNs);
        } else {
            client.endInput();
            // A request that is no session may be unanswered; for one that is, the session is waited for.
            client.deadlineNs(nowNs + halfCloseLingerNs);
            if (received < 0) {
                client.endOutput();
                if (received != -Errno.ECONNRESET) {
                    counters.increment(RelayCounter.CLIENT_IO_ERRORS);
                    log.warning(RelayLog.Subject.CLIENT_IO, "{0}: read: {1}", client, Errno.name((int) -received));
                }
            }
        }
    }

    private void admit(final ClientConnection client) {
        final ClientInput input = client.input();
        switch (input.admit(client.admission())) {
            case OK -> {
            }
            case NEEDS_ASSEMBLY -> {
                if (input.run().isEmpty()) {
                    final MemorySegment buffer = assemblies.takeOrWait(client);
                    client.awaitingAssembly(buffer == null);
                    if (buffer != null) {
                        // The time it waited for the buffer was not its own.
                        client.frameProgressNs(nowNs);
                        input.beginAssembly(buffer);
                        client.assemblyBegunNs(nowNs);
                    }
                }
            }
            case VIOLATION -> {
                final Violation violation = input.violation();
                counters.increment(violation.counter());
                log.warning(RelayLog.Subject.MISUSE, "{0} closed: {1}", client, violation.message());
                input.forgetIncompleteFrame();
                clients.close(client);
            }
            default -> throw new AssertionError(input);
        }
    }

    /** {@return whether a client waits with a long frame because others have every assembly buffer} */
    boolean isShortOfAssemblies() {
        return assemblies.isShort();
    }

    /** A client's descriptor is gone; its range is given back once the guest has what it handed over whole. */
    void clientClosed(final ClientConnection client) {
        client.input().forgetIncompleteFrame();
        assemblies.forget(client);
        client.awaitingAssembly(false);
        releaseIfSent(client);
    }

    private void releaseIfSent(final ClientConnection client) {
        if (!client.input().run().isEmpty()) {
            enqueue(client);
        } else if (!client.released()) {
            client.released(true);
            giveBackAssembly(client);
            if (client.admission().admittedAny()) {
                orders.clientLeft(client.range());
            }
            clients.released(client, nowNs);
        }
    }

    private void giveBackAssembly(final ClientConnection client) {
        final MemorySegment buffer = client.input().endAssembly();
        if (buffer != null) {
            assemblies.giveBack(buffer);
        }
        final ClientConnection next = assemblies.nextServed();
        if (next != null) {
            next.awaitingAssembly(false);
            admit(next);
            enqueue(next);
        }
    }

    /** The guest is gone, and its port with it: what was meant for it has nowhere to go. */
    void portLost() {
        holder = null;
        guestFull = false;
        clients.forEach(client -> {
            client.admission().guestLost();
            dropInput(client);
        });
        dropTurns();
        // Last: clients that had left with something to send were only now let go, and the next guest knows none of them.
        orders.clear();
    }

    /**
     * Another agent speaks at the same port: nothing meant for the first is begun, but a frame that was begun is finished, and what the
     * first was told to kill is killed: the second may have read the request.
     */
    void guestReplaced() {
        final ClientConnection begun = holder;
        clients.forEach(client -> {
            if (client != begun) {
                dropInput(client);
            }
        });
        dropTurns();
        if (begun != null) {
            begun.input().dropBehindBegunFrame();
            enqueue(begun);
        }
    }

    private void dropTurns() {
        for (ClientConnection client = turns.poll(); client != null; client = turns.poll()) {
            client.queued(false);
            if (client.state() == ClientConnection.State.CLOSED && client != holder) {
                dropInput(client);
                releaseIfSent(client);
            }
        }
    }

    private void dropInput(final ClientConnection client) {
        client.input().drop();
        assemblies.forget(client);
        client.awaitingAssembly(false);
        giveBackAssembly(client);
    }

    /** Sets the time for what is noted between two passes. */
    void now(final long value) {
        nowNs = value;
    }

    /** {@return the time of this iteration} */
    long nowNs() {
        return nowNs;
    }
}
