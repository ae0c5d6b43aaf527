package dev.sluice.agent.files;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsOpenOptions;
import dev.sluice.protocol.FsSetAttrs;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What can be done with paths. The texts of failures begin with the step that failed; which operation it was is the caller's to say.
 *
 * <p>Any number of threads. Every call may block.
 */
public final class FileOperations {
    private static final int DIRECTORY_MODE = 0777;
    /** Lists beyond this are made a few at a time, since each takes several times as much while it is made; in bytes of a frame. */
    private static final long SHORT_LIST_BYTES = 128 * 1024;
    private static final int LONG_LISTS = 2;
    private static final long LONG_LIST_WAIT_S = 10;

    private final FileRoot root;
    private final FileSystem system;
    private final FileOpening opening;
    private final Semaphore longLists = new Semaphore(LONG_LISTS);

    /**
     * Operations under a root.
     *
     * @param root where paths lead; stays the caller's
     * @param replacing whether files that are written anew are replaced only when they are complete
     */
    public FileOperations(final FileRoot root, final boolean replacing) {
        this.root = root;
        this.system = root.system();
        this.opening = new FileOpening(root, replacing);
    }

    /**
     * Looks at a file.
     *
     * @param path of the file
     * @param follow whether a symbolic link stands for what it points to
     * @return what there is to say, with the path as given
     * @throws FileException if that fails
     */
    public FsEntryInfo stat(final ByteString path, final boolean follow) throws FileException {
        final int fd = root.open(path, Linux.O_PATH | (follow ? 0 : Abi.O_NOFOLLOW), 0);
        try {
            return system.status(fd).toEntry(path);
        } finally {
            system.closeQuietly(fd);
        }
    }

    /**
     * Lists a directory.
     *
     * @param path of the directory
     * @param byteLimit how many bytes the entries may take in a frame
     * @return the entries
     * @throws FileException if that fails, or there are more than that
     */
    public List<FsEntryInfo> list(final ByteString path, final long byteLimit) throws FileException {
        final OpenedDirectory directory = openDirectory(path);
        try {
            final List<FsEntryInfo> first = directory.next(Integer.MAX_VALUE, SHORT_LIST_BYTES);
            return directory.isAtEnd() ? first : longList(directory, byteLimit);
        } finally {
            directory.close();
        }
    }

    private List<FsEntryInfo> longList(final OpenedDirectory directory, final long byteLimit) throws FileException {
        boolean permitted = false;
        try {
            permitted = longLists.tryAcquire(LONG_LIST_WAIT_S, TimeUnit.SECONDS);
            if (!permitted) {
                throw new FileException("other long lists are being made: use OpenDir and ReadDir");
            }
            return directory.all(byteLimit);
        } catch (final InterruptedException e) {
            throw new FileException(Errno.EINTR);
        } finally {
            if (permitted) {
                longLists.release();
            }
        }
    }

    /**
     * Opens a file.
     *
     * @param path of the file
     * @param options how
     * @return the file, the caller's
     * @throws FileException if that fails
     */
    public OpenedFile openFile(final ByteString path, final FsOpenOptions options) throws FileException {
        return opening.open(path, options);
    }

    /**
     * Opens a directory.
     *
     * @param path of the directory
     * @return the directory, the caller's
     * @throws FileException if that fails
     */
    public OpenedDirectory openDirectory(final ByteString path) throws FileException {
        return OpenedDirectory.open(root, path);
    }

    /**
     * Resolves a path.
     *
     * @param path of a file, or of one that could be made: all but the last name has to exist
     * @return an absolute path without links
     * @throws FileException if that fails
     */
    public ByteString realPath(final ByteString path) throws FileException {
        try {
            return nameOf(root.open(path, Linux.O_PATH, 0));
        } catch (final FileException e) {
            final PathParts parts = PathParts.of(path);
            if (e.errno() != Errno.ENOENT || path.isEmpty() || parts.isDots()) {
                throw e;
            }
            return PathParts.join(realParent(parts.parent(), e), parts.name());
        }
    }

    private ByteString realParent(final ByteString parent, final FileException first) throws FileException {
        try {
            return nameOf(root.open(parent, Linux.O_PATH | Abi.O_DIRECTORY, 0));
        } catch (final FileException e) {
            throw first;
        }
    }

    private ByteString nameOf(final int fd) throws FileException {
        try {
            return root.nameOf(fd);
        } finally {
            system.closeQuietly(fd);
        }
    }

    /**
     * Reads a symbolic link.
     *
     * @param path of the link
     * @return what it says
     * @throws FileException if that fails
     */
    public ByteString readLink(final ByteString path) throws FileException {
        final int fd = root.open(path, Linux.O_PATH | Abi.O_NOFOLLOW, 0);
        try {
            if (!system.status(fd).isLink()) {
                throw new FileException(Errno.EINVAL);
            }
            return system.readlinkat(fd, ByteString.EMPTY);
        } finally {
            system.closeQuietly(fd);
        }
    }

    /**
     * Makes a symbolic link.
     *
     * @param target what it says
     * @param path of the link
     * @throws FileException if that fails
     */
    public void symlink(final ByteString target, final ByteString path) throws FileException {
        try (Place place = root.place(path)) {
            if (place.slash()) {
                throw new FileException(Errno.ENOENT);
            }
            system.symlinkat(target, place.directory(), place.name());
        }
    }

    /**
     * Makes a directory and those on the way. One that is there is fine.
     *
     * @param path of the directory
     * @param mode its permission bits, also when it was there; null for the usual
     * @throws FileException if that fails; what was made stays
     */
    public void makeDirectories(final ByteString path, final Integer mode) throws FileException {
        try {
            makeDirectories(path);
        } catch (final FileException e) {
            throw e.during("mkdir");
        }
        if (mode != null) {
            setDirectoryMode(path, mode);
        }
    }

    private void setDirectoryMode(final ByteString path, final int mode) throws FileException {
        int fd = -1;
        try {
            fd = root.open(path, Linux.O_PATH | Abi.O_DIRECTORY, 0);
            system.chmod(fd, mode);
        } catch (final FileException e) {
            throw e.during("chmod");
        } finally {
            system.closeQuietly(fd);
        }
    }

    private void makeDirectories(final ByteString path) throws FileException {
        Place place;
        try {
            place = root.place(path);
        } catch (final FileException e) {
            final PathParts parts = PathParts.of(path);
            if (e.errno() != Errno.ENOENT || path.isEmpty() || parts.parent().equals(PathParts.SELF)) {
                throw e;
            }
            makeDirectories(parts.parent());
            place = root.place(path);
        }
        try (Place made = place) {
            system.mkdirat(made.directory(), made.name(), DIRECTORY_MODE);
        } catch (final FileException e) {
            if (e.errno() != Errno.EEXIST || !isDirectory(path)) {
                throw e;
            }
        }
    }

    private boolean isDirectory(final ByteString path) {
        try {
            system.closeQuietly(root.open(path, Linux.O_PATH | Abi.O_DIRECTORY, 0));
            return true;
        } catch (final FileException e) {
            return false;
        }
    }

    /**
     * Makes the directories that a path's last name is to be in.
     *
     * @param path of something that is to be made
     * @throws FileException if that fails
     */
    public void makeParents(final ByteString path) throws FileException {
        final ByteString parent = PathParts.of(path).parent();
        if (!parent.equals(PathParts.SELF)) {
            makeDirectories(parent);
        }
    }

    /**
     * Removes a file or link.
     *
     * @param path of it
     * @throws FileException if that fails
     */
    public void remove(final ByteString path) throws FileException {
        try (Place place = root.place(path)) {
            place.checkSlash();
            system.unlinkat(place.directory(), place.name(), 0);
        }
    }

    /**
     * Removes a directory.
     *
     * @param path of the directory
     * @param recursive whether all that is in it goes too
     * @throws FileException if that fails; some of what was in it may have gone
     */
    public void removeDirectory(final ByteString path, final boolean recursive) throws FileException {
        try (Place place = root.place(path)) {
            if (!recursive) {
                system.unlinkat(place.directory(), place.name(), Linux.AT_REMOVEDIR);
                return;
            }
            if (place.name().equals(PathParts.PARENT)) {
                throw new FileException(Errno.ENOTEMPTY);
            }
            if (place.name().equals(PathParts.SELF)) {
                throw new FileException(Errno.EINVAL);
            }
            TreeRemoval.remove(system, place);
        }
    }

    /**
     * Copies a regular file with its permission bits.
     *
     * @param source what to copy; links are followed
     * @param target where to; written over when it is there
     * @param cancelled asked now and then
     * @throws FileException if that fails, or is not wanted any more; some may have been copied
     */
    public void copy(final ByteString source, final ByteString target, final BooleanSupplier cancelled) throws FileException {
        new FileCopy(root, opening).copy(source, target, cancelled);
    }

    /**
     * Gives something another name.
     *
     * @param source its name
     * @param target its name to be; what has that name is replaced
     * @throws FileException if that fails
     */
    public void rename(final ByteString source, final ByteString target) throws FileException {
        try (Place from = root.place(source); Place to = root.place(target)) {
            from.checkSlash();
            if (to.slash() && !from.status().isDirectory()) {
                throw new FileException(Errno.ENOTDIR);
            }
            system.renameat(from.directory(), from.name(), to.directory(), to.name());
        }
    }

    /**
     * Changes what is said of a file.
     *
     * @param path of the file
     * @param follow whether a symbolic link stands for what it points to
     * @param attrs what to change
     * @throws FileException naming the step that failed; those before it stay done
     */
    public void setAttributes(final ByteString path, final boolean follow, final FsSetAttrs attrs) throws FileException {
        new FileAttributes(root).set(path, follow, attrs);
    }

    /**
     * Opens a file to be read from its start.
     *
     * @param path of the file
     * @return the file, the caller's
     * @throws FileException if that fails
     */
    public OpenedFile openToRead(final ByteString path) throws FileException {
        return opening.open(path, Linux.O_RDONLY, 0);
    }

    /**
     * Opens a file to be written anew, in directories that are made when they are missing.
     *
     * @param path of the file
     * @param mode its permission bits, also when it was there; null for the usual
     * @return the file, the caller's
     * @throws FileException if that fails
     */
    public OpenedFile openToWrite(final ByteString path, final Integer mode) throws FileException {
        try {
            makeParents(path);
        } catch (final FileException e) {
            throw e.during("mkdir");
        }
        final OpenedFile file = opening.open(
            path, new FsOpenOptions(false, true, false, true, true, false, mode == null ? null : Long.valueOf(mode)));
        if (mode != null) {
            try {
                file.setMode(mode);
            } catch (final FileException e) {
                file.discard();
                throw e.during("chmod");
            }
        }
        return file;
    }
}
