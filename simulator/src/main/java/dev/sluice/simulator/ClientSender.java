package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a client sends: sessions, data for them, grants; and whatever breaks the rules, if that is its kind. */
final class ClientSender {
    /** What a client may grant its guest altogether: the relay's buffer less room for control frames. */
    private static final int WINDOWS_MOST = 960 * 1024;
    private static final int WINDOW_LEAST = 1024;
    private static final int WINDOW_MOST = 256 * 1024;
    private static final int SESSIONS_MOST = 8;
    private static final int ID_MARGIN = 10_000;
    private static final int NEVER_ENDING_AFTER_MOST = 6;

    private final World world;
    private final Connection connection;
    private final SimRandom random;
    private final Bodies bodies;
    private int framesLeft;
    private int idNumber;
    private Frame frame;
    private byte[] bytes;
    private int offset;
    private long stopAfter = Long.MAX_VALUE;
    private boolean shutdownLeft;

    ClientSender(final World world, final Connection connection, final boolean ordersShutdown, final SimRandom random) {
        this.shutdownLeft = ordersShutdown;
        this.world = world;
        this.connection = connection;
        this.random = random;
        this.bodies = new Bodies(world.scenario(), random);
        this.framesLeft = connection.kind() == ClientKind.NEVER_ENDING || connection.kind() == ClientKind.VIOLATING
            ? random.below(NEVER_ENDING_AFTER_MOST)
            : random.below(world.scenario().framesMost());
        // Ids anywhere in the range, its last one included.
        this.idNumber = random.chance(3)
            ? IdRanges.STEP - 1 - world.scenario().framesMost() - random.below(ID_MARGIN)
            : random.below(IdRanges.STEP / 2);
    }

    /** After so many bytes nothing more is sent. */
    void stopAfter(final long count) {
        stopAfter = count;
    }

    /** @return whether the guest's end is still to be ordered */
    boolean owesShutdown() {
        return shutdownLeft;
    }

    boolean hasStopped() {
        return stopAfter == 0;
    }

    /** @return whether everything that was planned is sent */
    boolean isFinished() {
        return connection.greeted() && (framesLeft == 0 || world.settling()) && isIdle();
    }

    /** @return whether no frame is begun */
    boolean isIdle() {
        return bytes == null && !shutdownLeft && (world.settling() || nextGrant() == null);
    }

    byte[] bytes() {
        return bytes;
    }

    int offset() {
        return offset;
    }

    /** Makes sure there is something to send. @return how many bytes, 0 for none now */
    int prepare() {
        if (bytes == null) {
            begin();
        }
        return bytes == null ? 0 : (int) Math.min(bytes.length - offset, stopAfter);
    }

    void sent(final int count) {
        offset += count;
        stopAfter -= stopAfter == Long.MAX_VALUE ? 0 : count;
        if (offset == bytes.length) {
            if (frame != null) {
                world.ledger().handedOver(connection, frame);
            } else {
                // What breaks the rules is the last that is sent.
                stopAfter = 0;
            }
            bytes = null;
            frame = null;
        }
    }

    private void begin() {
        if (!connection.greeted() || stopAfter == 0) {
            return;
        }
        Frame next = nextGrant();
        if (shutdownLeft) {
            shutdownLeft = false;
            next = Frame.alone(FrameKind.SHUTDOWN, connection.epoch().generation(), 0, 0, random);
        } else if (next == null && framesLeft > 0 && !world.settling()) {
            framesLeft--;
            next = draw();
        }
        if (next != null) {
            frame = next;
            bytes = next.wire();
            offset = 0;
        } else if (framesLeft == 0 && !world.settling()) {
            breakRules();
        }
    }

    private Frame nextGrant() {
        if (!connection.kind().windowed()) {
            return null;
        }
        for (final Session session : connection.sessions().values()) {
            final int grant = session.grantDue();
            if (grant > 0) {
                session.grantSent();
                return Frame.window(session, grant, random);
            }
        }
        return null;
    }

    private Frame draw() {
        final List<Session> known = new ArrayList<>(connection.sessions().values());
        if (known.isEmpty() || connection.sessionsOpen() < SESSIONS_MOST && random.chance(3)) {
            final Session session = open();
            if (session != null) {
                return session.isProgram()
                    ? Frame.execRequest(session, bodies.draw(), session.hasTerminal(), random)
                    : Frame.of(session.opener(), session, bodies.draw(), random);
            }
        }
        final Session session = known.isEmpty() || random.chance(10) ? unknown() : known.get(random.below(known.size()));
        final FrameKind kind = random.chance(8) ? FrameKind.SIGNAL : random.chance(4) ? FrameKind.RAW : FrameKind.STDIN;
        return Frame.of(kind, session, kind == FrameKind.SIGNAL ? 0 : bodies.draw(), random);
    }

    private Session open() {
        final FrameKind opener = connection.kind().windowed()
            ? FrameKind.EXEC_REQUEST
            : FrameKind.values()[random.below(FrameKind.RAW_REQUEST.ordinal() + 1)];
        int window = Session.UNLIMITED;
        if (connection.kind().windowed()) {
            window = (int) Math.min(random.spread(WINDOW_LEAST, WINDOW_MOST), WINDOWS_MOST - connection.windowsOpen());
            if (window < WINDOW_LEAST) {
                return null;
            }
        }
        final Session session = new Session(connection, IdRanges.id(connection.range(), ++idNumber), opener, window, random);
        connection.opened(session);
        return session;
    }

    /** A session that was never opened; the relay lets its frames pass. */
    private Session unknown() {
        return new Session(connection, IdRanges.id(connection.range(), random.between(1, IdRanges.STEP - 1)), FrameKind.RAW, 0, random);
    }

    private void breakRules() {
        if (connection.kind() == ClientKind.VIOLATING) {
            connection.violate();
            bytes = violation();
            offset = 0;
        } else if (connection.kind() == ClientKind.NEVER_ENDING) {
            connection.leaveUnfinished();
            final byte[] wire = Frame.of(FrameKind.STDIN, unknown(), Math.max(1, bodies.draw()), random).wire();
            bytes = Arrays.copyOf(wire, random.between(1, wire.length - 1));
            offset = 0;
        }
    }

    private byte[] violation() {
        final int own = IdRanges.id(connection.range(), random.between(1, IdRanges.STEP - 1));
        final int foreign = IdRanges.id((connection.range() + random.between(1, IdRanges.COUNT - 1)) % IdRanges.COUNT, 1);
        final int nobodys = IdRanges.id(connection.range() + 1, 0);
        final int fine = random.between(Frame.LENGTH_MIN, 100);
        world.ledger().saw("violations");
        return switch (random.below(7)) {
            case 0 -> header(random.below(Frame.LENGTH_MIN), own, 0);
            case 1 -> header(random.pick(Frame.LENGTH_MAX + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE), own, 0);
            case 2 -> header(fine, random.pick(foreign, nobodys, -1), random.pick(0, FrameKind.Flags.START));
            case 3 -> header(fine, 0, random.pick(0, FrameKind.Flags.TERMINAL, FrameKind.Flags.START));
            case 4 -> header(fine, own, FrameKind.Flags.SHUTDOWN | random.below(4));
            case 5 -> header(fine, foreign, FrameKind.Flags.SHUTDOWN);
            default -> header((int) random.nextLong() | 1 << 30, (int) random.nextLong(), random.below(256));
        };
    }

    private byte[] header(final int length, final int id, final int flags) {
        final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER + random.below(40));
        header.putInt(length).putInt(id).put((byte) flags);
        while (header.hasRemaining()) {
            header.put((byte) random.nextLong());
        }
        return header.array();
    }

    @Override
    public String toString() {
        return bytes == null ? "idle, frames left " + framesLeft : "at byte " + offset + " of " + bytes.length + " of " + frame;
    }
}
