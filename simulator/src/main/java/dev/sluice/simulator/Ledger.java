package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimulationFailure;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The oracle's book: what was handed over on one side and has to come out at the other.
 *
 * <p>Towards the guest, per range of ids in the order of handing over: whole frames, each exactly once, none out of order. Only a
 * connection that the relay may end early can lose frames, and then only the last ones.
 *
 * <p>Towards a client, the same per connection (in {@link Connection}), and none may be missing in between.
 */
final class Ledger {
    /** Beyond this the relay needs an assembly buffer. */
    private static final int LONG_FRAME = 68 * 1024;
    private static final String KILL = "core.exec.signal";

    private final Map<Integer, ArrayDeque<Frame>> handed = new TreeMap<>();
    /** By range: the last connection that the guest has a frame of, and how many there are that it has not been told the end of. */
    private final Map<Integer, Connection> heardLast = new TreeMap<>();
    private final Map<Integer, Integer> untold = new TreeMap<>();
    private final Map<ByteBuffer, Frame> strays = new HashMap<>();
    private final Set<ByteBuffer> controls = new HashSet<>();
    private final Map<String, Tally> seen = new HashMap<>();
    private final Set<Integer> rangesTaken = new HashSet<>();
    private final Set<Connection> cut = new LinkedHashSet<>();
    private boolean stopping;

    /** How often something was seen. */
    private static final class Tally {
        private long times;
    }

    /** The relay has been told to end, so nothing that is on its way need arrive. */
    void stopping() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Counts something that happened, to show what a run has covered. */
    void saw(final String what) {
        saw(what, 1);
    }

    void saw(final String what, final long times) {
        seen.computeIfAbsent(what, key -> new Tally()).times += times;
    }

    long count(final String what) {
        final Tally tally = seen.get(what);
        return tally == null ? 0 : tally.times;
    }

    Map<String, Long> seen() {
        final Map<String, Long> sorted = new TreeMap<>();
        seen.forEach((what, tally) -> sorted.put(what, tally.times));
        return sorted;
    }

    /** A client has been given a range. */
    void tookRange(final int range) {
        if (!rangesTaken.add(range)) {
            saw("ranges taken again");
        }
    }

    /** A client has put the last byte of a frame into its socket. */
    void handedOver(final Connection connection, final Frame frame) {
        saw("frames handed over by clients");
        if (frame.wire().length > LONG_FRAME) {
            saw("long frames handed over by clients");
        }
        if (frame.kind() == FrameKind.SHUTDOWN) {
            controls.add(ByteBuffer.wrap(frame.wire()));
        } else {
            handed.computeIfAbsent(connection.range(), range -> new ArrayDeque<>()).add(frame);
        }
    }

    /**
     * The guest has received a frame.
     *
     * @return the frame as its client made it, or null for one of the relay's own
     */
    Frame receivedByGuest(final byte[] wire, final SimGuest guest) {
        final int id = Frame.id(wire);
        if (id == 0) {
            SimulationFailure.unless(controls.remove(ByteBuffer.wrap(wire)), () -> "the guest received a control frame nobody sent: "
                + Frame.describe(wire));
            return Frame.alone(FrameKind.SHUTDOWN, 1, 0, 0, guest.random());
        }
        final ArrayDeque<Frame> queue = handed.get(IdRanges.of(id));
        while (queue != null && !queue.isEmpty()) {
            final Frame frame = queue.peek();
            final Connection connection = frame.session().connection();
            if (connection.epoch().port() != guest.portNumber()) {
                // Meant for a guest that is gone with its port: should it arrive, it is one that nobody sent.
                loseRest(queue);
                continue;
            }
            if (Arrays.equals(frame.wire(), wire)) {
                SimulationFailure.unless(!connection.isCut(), () -> "a frame of " + connection + " arrived behind missing ones: " + frame);
                queue.poll();
                heard(connection);
                saw("frames arrived at guests");
                return frame;
            }
            if (isKill(wire)) {
                return null;
            }
            SimulationFailure.unless(mayLose(connection), () -> "the guest received another frame than the next of " + connection
                + ": want " + frame + ", got " + Frame.describe(wire));
            loseRest(queue);
        }
        SimulationFailure.unless(isKill(wire), () -> "the guest received a frame nobody sent: " + Frame.describe(wire));
        return null;
    }

    private void heard(final Connection connection) {
        final Connection before = heardLast.put(connection.range(), connection);
        if (before != connection) {
            final boolean samePort = before != null && before.epoch().port() == connection.epoch().port();
            untold.merge(connection.range(), 1, (count, one) -> samePort ? count + one : one);
        }
    }

    /** The guest has been told that the client of a range has left: nothing more of it may come. */
    void clientGone(final int range) {
        final ArrayDeque<Frame> queue = handed.get(range);
        final int heard = untold.getOrDefault(range, 0);
        untold.put(range, Math.max(0, heard - 1));
        if (heard > 0 && queue != null && !queue.isEmpty() && queue.peek().session().connection() != heardLast.get(range)) {
            // That was about one of those before: the guest is behind.
            return;
        }
        while (queue != null && !queue.isEmpty() && queue.peek().session().connection().isOver()) {
            final Connection connection = queue.peek().session().connection();
            SimulationFailure.unless(
                mayLose(connection), () -> "the guest was told that " + connection + " has left, before it had " + queue.peek());
            loseRest(queue);
        }
    }

    private static boolean isKill(final byte[] wire) {
        return Frame.flags(wire) == 0 && Frame.hasType(wire, KILL);
    }

    private void loseRest(final ArrayDeque<Frame> queue) {
        final Connection connection = queue.peek().session().connection();
        connection.cut();
        cut.add(connection);
        while (!queue.isEmpty() && queue.peek().session().connection() == connection) {
            queue.poll();
            saw("frames lost with their connection");
        }
    }

    /** Whether the relay may have ended a connection with bytes of it unread. */
    private boolean mayLose(final Connection connection) {
        return stopping || connection.epoch().isOver() || connection.kind().evictable();
    }

    /** Whether a connection has ended in a way that excuses frames that did not arrive. */
    private static boolean hasLost(final Connection connection) {
        return connection.epoch().isOver() || connection.kind().evictable() && connection.closedByRelay();
    }

    /** Everything has come to rest: what is still on its way to the guest is lost. */
    void checkArrived() {
        for (final Connection connection : cut) {
            SimulationFailure.unless(hasLost(connection), () -> "frames in the middle never arrived of " + connection);
        }
        for (final ArrayDeque<Frame> queue : handed.values()) {
            while (!queue.isEmpty()) {
                final Connection connection = queue.peek().session().connection();
                SimulationFailure.unless(hasLost(connection), () -> "a frame of " + connection + " never arrived: " + queue.peek());
                loseRest(queue);
            }
        }
    }

    /** @return a frame that has been handed over, has not arrived and may not be lost; null when there is none */
    Frame awaited() {
        for (final ArrayDeque<Frame> queue : handed.values()) {
            for (final Frame frame : queue) {
                if (!hasLost(frame.session().connection())) {
                    return frame;
                }
            }
        }
        return null;
    }

    /** The guest sends a frame for an id that it made up; whoever has its range may get it, once and whole. */
    void strayed(final Frame frame) {
        saw("stray frames");
        strays.put(ByteBuffer.wrap(frame.wire()), frame);
    }

    /** @return whether a frame that a client received is a stray one */
    boolean isStray(final byte[] wire) {
        return strays.remove(ByteBuffer.wrap(wire)) != null;
    }

    boolean mayBeStrayPrefix(final byte[] partial) {
        return strays.values().stream().anyMatch(frame -> frame.startsWith(partial));
    }
}
