package dev.sluice.agent.files;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Removes a directory with all that is in it. Goes by descriptors and single names, without following links: whoever renames or links
 * directories meanwhile leads it nowhere else.
 *
 * <p>Of a deep tree only the lowest directories are held open; those above are found again through {@code ..}, and taken for what they were
 * only when they are the same. One use, one thread.
 */
final class TreeRemoval {
    /** Directories held open at once. */
    private static final int OPEN_LEVELS = 64;
    /** Directories whose names are held at once: the lowest. */
    private static final int NAMED_LEVELS = 8;
    /** Names of one directory held at once. */
    private static final int BATCH = 1024;
    /** How often a directory that others fill meanwhile is emptied. */
    private static final int PASSES = 16;
    private static final int CLOSED = -1;

    private final FileSystem system;
    private final ArrayDeque<Level> levels = new ArrayDeque<>();

    private static final class Level {
        private final ByteString name;
        private final FileStatus identity;
        private int fd;
        private int passes;
        private boolean forgotten;
        private Iterator<ByteString> names = List.<ByteString>of().iterator();

        Level(final ByteString name, final FileStatus identity, final int fd) {
            this.name = name;
            this.identity = identity;
            this.fd = fd;
        }
    }

    private TreeRemoval(final FileSystem system) {
        this.system = system;
    }

    /** @throws FileException with what could not be removed still there, and some of the rest gone */
    static void remove(final FileSystem system, final Place place) throws FileException {
        final TreeRemoval removal = new TreeRemoval(system);
        try {
            removal.enter(place.directory(), place.name());
            removal.run(place);
        } finally {
            removal.levels.forEach(level -> system.closeQuietly(level.fd));
        }
    }

    private void enter(final int directory, final ByteString name) throws FileException {
        final int fd = system.openat(directory, name, Linux.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW | Linux.O_NONBLOCK, 0);
        try {
            levels.push(new Level(name, system.status(fd), fd));
        } catch (final FileException e) {
            system.closeQuietly(fd);
            throw e;
        }
        if (levels.size() > OPEN_LEVELS) {
            closeUpper();
        }
        forgetUpper();
    }

    /** Names of the upper levels are read again when it is their turn. */
    private void forgetUpper() {
        int depth = 0;
        for (final Level level : levels) {
            if (depth++ == NAMED_LEVELS) {
                level.forgotten = true;
                level.names = List.<ByteString>of().iterator();
                return;
            }
        }
    }

    private void closeUpper() {
        int depth = 0;
        for (final Level level : levels) {
            if (depth++ == OPEN_LEVELS) {
                system.closeQuietly(level.fd);
                level.fd = CLOSED;
                return;
            }
        }
    }

    private void run(final Place place) throws FileException {
        while (!levels.isEmpty()) {
            final Level level = levels.peek();
            if (level.names.hasNext()) {
                removeEntry(level, level.names.next());
            } else if (!refill(level)) {
                leave(place);
            }
        }
    }

    private boolean refill(final Level level) throws FileException {
        if (!level.forgotten && level.passes++ >= PASSES * BATCH) {
            return false;
        }
        level.forgotten = false;
        final List<ByteString> names = new ArrayList<>();
        final DirectoryReader reader = new DirectoryReader(system, level.fd);
        reader.read((name, mayBeDirectory) -> {
            names.add(name);
            return names.size() < BATCH;
        });
        level.names = names.iterator();
        return !names.isEmpty();
    }

    private void removeEntry(final Level level, final ByteString name) throws FileException {
        try {
            system.unlinkat(level.fd, name, 0);
        } catch (final FileException e) {
            if (e.errno() == Errno.EISDIR || e.errno() == Errno.EPERM && isDirectory(level.fd, name)) {
                enter(level.fd, name);
            } else if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private boolean isDirectory(final int fd, final ByteString name) throws FileException {
        return system.status(fd, name).isDirectory();
    }

    private void leave(final Place place) throws FileException {
        final Level emptied = levels.pop();
        try {
            if (levels.isEmpty()) {
                system.unlinkat(place.directory(), emptied.name, Linux.AT_REMOVEDIR);
            } else {
                reopen(levels.peek(), emptied.fd);
                removeEmptied(levels.peek(), emptied.name);
            }
        } finally {
            system.closeQuietly(emptied.fd);
        }
    }

    private void removeEmptied(final Level parent, final ByteString name) throws FileException {
        try {
            system.unlinkat(parent.fd, name, Linux.AT_REMOVEDIR);
        } catch (final FileException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private void reopen(final Level parent, final int child) throws FileException {
        if (parent.fd != CLOSED) {
            return;
        }
        final int fd = system.openat(child, PathParts.PARENT, Linux.O_RDONLY | Abi.O_DIRECTORY, 0);
        if (!system.status(fd).isSame(parent.identity)) {
            system.closeQuietly(fd);
            throw new FileException("moved by somebody else while it was removed");
        }
        parent.fd = fd;
    }
}
