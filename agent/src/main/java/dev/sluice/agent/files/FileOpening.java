package dev.sluice.agent.files;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsOpenOptions;

/**
 * Opens files as clients ask for it, in place or to be replaced. Only regular files, and directories for reading, are opened
 * ({@link GuardedOpen}): whatever else has a name (pipes, sockets, devices) could hold up whoever reads or writes it, or end never.
 *
 * <p>Any number of threads.
 */
final class FileOpening {
    private static final int DEFAULT_MODE = 0666;
    /** How often a file that is renamed meanwhile is looked for. */
    private static final int ATTEMPTS = 4;

    private final FileRoot root;
    private final FileSystem system;
    private final GuardedOpen guarded;
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
        this.guarded = new GuardedOpen(root);
        this.replacing = replacing;
    }

    /** @return what opens by path alone */
    GuardedOpen guarded() {
        return guarded;
    }

    OpenedFile open(final ByteString path, final FsOpenOptions options) throws FileException {
        final int flags = flags(options);
        final int mode = options.mode() == null ? DEFAULT_MODE : options.mode().intValue();
        return open(path, flags, mode, options.whole());
    }

    OpenedFile open(final ByteString path, final int flags, final int mode) throws FileException {
        return open(path, flags, mode, false);
    }

    /**
     * @param flags of which O_EXCL keeps a file from being replaced
     * @param whole whether all of it is going to be written, though it is not emptied now
     */
    private OpenedFile open(final ByteString path, final int flags, final int mode, final boolean whole) throws FileException {
        final boolean anew = (flags & Linux.O_TRUNC) != 0 || whole && (flags & Linux.O_ACCMODE) != Linux.O_RDONLY;
        if (replacing && anew && (flags & (Linux.O_EXCL | Linux.O_APPEND)) == 0) {
            return openReplacement(path, flags, mode);
        }
        return new OpenedFile(root, guarded.open(path, flags, mode), path, flags, null);
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

    private OpenedFile openReplacement(final ByteString path, final int flags, final int mode) throws FileException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (GuardedOpen.Found found = guarded.find(path, 0)) {
                if ((flags & Linux.O_CREAT) != 0) {
                    guarded.refuseOthersFile(found);
                }
                // What a link points to is replaced, not the link.
                final Place place = placeOf(found);
                if (place != null) {
                    return begin(place, path, flags, mode);
                }
                if (attempt == ATTEMPTS - 1) {
                    // Removed, or never had a name: there is nothing whose place another could take.
                    return new OpenedFile(root, found.open(flags & ~Linux.O_CREAT), path, flags, null);
                }
            } catch (final FileException e) {
                if (e.errno() != Errno.ENOENT || (flags & Linux.O_CREAT) == 0) {
                    throw e;
                }
                return begin(guarded.missing(path), path, flags, mode);
            }
        }
        throw new AssertionError("the last attempt ends with a file or a failure");
    }

    /** @return where a file lies, or null when it is not where the kernel says: renamed meanwhile, or without a name */
    private Place placeOf(final GuardedOpen.Found found) throws FileException {
        found.check();
        if (found.status().isDirectory()) {
            throw new FileException(Errno.EISDIR);
        }
        return guarded.placeOf(found);
    }

    private OpenedFile begin(final Place place, final ByteString path, final int flags, final int mode) throws FileException {
        final Replacement.Begun begun =
            Replacement.begin(system, place, flags & ~Linux.O_TRUNC | Abi.O_NOFOLLOW | GuardedOpen.CAREFUL, mode);
        return new OpenedFile(root, begun.fd(), path, flags, begun.replacement());
    }
}
