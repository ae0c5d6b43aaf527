package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;

import java.lang.foreign.MemorySegment;

/**
 * posix_spawn and what prepares it, for {@link FfmSyscalls}. These functions return the error number and leave errno alone, so that the
 * generated ones serve.
 */
final class SpawnCalls {
    private SpawnCalls() {
    }

    static int posixSpawn(
        final long pidAddress, final long pathAddress, final long fileActionsAddress, final long attributesAddress, final long argvAddress,
        final long envpAddress) {
        return -Linux.posix_spawn(
            pointer(pidAddress), pointer(pathAddress), pointer(fileActionsAddress), pointer(attributesAddress), pointer(argvAddress),
            pointer(envpAddress));
    }

    static int spawnFileActionsInit(final long fileActionsAddress) {
        return -Linux.posix_spawn_file_actions_init(pointer(fileActionsAddress));
    }

    static int spawnFileActionsDestroy(final long fileActionsAddress) {
        return -Linux.posix_spawn_file_actions_destroy(pointer(fileActionsAddress));
    }

    static int spawnFileActionsAddDup2(final long fileActionsAddress, final int fd, final int newFd) {
        return -Linux.posix_spawn_file_actions_adddup2(pointer(fileActionsAddress), fd, newFd);
    }

    static int spawnFileActionsAddOpen(
        final long fileActionsAddress, final int fd, final long pathAddress, final int flags, final int mode) {
        return -Linux.posix_spawn_file_actions_addopen(pointer(fileActionsAddress), fd, pointer(pathAddress), flags, mode);
    }

    static int spawnFileActionsAddClose(final long fileActionsAddress, final int fd) {
        return -Linux.posix_spawn_file_actions_addclose(pointer(fileActionsAddress), fd);
    }

    static int spawnFileActionsAddCloseFrom(final long fileActionsAddress, final int fromFd) {
        return -Linux.posix_spawn_file_actions_addclosefrom_np(pointer(fileActionsAddress), fromFd);
    }

    static int spawnFileActionsAddFchdir(final long fileActionsAddress, final int fd) {
        return -Linux.posix_spawn_file_actions_addfchdir_np(pointer(fileActionsAddress), fd);
    }

    static int spawnFileActionsAddChdir(final long fileActionsAddress, final long pathAddress) {
        return -Linux.posix_spawn_file_actions_addchdir_np(pointer(fileActionsAddress), pointer(pathAddress));
    }

    static int spawnAttributesInit(final long attributesAddress) {
        return -Linux.posix_spawnattr_init(pointer(attributesAddress));
    }

    static int spawnAttributesDestroy(final long attributesAddress) {
        return -Linux.posix_spawnattr_destroy(pointer(attributesAddress));
    }

    static int spawnAttributesSetFlags(final long attributesAddress, final short flags) {
        return -Linux.posix_spawnattr_setflags(pointer(attributesAddress), flags);
    }

    static int spawnAttributesSetProcessGroup(final long attributesAddress, final int processGroup) {
        return -Linux.posix_spawnattr_setpgroup(pointer(attributesAddress), processGroup);
    }

    static int spawnAttributesSetSignalDefault(final long attributesAddress, final long signalSetAddress) {
        return -Linux.posix_spawnattr_setsigdefault(pointer(attributesAddress), pointer(signalSetAddress));
    }

    static int spawnAttributesSetSignalMask(final long attributesAddress, final long signalSetAddress) {
        return -Linux.posix_spawnattr_setsigmask(pointer(attributesAddress), pointer(signalSetAddress));
    }

    private static MemorySegment pointer(final long address) {
        return MemorySegment.ofAddress(address);
    }
}
