package dev.sluice.cli;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A directory that only this user can enter, for sockets; removed with what is in it.
 *
 * <p>Its maker holds a lock on the directory itself for as long as it lives: the lock ends with the process, however it ends. So whoever
 * makes the next such directory knows which ones a killed process left behind, and removes those, unless there is anything in them that is
 * not of the kind that was put there.
 */
final class PrivateDirectory implements AutoCloseable {
    /** The console's socket. */
    static final String CONSOLE = "console";
    /** The clients' socket. */
    static final String CLIENTS = "agent.sock";

    private static final String PREFIX = "sluice-run-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "[0-9a-f]{16}");
    /** Sockets, with what a listener makes beside them. */
    private static final Pattern CONTENT = Pattern.compile("(" + CONSOLE + "|" + Pattern.quote(CLIENTS) + ")(~|\\.lock)?");
    private static final int MODE = 0700;
    private static final int PERMISSIONS = 07777;
    private static final int MAX_ATTEMPTS = 100;

    private final Posix posix;
    private final Path path;
    private final int lock;
    private boolean closed;

    private PrivateDirectory(final Posix posix, final Path path, final int lock) {
        this.posix = posix;
        this.path = path;
        this.lock = lock;
    }

    /**
     * Makes one with mode 0700, and removes those that nobody has any more.
     *
     * @param posix the calls
     * @param parent where
     */
    static PrivateDirectory create(final Posix posix, final Path parent) throws IOException {
        final SecureRandom random = new SecureRandom();
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            final Path path = parent.resolve(PREFIX + HexFormat.of().toHexDigits(random.nextLong()));
            Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            final int lock = tryLock(posix, path);
            if (lock >= 0) {
                removeLeftOvers(posix, parent, path);
                return new PrivateDirectory(posix, path, lock);
            }
            // Somebody else who starts found it before it was locked, and is removing it.
        }
        throw new IOException("directories in " + parent + " vanish as soon as they are made");
    }

    Path resolve(final String name) {
        return path.resolve(name);
    }

    /** Removes the directory and the files in it. Idempotent. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            remove(path, content(path));
        } finally {
            posix.closeQuietly(lock);
        }
    }

    /** Takes the lock without waiting; -1 when somebody has it, or the directory has gone. */
    private static int tryLock(final Posix posix, final Path path) {
        int fd = -1;
        try {
            fd = posix.open(path.toString(), Linux.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW | Linux.O_CLOEXEC, 0);
            posix.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
            // Names are not used twice: if there is still a directory of this name, it is the one that has been locked.
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                return fd;
            }
        } catch (final PosixException e) {
            // As said.
        }
        posix.closeQuietly(fd);
        return -1;
    }

    /** A courtesy: what cannot be removed is left alone. */
    private static void removeLeftOvers(final Posix posix, final Path parent, final Path own) {
        try (DirectoryStream<Path> candidates = Files.newDirectoryStream(parent, PREFIX + "*")) {
            final Object user = Files.getAttribute(own, "unix:uid");
            for (final Path candidate : candidates) {
                if (!candidate.equals(own) && NAME.matcher(candidate.getFileName().toString()).matches()) {
                    removeIfLeftOver(posix, candidate, user);
                }
            }
        } catch (final IOException e) {
            return;
        }
    }

    private static void removeIfLeftOver(final Posix posix, final Path path, final Object user) {
        int lock = -1;
        try {
            final Map<String, Object> found = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
            if (!user.equals(found.get("uid")) || ((Integer) found.get("mode") & PERMISSIONS) != MODE) {
                return;
            }
            lock = tryLock(posix, path);
            if (lock < 0) {
                return;
            }
            final List<Path> content = content(path);
            if (content.stream().allMatch(file -> CONTENT.matcher(file.getFileName().toString()).matches())) {
                remove(path, content);
            }
        } catch (final IOException e) {
            // Somebody else has been quicker, or may do what we may not.
            return;
        } finally {
            posix.closeQuietly(lock);
        }
    }

    private static List<Path> content(final Path path) throws IOException {
        final List<Path> content = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            files.forEach(content::add);
        }
        return content;
    }

    private static void remove(final Path path, final List<Path> content) throws IOException {
        for (final Path file : content) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(path);
    }
}
