package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.statx;
import java.util.function.BooleanSupplier;

/**
 * The process under simulation as its disk has it. A second thread of the process writes there: it runs when the world lets it, and how
 * long its calls have taken is told afterwards, for the world not to let it run before that time is over.
 *
 * <p>The thread that runs the program's loop is never to wait for the disk: while it runs, a call of its own to the disk ends the
 * simulation.
 */
abstract class DiskProcess extends SimProcess {
    private static final int SCRATCH_BYTES = 256;
    private static final int DIRECTORY_MODE = 0700;
    private static final int STATX_BYTES = (int) statx.sizeof();

    private final SimDisk disk;
    private boolean loopRuns;

    DiskProcess(final SimClock clock, final SimRandom random, final Trace trace, final Scheduler others, final SimDisk disk) {
        super(clock, random, trace, others);
        this.disk = disk;
    }

    /**
     * Says whether the program's loop runs, which never waits for the disk.
     *
     * @param value whether it runs
     */
    public final void loopRuns(final boolean value) {
        loopRuns = value;
    }

    /**
     * Lets the thread that writes to the disk do something.
     *
     * @param work what it does, and whether there was anything to do
     * @return what the work says
     */
    public final boolean runWriter(final BooleanSupplier work) {
        writerRuns(true);
        try {
            return work.getAsBoolean();
        } finally {
            writerRuns(false);
        }
    }

    /** A call that goes to the disk begins. @return an errno, or 0 */
    final int enterDisk(final String call, final boolean growing) {
        SimulationFailure.unless(writerRuns() || !loopRuns || isBuried(), () -> "the loop waits for the disk: " + call);
        enter();
        if (isBuried()) {
            return 0;
        }
        writerTakes(disk.delayNs());
        return interrupted() ? Errno.EINTR : disk.refusal(clock.elapsedNs(), growing);
    }

    /** Writes as write(2) does, faults included. A process that is killed in it may have written part. */
    final long writeDisk(final SimDiskFile file, final int fd, final long address, final long length) {
        if (isKilledNext() && length > 0) {
            file.write(address, disk.cut((int) length));
        }
        final int refusal = enterDisk("write", file.grows(length));
        if (refusal != 0) {
            return traced("write", fd, (long) -refusal);
        }
        return traced("write", fd, file.write(address, disk.taken((int) length)));
    }

    /** Reads as read(2) does. */
    final long readDisk(final SimDiskFile file, final int fd, final long address, final long length) {
        final int refusal = enterDisk("read", false);
        return traced("read", fd, refusal != 0 ? -refusal : file.read(address, disk.taken((int) length)));
    }

    /** Cuts off as ftruncate(2) does. */
    final int cut(final SimDiskFile file, final long length) {
        final int refusal = enterDisk("ftruncate", false);
        return traced("ftruncate", length, refusal != 0 ? -refusal : file.truncate(length));
    }

    private SimDisk.Directory directory(final String call, final int fd) {
        if (file(call, fd) instanceof SimDirectory open) {
            return open.directory();
        }
        throw new SimulationFailure(call + " in something that is no directory: fd=" + fd);
    }

    private static String name(final long address) {
        return RawMemory.getString(address, SCRATCH_BYTES);
    }

    @Override
    public int openat(final int directoryFd, final long pathAddress, final int flags, final int mode) {
        final int refusal = enterDisk("openat", false);
        if (refusal != 0) {
            return traced("openat", flags, -refusal);
        }
        final String path = name(pathAddress);
        if (directoryFd == Linux.AT_FDCWD) {
            SimulationFailure.unless((flags & Abi.O_DIRECTORY) != 0, () -> "openat that is not simulated: " + path);
            final SimDisk.Directory found = disk.find(path);
            return traced("openat", flags, found == null ? -Errno.ENOENT : table.open(new SimDirectory(found, path)));
        }
        final SimDisk.Directory directory = directory("openat", directoryFd);
        SimDisk.Node node = directory.get(path);
        if (node == null) {
            final int full = (flags & Linux.O_CREAT) == 0 ? Errno.ENOENT : disk.refusal(clock.elapsedNs(), true);
            if (full != 0) {
                return traced("openat", flags, -full);
            }
            node = disk.create(directory, path);
        }
        SimulationFailure.unless((flags & Abi.O_NOFOLLOW) != 0, () -> "a file opened so that a link would be followed: " + path);
        return traced("openat", flags, table.open(new SimDiskFile(node, path, (flags & Linux.O_APPEND) != 0)));
    }

    @Override
    public int mkdirat(final int directoryFd, final long pathAddress, final int mode) {
        final int refusal = enterDisk("mkdirat", true);
        return traced("mkdirat", mode, refusal != 0 ? -refusal : disk.make(name(pathAddress)));
    }

    @Override
    public int renameat(final int oldDirectoryFd, final long oldPathAddress, final int newDirectoryFd, final long newPathAddress) {
        final int refusal = enterDisk("renameat", false);
        final SimDisk.Directory from = directory("renameat", oldDirectoryFd);
        final SimDisk.Directory to = directory("renameat", newDirectoryFd);
        return traced("renameat", oldDirectoryFd,
            refusal != 0 ? -refusal : disk.rename(from, name(oldPathAddress), to, name(newPathAddress)));
    }

    @Override
    public int statx(final int directoryFd, final long pathAddress, final int flags, final int mask, final long bufferAddress) {
        final int refusal = enterDisk("statx", false);
        if (refusal != 0) {
            return traced("statx", flags, -refusal);
        }
        RawMemory.write(bufferAddress, new byte[STATX_BYTES], 0, STATX_BYTES);
        RawMemory.putInt(bufferAddress + statx.stx_mask$offset(), mask);
        RawMemory.putInt(bufferAddress + statx.stx_nlink$offset(), 1);
        if ((flags & Linux.AT_EMPTY_PATH) != 0 && file("statx", directoryFd) instanceof SimDirectory) {
            RawMemory.putShort(bufferAddress + statx.stx_mode$offset(), (short) (Linux.S_IFDIR | DIRECTORY_MODE));
            return traced("statx", flags, 0);
        }
        final SimDisk.Node node = (flags & Linux.AT_EMPTY_PATH) != 0 && file("statx", directoryFd) instanceof SimDiskFile open
            ? open.node()
            : directory("statx", directoryFd).get(name(pathAddress));
        if (node == null) {
            return traced("statx", flags, -Errno.ENOENT);
        }
        RawMemory.putShort(bufferAddress + statx.stx_mode$offset(), (short) Linux.S_IFREG);
        RawMemory.putLong(bufferAddress + statx.stx_ino$offset(), node.number());
        RawMemory.putLong(bufferAddress + statx.stx_size$offset(), node.length());
        return traced("statx", flags, 0);
    }
}
