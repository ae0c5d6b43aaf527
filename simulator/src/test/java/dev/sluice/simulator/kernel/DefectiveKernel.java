package dev.sluice.simulator.kernel;

import java.util.List;

/**
 * A kernel with one defect, which shows now and then. To the world outside it is as if the relay had it: bytes that are lost, doubled
 * or sent to the wrong client, wake-ups that are missed, descriptors that are not closed.
 */
public final class DefectiveKernel extends SimKernel {
    private static final int ONE_IN = 40;
    private static final int BUFFER = 212_992;

    private final Defect defect;
    private final SimRandom chance;
    private SimSocket lastTarget;

    /** What is wrong. */
    public enum Defect {
        /** A byte arrives twice. */
        DOUBLES_A_BYTE,
        /** A byte is lost. */
        LOSES_A_BYTE,
        /** A bit is changed. */
        CHANGES_A_BIT,
        /** Two halves of a write arrive in the wrong order. */
        SWAPS_HALVES,
        /** A write goes to the socket that was written to before. */
        MISDELIVERS,
        /** A write of some bytes is reported and not made. */
        FORGETS_A_WRITE,
        /** An event is not reported. */
        MISSES_AN_EVENT,
        /** A descriptor is not closed. */
        FORGETS_TO_CLOSE,
        /** Bytes are handed out a second time. */
        READS_TWICE
    }

    /**
     * A machine with a defect.
     *
     * @param defect which
     * @param clock the time
     * @param random source of chance
     * @param trace where calls are noted
     * @param others everybody else
     * @param disk of the machine
     */
    public DefectiveKernel(
        final Defect defect, final SimClock clock, final SimRandom random, final Trace trace, final Scheduler others,
        final SimDisk disk) {
        super(clock, random, trace, others, BUFFER, disk);
        this.defect = defect;
        this.chance = random.split();
    }

    private boolean shows(final Defect which) {
        return defect == which && chance.chance(ONE_IN);
    }

    @Override
    long transmit(final SimSocket socket, final byte[] bytes, final List<SimFile> files) {
        final SimSocket before = lastTarget;
        lastTarget = socket;
        if (!files.isEmpty() || bytes.length < 2 || socket.sendRoom() <= bytes.length) {
            return super.transmit(socket, bytes, files);
        }
        if (shows(Defect.MISDELIVERS) && before != null && before != socket && before.sendRoom() > bytes.length) {
            return super.transmit(before, bytes, files);
        }
        if (shows(Defect.FORGETS_A_WRITE)) {
            return bytes.length;
        }
        final byte[] changed = changed(bytes);
        if (changed == bytes) {
            return super.transmit(socket, bytes, files);
        }
        return socket.send(changed, 0, changed.length) > 0 ? bytes.length : super.transmit(socket, bytes, files);
    }

    private byte[] changed(final byte[] bytes) {
        final int at = chance.below(bytes.length - 1);
        if (shows(Defect.DOUBLES_A_BYTE)) {
            final byte[] longer = new byte[bytes.length + 1];
            System.arraycopy(bytes, 0, longer, 0, at + 1);
            System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
            return longer;
        }
        if (shows(Defect.LOSES_A_BYTE)) {
            final byte[] shorter = new byte[bytes.length - 1];
            System.arraycopy(bytes, 0, shorter, 0, at);
            System.arraycopy(bytes, at + 1, shorter, at, bytes.length - at - 1);
            return shorter;
        }
        if (shows(Defect.CHANGES_A_BIT)) {
            final byte[] wrong = bytes.clone();
            wrong[at] ^= (byte) (1 << chance.below(Byte.SIZE));
            return wrong;
        }
        if (shows(Defect.SWAPS_HALVES)) {
            final byte[] swapped = new byte[bytes.length];
            System.arraycopy(bytes, at + 1, swapped, 0, bytes.length - at - 1);
            System.arraycopy(bytes, 0, swapped, bytes.length - at - 1, at + 1);
            return swapped;
        }
        return bytes;
    }

    @Override
    public int epollWait(final int epollFd, final long eventsAddress, final int maxEvents, final int timeoutMillis) {
        final int events = super.epollWait(epollFd, eventsAddress, maxEvents, timeoutMillis);
        return events > 0 && shows(Defect.MISSES_AN_EVENT) ? events - 1 : events;
    }

    @Override
    public int close(final int fd) {
        return shows(Defect.FORGETS_TO_CLOSE) ? 0 : super.close(fd);
    }

    @Override
    public long read(final int fd, final long address, final long length) {
        final long count = super.read(fd, address, length);
        if (count > 0 && 2 * count <= length && shows(Defect.READS_TWICE)) {
            final byte[] bytes = new byte[(int) count];
            RawMemory.read(address, bytes, 0, bytes.length);
            RawMemory.write(address + count, bytes, 0, bytes.length);
            return 2 * count;
        }
        return count;
    }
}
