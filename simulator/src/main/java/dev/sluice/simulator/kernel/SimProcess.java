package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The process under simulation as the kernel has it: descriptors, mappings, and the calls on files that are no sockets.
 *
 * <p>Two mistakes end the simulation instead of the call, because a program that makes them is wrong whatever it does with the error: a
 * descriptor that is not open, and memory given back that is not mapped.
 */
abstract class SimProcess extends UnsupportedSyscalls {
    private static final int PATH_MAX = 4096;
    /** Calls take some time; anything that turns endlessly therefore meets its deadline. */
    private static final int CALL_NS_LEAST = 200;
    private static final int CALL_NS_MOST = 3000;

    private static final long SCARCE_MOST_NS = 200_000_000;

    private record Mapping(long length, SimFile file) {
    }

    final SimClock clock;
    final SimRandom random;
    final Trace trace;
    final DescriptorTable table = new DescriptorTable();
    private final Scheduler others;
    private final Map<Long, Mapping> mappings = new HashMap<>();
    private FaultProfile faults = FaultProfile.NONE;
    private boolean othersRun;
    private boolean dead;
    private SimulationFailure failure;
    private boolean writerRuns;
    private long writerNs;
    private long calls;
    private long scarceUntilNs;
    private int scarceErrno;
    private int descriptorsMost;
    private boolean refused;
    private long killAtCall = Long.MAX_VALUE;

    SimProcess(final SimClock clock, final SimRandom random, final Trace trace, final Scheduler others) {
        this.clock = clock;
        this.random = random;
        this.trace = trace;
        this.others = others;
    }

    /**
     * Sets how awkward the kernel is from now on.
     *
     * @param profile how often which fault happens
     */
    public final void faults(final FaultProfile profile) {
        faults = profile;
    }

    final FaultProfile faults() {
        return faults;
    }

    /** {@return how many system calls were made} */
    public final long calls() {
        return calls;
    }

    /**
     * Kills the process in one of its calls, which then throws {@link ProcessKilled}; its descriptors are closed as by the kernel.
     *
     * @param call which, counting from 1
     */
    public final void killAt(final long call) {
        killAtCall = call;
    }

    /**
     * Looks for what the process has not given back.
     *
     * @return a line for each open descriptor and each mapping
     */
    public final List<String> leaks() {
        final List<String> open = table.describe();
        mappings.forEach((address, mapping) -> open.add("mapping of " + mapping.length + " bytes"));
        return open;
    }

    /** Gives back what the process has not, so that this JVM can go on after a failure. */
    public final void reclaim() {
        dead = true;
        table.closeAll();
        for (final Map.Entry<Long, Mapping> entry : Map.copyOf(mappings).entrySet()) {
            unmap(entry.getKey(), entry.getValue());
        }
    }

    /** A call begins: time passes, others may run, the process may die. */
    final void enter() {
        if (dead || othersRun && !writerRuns) {
            return;
        }
        calls++;
        if (calls >= killAtCall) {
            die();
        }
        final int takesNs = random.between(CALL_NS_LEAST, CALL_NS_MOST);
        if (writerRuns) {
            writerNs += takesNs;
        } else {
            clock.advance(takesNs);
            runOthers(others::preempt);
        }
    }

    private void die() {
        trace.add("kernel", "process killed in call", calls);
        bury();
        throw new ProcessKilled();
    }

    private void bury() {
        if (!dead) {
            dead = true;
            table.detachAll();
        }
    }

    /** {@return the first promise that was found broken, or null} */
    public final SimulationFailure failure() {
        return failure;
    }

    /** {@return whether the process is dead, so that its calls have no effect} */
    final boolean isBuried() {
        return dead;
    }

    final boolean isKilledNext() {
        return !dead && calls + 1 >= killAtCall;
    }

    final void writerRuns(final boolean value) {
        writerRuns = value;
    }

    final boolean writerRuns() {
        return writerRuns;
    }

    /** The writer's call takes longer than calls do; whoever else calls lets that time pass. */
    final void writerTakes(final long nanos) {
        if (writerRuns) {
            writerNs += nanos;
        } else {
            clock.advance(nanos);
        }
    }

    /**
     * Tells how long the calls of the thread that writes to the disk have taken.
     *
     * @return nanoseconds since this was asked last
     */
    public final long takeWriterNs() {
        final long taken = writerNs;
        writerNs = 0;
        return taken;
    }

    final void runOthers(final Runnable run) {
        othersRun = true;
        try {
            run.run();
        } catch (final SimulationFailure e) {
            // What the program does about it, and goes wrong in doing it, is not what has to be found.
            bury();
            failure = failure == null ? e : failure;
            throw e;
        } finally {
            othersRun = false;
        }
    }

    final Scheduler others() {
        return others;
    }

    final boolean interrupted() {
        return (writerRuns || !othersRun) && random.chance(faults.interrupted());
    }

    /** {@return whether the program has ever been refused a descriptor, memory or a connection that was there} */
    public final boolean hasRefused() {
        return scarceErrno != 0 || refused;
    }

    final void refused() {
        refused = true;
    }

    final boolean refusesToWatch() {
        final boolean refuses = random.chance(faults.notWatched());
        refused |= refuses;
        return refuses;
    }

    /** Being out of descriptors or memory is a state that lasts. @return the errno, or 0 while there is no want */
    final int scarcity() {
        if (clock.elapsedNs() >= scarceUntilNs && random.chance(faults.noDescriptor())) {
            scarceUntilNs = clock.elapsedNs() + random.spread(1, SCARCE_MOST_NS);
            scarceErrno = random.pick(Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM);
            descriptorsMost = table.count();
        }
        if (clock.elapsedNs() >= scarceUntilNs || faults.noDescriptor() == 0) {
            return 0;
        }
        // The limit of a process leaves it the descriptors it has: one that is given up can be had again.
        return scarceErrno == Errno.EMFILE && table.count() < descriptorsMost ? 0 : scarceErrno;
    }

    final SimFile file(final String call, final int fd) {
        final SimFile file = table.get(fd);
        if (file == null && dead) {
            // What the program had closed when it was killed has no stand-in. Its objects may be in the middle of anything.
            throw new ProcessKilled();
        }
        if (file == null) {
            throw new SimulationFailure(call + " of a descriptor that is not open: fd=" + fd);
        }
        return file;
    }

    final long traced(final String call, final long argument, final long result) {
        trace.addCall("relay", call, argument, result);
        return result;
    }

    final int traced(final String call, final long argument, final int result) {
        return (int) traced(call, argument, (long) result);
    }

    @Override
    public int open(final long pathAddress, final int flags, final int mode) {
        enter();
        return traced("open", flags, table.open(new SimPlainFile(RawMemory.getString(pathAddress, PATH_MAX))));
    }

    @Override
    public int close(final int fd) {
        enter();
        file("close", fd);
        table.close(fd);
        return traced("close", fd, 0);
    }

    @Override
    public int eventfd(final int initialValue, final int flags) {
        enter();
        final SimEventfd file = new SimEventfd(initialValue);
        file.nonBlocking((flags & Linux.EFD_NONBLOCK) != 0);
        return traced("eventfd", initialValue, table.open(file));
    }

    @Override
    public int fcntl(final int fd, final int command, final long argument) {
        enter();
        final SimFile file = file("fcntl", fd);
        final int result = switch (command) {
            case Linux.F_DUPFD_CLOEXEC -> {
                final int scarcity = scarcity();
                yield scarcity != 0 ? -scarcity : table.open(file);
            }
            case Linux.F_GETFL -> Linux.O_RDWR | (file.isNonBlocking() ? Linux.O_NONBLOCK : 0);
            case Linux.F_SETFL -> {
                file.nonBlocking((argument & Linux.O_NONBLOCK) != 0);
                yield 0;
            }
            case Linux.F_GETFD -> Linux.FD_CLOEXEC;
            case Linux.F_SETFD -> 0;
            case Linux.F_ADD_SEALS -> file instanceof SimMemory memory ? memory.addSeals((int) argument) : -Errno.EINVAL;
            case Linux.F_GET_SEALS -> file instanceof SimMemory memory ? memory.seals() : -Errno.EINVAL;
            default -> throw new SimulationFailure("fcntl that is not simulated: command=" + command);
        };
        return traced("fcntl", command, result);
    }

    @Override
    public int ioctl(final int fd, final long request, final long argument) {
        enter();
        if (!(file("ioctl", fd) instanceof SimSocket socket)) {
            return traced("ioctl", request, -Errno.ENOTTY);
        }
        if (request == Linux.SIOCOUTQ) {
            RawMemory.putInt(argument, socket.paidBytes());
        } else if (request == Linux.FIONREAD) {
            RawMemory.putInt(argument, socket.receivedBytes());
        } else {
            return traced("ioctl", request, -Errno.ENOTTY);
        }
        return traced("ioctl", request, 0);
    }

    @Override
    public int fchmod(final int fd, final int mode) {
        enter();
        file("fchmod", fd);
        return traced("fchmod", mode, 0);
    }

    @Override
    public int flock(final int fd, final int operation) {
        enter();
        file("flock", fd);
        return traced("flock", operation, 0);
    }

    @Override
    public int memfdCreate(final long nameAddress, final int flags) {
        enter();
        final boolean sealable = (flags & Linux.MFD_ALLOW_SEALING) != 0;
        return traced("memfd_create", flags, table.open(new SimMemory(RawMemory.getString(nameAddress, PATH_MAX), sealable)));
    }

    @Override
    public int ftruncate(final int fd, final long length) {
        enter();
        return traced("ftruncate", length, file("ftruncate", fd).truncate(length));
    }

    @Override
    public long lseek(final int fd, final long offset, final int whence) {
        enter();
        return traced("lseek", offset, file("lseek", fd).seek(offset, whence));
    }

    @Override
    public long mmap(
        final long hintAddress, final long length, final int protection, final int flags, final int fd, final long offset) {
        enter();
        if (fd < 0) {
            final long address = SimMemory.map(length);
            mappings.put(address, new Mapping(length, null));
            traced("mmap", length, 0);
            return address;
        }
        if (!(file("mmap", fd) instanceof SimMemory memory)) {
            return traced("mmap", length, (long) -Errno.ENODEV);
        }
        SimulationFailure.unless(offset == 0 && length <= memory.length(), () -> "mapping beyond the end of a memfd: length=" + length);
        SimulationFailure.unless(!mappings.containsKey(memory.address()), "a memfd mapped twice, which is not simulated");
        memory.retain();
        mappings.put(memory.address(), new Mapping(length, memory));
        traced("mmap", length, 0);
        return memory.address();
    }

    @Override
    public int munmap(final long address, final long length) {
        enter();
        final Mapping mapping = mappings.get(address);
        SimulationFailure.unless(mapping != null && mapping.length == length, () -> "munmap of what is not mapped: length=" + length);
        unmap(address, mapping);
        return traced("munmap", length, 0);
    }

    /** Bytes of the program's memory are given to a call. */
    final void checkReadable(final long address, final long length) {
        for (final Mapping mapping : mappings.values()) {
            if (mapping.file instanceof SimMemory shared && length > 0) {
                shared.checkExposed(address, length);
            }
        }
    }

    private void unmap(final long address, final Mapping mapping) {
        mappings.remove(address);
        if (mapping.file == null) {
            SimMemory.unmap(address, mapping.length);
        } else {
            mapping.file.release();
        }
    }
}
