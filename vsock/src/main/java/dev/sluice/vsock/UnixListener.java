package dev.sluice.vsock;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/**
 * A listening Unix stream socket whose path is never more open than asked for, and that only one process serves.
 *
 * <p>How it comes to its path:
 * <ol>
 * <li>the directory is made if it is missing, and those above it, with mode 0700 unless {@link SocketAccess} says otherwise; one that
 * everybody or a group may write to is refused unless it is sticky, or the group is that of {@link SocketAccess};</li>
 * <li>{@code PATH.lock} is locked: a second process is refused, and what a dead one left is known to be left over; a file of that name
 * that is no lock is left as it is, and the socket refused;</li>
 * <li>the socket gets mode 0600 before it is bound, so that it is never more open than that;</li>
 * <li>it is bound and listens as {@code PATH~}, is opened to others if {@link SocketAccess} says so, and is then renamed to {@code PATH}:
 * whoever sees the path can connect. What is replaced has to be a socket of this user that nobody listens on.</li>
 * </ol>
 *
 * <p>{@link #close} removes the socket if the path still leads to it, and leaves the lock file.
 *
 * <p>A socket that was inherited ({@link #adopt}) is served as it is: its path, lock and removal are the business of whoever made it.
 *
 * <p><b>Threads.</b> One owner thread.
 */
public final class UnixListener implements Closeable {
    private static final String TEMPORARY_SUFFIX = "~";
    private static final String LOCK_SUFFIX = ".lock";
    private static final int SOCKET_MODE = 0600;
    private static final int GROUP_WRITE = 0020;
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    /** A socket that listens at a path. */
    private record Bound(int fd, SocketFile file) {
    }

    private final Posix posix;
    private final UnixAddress address;
    private final int backlog;
    private final SocketAccess access;
    private LockFile lock;
    private int fd;
    /** What was bound, and what holds its path; null when the socket was inherited. */
    private SocketFile bound;
    private boolean closed;

    /** One that listens at a path. */
    private UnixListener(
        final Posix posix, final UnixAddress address, final int backlog, final SocketAccess access, final LockFile lock,
        final Bound socket) {
        this.posix = posix;
        this.address = address;
        this.backlog = backlog;
        this.access = access;
        this.lock = lock;
        fd = socket.fd();
        bound = socket.file();
    }

    /** One that was inherited. */
    private UnixListener(final Posix posix, final int fd) {
        this.posix = posix;
        this.fd = fd;
        address = null;
        backlog = 0;
        access = null;
    }

    /**
     * Starts to listen, for this user alone.
     *
     * @param posix the system
     * @param address where; its path may be one byte shorter than the longest
     * @param backlog how many connections may wait to be accepted
     * @return the listener, which the caller closes
     * @throws IOException if another process has the path, something else lies there, or a call fails; nothing is left behind
     */
    public static UnixListener open(final Posix posix, final UnixAddress address, final int backlog) throws IOException {
        return open(posix, address, backlog, SocketAccess.PRIVATE);
    }

    /**
     * Starts to listen.
     *
     * @param posix the system
     * @param address where; its path may be one byte shorter than the longest
     * @param backlog how many connections may wait to be accepted
     * @param access who can reach the path
     * @return the listener, which the caller closes
     * @throws IOException if another process has the path, something else lies there, or a call fails; nothing is left behind
     */
    public static UnixListener open(final Posix posix, final UnixAddress address, final int backlog, final SocketAccess access)
        throws IOException {
        final UnixAddress temporary = new UnixAddress(address.path() + TEMPORARY_SUFFIX);
        prepareDirectory(address.toPath(), access);
        final LockFile lock = acquireLock(posix, address);
        try {
            return new UnixListener(posix, address, backlog, access, lock, bind(posix, address, temporary, backlog, access));
        } catch (final IOException e) {
            lock.close();
            throw e;
        }
    }

    private static LockFile acquireLock(final Posix posix, final UnixAddress address) throws IOException {
        return LockFile.acquire(posix, Path.of(address.path() + LOCK_SUFFIX), "socket " + address.path());
    }

    /** Whoever calls this has the lock. */
    private static Bound bind(
        final Posix posix, final UnixAddress address, final UnixAddress temporary, final int backlog, final SocketAccess access)
        throws IOException {
        final Path path = address.toPath();
        final int uid = PeerCredentials.own(posix).uid();
        removeLeftOver(temporary.toPath(), uid);
        final int fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        try {
            posix.fchmod(fd, SOCKET_MODE);
            try (Arena arena = Arena.ofConfined()) {
                posix.bind(fd, temporary.toSockaddr(arena));
            }
            final SocketFile file = SocketFile.at(temporary.toPath());
            posix.listen(fd, backlog);
            checkReplaceable(posix, address, uid);
            if (access != SocketAccess.PRIVATE) {
                widen(temporary.toPath(), access.gid(), access.socketMode());
            }
            Files.move(temporary.toPath(), path, StandardCopyOption.ATOMIC_MOVE);
            return new Bound(fd, file);
        } catch (final IOException e) {
            posix.closeQuietly(fd);
            Files.deleteIfExists(temporary.toPath());
            throw e;
        }
    }

    /**
     * Serves a socket that somebody else made and listens on, as service managers hand over.
     *
     * @param posix the system
     * @param fd a listening Unix stream socket; becomes the listener's if this succeeds, non-blocking and close-on-exec
     * @return the listener, which the caller closes
     * @throws IOException if it is no such socket
     */
    public static UnixListener adopt(final Posix posix, final int fd) throws IOException {
        if (!isListening(posix, fd)) {
            throw new IOException("descriptor " + fd + " is no listening Unix stream socket");
        }
        posix.setNonBlocking(fd, true);
        posix.fcntl(fd, Linux.F_SETFD, Linux.FD_CLOEXEC);
        return new UnixListener(posix, fd);
    }

    private static boolean isListening(final Posix posix, final int fd) throws IOException {
        try {
            return posix.getsockoptInt(fd, Linux.SOL_SOCKET, Linux.SO_DOMAIN) == Linux.AF_UNIX
                && posix.getsockoptInt(fd, Linux.SOL_SOCKET, Linux.SO_TYPE) == Linux.SOCK_STREAM
                && posix.getsockoptInt(fd, Linux.SOL_SOCKET, Linux.SO_ACCEPTCONN) != 0;
        } catch (final PosixException e) {
            throw new IOException("descriptor " + fd + " is no listening Unix stream socket: " + Errno.describe(e.errno()), e);
        }
    }

    /** {@return the listening descriptor, non-blocking; EPOLLIN says that {@link #accept} is worth a call} */
    public int fd() {
        return fd;
    }

    /** {@return where this listens, or null when the socket was inherited} */
    public UnixAddress address() {
        return address;
    }

    /**
     * Takes the next waiting connection.
     *
     * @return a connected socket, non-blocking and close-on-exec, which the caller owns; {@code -Errno.EAGAIN} when none waits; or another
     *     -errno
     */
    public int accept() {
        return posix.accept4(fd, Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC);
    }

    /**
     * Listens anew if the path is gone: cleaners of temporary directories remove sockets that nobody has touched for a while, and from then
     * on nobody can connect. The directory and the lock file are made again too. What waited to be accepted at the former socket is lost;
     * whoever calls this has seen {@link #accept} find nothing.
     *
     * @return whether there is a new socket: {@link #fd} is another now, the former is closed
     * @throws IOException if something else lies at the path by now, another process has taken it, or a call fails; the former socket is as
     *     it was, and a later attempt may succeed
     */
    public boolean restore() throws IOException {
        if (bound == null) {
            return false;
        }
        final SocketFile found = SocketFile.at(address.toPath());
        if (bound.isSameFile(found)) {
            return false;
        }
        if (found != null) {
            throw new IOException("nobody can connect any more: " + address + " was replaced by something else; remove that");
        }
        prepareDirectory(address.toPath(), access);
        if (!lock.isInPlace()) {
            final LockFile renewed = acquireLock(posix, address);
            lock.close();
            lock = renewed;
        }
        final UnixAddress temporary = new UnixAddress(address.path() + TEMPORARY_SUFFIX);
        final Bound socket = bind(posix, address, temporary, backlog, access);
        posix.closeQuietly(fd);
        fd = socket.fd();
        bound = socket.file();
        return true;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (bound == null) {
            posix.closeQuietly(fd);
            return;
        }
        try {
            if (bound.isSameFile(SocketFile.at(address.toPath()))) {
                Files.deleteIfExists(address.toPath());
            }
        } finally {
            posix.closeQuietly(fd);
            lock.close();
        }
    }

    private static void prepareDirectory(final Path path, final SocketAccess access) throws IOException {
        final Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException("the root directory cannot be a socket: path=" + path);
        }
        if (!Files.isDirectory(parent)) {
            for (final Path made : createDirectories(parent)) {
                if (access != SocketAccess.PRIVATE) {
                    widen(made, access.gid(), access.directoryMode());
                }
            }
            return;
        }
        final Map<String, Object> found = Files.readAttributes(parent, "unix:mode,gid");
        final int mode = (Integer) found.get("mode");
        if ((mode & STICKY) != 0) {
            return;
        }
        if ((mode & OTHERS_WRITE) != 0) {
            throw new IOException("everybody may replace files in " + parent + ": put the socket into a directory of its own (mode 0700)");
        }
        if ((mode & GROUP_WRITE) != 0 && !found.get("gid").equals(access.gid())) {
            throw new IOException("group " + found.get("gid") + " may replace files in " + parent
                + ": take that from it (chmod g-w), or put the socket into a directory of its own (mode 0700)");
        }
    }

    /** {@return the directories that were missing, the innermost first} */
    private static Deque<Path> createDirectories(final Path directory) throws IOException {
        final Deque<Path> missing = new ArrayDeque<>();
        for (Path path = directory; path != null && !Files.isDirectory(path); path = path.getParent()) {
            missing.push(path);
        }
        final Deque<Path> made = new ArrayDeque<>();
        for (final Path path : missing) {
            try {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                made.push(path);
            } catch (final FileAlreadyExistsException e) {
                // Somebody was faster, which is as good unless it is something else.
                if (!Files.isDirectory(path)) {
                    throw e;
                }
            }
        }
        return made;
    }

    /** Group before mode: at no moment may another group use the new bits. */
    private static void widen(final Path path, final int gid, final int mode) throws IOException {
        if (gid != SocketAccess.OWN_GROUP) {
            Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        }
        Files.setAttribute(path, "unix:mode", mode);
    }

    /** What an earlier owner of the lock bound and did not get to rename. */
    private static void removeLeftOver(final Path temporary, final int uid) throws IOException {
        final SocketFile found = SocketFile.at(temporary);
        if (found != null) {
            checkOwnSocket(temporary, found, uid);
            Files.deleteIfExists(temporary);
        }
    }

    private static void checkReplaceable(final Posix posix, final UnixAddress address, final int uid) throws IOException {
        final SocketFile found = SocketFile.at(address.toPath());
        if (found == null) {
            return;
        }
        checkOwnSocket(address.toPath(), found, uid);
        final int probe = UnixConnector.tryConnect(posix, address);
        posix.closeQuietly(probe);
        if (probe != -Errno.ECONNREFUSED && probe != -Errno.ENOENT) {
            throw new IOException("socket " + address + " is in use by a program that holds no lock: stop it, or use another path");
        }
    }

    private static void checkOwnSocket(final Path path, final SocketFile found, final int uid) throws IOException {
        if (!found.isSocket() || found.uid() != uid) {
            throw new IOException(
                path + " exists and is not a socket of this user, so it is left alone: remove it, or use another path: mode="
                    + Integer.toOctalString(found.mode()) + " uid=" + found.uid());
        }
    }
}
