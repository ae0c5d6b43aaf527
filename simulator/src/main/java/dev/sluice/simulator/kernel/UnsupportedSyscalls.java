package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Syscalls;

/** The calls that the program under simulation has no business making. */
abstract class UnsupportedSyscalls implements Syscalls {

    @Override
    public int setresuid(final int real, final int effective, final int saved) {
        throw unsupported("setresuid");
    }

    @Override
    public int setresgid(final int real, final int effective, final int saved) {
        throw unsupported("setresgid");
    }

    @Override
    public int setgroups(final long count, final long groupsAddress) {
        throw unsupported("setgroups");
    }

    @Override
    public int prlimit(final int pid, final int resource, final long newLimitAddress, final long oldLimitAddress) {
        throw unsupported("prlimit");
    }

    @Override
    public int fchown(final int fd, final int uid, final int gid) {
        throw unsupported("fchown");
    }

    @Override
    public int mknodat(final int directoryFd, final long pathAddress, final int mode, final long device) {
        throw unsupported("mknodat");
    }

    @Override
    public int spawnFileActionsAddChdir(final long fileActionsAddress, final long pathAddress) {
        throw unsupported("posix_spawn");
    }

    private static SimulationFailure unsupported(final String call) {
        return new SimulationFailure("a system call that is not simulated: " + call);
    }

    @Override
    public int getsockname(final int fd, final long address, final long lengthAddress) {
        throw unsupported("getsockname");
    }

    @Override
    public int getpeername(final int fd, final long address, final long lengthAddress) {
        throw unsupported("getpeername");
    }

    @Override
    public long readv(final int fd, final long iovecAddress, final int count) {
        throw unsupported("readv");
    }

    @Override
    public long splice(
        final int inFd, final long inOffsetAddress, final int outFd, final long outOffsetAddress, final long length, final int flags) {
        throw unsupported("splice");
    }

    @Override
    public int openat(final int directoryFd, final long pathAddress, final int flags, final int mode) {
        throw unsupported("openat");
    }

    @Override
    public int mkdirat(final int directoryFd, final long pathAddress, final int mode) {
        throw unsupported("mkdirat");
    }

    @Override
    public int renameat(final int oldDirectoryFd, final long oldPathAddress, final int newDirectoryFd, final long newPathAddress) {
        throw unsupported("renameat");
    }

    @Override
    public int statx(final int directoryFd, final long pathAddress, final int flags, final int mask, final long bufferAddress) {
        throw unsupported("statx");
    }

    @Override
    public long pread(final int fd, final long address, final long length, final long offset) {
        throw unsupported("pread");
    }

    @Override
    public long pwrite(final int fd, final long address, final long length, final long offset) {
        throw unsupported("pwrite");
    }

    @Override
    public long preadv2(final int fd, final long iovecAddress, final int count, final long offset, final int flags) {
        throw unsupported("preadv2");
    }

    @Override
    public int openat2(final int directoryFd, final long pathAddress, final long howAddress, final long howLength) {
        throw unsupported("openat2");
    }

    @Override
    public int unlinkat(final int directoryFd, final long pathAddress, final int flags) {
        throw unsupported("unlinkat");
    }

    @Override
    public int symlinkat(final long targetAddress, final int directoryFd, final long linkPathAddress) {
        throw unsupported("symlinkat");
    }

    @Override
    public long readlinkat(final int directoryFd, final long pathAddress, final long address, final long length) {
        throw unsupported("readlinkat");
    }

    @Override
    public int fchmodat(final int directoryFd, final long pathAddress, final int mode, final int flags) {
        throw unsupported("fchmodat");
    }

    @Override
    public int fchownat(final int directoryFd, final long pathAddress, final int uid, final int gid, final int flags) {
        throw unsupported("fchownat");
    }

    @Override
    public int utimensat(final int directoryFd, final long pathAddress, final long timesAddress, final int flags) {
        throw unsupported("utimensat");
    }

    @Override
    public long getdents64(final int fd, final long address, final long length) {
        throw unsupported("getdents64");
    }

    @Override
    public int fsync(final int fd) {
        throw unsupported("fsync");
    }

    @Override
    public int pipe2(final long pairAddress, final int flags) {
        throw unsupported("pipe2");
    }

    @Override
    public int posixSpawn(
        final long pidAddress, final long pathAddress, final long fileActionsAddress, final long attributesAddress, final long argvAddress,
        final long envpAddress) {
        throw unsupported("posixSpawn");
    }

    @Override
    public int spawnFileActionsInit(final long fileActionsAddress) {
        throw unsupported("spawnFileActionsInit");
    }

    @Override
    public int spawnFileActionsDestroy(final long fileActionsAddress) {
        throw unsupported("spawnFileActionsDestroy");
    }

    @Override
    public int spawnFileActionsAddDup2(final long fileActionsAddress, final int fd, final int newFd) {
        throw unsupported("spawnFileActionsAddDup2");
    }

    @Override
    public int spawnFileActionsAddOpen(
        final long fileActionsAddress, final int fd, final long pathAddress, final int flags, final int mode) {
        throw unsupported("spawnFileActionsAddOpen");
    }

    @Override
    public int spawnFileActionsAddClose(final long fileActionsAddress, final int fd) {
        throw unsupported("spawnFileActionsAddClose");
    }

    @Override
    public int spawnFileActionsAddCloseFrom(final long fileActionsAddress, final int fromFd) {
        throw unsupported("spawnFileActionsAddCloseFrom");
    }

    @Override
    public int spawnFileActionsAddFchdir(final long fileActionsAddress, final int fd) {
        throw unsupported("spawnFileActionsAddFchdir");
    }

    @Override
    public int spawnAttributesInit(final long attributesAddress) {
        throw unsupported("spawnAttributesInit");
    }

    @Override
    public int spawnAttributesDestroy(final long attributesAddress) {
        throw unsupported("spawnAttributesDestroy");
    }

    @Override
    public int spawnAttributesSetFlags(final long attributesAddress, final short flags) {
        throw unsupported("spawnAttributesSetFlags");
    }

    @Override
    public int spawnAttributesSetProcessGroup(final long attributesAddress, final int processGroup) {
        throw unsupported("spawnAttributesSetProcessGroup");
    }

    @Override
    public int spawnAttributesSetSignalDefault(final long attributesAddress, final long signalSetAddress) {
        throw unsupported("spawnAttributesSetSignalDefault");
    }

    @Override
    public int spawnAttributesSetSignalMask(final long attributesAddress, final long signalSetAddress) {
        throw unsupported("spawnAttributesSetSignalMask");
    }

    @Override
    public int waitid(final int idType, final int id, final long siginfoAddress, final int options) {
        throw unsupported("waitid");
    }

    @Override
    public int pidfdOpen(final int pid, final int flags) {
        throw unsupported("pidfdOpen");
    }

    @Override
    public int pidfdSendSignal(final int pidFd, final int signal) {
        throw unsupported("pidfdSendSignal");
    }

    @Override
    public int kill(final int pid, final int signal) {
        throw unsupported("kill");
    }

    @Override
    public int clockSettime(final int clock, final long timespecAddress) {
        throw unsupported("clockSettime");
    }

    @Override
    public int prctl(final int option, final long argument2, final long argument3, final long argument4, final long argument5) {
        throw unsupported("prctl");
    }
}
