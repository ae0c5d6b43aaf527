package dev.sluice.ffi;

import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

/**
 * posix_spawn and what prepares it. These return the error number instead of setting errno.
 *
 * <p>The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 */
final class SpawnCalls {
    private static final MethodHandle POSIX_SPAWN = Downcall.returningError(
        "posix_spawn", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SPAWN_FILE_ACTIONS_INIT = Downcall.returningError(
        "posix_spawn_file_actions_init", JAVA_INT, JAVA_LONG);
    private static final MethodHandle SPAWN_FILE_ACTIONS_DESTROY = Downcall.returningError(
        "posix_spawn_file_actions_destroy", JAVA_INT, JAVA_LONG);
    private static final MethodHandle SPAWN_FILE_ACTIONS_ADD_DUP2 = Downcall.returningError(
        "posix_spawn_file_actions_adddup2", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle SPAWN_FILE_ACTIONS_ADD_OPEN = Downcall.returningError(
        "posix_spawn_file_actions_addopen", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle SPAWN_FILE_ACTIONS_ADD_CLOSE = Downcall.returningError(
        "posix_spawn_file_actions_addclose", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SPAWN_FILE_ACTIONS_ADD_CLOSE_FROM = Downcall.returningError(
        "posix_spawn_file_actions_addclosefrom_np", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SPAWN_FILE_ACTIONS_ADD_FCHDIR = Downcall.returningError(
        "posix_spawn_file_actions_addfchdir_np", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SPAWN_ATTRIBUTES_INIT = Downcall.returningError("posix_spawnattr_init", JAVA_INT, JAVA_LONG);
    private static final MethodHandle SPAWN_ATTRIBUTES_DESTROY = Downcall.returningError("posix_spawnattr_destroy", JAVA_INT, JAVA_LONG);
    private static final MethodHandle SPAWN_ATTRIBUTES_SET_FLAGS = Downcall.returningError(
        "posix_spawnattr_setflags", JAVA_INT, JAVA_LONG, JAVA_SHORT);
    private static final MethodHandle SPAWN_ATTRIBUTES_SET_PROCESS_GROUP = Downcall.returningError(
        "posix_spawnattr_setpgroup", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SPAWN_ATTRIBUTES_SET_SIGNAL_DEFAULT = Downcall.returningError(
        "posix_spawnattr_setsigdefault", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SPAWN_ATTRIBUTES_SET_SIGNAL_MASK = Downcall.returningError(
        "posix_spawnattr_setsigmask", JAVA_INT, JAVA_LONG, JAVA_LONG);

    private SpawnCalls() {
    }

    static int posixSpawn(
        final long pidAddress, final long pathAddress, final long fileActionsAddress, final long attributesAddress, final long argvAddress,
        final long envpAddress) {
        try {
            return -(int) POSIX_SPAWN.invokeExact(pidAddress, pathAddress, fileActionsAddress, attributesAddress, argvAddress, envpAddress);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnFileActionsInit(final long fileActionsAddress) {
        try {
            return -(int) SPAWN_FILE_ACTIONS_INIT.invokeExact(fileActionsAddress);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnFileActionsDestroy(final long fileActionsAddress) {
        try {
            return -(int) SPAWN_FILE_ACTIONS_DESTROY.invokeExact(fileActionsAddress);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnFileActionsAddDup2(final long fileActionsAddress, final int fd, final int newFd) {
        try {
            return -(int) SPAWN_FILE_ACTIONS_ADD_DUP2.invokeExact(fileActionsAddress, fd, newFd);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnFileActionsAddOpen(
        final long fileActionsAddress, final int fd, final long pathAddress, final int flags, final int mode) {
        try {
            return -(int) SPAWN_FILE_ACTIONS_ADD_OPEN.invokeExact(fileActionsAddress, fd, pathAddress, flags, mode);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnFileActionsAddClose(final long fileActionsAddress, final int fd) {
        try {
            return -(int) SPAWN_FILE_ACTIONS_ADD_CLOSE.invokeExact(fileActionsAddress, fd);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnFileActionsAddCloseFrom(final long fileActionsAddress, final int fromFd) {
        try {
            return -(int) SPAWN_FILE_ACTIONS_ADD_CLOSE_FROM.invokeExact(fileActionsAddress, fromFd);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnFileActionsAddFchdir(final long fileActionsAddress, final int fd) {
        try {
            return -(int) SPAWN_FILE_ACTIONS_ADD_FCHDIR.invokeExact(fileActionsAddress, fd);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnAttributesInit(final long attributesAddress) {
        try {
            return -(int) SPAWN_ATTRIBUTES_INIT.invokeExact(attributesAddress);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnAttributesDestroy(final long attributesAddress) {
        try {
            return -(int) SPAWN_ATTRIBUTES_DESTROY.invokeExact(attributesAddress);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnAttributesSetFlags(final long attributesAddress, final short flags) {
        try {
            return -(int) SPAWN_ATTRIBUTES_SET_FLAGS.invokeExact(attributesAddress, flags);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnAttributesSetProcessGroup(final long attributesAddress, final int processGroup) {
        try {
            return -(int) SPAWN_ATTRIBUTES_SET_PROCESS_GROUP.invokeExact(attributesAddress, processGroup);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnAttributesSetSignalDefault(final long attributesAddress, final long signalSetAddress) {
        try {
            return -(int) SPAWN_ATTRIBUTES_SET_SIGNAL_DEFAULT.invokeExact(attributesAddress, signalSetAddress);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int spawnAttributesSetSignalMask(final long attributesAddress, final long signalSetAddress) {
        try {
            return -(int) SPAWN_ATTRIBUTES_SET_SIGNAL_MASK.invokeExact(attributesAddress, signalSetAddress);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
