package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;

/** A file of a {@link SimDisk} that is open. */
final class SimDiskFile extends SimFile {
    private final SimDisk.Node node;
    private final String name;
    private final boolean appends;
    private int position;

    SimDiskFile(final SimDisk.Node node, final String name, final boolean appends) {
        this.node = node;
        this.name = name;
        this.appends = appends;
    }

    SimDisk.Node node() {
        return node;
    }

    @Override
    long read(final long address, final long length) {
        final int count = node.read(position, address, (int) Math.min(length, Integer.MAX_VALUE));
        position += count;
        return count;
    }

    /** @return whether a write makes the file longer */
    boolean grows(final long length) {
        return appends || position + length > node.length();
    }

    @Override
    long write(final long address, final long length) {
        final byte[] bytes = new byte[(int) length];
        RawMemory.read(address, bytes, 0, bytes.length);
        final int at = appends ? node.length() : position;
        node.write(at, bytes, bytes.length);
        position = at + bytes.length;
        return length;
    }

    @Override
    int truncate(final long length) {
        SimulationFailure.unless(length <= node.length(), () -> "a file made longer, which is not simulated: " + length);
        node.cut((int) length);
        return 0;
    }

    @Override
    long seek(final long offset, final int whence) {
        final long target = switch (whence) {
            case Linux.SEEK_SET -> offset;
            case Linux.SEEK_END -> node.length() + offset;
            default -> -1;
        };
        if (target < 0 || target > Integer.MAX_VALUE) {
            return -Errno.EINVAL;
        }
        position = (int) target;
        return target;
    }

    @Override
    int events() {
        return Linux.EPOLLIN | Linux.EPOLLOUT;
    }

    @Override
    void released() {
    }

    @Override
    SimFile detached() {
        return new SimDiskFile(new SimDisk.Node(0), name, appends);
    }

    @Override
    String describe() {
        return "file " + name;
    }
}
