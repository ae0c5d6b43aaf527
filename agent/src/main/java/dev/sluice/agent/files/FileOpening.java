package dev.sluice.agent.files;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsOpenOptions;

/**
 * Opens files as clients ask for it. Only regular files, and directories for reading, are opened: whatever else has a name (pipes, sockets,
 * devices) could hold up whoever reads or writes it, or end never.
 *
 * <p>Any number of threads.
 */
final class FileOpening {
    private static final int DEFAULT_MODE = 0666;
    /** A pipe without a peer must not hold us up, a terminal not become ours; neither flag matters to a regular file. */
    private static final int CAREFUL = Linux.O_NONBLOCK | Linux.O_NOCTTY;

    private final FileRoot root;
    private final FileSystem system;
    private final boolean replacing;

    /**
     * Opens under a root.
     *
     * @param root where paths lead
     * @param replacing whether files that are written anew are replaced when they are complete
     */
    FileOpening(final FileRoot root, final boolean replacing) {
        this.root = root;
        this.system = root.system();
        this.replacing = replacing;
    }

    OpenedFile open(final ByteString path, final FsOpenOptions options) throws FileException {
        final int flags = flags(options);
        final int mode = options.mode() == null ? DEFAULT_MODE : options.mode().intValue();
        return open(path, flags, mode);
    }

    /** @param flags of which O_EXCL keeps a file from being replaced */
    OpenedFile open(final ByteString path, final int flags, final int mode) throws FileException {
        if (replacing && (flags & Linux.O_TRUNC) != 0 && (flags & (Linux.O_EXCL | Linux.O_APPEND)) == 0) {
            final OpenedFile file = openReplacement(path, flags, mode);
            if (file != null) {
                return file;
            }
        }
        final int fd = root.open(path, flags | CAREFUL, mode);
        try {
            final FileStatus status = system.status(fd);
            if (!status.isRegular() && !status.isDirectory()) {
                throw new FileException("not a regular file: " + status.describe());
            }
            return new OpenedFile(root, fd, path, flags, null);
        } catch (final FileException e) {
            system.closeQuietly(fd);
            throw e;
        }
    }

    private static int flags(final FsOpenOptions options) throws FileException {
        final boolean writes = options.write() || options.append();
        if (!options.read() && !writes) {
            throw new FileException("must specify at least one of read, write, or append access");
        }
        final boolean makes = options.create() || options.truncate() || options.createNew();
        if (makes && !writes || options.append() && options.truncate() && !options.write() && !options.createNew()) {
            throw new FileException("creating or truncating a file requires write or append access");
        }
        int flags = writes ? options.read() ? Linux.O_RDWR : Linux.O_WRONLY : Linux.O_RDONLY;
        flags |= options.append() ? Linux.O_APPEND : 0;
        if (options.createNew()) {
            return flags | Linux.O_CREAT | Linux.O_EXCL;
        }
        return flags | (options.create() ? Linux.O_CREAT : 0) | (options.truncate() ? Linux.O_TRUNC : 0);
    }

    /** @return null where the name is that of a link which leads nowhere: then the file is made where the link points */
    private OpenedFile openReplacement(final ByteString path, final int flags, final int mode) throws FileException {
        ByteString real = path;
        try {
            final int fd = root.open(path, Linux.O_PATH, 0);
            try {
                // What a link points to is replaced, not the link.
                real = root.nameOf(fd);
            } finally {
                system.closeQuietly(fd);
            }
        } catch (final FileException e) {
            if (e.errno() != Errno.ENOENT || (flags & Linux.O_CREAT) == 0) {
                throw e;
            }
        }
        final Place place = root.place(real);
        if (place.slash()) {
            place.close();
            throw new FileException(Errno.EISDIR);
        }
        if (real.equals(path) && isLink(place)) {
            place.close();
            return null;
        }
        final Replacement.Begun begun =
            Replacement.begin(system, place, flags & ~Linux.O_TRUNC | Abi.O_NOFOLLOW | CAREFUL, mode);
        return new OpenedFile(root, begun.fd(), path, flags, begun.replacement());
    }

    private static boolean isLink(final Place place) {
        try {
            return place.status().isLink();
        } catch (final FileException e) {
            return false;
        }
    }
}
