package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sessions of an agent and what it says in them: started, data as far as windows let it, one end. */
final class GuestSessions {
    private static final int DATA_FRAMES_MOST = 6;
    private static final int FLOOD_FRAMES_MOST = 300;
    private static final int LOOKED_AT_MOST = 8;
    /** A client that reads all along is sent no more than this ahead: the relay's buffer for it is never full. */
    private static final long AHEAD_MOST = 512 * 1024;
    /** Below this no data frame fits. */
    private static final int CREDIT_LEAST = 64;

    private final World world;
    private final SimRandom random;
    private final Bodies bodies;
    private final Map<Integer, Session> open = new LinkedHashMap<>();
    private final List<Session> order = new ArrayList<>();
    private Epoch epoch;

    GuestSessions(final World world, final SimRandom random) {
        this.world = world;
        this.random = random;
        this.bodies = new Bodies(world.scenario(), random);
    }

    /** Another agent begins, or none. */
    void begin(final Epoch newEpoch) {
        epoch = newEpoch;
        open.clear();
        order.clear();
    }

    void opened(final Session session) {
        if (epoch == null) {
            return;
        }
        if (world.scenario().guest().floods() && !world.settling() && random.chance(3)) {
            session.flood();
        }
        session.reachGuest();
        session.dataLeft(random.below(session.floods() ? FLOOD_FRAMES_MOST : DATA_FRAMES_MOST));
        session.endless(random.chance(4));
        if (session.isProgram()) {
            world.logBook().started(session);
        }
        open.put(session.id(), session);
        order.add(session);
    }

    Session find(final int id) {
        return open.get(id);
    }

    /** @return a session of somebody else whose id is in a range, or null */
    Session speakingIn(final int range, final Connection except) {
        for (final Session session : order) {
            final Connection connection = session.connection();
            if (connection != except && connection.range() == range && connection.epoch() == epoch) {
                return session;
            }
        }
        return null;
    }

    boolean isEmpty() {
        return order.isEmpty();
    }

    @Override
    public String toString() {
        return "sessions of the guest: " + order;
    }

    /** @return the next frame of some session, or null */
    Frame next() {
        final int count = order.size();
        final int start = count == 0 ? 0 : random.below(count);
        for (int i = 0; i < Math.min(count, world.settling() ? count : LOOKED_AT_MOST); i++) {
            final Session session = order.get((start + i) % count);
            final Frame frame = next(session);
            if (frame != null) {
                emitted(frame);
                return frame;
            }
        }
        return null;
    }

    private Frame next(final Session session) {
        if (session.endedByGuest()) {
            return null;
        }
        if (!session.started() && session.opener() == FrameKind.EXEC_REQUEST) {
            session.start();
            return Frame.of(FrameKind.STARTED, session, 0, random);
        }
        if (world.settling()) {
            session.dataLeft(0);
            session.endless(awaitsKill(session));
        }
        if (session.killed()) {
            session.dataLeft(0);
        }
        if (session.dataLeft() > 0) {
            return mayData(session) ? data(session) : null;
        }
        if (session.endless() && !session.killed()) {
            return null;
        }
        session.endByGuest();
        return Frame.of(session.opener().end(), session, random.chance(3) ? bodies.draw() % 100 : 0, random);
    }

    /** Whether the relay owes a kill: the client of an exec session has gone. */
    private boolean awaitsKill(final Session session) {
        final Connection connection = session.connection();
        return connection.isOver() && connection.epoch() == epoch && session.opener() == FrameKind.EXEC_REQUEST;
    }

    private boolean mayData(final Session session) {
        final Connection connection = session.connection();
        if (session.window() != Session.UNLIMITED) {
            return session.credit() >= CREDIT_LEAST;
        }
        return connection.kind().evictable() && session.floods() || connection.expectedBytes() < AHEAD_MOST;
    }

    private Frame data(final Session session) {
        session.dataLeft(session.dataLeft() - 1);
        final int most = session.credit() - Frame.HEADER;
        final int length = session.floods() ? bodies.drawLarge() : bodies.draw();
        final Frame frame = session.isProgram() ? output(session, Math.min(length, most))
            : Frame.of(session.opener().data(), session, Math.min(length, most), random);
        session.spend(frame.wire().length);
        return frame;
    }

    private Frame output(final Session session, final int length) {
        final int stream = !session.hasTerminal() && random.chance(4) ? 1 : 0;
        return Frame.output(stream == 0 ? FrameKind.STDOUT : FrameKind.STDERR, session, length,
            world.condemnsOutput());
    }

    private void emitted(final Frame frame) {
        final Connection connection = frame.session().connection();
        if (connection.epoch() == epoch && !connection.isOver() && !frame.session().isUnrecorded()) {
            connection.expect(frame);
        }
    }

    /** A frame of a session has been written whole. */
    void written(final Frame frame) {
        final Session session = frame.session();
        if (session.connection().epoch() == epoch && !session.connection().isOver()) {
            session.connection().sentWhole();
        }
        if (session.endedByGuest() && frame.kind() == session.opener().end()) {
            world.trace().add("guest", "has ended session", Integer.toUnsignedLong(session.id()));
            open.remove(session.id(), session);
            order.remove(session);
        }
    }
}
