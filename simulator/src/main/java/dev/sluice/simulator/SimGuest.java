package dev.sluice.simulator;

import dev.sluice.ffi.Errno;
import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.ClockSync;
import dev.sluice.protocol.Message;
import dev.sluice.simulator.kernel.SimRandom;
import dev.sluice.simulator.kernel.SimulationFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The guest: an agent at a console port, that dies, comes back, restarts, stalls, lies and talks to nobody as the scenario has it.
 */
final class SimGuest extends Actor {
    private static final int ABSENCE_LEAST_NS = 1000;
    private static final int ABSENCE_MOST_NS = 100_000_000;
    private static final int STALL_MOST_NS = 150_000_000;
    private static final int STALLS_WHILE_REFUSED_ONE_IN = 12;
    private static final int DIED_UNSEEN_MOST = 2;
    private static final int RESTARTS_A_SECOND_MOST = 5;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int EARLY_FRAMES_MOST = 4;
    private static final int LONG_CONTROL_BODY = 70_000;
    private static final int STRAY_BODY_LEAST = 16;
    private static final int STRAY_BODY_MOST = 200;
    private static final int CLIENT_DISCONNECTED_GENERATION = 2;
    private static final int CLOCK_SYNC_GENERATION = 3;

    private final World world;
    private final Ledger ledger;
    private final GuestDoor door;
    private final SimRandom random;
    private final GuestSessions sessions;
    private final byte[] buffer = new byte[GuestChannel.READ_MOST];
    private final List<Epoch> epochs = new ArrayList<>();
    private GuestChannel channel;
    private int portNumber;
    private FrameParser parser;
    private Epoch epoch;
    private Frame frame;
    private byte[] bytes;
    private int offset;
    private int earlyFrames;
    private boolean broken;
    private boolean lied;
    /** The first agent at this port. */
    private int firstOfPort;
    private boolean everLied;
    private boolean stalled;
    private long backNs;
    private int portsEnded;
    private long bytesRead;
    private long bytesWritten;
    private int restarts;
    private int diedUnseen;
    private boolean shutdownOrdered;
    private long readNs;

    SimGuest(final World world, final GuestDoor door, final SimRandom random) {
        this.world = world;
        this.ledger = world.ledger();
        this.door = door;
        this.random = random;
        this.sessions = new GuestSessions(world, random);
    }

    @Override
    String name() {
        return "guest";
    }

    SimRandom random() {
        return random;
    }

    int portNumber() {
        return portNumber;
    }

    int portsEnded() {
        return portsEnded;
    }

    int restarts() {
        return restarts;
    }

    /** @return whether the relay can know of so many losses */
    boolean mayBeLost(final int losses) {
        return everLied || losses <= portsEnded + (broken || lied || hasStalled() ? 1 : 0);
    }

    /** @return whether the relay has read memory that was tampered with: what it took for frames may have been anything, core.ready too */
    boolean hasLied() {
        return everLied;
    }

    int readyCount() {
        return epochs.size();
    }

    /** @return the agent that sent this core.ready, or null */
    Epoch epochOf(final byte[] ready) {
        for (final Epoch known : epochs) {
            if (Arrays.equals(known.ready().wire(), ready)) {
                return known;
            }
        }
        // One that tampers with memory may say anything; the last that did is held to have said this.
        for (int i = epochs.size() - 1; i >= 0; i--) {
            if (epochs.get(i).lies()) {
                return epochs.get(i);
            }
        }
        return null;
    }

    /** @return a session of somebody else than a connection that speaks in a range, or null */
    Session sessionIn(final int range, final Connection except) {
        return sessions.speakingIn(range, except);
    }

    /** @return what has not come to rest, or null */
    Object unsettled() {
        if (channel == null || broken) {
            return "the guest is not connected";
        }
        if (epoch == null || bytes != null) {
            return frame == null ? "the guest is not ready" : frame;
        }
        if (!channel.isServed()) {
            // It may have been turned away, and not know it yet.
            return "the relay has heard nothing of the guest";
        }
        if (!sessions.isEmpty()) {
            return sessions;
        }
        return channel.isDrained() && !parser.insideFrame() ? null : "the guest has not read everything";
    }

    @Override
    boolean step() {
        if (channel == null) {
            return open();
        }
        if (!world.settling() && (random.chance(world.scenario().guest().stallsOneIn()) || outlastsRefusal())) {
            ledger.saw("guest stalls");
            dueNs(world.nowNs() + random.below(STALL_MOST_NS));
            return false;
        }
        final boolean read = read();
        interfere();
        giveUpLying();
        if (shutdownOrdered && channel != null) {
            endPort();
        }
        if (channel == null) {
            return true;
        }
        final boolean written = !broken && write();
        if (channel != null && world.phase() == World.Phase.SAFETY) {
            misbehave();
        }
        return read || written;
    }

    /** While the disk refuses, programs take their time now and then, so that they have something to say when it is written to again. */
    private boolean outlastsRefusal() {
        return world.logWriter().turnsRefused() > 0 && random.chance(STALLS_WHILE_REFUSED_ONE_IN);
    }

    private boolean open() {
        if (world.nowNs() < backNs || world.phase() == World.Phase.ENDING) {
            return false;
        }
        channel = door.tryOpen();
        if (channel == null) {
            return false;
        }
        portNumber++;
        firstOfPort = epochs.size();
        ledger.saw("ports opened");
        world.trace().add(name(), "is at port", portNumber);
        parser = new FrameParser("the guest", this::received);
        earlyFrames = world.settling() || random.chance(2) ? 0 : random.below(EARLY_FRAMES_MOST);
        return true;
    }

    private boolean read() {
        final int count = channel.read(buffer);
        if (count > 0) {
            stalled |= hasStalled();
            readNs = world.nowNs();
            bytesRead += count;
            if (!lied) {
                ledger.saw("bytes arrived at guests", count);
                parser.accept(buffer, 0, count);
            }
            dieIfDue(Kill.Victim.GUEST_READING, bytesRead);
            return true;
        }
        if (count == -Errno.EAGAIN) {
            return false;
        }
        final boolean justified = broken || hasStalled() || ledger.isStopping() || !channel.isServed() && world.kernel().hasRefused();
        SimulationFailure.unless(justified, () -> "the relay closed the port of a sound guest: " + epoch);
        world.trace().add(name(), "sees its port closed");
        endPort();
        return true;
    }

    /** @return whether it has not read for so long that the relay gives it up */
    private boolean hasStalled() {
        return stalled || world.nowNs() - readNs >= world.scenario().limits().stallMillis() * 1_000_000L;
    }

    private void received(final byte[] wire) {
        ledger.saw("frames received by guests");
        if (Frame.id(wire) == 0 && isNoticeOfRelay(wire)) {
            return;
        }
        final Frame received = ledger.receivedByGuest(wire, this);
        if (received == null) {
            killed(Frame.id(wire));
            return;
        }
        final Session session = received.session();
        if (received.kind().opens()) {
            ledger.saw("sessions arrived at guests");
            world.trace().add(name(), "opens session", Integer.toUnsignedLong(session.id()));
            sessions.opened(session);
        } else if (received.kind() == FrameKind.SIGNAL && random.chance(2)) {
            session.endless(false);
        } else if (received.kind() == FrameKind.WINDOW) {
            session.granted(received.grant());
        } else if (received.kind() == FrameKind.SHUTDOWN) {
            ledger.saw("shutdowns ordered");
            shutdownOrdered = world.scenario().ending() == Scenario.Ending.SHUTDOWN;
        }
    }

    /** The relay says the time, and that clients have left, to guests that know these types, once they are ready. */
    private boolean isNoticeOfRelay(final byte[] wire) {
        final Message message = Frame.decode(wire);
        if (message instanceof ClientDisconnected left && knows(CLIENT_DISCONNECTED_GENERATION)) {
            ledger.saw("departures told to guests");
            ledger.clientGone(IdRanges.of((int) left.idStart()));
            return true;
        }
        if (message instanceof ClockSync && knows(CLOCK_SYNC_GENERATION)) {
            ledger.saw("clock syncs received by guests");
            return true;
        }
        return false;
    }

    private boolean knows(final int generation) {
        return !epochs.isEmpty() && epochs.get(epochs.size() - 1).generation() >= generation;
    }

    private void killed(final int id) {
        ledger.saw("kills received by guests");
        world.trace().add(name(), "is told to kill session", Integer.toUnsignedLong(id));
        final Session session = sessions.find(id);
        if (session != null) {
            SimulationFailure.unless(!session.killed() || world.mayLeaveUnrecorded(), () -> "the relay killed a session twice: " + session);
            SimulationFailure.unless(session.opener() == FrameKind.EXEC_REQUEST, () -> "the relay killed what is no program: " + session);
            session.kill();
        }
    }

    private boolean write() {
        if (bytes == null && !begin()) {
            return false;
        }
        final int rest = Math.min(bytes.length - offset, GuestChannel.WRITE_MOST);
        final int most = portNumber == 1 ? world.kill().allowed(Kill.Victim.GUEST_WRITING, bytesWritten, rest) : rest;
        final int offered = world.settling() || random.chance(2) ? most : (int) random.spread(1, most);
        final int count = channel.write(bytes, offset, offered);
        if (count <= 0) {
            return false;
        }
        offset += count;
        bytesWritten += count;
        if (offset == bytes.length) {
            written();
        }
        dieIfDue(Kill.Victim.GUEST_WRITING, bytesWritten);
        return true;
    }

    private void dieIfDue(final Kill.Victim how, final long moved) {
        if (portNumber == 1 && channel != null && world.kill().isDue(how, moved)) {
            ledger.saw("guest deaths");
            world.trace().add(name(), "is killed after bytes", moved);
            endPort();
        }
    }

    long bytesRead() {
        return bytesRead;
    }

    long bytesWritten() {
        return bytesWritten;
    }

    private boolean begin() {
        frame = draw();
        if (frame == null) {
            return false;
        }
        bytes = frame.wire();
        offset = 0;
        ledger.saw("frames begun by guests");
        return true;
    }

    private Frame draw() {
        if (epoch == null) {
            return earlyFrames-- > 0 ? (random.chance(2) ? control() : stray()) : ready();
        }
        if (!world.settling()) {
            if (random.chance(world.scenario().guest().straysOneIn())) {
                return stray();
            }
            if (random.chance(world.scenario().guest().controlsOneIn())) {
                return control();
            }
        }
        return sessions.next();
    }

    private Frame ready() {
        final int generation = world.scenario().guest().generation();
        final Frame ready = Frame.alone(FrameKind.READY, generation, 0, random.between(60, 120), random);
        epoch = new Epoch(epochs.size(), portNumber, ready, generation, world.nowNs());
        epochs.add(epoch);
        sessions.begin(epoch);
        return ready;
    }

    private Frame control() {
        final int length = random.chance(10) ? Math.min(LONG_CONTROL_BODY, world.scenario().bodyMost()) : random.below(100);
        return Frame.alone(random.chance(2) ? FrameKind.CONTROL : FrameKind.RAW, 1, 0, length, random);
    }

    private Frame stray() {
        final int id = random.chance(3)
            ? random.pick(-1, IdRanges.STEP, (int) random.nextLong() | 1)
            : IdRanges.id(random.below(IdRanges.COUNT), random.between(1, IdRanges.STEP - 1));
        final Frame stray = Frame.alone(FrameKind.STRAY, 1, id, random.between(STRAY_BODY_LEAST, STRAY_BODY_MOST), random);
        ledger.strayed(stray);
        return stray;
    }

    private void written() {
        ledger.saw("frames written by guests");
        bytes = null;
        if (frame.session() != null) {
            sessions.written(frame);
        }
        frame = null;
    }

    private void misbehave() {
        final Scenario.GuestHabits habits = world.scenario().guest();
        if (mayDie() && random.chance(habits.diesOneIn())) {
            ledger.saw("guest deaths");
            world.trace().add(name(), "dies at byte of a frame", bytes == null ? 0 : offset);
            endPort();
        } else if (epoch != null && !broken && bytes == null && mayRestart() && random.chance(habits.restartsOneIn())) {
            ledger.saw("agent restarts");
            world.trace().add(name(), "restarts");
            restarts++;
            endEpoch();
        } else if (epoch != null && !broken && (bytes == null || channel instanceof RingGuestChannel)
            && random.chance(habits.breaksOneIn())) {
            breakPort();
        }
    }

    /** Ports that die unseen wait in the relay's queue, and it takes its time over each: a few, and it could not settle in time. */
    private boolean mayDie() {
        if (channel.isServed()) {
            diedUnseen = 0;
        }
        return diedUnseen < DIED_UNSEEN_MOST;
    }

    /** An agent that restarts more often than this is given up, as one that does nothing else. */
    private boolean mayRestart() {
        final int recent = epochs.size() - RESTARTS_A_SECOND_MOST;
        return recent < 0 || world.nowNs() - epochs.get(recent).begunNs() > NANOS_PER_SECOND;
    }

    /** Sends a length out of bounds, or tampers with the ring; then only waits for the relay to close the port. */
    private void breakPort() {
        if (channel instanceof RingGuestChannel ring && (bytes != null || !random.chance(4))) {
            ledger.saw("rings tampered with");
            world.trace().add(name(), "tampers with the ring");
            // What the agents before this one have left in the memory may come out as anything, too.
            epochs.subList(firstOfPort, epochs.size()).forEach(Epoch::lie);
            endEpoch();
            ring.tamper();
            lied = true;
            everLied = true;
            // The relay need not notice.
            backNs = world.nowNs() + random.below(ABSENCE_MOST_NS);
        } else {
            final int length = random.pick(0, 1, Frame.LENGTH_MIN - 1, Frame.LENGTH_MAX + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE);
            final byte[] header = ByteBuffer.allocate(Frame.HEADER).putInt(length).putInt(1).put((byte) 0).array();
            if (channel.write(header, 0, header.length) < header.length) {
                endPort();
                return;
            }
            ledger.saw("framings broken");
            world.trace().add(name(), "breaks the framing, length", length);
            endEpoch();
        }
        broken = true;
    }

    private void endEpoch() {
        if (epoch != null) {
            epoch.end(world.nowNs());
            epoch = null;
        }
        sessions.begin(null);
    }

    private void endPort() {
        endEpoch();
        diedUnseen += channel.isServed() ? 0 : 1;
        channel.close();
        channel = null;
        bytes = null;
        frame = null;
        broken = false;
        lied = false;
        stalled = false;
        portsEnded++;
        backNs = world.nowNs() + (world.settling() ? 0 : random.spread(ABSENCE_LEAST_NS, ABSENCE_MOST_NS));
    }

    /** The relay is between two calls: whoever shares memory with it may write there. */
    void interfere() {
        if (lied && channel instanceof RingGuestChannel ring && random.chance(2)) {
            ring.tamper();
        }
    }

    /** A guest that lied and was not found out dies in the end. */
    private void giveUpLying() {
        if (lied && channel != null && (world.settling() || world.nowNs() >= backNs)) {
            endPort();
        }
    }
}
