package dev.sluice.ffi;

/**
 * {@link Syscalls} on the foreign function API: one downcall to the C library a method. The classes behind it, one a concern, link their
 * symbols when the first of their calls is made.
 */
final class FfmSyscalls implements Syscalls {
    @Override
    public int socket(final int domain, final int type, final int protocol) {
        return SocketCalls.socket(domain, type, protocol);
    }

    @Override
    public int socketpair(final int domain, final int type, final int protocol, final long pairAddress) {
        return SocketCalls.socketpair(domain, type, protocol, pairAddress);
    }

    @Override
    public int bind(final int fd, final long address, final int length) {
        return SocketCalls.bind(fd, address, length);
    }

    @Override
    public int listen(final int fd, final int backlog) {
        return SocketCalls.listen(fd, backlog);
    }

    @Override
    public int accept4(final int fd, final long address, final long lengthAddress, final int flags) {
        return SocketCalls.accept4(fd, address, lengthAddress, flags);
    }

    @Override
    public int connect(final int fd, final long address, final int length) {
        return SocketCalls.connect(fd, address, length);
    }

    @Override
    public int getsockname(final int fd, final long address, final long lengthAddress) {
        return SocketCalls.getsockname(fd, address, lengthAddress);
    }

    @Override
    public int getpeername(final int fd, final long address, final long lengthAddress) {
        return SocketCalls.getpeername(fd, address, lengthAddress);
    }

    @Override
    public int getsockopt(final int fd, final int level, final int name, final long valueAddress, final long lengthAddress) {
        return SocketCalls.getsockopt(fd, level, name, valueAddress, lengthAddress);
    }

    @Override
    public int setsockopt(final int fd, final int level, final int name, final long valueAddress, final int length) {
        return SocketCalls.setsockopt(fd, level, name, valueAddress, length);
    }

    @Override
    public int shutdown(final int fd, final int how) {
        return SocketCalls.shutdown(fd, how);
    }

    @Override
    public long send(final int fd, final long address, final long length, final int flags) {
        return SocketCalls.send(fd, address, length, flags);
    }

    @Override
    public long sendmsg(final int fd, final long messageAddress, final int flags) {
        return SocketCalls.sendmsg(fd, messageAddress, flags);
    }

    @Override
    public long recvmsg(final int fd, final long messageAddress, final int flags) {
        return SocketCalls.recvmsg(fd, messageAddress, flags);
    }

    @Override
    public long read(final int fd, final long address, final long length) {
        return FileCalls.read(fd, address, length);
    }

    @Override
    public long write(final int fd, final long address, final long length) {
        return FileCalls.write(fd, address, length);
    }

    @Override
    public long readv(final int fd, final long iovecAddress, final int count) {
        return FileCalls.readv(fd, iovecAddress, count);
    }

    @Override
    public long writev(final int fd, final long iovecAddress, final int count) {
        return FileCalls.writev(fd, iovecAddress, count);
    }

    @Override
    public long splice(
        final int inFd, final long inOffsetAddress, final int outFd, final long outOffsetAddress, final long length, final int flags) {
        return FileCalls.splice(inFd, inOffsetAddress, outFd, outOffsetAddress, length, flags);
    }

    @Override
    public long lseek(final int fd, final long offset, final int whence) {
        return FileCalls.lseek(fd, offset, whence);
    }

    @Override
    public int open(final long pathAddress, final int flags, final int mode) {
        return FileCalls.open(pathAddress, flags, mode);
    }

    @Override
    public int openat(final int directoryFd, final long pathAddress, final int flags, final int mode) {
        return FileCalls.openat(directoryFd, pathAddress, flags, mode);
    }

    @Override
    public int mkdirat(final int directoryFd, final long pathAddress, final int mode) {
        return FileCalls.mkdirat(directoryFd, pathAddress, mode);
    }

    @Override
    public int renameat(final int oldDirectoryFd, final long oldPathAddress, final int newDirectoryFd, final long newPathAddress) {
        return FileCalls.renameat(oldDirectoryFd, oldPathAddress, newDirectoryFd, newPathAddress);
    }

    @Override
    public int statx(final int directoryFd, final long pathAddress, final int flags, final int mask, final long bufferAddress) {
        return FileCalls.statx(directoryFd, pathAddress, flags, mask, bufferAddress);
    }

    @Override
    public long pread(final int fd, final long address, final long length, final long offset) {
        return FileSystemCalls.pread(fd, address, length, offset);
    }

    @Override
    public long pwrite(final int fd, final long address, final long length, final long offset) {
        return FileSystemCalls.pwrite(fd, address, length, offset);
    }

    @Override
    public long preadv2(final int fd, final long iovecAddress, final int count, final long offset, final int flags) {
        return FileSystemCalls.preadv2(fd, iovecAddress, count, offset, flags);
    }

    @Override
    public int openat2(final int directoryFd, final long pathAddress, final long howAddress, final long howLength) {
        return FileSystemCalls.openat2(directoryFd, pathAddress, howAddress, howLength);
    }

    @Override
    public int unlinkat(final int directoryFd, final long pathAddress, final int flags) {
        return FileSystemCalls.unlinkat(directoryFd, pathAddress, flags);
    }

    @Override
    public int symlinkat(final long targetAddress, final int directoryFd, final long linkPathAddress) {
        return FileSystemCalls.symlinkat(targetAddress, directoryFd, linkPathAddress);
    }

    @Override
    public long readlinkat(final int directoryFd, final long pathAddress, final long address, final long length) {
        return FileSystemCalls.readlinkat(directoryFd, pathAddress, address, length);
    }

    @Override
    public int fchmodat(final int directoryFd, final long pathAddress, final int mode, final int flags) {
        return FileSystemCalls.fchmodat(directoryFd, pathAddress, mode, flags);
    }

    @Override
    public int fchownat(final int directoryFd, final long pathAddress, final int uid, final int gid, final int flags) {
        return FileSystemCalls.fchownat(directoryFd, pathAddress, uid, gid, flags);
    }

    @Override
    public int utimensat(final int directoryFd, final long pathAddress, final long timesAddress, final int flags) {
        return FileSystemCalls.utimensat(directoryFd, pathAddress, timesAddress, flags);
    }

    @Override
    public long getdents64(final int fd, final long address, final long length) {
        return FileSystemCalls.getdents64(fd, address, length);
    }

    @Override
    public int fsync(final int fd) {
        return FileSystemCalls.fsync(fd);
    }

    @Override
    public int close(final int fd) {
        return FileCalls.close(fd);
    }

    @Override
    public int pipe2(final long pairAddress, final int flags) {
        return FileCalls.pipe2(pairAddress, flags);
    }

    @Override
    public int eventfd(final int initialValue, final int flags) {
        return FileCalls.eventfd(initialValue, flags);
    }

    @Override
    public int fcntl(final int fd, final int command, final long argument) {
        return FileCalls.fcntl(fd, command, argument);
    }

    @Override
    public int ioctl(final int fd, final long request, final long argument) {
        return FileCalls.ioctl(fd, request, argument);
    }

    @Override
    public int fchmod(final int fd, final int mode) {
        return FileCalls.fchmod(fd, mode);
    }

    @Override
    public int flock(final int fd, final int operation) {
        return FileCalls.flock(fd, operation);
    }

    @Override
    public int ftruncate(final int fd, final long length) {
        return FileCalls.ftruncate(fd, length);
    }

    @Override
    public int memfdCreate(final long nameAddress, final int flags) {
        return MemoryCalls.memfdCreate(nameAddress, flags);
    }

    @Override
    public long mmap(final long hintAddress, final long length, final int protection, final int flags, final int fd, final long offset) {
        return MemoryCalls.mmap(hintAddress, length, protection, flags, fd, offset);
    }

    @Override
    public int munmap(final long address, final long length) {
        return MemoryCalls.munmap(address, length);
    }

    @Override
    public int poll(final long pollfdAddress, final long count, final int timeoutMillis) {
        return EventCalls.poll(pollfdAddress, count, timeoutMillis);
    }

    @Override
    public int epollCreate1(final int flags) {
        return EventCalls.epollCreate1(flags);
    }

    @Override
    public int epollCtl(final int epollFd, final int operation, final int fd, final long eventAddress) {
        return EventCalls.epollCtl(epollFd, operation, fd, eventAddress);
    }

    @Override
    public int epollWait(final int epollFd, final long eventsAddress, final int maxEvents, final int timeoutMillis) {
        return EventCalls.epollWait(epollFd, eventsAddress, maxEvents, timeoutMillis);
    }

    @Override
    public int posixSpawn(
        final long pidAddress, final long pathAddress, final long fileActionsAddress, final long attributesAddress, final long argvAddress,
        final long envpAddress) {
        return SpawnCalls.posixSpawn(pidAddress, pathAddress, fileActionsAddress, attributesAddress, argvAddress, envpAddress);
    }

    @Override
    public int spawnFileActionsInit(final long fileActionsAddress) {
        return SpawnCalls.spawnFileActionsInit(fileActionsAddress);
    }

    @Override
    public int spawnFileActionsDestroy(final long fileActionsAddress) {
        return SpawnCalls.spawnFileActionsDestroy(fileActionsAddress);
    }

    @Override
    public int spawnFileActionsAddDup2(final long fileActionsAddress, final int fd, final int newFd) {
        return SpawnCalls.spawnFileActionsAddDup2(fileActionsAddress, fd, newFd);
    }

    @Override
    public int spawnFileActionsAddOpen(
        final long fileActionsAddress, final int fd, final long pathAddress, final int flags, final int mode) {
        return SpawnCalls.spawnFileActionsAddOpen(fileActionsAddress, fd, pathAddress, flags, mode);
    }

    @Override
    public int spawnFileActionsAddClose(final long fileActionsAddress, final int fd) {
        return SpawnCalls.spawnFileActionsAddClose(fileActionsAddress, fd);
    }

    @Override
    public int spawnFileActionsAddCloseFrom(final long fileActionsAddress, final int fromFd) {
        return SpawnCalls.spawnFileActionsAddCloseFrom(fileActionsAddress, fromFd);
    }

    @Override
    public int spawnFileActionsAddFchdir(final long fileActionsAddress, final int fd) {
        return SpawnCalls.spawnFileActionsAddFchdir(fileActionsAddress, fd);
    }

    @Override
    public int spawnAttributesInit(final long attributesAddress) {
        return SpawnCalls.spawnAttributesInit(attributesAddress);
    }

    @Override
    public int spawnAttributesDestroy(final long attributesAddress) {
        return SpawnCalls.spawnAttributesDestroy(attributesAddress);
    }

    @Override
    public int spawnAttributesSetFlags(final long attributesAddress, final short flags) {
        return SpawnCalls.spawnAttributesSetFlags(attributesAddress, flags);
    }

    @Override
    public int spawnAttributesSetProcessGroup(final long attributesAddress, final int processGroup) {
        return SpawnCalls.spawnAttributesSetProcessGroup(attributesAddress, processGroup);
    }

    @Override
    public int spawnAttributesSetSignalDefault(final long attributesAddress, final long signalSetAddress) {
        return SpawnCalls.spawnAttributesSetSignalDefault(attributesAddress, signalSetAddress);
    }

    @Override
    public int spawnAttributesSetSignalMask(final long attributesAddress, final long signalSetAddress) {
        return SpawnCalls.spawnAttributesSetSignalMask(attributesAddress, signalSetAddress);
    }

    @Override
    public int waitid(final int idType, final int id, final long siginfoAddress, final int options) {
        return ProcessCalls.waitid(idType, id, siginfoAddress, options);
    }

    @Override
    public int pidfdOpen(final int pid, final int flags) {
        return ProcessCalls.pidfdOpen(pid, flags);
    }

    @Override
    public int pidfdSendSignal(final int pidFd, final int signal) {
        return ProcessCalls.pidfdSendSignal(pidFd, signal);
    }

    @Override
    public int kill(final int pid, final int signal) {
        return ProcessCalls.kill(pid, signal);
    }

    @Override
    public int clockSettime(final int clock, final long timespecAddress) {
        return ProcessCalls.clockSettime(clock, timespecAddress);
    }

    @Override
    public int prctl(final int option, final long argument2, final long argument3, final long argument4, final long argument5) {
        return ProcessCalls.prctl(option, argument2, argument3, argument4, argument5);
    }

    @Override
    public int setresuid(final int real, final int effective, final int saved) {
        return IdentityCalls.setresuid(real, effective, saved);
    }

    @Override
    public int setresgid(final int real, final int effective, final int saved) {
        return IdentityCalls.setresgid(real, effective, saved);
    }

    @Override
    public int setgroups(final long count, final long groupsAddress) {
        return IdentityCalls.setgroups(count, groupsAddress);
    }

    @Override
    public int prlimit(final int pid, final int resource, final long newLimitAddress, final long oldLimitAddress) {
        return IdentityCalls.prlimit(pid, resource, newLimitAddress, oldLimitAddress);
    }

    @Override
    public int fchown(final int fd, final int uid, final int gid) {
        return IdentityCalls.fchown(fd, uid, gid);
    }

    @Override
    public int mknodat(final int directoryFd, final long pathAddress, final int mode, final long device) {
        return IdentityCalls.mknodat(directoryFd, pathAddress, mode, device);
    }

    @Override
    public int spawnFileActionsAddChdir(final long fileActionsAddress, final long pathAddress) {
        return SpawnCalls.spawnFileActionsAddChdir(fileActionsAddress, pathAddress);
    }
}
