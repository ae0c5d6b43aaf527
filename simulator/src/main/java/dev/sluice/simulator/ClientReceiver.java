package dev.sluice.simulator;

import dev.sluice.ffi.Errno;
import dev.sluice.simulator.kernel.SimulationFailure;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Looks at what a client receives: the handshake, then frames of the guest exactly as the guest sent them, none missing in between, and
 * where the guest is gone the relay's own word for each open session. At the end, looks for the reason.
 */
final class ClientReceiver {
    private static final String EXEC_FAILED = "core.exec.failed";
    private static final String FS_RESPONSE = "core.fs.response";
    private static final String CORE_ERROR = "core.error";
    /** First generation with core.error. */
    private static final int CORE_ERROR_GENERATION = 5;

    private final World world;
    private final Ledger ledger;
    private final Connection connection;
    private final FrameParser parser;
    private final byte[] offset = new byte[Integer.BYTES];
    private int offsetFilled;

    ClientReceiver(final World world, final Connection connection) {
        this.world = world;
        this.ledger = world.ledger();
        this.connection = connection;
        this.parser = new FrameParser(connection.toString(), this::received);
    }

    void accept(final byte[] bytes, final int length) {
        int at = 0;
        while (at < length && offsetFilled < offset.length) {
            offset[offsetFilled++] = bytes[at++];
        }
        parser.accept(bytes, at, length - at);
    }

    private void received(final byte[] wire) {
        if (connection.greeted()) {
            frame(wire);
        } else {
            greeted(wire);
        }
    }

    private void greeted(final byte[] ready) {
        final long idOffset = Integer.toUnsignedLong(ByteBuffer.wrap(offset).getInt());
        final boolean onGrid = idOffset % IdRanges.STEP == 0 && idOffset / IdRanges.STEP < IdRanges.COUNT;
        fail(!onGrid, () -> "was given an id offset off the grid: " + idOffset);
        final int range = (int) (idOffset / IdRanges.STEP);
        final Epoch epoch = world.guest().epochOf(ready);
        fail(epoch == null, () -> "was sent a core.ready that no guest sent: " + Frame.describe(ready));
        if (connection.socket().isOpen()) {
            checkRangeIsFree(range);
        }
        connection.greeted(range, epoch);
        ledger.saw("connections greeted");
        ledger.tookRange(range);
        world.trace().add("client", "greeted, range and epoch", range, epoch.index());
    }

    /** A client that is late to read its greeting may find that it has been sent away and its range given to another: not this one. */
    private void checkRangeIsFree(final int range) {
        final Connection holder = world.holder(range);
        fail(holder != null && holder != connection && holder.socket().isOpen(), () -> "was given the range of " + holder);
        final Session talking = world.guest().sessionIn(range, connection);
        fail(talking != null && !quarantineExpired(talking.connection()), () -> "was given a range in which " + talking + " still speaks");
    }

    private boolean quarantineExpired(final Connection former) {
        final long quarantineNs = world.scenario().limits().quarantineMillis() * 1_000_000L;
        return world.nowNs() - former.overNs() >= quarantineNs || former.epoch().isOver();
    }

    private void frame(final byte[] wire) {
        final int id = Frame.id(wire);
        final Frame next = next(wire);
        if (next != null && !connection.epoch().lies() && Arrays.equals(next.wire(), wire)) {
            connection.expectedCame();
            ledger.saw("frames arrived at clients");
            if (next.session() != null) {
                seen(next.session(), wire, next);
            }
            return;
        }
        fail(IdRanges.of(id) != connection.range(), () -> "received a frame for somebody else: " + Frame.describe(wire));
        if (connection.epoch().lies()) {
            ledger.saw("frames of a lying guest arrived");
            return;
        }
        if (ledger.isStray(wire)) {
            ledger.saw("stray frames arrived");
            return;
        }
        final Session session = connection.sessions().get(id);
        fail(session == null || !isRelaysEnd(session, wire), () -> "received another frame than the guest sent: want " + next + ", got "
            + Frame.describe(wire));
        ledger.saw("sessions ended by the relay");
        if (mayBeUnrecorded(session)) {
            leaveUnrecorded(session);
        }
        session.seeTerminal();
        fail(session.terminalsSeen() > 1, () -> "received a second terminal frame of " + session);
    }

    /** @return what the guest has sent next to this client; what the relay had to leave out in front of a frame that came is forgotten */
    private Frame next(final byte[] wire) {
        if (world.mayLeaveUnrecorded() && connection.expects(wire)) {
            Frame next = connection.expected();
            while (next != null && !Arrays.equals(next.wire(), wire) && mayBeUnrecorded(next.session())) {
                leaveUnrecorded(next.session());
                next = connection.expected();
            }
        }
        return connection.expected();
    }

    private void seen(final Session session, final byte[] wire, final Frame frame) {
        fail(session.terminalsSeen() > 0, () -> "received a frame of a session that had ended: " + session);
        if (Frame.isTerminal(wire)) {
            session.seeTerminal();
        } else if (frame.kind() == session.opener().data() || frame.kind().isOutput()) {
            session.consume(wire.length);
        }
        if (frame.kind().isOutput()) {
            fail(frame.condemned(), () -> "received what cannot be recorded: " + frame);
            session.output(frame.kind() == FrameKind.STDOUT ? 0 : 1).deliver(frame.outputLength());
        }
    }

    /** What the relay says of a session whose guest is gone. */
    private boolean isRelaysEnd(final Session session, final byte[] wire) {
        final boolean may = connection.epoch().isOver() || ledger.isStopping() || mayBeUnrecorded(session);
        return may && Frame.isTerminal(wire) && hasRelaysEnd(session) && Frame.hasType(wire, relaysEnd(session.opener()));
    }

    /** Whether the relay may have ended a program because its output cannot be recorded. */
    private boolean mayBeUnrecorded(final Session session) {
        return session != null && session.isProgram() && world.mayLeaveUnrecorded();
    }

    private void leaveUnrecorded(final Session session) {
        session.leaveUnrecorded();
        connection.expectNoMoreOf(session);
    }

    private static String relaysEnd(final FrameKind opener) {
        return switch (opener) {
            case EXEC_REQUEST -> EXEC_FAILED;
            case FS_REQUEST -> FS_RESPONSE;
            default -> CORE_ERROR;
        };
    }

    /** Whether the protocol of its guest has a frame by which the relay can end a session. */
    private static boolean hasRelaysEnd(final Session session) {
        return session.generation() >= CORE_ERROR_GENERATION || !relaysEnd(session.opener()).equals(CORE_ERROR);
    }

    /** The connection has ended, for the client to find out why. @param errno 0 for the end of the stream */
    void ended(final int errno) {
        fail(errno != 0 && errno != Errno.ECONNRESET, () -> "receive: " + Errno.name(errno));
        checkPartial();
        if (ledger.isStopping()) {
            return;
        }
        if (!connection.greeted()) {
            // Refused: no range, or no memory to watch it. The counters have the number.
            ledger.saw("connections never greeted");
            return;
        }
        if (connection.epoch().isOver()) {
            ledger.saw("connections ended with their guest");
            checkSessionsTold();
        } else if (connection.violated()) {
            ledger.saw("connections ended for a violation");
        } else if (connection.unfinished()) {
            ledger.saw("connections ended for a frame without end");
        } else if (connection.kind().evictable()) {
            ledger.saw("connections evicted");
        } else {
            // The relay waits for the ends of sessions, not for what belongs to none.
            final boolean cut = parser.insideFrame() && !ledger.mayBeStrayPrefix(parser.partial());
            fail(connection.kind() != ClientKind.HALF_CLOSING || errno != 0 || cut || connection.sessionsOpen() > 0
                || connection.expectedCount() > 0, () -> "was closed for no reason: errno=" + errno + " sessions open="
                + connection.sessionsOpen() + " frames expected=" + connection.expectedCount());
            ledger.saw("connections ended after their half-close");
        }
    }

    /** The client leaves of its own accord. */
    void left() {
        checkPartial();
    }

    /** Bytes of a frame that is not complete must be those of the next frame, too. */
    private void checkPartial() {
        if (!connection.greeted() || !parser.insideFrame()) {
            return;
        }
        final byte[] partial = parser.partial();
        final Frame next = connection.expected();
        final boolean good = next != null && next.startsWith(partial);
        fail(!good && !world.mayLeaveUnrecorded() && !ledger.mayBeStrayPrefix(partial) && !connection.epoch().isOver()
            && !ledger.isStopping(),
            () -> "received part of a frame that is not the next: want " + next + ", got " + partial.length + " bytes");
    }

    /** A client that reads all along has been told of the end of every session the guest knew, unless it was inside a frame. */
    private void checkSessionsTold() {
        final boolean mayMiss = !connection.kind().prompt() || connection.violated() || connection.unfinished();
        final long drainNs = world.scenario().limits().drainMillis() * 1_000_000L;
        if (mayMiss || connection.epoch().lies() || world.nowNs() - connection.epoch().endedNs() >= drainNs) {
            return;
        }
        final boolean someoneBlocks = world.scenario().kinds().stream().anyMatch(ClientKind::evictable);
        final int missing = connection.missing();
        fail(!someoneBlocks && missing > 0, () -> "was not sent what its guest had sent before its end: frames=" + missing);
        if (parser.insideFrame()) {
            return;
        }
        for (final Session session : connection.sessions().values()) {
            final boolean untold = hasRelaysEnd(session) && session.hasReachedGuest() && session.terminalsSeen() == 0;
            fail(untold, () -> "was not told of the end of " + session);
        }
    }

    private void fail(final boolean condition, final String what) {
        fail(condition, () -> what);
    }

    private void fail(final boolean condition, final Supplier<String> what) {
        if (condition) {
            throw new SimulationFailure(connection + " " + what.get());
        }
    }
}
