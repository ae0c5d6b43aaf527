package dev.sluice.simulator;

import dev.sluice.ffi.Errno;
import dev.sluice.port.PortSources;
import dev.sluice.ring.RingDescriptor;
import dev.sluice.ring.RingReader;
import dev.sluice.ring.RingWriter;
import dev.sluice.ring.WaitWord;
import dev.sluice.simulator.kernel.SimMemory;
import dev.sluice.simulator.kernel.SimRandom;
import dev.sluice.simulator.kernel.SimSocket;
import dev.sluice.simulator.kernel.SimulationFailure;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A console that is a shared-memory ring. This end is strict about wake-ups: once it has announced that it sleeps it does not look at the
 * ring until it is woken, so that a wake-up that gets lost stops it for good, and one that nobody asked for is a failure.
 */
final class RingGuestChannel implements GuestChannel {
    private static final byte[] WAKE_UP = {1};
    private static final int WAKE_UPS_MOST = 64;
    private static final int WAKES_ONE_IN = 4;

    private final SimSocket socket;
    private final SimMemory memory;
    private final MemorySegment inbound;
    private final MemorySegment outbound;
    private final int inboundCapacity;
    private final int outboundCapacity;
    private final RingReader reader;
    private final RingWriter writer;
    private final WaitWord ownReadWait;
    private final WaitWord ownRoomWait;
    private final WaitWord peerReadWait;
    private final WaitWord peerRoomWait;
    private final SimRandom random;
    private final RingScribbler scribbler;
    private final byte[] wakeUps = new byte[WAKE_UPS_MOST];
    private boolean sleepsForBytes;
    private boolean sleepsForRoom;
    private long announced;
    private long woken;
    private boolean ended;
    private boolean tampered;

    private RingGuestChannel(final SimSocket socket, final SimMemory memory, final SimRandom random) {
        this.socket = socket;
        this.memory = memory;
        this.random = random;
        final MemorySegment all = memory.segment();
        inboundCapacity = all.get(ValueLayout.JAVA_INT, RingDescriptor.HOST_TO_GUEST_CAPACITY_OFFSET);
        outboundCapacity = all.get(ValueLayout.JAVA_INT, RingDescriptor.GUEST_TO_HOST_CAPACITY_OFFSET);
        inbound = all.asSlice(RingDescriptor.HEADER_PAGE_LENGTH, RingDescriptor.directionLength(inboundCapacity));
        outbound = all.asSlice(RingDescriptor.guestToHostOffset(inboundCapacity), RingDescriptor.directionLength(outboundCapacity));
        memory.expose(RingDescriptor.guestToHostOffset(inboundCapacity), outboundCapacity);
        reader = new RingReader(inbound, inboundCapacity);
        writer = new RingWriter(outbound, outboundCapacity);
        scribbler = new RingScribbler(outbound, outboundCapacity, inbound, inboundCapacity, writer, random);
        ownReadWait = new WaitWord(inbound, (long) inboundCapacity + RingDescriptor.CONSUMER_WAIT_OFFSET);
        ownRoomWait = new WaitWord(outbound, (long) outboundCapacity + RingDescriptor.PRODUCER_WAIT_OFFSET);
        peerReadWait = new WaitWord(outbound, (long) outboundCapacity + RingDescriptor.CONSUMER_WAIT_OFFSET);
        peerRoomWait = new WaitWord(inbound, (long) inboundCapacity + RingDescriptor.PRODUCER_WAIT_OFFSET);
    }

    /** Receives a ring. @return null when none has been sent yet, or none will be because the socket is closed */
    static RingGuestChannel receive(final SimSocket socket, final SimRandom random) {
        final byte[] header = new byte[RingDescriptor.HAND_OVER_LENGTH];
        final List<SimMemory> memories = new ArrayList<>(1);
        final int count = socket.receive(header, 0, header.length, memories);
        if (count <= 0) {
            return null;
        }
        SimulationFailure.unless(count == header.length && memories.size() == 1,
            () -> "hand-over of a ring: bytes=" + count + " descriptors=" + memories.size());
        return new RingGuestChannel(socket, memories.get(0), random);
    }

    @Override
    public int read(final byte[] target) {
        takeWakeUps();
        if (sleepsForBytes) {
            return -Errno.EAGAIN;
        }
        int found = reader.poll();
        if (found == 0 && !ended) {
            ownReadWait.announce(reader.nextPosition());
            announced++;
            found = reader.poll();
            sleepsForBytes = found == 0;
            if (found != 0) {
                ownReadWait.withdraw();
            }
        }
        checkReader();
        if (found <= 0) {
            return ended ? 0 : -Errno.EAGAIN;
        }
        checkUnread();
        final int length = Math.min(found, READ_MOST);
        MemorySegment.copy(reader.memory(), ValueLayout.JAVA_BYTE, reader.offset(), target, 0, length);
        reader.advance(length);
        if (reader.release() && peerRoomWait.takeIfReached(reader.releasedPosition())) {
            socket.send(WAKE_UP, 0, 1);
        }
        return length;
    }

    private void checkReader() {
        SimulationFailure.unless(tampered || reader.brokenReason() == null, () -> "the relay broke the ring: " + reader.brokenReason());
    }

    private void checkUnread() {
        final long tail = inbound.get(ValueLayout.JAVA_LONG, (long) inboundCapacity + RingDescriptor.TAIL_OFFSET);
        final long unread = tail - reader.releasedPosition();
        SimulationFailure.unless(tampered || unread <= PortSources.HOST_UNREAD_LIMIT,
            () -> "more waits for the guest than may: bytes=" + unread);
    }

    @Override
    public int write(final byte[] source, final int offset, final int length) {
        takeWakeUps();
        if (sleepsForRoom || ended) {
            return ended ? -Errno.EPIPE : -Errno.EAGAIN;
        }
        final int count = writer.write(MemorySegment.ofArray(source), offset, length);
        SimulationFailure.unless(tampered || writer.brokenReason() == null, () -> "the relay broke the ring: " + writer.brokenReason());
        if (count < 0) {
            return -Errno.EAGAIN;
        }
        if (count > 0) {
            writer.publish();
            if (peerReadWait.takeIfReached(writer.position())) {
                socket.send(WAKE_UP, 0, 1);
            }
            return count;
        }
        ownRoomWait.announce(writer.usefulRoomPosition());
        announced++;
        sleepsForRoom = !writer.hasUsefulRoom();
        if (!sleepsForRoom) {
            ownRoomWait.withdraw();
        }
        return -Errno.EAGAIN;
    }

    private void takeWakeUps() {
        final int count = socket.receive(wakeUps, 0, wakeUps.length);
        if (count > 0) {
            woken += count;
            SimulationFailure.unless(tampered || woken <= announced,
                () -> "needless wake-ups: received=" + woken + " announced=" + announced);
        } else if (count != -Errno.EAGAIN) {
            ended = true;
        }
        if (count != -Errno.EAGAIN) {
            sleepsForBytes = false;
            sleepsForRoom = false;
            ownReadWait.withdraw();
            ownRoomWait.withdraw();
        }
    }

    @Override
    public boolean isDrained() {
        return reader.poll() == 0 && writer.unread() == 0;
    }

    /** Breaks the rules from now on, each time it is called. */
    void tamper() {
        tampered = true;
        scribbler.scribble();
        if (random.chance(WAKES_ONE_IN)) {
            socket.send(wakeUps, 0, random.between(1, WAKE_UPS_MOST));
        }
    }

    @Override
    public boolean isServed() {
        return reader.recordsWalked() > 0 || outbound.get(ValueLayout.JAVA_LONG, (long) outboundCapacity + RingDescriptor.HEAD_OFFSET) > 0;
    }

    @Override
    public void close() {
        socket.close();
        memory.close();
    }
}
