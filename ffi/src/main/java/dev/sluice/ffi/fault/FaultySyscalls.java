package dev.sluice.ffi.fault;

import dev.sluice.ffi.Syscalls;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * For tests: counts the calls that go through it, and makes those of a schedule fail, come back interrupted, or move less than they were
 * asked to.
 *
 * <p>A call that is made to fail is not made, except {@code close}, which loses the descriptor whatever it returns.
 *
 * <p><b>Threads.</b> As safe as the implementation underneath; where calls race, so do their numbers.
 */
public final class FaultySyscalls implements Syscalls {
    private final Syscalls calls;
    private final AtomicLongArray counts = new AtomicLongArray(Call.values().length);
    private final AtomicLong total = new AtomicLong();
    private volatile FaultSchedule schedule = FaultSchedule.NEVER;

    /**
     * Counts, and injects nothing until told to.
     *
     * @param calls where calls go
     */
    public FaultySyscalls(final Syscalls calls) {
        this.calls = calls;
    }

    /**
     * Replaces the schedule and starts counting anew.
     *
     * @param newSchedule what goes wrong from now on
     */
    public void inject(final FaultSchedule newSchedule) {
        for (int i = 0; i < counts.length(); i++) {
            counts.set(i, 0);
        }
        total.set(0);
        schedule = newSchedule;
    }

    /**
     * How often a call was made since the last {@link #inject}.
     *
     * @param call the call
     * @return the number, failed ones included
     */
    public long count(final Call call) {
        return counts.get(call.ordinal());
    }

    /**
     * How many calls were made since the last {@link #inject}.
     *
     * @return the number, failed ones included
     */
    public long count() {
        return total.get();
    }

    private Fault next(final Call call) {
        final long nth = counts.incrementAndGet(call.ordinal());
        return schedule.at(call, nth, total.incrementAndGet());
    }

    @Override
    public int socket(final int domain, final int type, final int protocol) {
        final Fault fault = next(Call.SOCKET);
        return fault.fails() ? -fault.errno() : calls.socket(domain, type, protocol);
    }

    @Override
    public int socketpair(final int domain, final int type, final int protocol, final long pairAddress) {
        final Fault fault = next(Call.SOCKETPAIR);
        return fault.fails() ? -fault.errno() : calls.socketpair(domain, type, protocol, pairAddress);
    }

    @Override
    public int bind(final int fd, final long address, final int length) {
        final Fault fault = next(Call.BIND);
        return fault.fails() ? -fault.errno() : calls.bind(fd, address, length);
    }

    @Override
    public int listen(final int fd, final int backlog) {
        final Fault fault = next(Call.LISTEN);
        return fault.fails() ? -fault.errno() : calls.listen(fd, backlog);
    }

    @Override
    public int accept4(final int fd, final long address, final long lengthAddress, final int flags) {
        final Fault fault = next(Call.ACCEPT4);
        return fault.fails() ? -fault.errno() : calls.accept4(fd, address, lengthAddress, flags);
    }

    @Override
    public int connect(final int fd, final long address, final int length) {
        final Fault fault = next(Call.CONNECT);
        return fault.fails() ? -fault.errno() : calls.connect(fd, address, length);
    }

    @Override
    public int getsockname(final int fd, final long address, final long lengthAddress) {
        final Fault fault = next(Call.GETSOCKNAME);
        return fault.fails() ? -fault.errno() : calls.getsockname(fd, address, lengthAddress);
    }

    @Override
    public int getpeername(final int fd, final long address, final long lengthAddress) {
        final Fault fault = next(Call.GETPEERNAME);
        return fault.fails() ? -fault.errno() : calls.getpeername(fd, address, lengthAddress);
    }

    @Override
    public int getsockopt(final int fd, final int level, final int name, final long valueAddress, final long lengthAddress) {
        final Fault fault = next(Call.GETSOCKOPT);
        return fault.fails() ? -fault.errno() : calls.getsockopt(fd, level, name, valueAddress, lengthAddress);
    }

    @Override
    public int setsockopt(final int fd, final int level, final int name, final long valueAddress, final int length) {
        final Fault fault = next(Call.SETSOCKOPT);
        return fault.fails() ? -fault.errno() : calls.setsockopt(fd, level, name, valueAddress, length);
    }

    @Override
    public int shutdown(final int fd, final int how) {
        final Fault fault = next(Call.SHUTDOWN);
        return fault.fails() ? -fault.errno() : calls.shutdown(fd, how);
    }

    @Override
    public long send(final int fd, final long address, final long length, final int flags) {
        final Fault fault = next(Call.SEND);
        return fault.fails() ? -fault.errno() : calls.send(fd, address, fault.clip(length), flags);
    }

    @Override
    public long sendmsg(final int fd, final long messageAddress, final int flags) {
        final Fault fault = next(Call.SENDMSG);
        if (fault.fails()) {
            return -fault.errno();
        }
        if (!fault.shortens()) {
            return calls.sendmsg(fd, messageAddress, flags);
        }
        try (ClippedMessage message = new ClippedMessage(messageAddress, fault.maxBytes())) {
            return calls.sendmsg(fd, message.address(), flags);
        }
    }

    @Override
    public long recvmsg(final int fd, final long messageAddress, final int flags) {
        final Fault fault = next(Call.RECVMSG);
        if (fault.fails()) {
            return -fault.errno();
        }
        if (!fault.shortens()) {
            return calls.recvmsg(fd, messageAddress, flags);
        }
        try (ClippedMessage message = new ClippedMessage(messageAddress, fault.maxBytes())) {
            return calls.recvmsg(fd, message.address(), flags);
        }
    }

    @Override
    public long read(final int fd, final long address, final long length) {
        final Fault fault = next(Call.READ);
        return fault.fails() ? -fault.errno() : calls.read(fd, address, fault.clip(length));
    }

    @Override
    public long write(final int fd, final long address, final long length) {
        final Fault fault = next(Call.WRITE);
        return fault.fails() ? -fault.errno() : calls.write(fd, address, fault.clip(length));
    }

    @Override
    public long readv(final int fd, final long iovecAddress, final int count) {
        final Fault fault = next(Call.READV);
        if (fault.fails()) {
            return -fault.errno();
        }
        if (!fault.shortens()) {
            return calls.readv(fd, iovecAddress, count);
        }
        try (ClippedVector vector = new ClippedVector(iovecAddress, count, fault.maxBytes())) {
            return calls.readv(fd, vector.address(), vector.count());
        }
    }

    @Override
    public long writev(final int fd, final long iovecAddress, final int count) {
        final Fault fault = next(Call.WRITEV);
        if (fault.fails()) {
            return -fault.errno();
        }
        if (!fault.shortens()) {
            return calls.writev(fd, iovecAddress, count);
        }
        try (ClippedVector vector = new ClippedVector(iovecAddress, count, fault.maxBytes())) {
            return calls.writev(fd, vector.address(), vector.count());
        }
    }

    @Override
    public long splice(
        final int inFd, final long inOffsetAddress, final int outFd, final long outOffsetAddress, final long length, final int flags) {
        final Fault fault = next(Call.SPLICE);
        return fault.fails() ? -fault.errno() : calls.splice(inFd, inOffsetAddress, outFd, outOffsetAddress, fault.clip(length), flags);
    }

    @Override
    public long lseek(final int fd, final long offset, final int whence) {
        final Fault fault = next(Call.LSEEK);
        return fault.fails() ? -fault.errno() : calls.lseek(fd, offset, whence);
    }

    @Override
    public int open(final long pathAddress, final int flags, final int mode) {
        final Fault fault = next(Call.OPEN);
        return fault.fails() ? -fault.errno() : calls.open(pathAddress, flags, mode);
    }

    @Override
    public int openat(final int directoryFd, final long pathAddress, final int flags, final int mode) {
        final Fault fault = next(Call.OPENAT);
        return fault.fails() ? -fault.errno() : calls.openat(directoryFd, pathAddress, flags, mode);
    }

    @Override
    public int mkdirat(final int directoryFd, final long pathAddress, final int mode) {
        final Fault fault = next(Call.MKDIRAT);
        return fault.fails() ? -fault.errno() : calls.mkdirat(directoryFd, pathAddress, mode);
    }

    @Override
    public int renameat(final int oldDirectoryFd, final long oldPathAddress, final int newDirectoryFd, final long newPathAddress) {
        final Fault fault = next(Call.RENAMEAT);
        return fault.fails() ? -fault.errno() : calls.renameat(oldDirectoryFd, oldPathAddress, newDirectoryFd, newPathAddress);
    }

    @Override
    public int statx(final int directoryFd, final long pathAddress, final int flags, final int mask, final long bufferAddress) {
        final Fault fault = next(Call.STATX);
        return fault.fails() ? -fault.errno() : calls.statx(directoryFd, pathAddress, flags, mask, bufferAddress);
    }

    @Override
    public long pread(final int fd, final long address, final long length, final long offset) {
        final Fault fault = next(Call.PREAD);
        return fault.fails() ? -fault.errno() : calls.pread(fd, address, fault.clip(length), offset);
    }

    @Override
    public long pwrite(final int fd, final long address, final long length, final long offset) {
        final Fault fault = next(Call.PWRITE);
        return fault.fails() ? -fault.errno() : calls.pwrite(fd, address, fault.clip(length), offset);
    }

    @Override
    public long preadv2(final int fd, final long iovecAddress, final int count, final long offset, final int flags) {
        final Fault fault = next(Call.PREADV2);
        if (fault.fails()) {
            return -fault.errno();
        }
        if (!fault.shortens()) {
            return calls.preadv2(fd, iovecAddress, count, offset, flags);
        }
        try (ClippedVector vector = new ClippedVector(iovecAddress, count, fault.maxBytes())) {
            return calls.preadv2(fd, vector.address(), vector.count(), offset, flags);
        }
    }

    @Override
    public int openat2(final int directoryFd, final long pathAddress, final long howAddress, final long howLength) {
        final Fault fault = next(Call.OPENAT2);
        return fault.fails() ? -fault.errno() : calls.openat2(directoryFd, pathAddress, howAddress, howLength);
    }

    @Override
    public int unlinkat(final int directoryFd, final long pathAddress, final int flags) {
        final Fault fault = next(Call.UNLINKAT);
        return fault.fails() ? -fault.errno() : calls.unlinkat(directoryFd, pathAddress, flags);
    }

    @Override
    public int symlinkat(final long targetAddress, final int directoryFd, final long linkPathAddress) {
        final Fault fault = next(Call.SYMLINKAT);
        return fault.fails() ? -fault.errno() : calls.symlinkat(targetAddress, directoryFd, linkPathAddress);
    }

    @Override
    public long readlinkat(final int directoryFd, final long pathAddress, final long address, final long length) {
        final Fault fault = next(Call.READLINKAT);
        return fault.fails() ? -fault.errno() : calls.readlinkat(directoryFd, pathAddress, address, length);
    }

    @Override
    public int fchmodat(final int directoryFd, final long pathAddress, final int mode, final int flags) {
        final Fault fault = next(Call.FCHMODAT);
        return fault.fails() ? -fault.errno() : calls.fchmodat(directoryFd, pathAddress, mode, flags);
    }

    @Override
    public int fchownat(final int directoryFd, final long pathAddress, final int uid, final int gid, final int flags) {
        final Fault fault = next(Call.FCHOWNAT);
        return fault.fails() ? -fault.errno() : calls.fchownat(directoryFd, pathAddress, uid, gid, flags);
    }

    @Override
    public int utimensat(final int directoryFd, final long pathAddress, final long timesAddress, final int flags) {
        final Fault fault = next(Call.UTIMENSAT);
        return fault.fails() ? -fault.errno() : calls.utimensat(directoryFd, pathAddress, timesAddress, flags);
    }

    @Override
    public long getdents64(final int fd, final long address, final long length) {
        final Fault fault = next(Call.GETDENTS64);
        return fault.fails() ? -fault.errno() : calls.getdents64(fd, address, length);
    }

    @Override
    public int fsync(final int fd) {
        final Fault fault = next(Call.FSYNC);
        return fault.fails() ? -fault.errno() : calls.fsync(fd);
    }

    @Override
    public int close(final int fd) {
        final Fault fault = next(Call.CLOSE);
        final int result = calls.close(fd);
        return fault.fails() ? -fault.errno() : result;
    }

    @Override
    public int pipe2(final long pairAddress, final int flags) {
        final Fault fault = next(Call.PIPE2);
        return fault.fails() ? -fault.errno() : calls.pipe2(pairAddress, flags);
    }

    @Override
    public int eventfd(final int initialValue, final int flags) {
        final Fault fault = next(Call.EVENTFD);
        return fault.fails() ? -fault.errno() : calls.eventfd(initialValue, flags);
    }

    @Override
    public int fcntl(final int fd, final int command, final long argument) {
        final Fault fault = next(Call.FCNTL);
        return fault.fails() ? -fault.errno() : calls.fcntl(fd, command, argument);
    }

    @Override
    public int ioctl(final int fd, final long request, final long argument) {
        final Fault fault = next(Call.IOCTL);
        return fault.fails() ? -fault.errno() : calls.ioctl(fd, request, argument);
    }

    @Override
    public int fchmod(final int fd, final int mode) {
        final Fault fault = next(Call.FCHMOD);
        return fault.fails() ? -fault.errno() : calls.fchmod(fd, mode);
    }

    @Override
    public int flock(final int fd, final int operation) {
        final Fault fault = next(Call.FLOCK);
        return fault.fails() ? -fault.errno() : calls.flock(fd, operation);
    }

    @Override
    public int ftruncate(final int fd, final long length) {
        final Fault fault = next(Call.FTRUNCATE);
        return fault.fails() ? -fault.errno() : calls.ftruncate(fd, length);
    }

    @Override
    public int memfdCreate(final long nameAddress, final int flags) {
        final Fault fault = next(Call.MEMFD_CREATE);
        return fault.fails() ? -fault.errno() : calls.memfdCreate(nameAddress, flags);
    }

    @Override
    public long mmap(final long hintAddress, final long length, final int protection, final int flags, final int fd, final long offset) {
        final Fault fault = next(Call.MMAP);
        return fault.fails() ? -fault.errno() : calls.mmap(hintAddress, length, protection, flags, fd, offset);
    }

    @Override
    public int munmap(final long address, final long length) {
        final Fault fault = next(Call.MUNMAP);
        return fault.fails() ? -fault.errno() : calls.munmap(address, length);
    }

    @Override
    public int poll(final long pollfdAddress, final long count, final int timeoutMillis) {
        final Fault fault = next(Call.POLL);
        return fault.fails() ? -fault.errno() : calls.poll(pollfdAddress, count, timeoutMillis);
    }

    @Override
    public int epollCreate1(final int flags) {
        final Fault fault = next(Call.EPOLL_CREATE1);
        return fault.fails() ? -fault.errno() : calls.epollCreate1(flags);
    }

    @Override
    public int epollCtl(final int epollFd, final int operation, final int fd, final long eventAddress) {
        final Fault fault = next(Call.EPOLL_CTL);
        return fault.fails() ? -fault.errno() : calls.epollCtl(epollFd, operation, fd, eventAddress);
    }

    @Override
    public int epollWait(final int epollFd, final long eventsAddress, final int maxEvents, final int timeoutMillis) {
        final Fault fault = next(Call.EPOLL_WAIT);
        return fault.fails() ? -fault.errno() : calls.epollWait(epollFd, eventsAddress, maxEvents, timeoutMillis);
    }

    @Override
    public int posixSpawn(
        final long pidAddress, final long pathAddress, final long fileActionsAddress, final long attributesAddress, final long argvAddress,
        final long envpAddress) {
        final Fault fault = next(Call.POSIX_SPAWN);
        return fault.fails() ? -fault.errno() : calls.posixSpawn(
            pidAddress, pathAddress, fileActionsAddress, attributesAddress, argvAddress, envpAddress);
    }

    @Override
    public int spawnFileActionsInit(final long fileActionsAddress) {
        final Fault fault = next(Call.POSIX_SPAWN_FILE_ACTIONS_INIT);
        return fault.fails() ? -fault.errno() : calls.spawnFileActionsInit(fileActionsAddress);
    }

    @Override
    public int spawnFileActionsDestroy(final long fileActionsAddress) {
        final Fault fault = next(Call.POSIX_SPAWN_FILE_ACTIONS_DESTROY);
        return fault.fails() ? -fault.errno() : calls.spawnFileActionsDestroy(fileActionsAddress);
    }

    @Override
    public int spawnFileActionsAddDup2(final long fileActionsAddress, final int fd, final int newFd) {
        final Fault fault = next(Call.POSIX_SPAWN_FILE_ACTIONS_ADDDUP2);
        return fault.fails() ? -fault.errno() : calls.spawnFileActionsAddDup2(fileActionsAddress, fd, newFd);
    }

    @Override
    public int spawnFileActionsAddOpen(
        final long fileActionsAddress, final int fd, final long pathAddress, final int flags, final int mode) {
        final Fault fault = next(Call.POSIX_SPAWN_FILE_ACTIONS_ADDOPEN);
        return fault.fails() ? -fault.errno() : calls.spawnFileActionsAddOpen(fileActionsAddress, fd, pathAddress, flags, mode);
    }

    @Override
    public int spawnFileActionsAddClose(final long fileActionsAddress, final int fd) {
        final Fault fault = next(Call.POSIX_SPAWN_FILE_ACTIONS_ADDCLOSE);
        return fault.fails() ? -fault.errno() : calls.spawnFileActionsAddClose(fileActionsAddress, fd);
    }

    @Override
    public int spawnFileActionsAddCloseFrom(final long fileActionsAddress, final int fromFd) {
        final Fault fault = next(Call.POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP);
        return fault.fails() ? -fault.errno() : calls.spawnFileActionsAddCloseFrom(fileActionsAddress, fromFd);
    }

    @Override
    public int spawnFileActionsAddFchdir(final long fileActionsAddress, final int fd) {
        final Fault fault = next(Call.POSIX_SPAWN_FILE_ACTIONS_ADDFCHDIR_NP);
        return fault.fails() ? -fault.errno() : calls.spawnFileActionsAddFchdir(fileActionsAddress, fd);
    }

    @Override
    public int spawnAttributesInit(final long attributesAddress) {
        final Fault fault = next(Call.POSIX_SPAWNATTR_INIT);
        return fault.fails() ? -fault.errno() : calls.spawnAttributesInit(attributesAddress);
    }

    @Override
    public int spawnAttributesDestroy(final long attributesAddress) {
        final Fault fault = next(Call.POSIX_SPAWNATTR_DESTROY);
        return fault.fails() ? -fault.errno() : calls.spawnAttributesDestroy(attributesAddress);
    }

    @Override
    public int spawnAttributesSetFlags(final long attributesAddress, final short flags) {
        final Fault fault = next(Call.POSIX_SPAWNATTR_SETFLAGS);
        return fault.fails() ? -fault.errno() : calls.spawnAttributesSetFlags(attributesAddress, flags);
    }

    @Override
    public int spawnAttributesSetProcessGroup(final long attributesAddress, final int processGroup) {
        final Fault fault = next(Call.POSIX_SPAWNATTR_SETPGROUP);
        return fault.fails() ? -fault.errno() : calls.spawnAttributesSetProcessGroup(attributesAddress, processGroup);
    }

    @Override
    public int spawnAttributesSetSignalDefault(final long attributesAddress, final long signalSetAddress) {
        final Fault fault = next(Call.POSIX_SPAWNATTR_SETSIGDEFAULT);
        return fault.fails() ? -fault.errno() : calls.spawnAttributesSetSignalDefault(attributesAddress, signalSetAddress);
    }

    @Override
    public int spawnAttributesSetSignalMask(final long attributesAddress, final long signalSetAddress) {
        final Fault fault = next(Call.POSIX_SPAWNATTR_SETSIGMASK);
        return fault.fails() ? -fault.errno() : calls.spawnAttributesSetSignalMask(attributesAddress, signalSetAddress);
    }

    @Override
    public int waitid(final int idType, final int id, final long siginfoAddress, final int options) {
        final Fault fault = next(Call.WAITID);
        return fault.fails() ? -fault.errno() : calls.waitid(idType, id, siginfoAddress, options);
    }

    @Override
    public int pidfdOpen(final int pid, final int flags) {
        final Fault fault = next(Call.PIDFD_OPEN);
        return fault.fails() ? -fault.errno() : calls.pidfdOpen(pid, flags);
    }

    @Override
    public int pidfdSendSignal(final int pidFd, final int signal) {
        final Fault fault = next(Call.PIDFD_SEND_SIGNAL);
        return fault.fails() ? -fault.errno() : calls.pidfdSendSignal(pidFd, signal);
    }

    @Override
    public int kill(final int pid, final int signal) {
        final Fault fault = next(Call.KILL);
        return fault.fails() ? -fault.errno() : calls.kill(pid, signal);
    }

    @Override
    public int clockSettime(final int clock, final long timespecAddress) {
        final Fault fault = next(Call.CLOCK_SETTIME);
        return fault.fails() ? -fault.errno() : calls.clockSettime(clock, timespecAddress);
    }

    @Override
    public int prctl(final int option, final long argument2, final long argument3, final long argument4, final long argument5) {
        final Fault fault = next(Call.PRCTL);
        return fault.fails() ? -fault.errno() : calls.prctl(option, argument2, argument3, argument4, argument5);
    }

    @Override
    public int setresuid(final int real, final int effective, final int saved) {
        final Fault fault = next(Call.SETRESUID);
        return fault.fails() ? -fault.errno() : calls.setresuid(real, effective, saved);
    }

    @Override
    public int setresgid(final int real, final int effective, final int saved) {
        final Fault fault = next(Call.SETRESGID);
        return fault.fails() ? -fault.errno() : calls.setresgid(real, effective, saved);
    }

    @Override
    public int setgroups(final long count, final long groupsAddress) {
        final Fault fault = next(Call.SETGROUPS);
        return fault.fails() ? -fault.errno() : calls.setgroups(count, groupsAddress);
    }

    @Override
    public int prlimit(final int pid, final int resource, final long newLimitAddress, final long oldLimitAddress) {
        final Fault fault = next(Call.PRLIMIT);
        return fault.fails() ? -fault.errno() : calls.prlimit(pid, resource, newLimitAddress, oldLimitAddress);
    }

    @Override
    public int fchown(final int fd, final int uid, final int gid) {
        final Fault fault = next(Call.FCHOWN);
        return fault.fails() ? -fault.errno() : calls.fchown(fd, uid, gid);
    }

    @Override
    public int mknodat(final int directoryFd, final long pathAddress, final int mode, final long device) {
        final Fault fault = next(Call.MKNODAT);
        return fault.fails() ? -fault.errno() : calls.mknodat(directoryFd, pathAddress, mode, device);
    }

    @Override
    public int spawnFileActionsAddChdir(final long fileActionsAddress, final long pathAddress) {
        final Fault fault = next(Call.POSIX_SPAWN_FILE_ACTIONS_ADDCHDIR_NP);
        return fault.fails() ? -fault.errno() : calls.spawnFileActionsAddChdir(fileActionsAddress, pathAddress);
    }
}
