package dev.sluice.simulator;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.simulator.kernel.SimRandom;
import dev.sluice.simulator.kernel.SimSocket;
import dev.sluice.simulator.kernel.SimulationFailure;

/**
 * A place at which clients come and go, one at a time. Each behaves as its {@link ClientKind} says while faults are on; after that it takes
 * everything in, waits for its sessions to end, and leaves.
 */
final class SimClient extends Actor {
    private static final int SLOW_READ_MOST = 16;
    private static final int SLOW_DELAY_LEAST_NS = 1_000_000;
    private static final int SLOW_DELAY_MOST_NS = 10_000_000;
    private static final int PAUSE_MOST_NS = 20_000_000;
    private static final int BYTES_TO_DEATH_MOST = 20_000;

    private final World world;
    private final int slot;
    private final String path;
    private final SimRandom random;
    private Connection connection;
    private ClientReceiver receiver;
    private ClientSender sender;
    private boolean sendingEnded;
    private boolean readsNoMore;
    private long received;
    private boolean shutdownOrdered;

    SimClient(final World world, final int slot, final String path, final SimRandom random) {
        this.world = world;
        this.slot = slot;
        this.path = path;
        this.random = random;
    }

    @Override
    String name() {
        return "client@" + slot;
    }

    /** @return the last connection made here, which may be over; null before the first */
    Connection connection() {
        return connection;
    }

    boolean isDone() {
        return connection == null || connection.isOver();
    }

    @Override
    public String toString() {
        return connection + " of " + connection.epoch() + " socket open=" + connection.socket().isOpen() + " to read="
            + connection.socket().receivedBytes() + " expects=" + connection.expectedCount() + " sessions=" + connection.sessionsOpen()
            + " sending ended=" + sendingEnded + " sender=" + sender;
    }

    @Override
    boolean step() {
        if (isDone()) {
            if (shutdownOrdered) {
                return connect(ClientKind.PROMPT);
            }
            return world.phase() == World.Phase.SAFETY && random.chance(4) && world.takeConnection() && connect(drawKind());
        }
        if (!world.settling() && random.chance(200)) {
            dueNs(world.nowNs() + random.below(PAUSE_MOST_NS));
            return false;
        }
        final boolean readFirst = random.chance(2);
        final boolean first = readFirst ? read() : write();
        final boolean second = !isDone() && (readFirst ? write() : read());
        if (!isDone()) {
            considerLeaving();
        }
        return first || second;
    }

    /** Makes the next client order the end of the guest. */
    void orderShutdown() {
        shutdownOrdered = true;
        dueNs(world.nowNs());
    }

    private ClientKind drawKind() {
        return world.scenario().kinds().get(random.below(world.scenario().kinds().size()));
    }

    private boolean connect(final ClientKind kind) {
        world.kernel().sendCapacity(buffer(world.scenario().relayBufferMost()));
        final SimSocket socket = world.kernel().connect(path, buffer(world.scenario().worldBufferMost()));
        if (socket == null) {
            return false;
        }
        connection = new Connection(world.nextSerial(), kind, socket);
        world.ledger().saw("connections");
        world.ledger().saw("connections: " + kind);
        world.trace().add(name(), "connects", connection);
        receiver = new ClientReceiver(world, connection);
        sender = new ClientSender(world, connection, shutdownOrdered, random);
        shutdownOrdered = false;
        sendingEnded = false;
        readsNoMore = false;
        received = 0;
        if (isVictim(Kill.Victim.CLIENT_SENDING)) {
            sender.stopAfter(world.kill().at());
        } else if (kind == ClientKind.DYING) {
            sender.stopAfter(random.spread(1, BYTES_TO_DEATH_MOST));
        }
        return true;
    }

    private boolean isVictim(final Kill.Victim how) {
        return connection.isFirst() && world.kill().victim() == how;
    }

    private int buffer(final int most) {
        return (int) random.spread(Math.max(1, most / 4), most);
    }

    private boolean read() {
        final ClientKind kind = connection.kind();
        final boolean behaves = world.settling() || kind.prompt();
        if (!behaves) {
            if (kind == ClientKind.SLOW) {
                dueNs(world.nowNs() + random.between(SLOW_DELAY_LEAST_NS, SLOW_DELAY_MOST_NS));
            } else if (readsNoMore || connection.greeted() && random.chance(20)) {
                readsNoMore = true;
                return false;
            }
        }
        final int wanted = !behaves && kind == ClientKind.SLOW ? random.between(1, SLOW_READ_MOST) : drawReadLength();
        final int most = isVictim(Kill.Victim.CLIENT_RECEIVING)
            ? world.kill().allowed(Kill.Victim.CLIENT_RECEIVING, received, wanted)
            : wanted;
        final int count = most == 0 ? -Errno.EAGAIN : connection.socket().receive(world.scratch(), 0, most);
        if (count > 0) {
            received += count;
            receiver.accept(world.scratch(), count);
            return true;
        }
        if (count == -Errno.EAGAIN) {
            return false;
        }
        receiver.ended(-count);
        world.trace().add(name(), "sees the end", -count);
        connection.end(true, world.nowNs());
        connection.socket().close();
        // A client that was turned away tries again.
        shutdownOrdered = sender.owesShutdown();
        return true;
    }

    private int drawReadLength() {
        return world.settling() || random.chance(2) ? world.scratch().length : (int) random.spread(1, world.scratch().length);
    }

    private boolean write() {
        if (sendingEnded) {
            return false;
        }
        final int length = sender.prepare();
        if (length == 0) {
            return false;
        }
        final int offered = world.settling() || random.chance(3) ? length : (int) random.spread(1, length);
        final int count = connection.socket().send(sender.bytes(), sender.offset(), offered);
        if (count > 0) {
            sender.sent(count);
            return true;
        }
        if (count == -Errno.EPIPE) {
            sendingEnded = true;
        } else {
            SimulationFailure.unless(count == -Errno.EAGAIN, () -> "send: " + Errno.name(-count));
        }
        return false;
    }

    /** Clients leave when they are done, and some before. */
    private void considerLeaving() {
        if (isVictim(Kill.Victim.CLIENT_SENDING) && sender.hasStopped()
            || isVictim(Kill.Victim.CLIENT_RECEIVING) && world.kill().isDue(Kill.Victim.CLIENT_RECEIVING, received)) {
            leave("is killed");
            return;
        }
        switch (connection.kind()) {
            case DYING -> {
                if (sender.hasStopped() || world.settling() && sender.isIdle() && noSessionOpen()) {
                    leave("dies");
                }
            }
            case STORMING -> {
                if (world.settling() || random.chance(3)) {
                    leave("is gone again");
                }
            }
            case LEAVING -> {
                if (world.settling() || connection.greeted() && random.chance(60)) {
                    leave("leaves");
                }
            }
            case NEVER_ENDING -> {
                if (world.settling()) {
                    leave("gives its frame up");
                }
            }
            case VIOLATING -> {
                if (world.settling() && !connection.violated()) {
                    leave("gives up");
                }
            }
            case HALF_CLOSING -> {
                if (!sendingEnded && sender.isFinished()) {
                    sendingEnded = true;
                    world.trace().add(name(), "sends no more");
                    connection.socket().shutdown(Linux.SHUT_WR);
                } else if (world.settling() && !connection.greeted()) {
                    leave("was never greeted");
                }
            }
            default -> {
                if (noSessionOpen() && (world.settling() ? sender.isIdle() : sender.isFinished() && connection.kind().prompt())) {
                    leave("is done");
                }
            }
        }
    }

    private boolean noSessionOpen() {
        return connection.sessionsOpen() == 0;
    }

    private void leave(final String how) {
        world.trace().add(name(), how, connection);
        final boolean toldByRelay = !connection.socket().isOpen();
        receiver.left();
        connection.end(toldByRelay, world.nowNs());
        connection.socket().close();
    }
}
