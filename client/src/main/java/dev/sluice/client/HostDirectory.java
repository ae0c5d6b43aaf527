package dev.sluice.client;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A directory of the host that entries are made in, whose names are the sandbox's choice. Everything is done relative to the open
 * directory and without following a link: whatever the sandbox says, and whatever lies here from an earlier copy, nothing outside is
 * opened, written or replaced.
 *
 * <p>What the platform does by path alone, making a directory or a link, replaces nothing; a new directory is used only after it was opened
 * relative to this one.
 *
 * <p>Counts who uses it; the last one closes it. Thread safe.
 */
final class HostDirectory {
    private static final Set<OpenOption> NEW_FILE =
        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> OLD_FILE = Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Set<PosixFilePermission> OWNER_ONLY =
        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    /**
     * A file that is open for writing from its beginning on. One that was there is not emptied before: it may be the very file that is
     * being read in the sandbox.
     *
     * @param channel to write to
     * @param isNew   whether it was made
     */
    record OpenedFile(SeekableByteChannel channel, boolean isNew) {
        /** Cuts off what is left of the former content behind so many bytes that were written. */
        void cut(final long length) throws IOException {
            if (!isNew) {
                channel.truncate(length);
            }
        }
    }

    /** Kept open until this one is closed: its bits might keep us out once they are set. */
    private final HostDirectory parent;
    private final Path path;
    private final SecureDirectoryStream<Path> stream;
    private final AtomicInteger users = new AtomicInteger(1);
    private volatile HostAttributes atEnd;

    private HostDirectory(final HostDirectory parent, final Path path, final SecureDirectoryStream<Path> stream) {
        this.parent = parent;
        this.path = path;
        this.stream = stream;
    }

    /** Opens a directory that the caller has chosen, through links if there are. */
    static HostDirectory open(final Path path) throws IOException {
        return new HostDirectory(null, path, secure(path, Files.newDirectoryStream(path)));
    }

    private static SecureDirectoryStream<Path> secure(final Path path, final DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new FileSystemException(path.toString(), null, "a file system without secure access to directories");
    }

    /** One more uses it. */
    HostDirectory retain() {
        users.incrementAndGet();
        return this;
    }

    /** One less does; the last one sets its attributes. */
    void release() throws IOException {
        if (users.decrementAndGet() > 0) {
            return;
        }
        try (stream) {
            if (atEnd != null) {
                atEnd.apply(stream.getFileAttributeView(PosixFileAttributeView.class));
            }
        } finally {
            if (parent != null) {
                parent.release();
            }
        }
    }

    /** Has its attributes set when nobody uses it any more; none, when they are null. */
    void setAtEnd(final HostAttributes attributes) {
        atEnd = attributes;
    }

    /**
     * Makes a directory in this one, or takes that which is there.
     *
     * @param ownerOnly whether one that is made is for its owner alone, until {@link #setAtEnd}; else it has the customary bits
     */
    HostDirectory enter(final Path name, final boolean ownerOnly) throws IOException {
        final Path child = path.resolve(name);
        try {
            if (ownerOnly) {
                Files.createDirectory(child, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            } else {
                Files.createDirectory(child);
            }
        } catch (final FileAlreadyExistsException e) {
            if (!attributes(name).isDirectory()) {
                throw new FileSystemException(child.toString(), null, "there is something else than a directory");
            }
        }
        return new HostDirectory(retain(), child, open(child, name));
    }

    private SecureDirectoryStream<Path> open(final Path child, final Path name) throws IOException {
        boolean opened = false;
        try {
            final SecureDirectoryStream<Path> entered = secure(child, stream.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS));
            opened = true;
            return entered;
        } finally {
            if (!opened) {
                release();
            }
        }
    }

    /**
     * Opens a regular file to write it from its beginning on. A link that is there is replaced, not followed; a directory or special file
     * is left alone.
     *
     * @param mode permission bits of a file that is made; its owner can write to it until {@link #setAttributes}
     */
    OpenedFile openFile(final Path name, final int mode) throws IOException {
        final Set<PosixFilePermission> permissions = HostAttributes.permissions(mode);
        permissions.add(PosixFilePermission.OWNER_READ);
        permissions.add(PosixFilePermission.OWNER_WRITE);
        try {
            return makeFile(name, permissions);
        } catch (final FileAlreadyExistsException e) {
            final BasicFileAttributes present = attributes(name);
            if (present.isRegularFile()) {
                return new OpenedFile(stream.newByteChannel(name, OLD_FILE), false);
            }
            removeLink(name, present);
            return makeFile(name, permissions);
        }
    }

    private OpenedFile makeFile(final Path name, final Set<PosixFilePermission> permissions) throws IOException {
        return new OpenedFile(stream.newByteChannel(name, NEW_FILE, PosixFilePermissions.asFileAttribute(permissions)), true);
    }

    /** Makes a symbolic link. A file or link that is there is replaced; a directory or special file is left alone. */
    void makeLink(final Path name, final Path target) throws IOException {
        final Path link = path.resolve(name);
        try {
            Files.createSymbolicLink(link, target);
        } catch (final FileAlreadyExistsException e) {
            final BasicFileAttributes present = attributes(name);
            if (present.isRegularFile()) {
                stream.deleteFile(name);
            } else {
                removeLink(name, present);
            }
            Files.createSymbolicLink(link, target);
        }
    }

    /** Sets attributes of an entry that is no link; none, when they are null. */
    void setAttributes(final Path name, final HostAttributes attributes) throws IOException {
        if (attributes != null) {
            attributes.apply(stream.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS));
        }
    }

    /** Where an entry of that name is, for people. */
    Path child(final Path name) {
        return path.resolve(name);
    }

    /** Tells whether there is an entry of that name, whatever it is. */
    boolean contains(final Path name) throws IOException {
        try {
            attributes(name);
            return true;
        } catch (final NoSuchFileException e) {
            return false;
        }
    }

    private void removeLink(final Path name, final BasicFileAttributes present) throws IOException {
        if (!present.isSymbolicLink()) {
            throw new FileSystemException(
                path.resolve(name).toString(), null, present.isDirectory() ? "there is a directory" : "there is a special file");
        }
        stream.deleteFile(name);
    }

    private BasicFileAttributes attributes(final Path name) throws IOException {
        return stream.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes();
    }
}
