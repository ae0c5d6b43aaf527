package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Mapping;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.vsock.PeerCredentials;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * The counters file that a relay writes; {@link CountersDescriptor} draws it, {@link CountersFileReader} reads it.
 *
 * <p><b>How it comes to its path.</b> It is made as {@code PATH~} with mode 0600, locked with flock(2), filled with zeros by write(2) and
 * only then mapped: a disk that is full is an error here, and not a SIGBUS in the middle of the loop. (A file system that copies on write
 * or compresses zeros may still run full later; {@code /run} is the place for such files.) When all is in it, it is renamed.
 *
 * <p><b>Who may replace what.</b> The relay keeps the lock until it ends, however it ends, so a file whose lock can be had is of a relay
 * that is dead, whatever process has its pid by now; it is replaced. The file of a relay that lives is not: two relays that write one
 * path would leave one of them unobserved. The lock on {@code PATH~} decides between two that start at once. Something that is no
 * counters file is left alone.
 *
 * <p><b>Threads.</b> One owner thread; the values are the loop's.
 */
final class CountersFile implements AutoCloseable {
    private static final String TEMPORARY_SUFFIX = "~";
    private static final int MODE = 0600;
    private static final int OPEN_FLAGS = Linux.O_CLOEXEC | Abi.O_NOFOLLOW | Linux.O_NONBLOCK;
    private static final VarHandle STATE = ValueLayout.JAVA_INT.varHandle();

    private final Posix posix;
    private final int fd;
    private final Mapping mapping;
    private boolean ended;

    private CountersFile(final Posix posix, final int fd, final Mapping mapping) {
        this.posix = posix;
        this.fd = fd;
        this.mapping = mapping;
    }

    /**
     * Makes the file of a relay that starts now.
     *
     * @throws IOException if another relay has it, something else lies there, or there is no room; nothing is left behind
     */
    static CountersFile create(final Posix posix, final Path path) throws IOException {
        final int uid = PeerCredentials.own(posix).uid();
        final Path temporary = Path.of(path + TEMPORARY_SUFFIX);
        final int fd = openTemporary(posix, temporary, path);
        boolean owned = false;
        Mapping mapping = null;
        try {
            final Identity opened = Identity.of(fd);
            if (!opened.isFileOf(uid)) {
                throw new IOException(temporary + " exists and is not a file of this user: remove it, or use another path for counters");
            }
            owned = true;
            // Without the lock, or when its last owner has meanwhile given the file its name, somebody else is ahead of us.
            if (!tryLock(posix, fd, Linux.LOCK_EX) || !opened.isSameFile(Identity.at(temporary))) {
                owned = false;
                throw inUse(path);
            }
            posix.fchmod(fd, MODE);
            checkReplaceable(posix, path, uid);
            final int length = CountersDescriptor.fileLength(RelayCounter.values().length);
            allocate(posix, fd, length, path);
            mapping = new Mapping(posix, fd, length);
            describe(mapping.segment());
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            return new CountersFile(posix, fd, mapping);
        } catch (final IOException | RuntimeException e) {
            if (mapping != null) {
                mapping.close();
            }
            if (owned) {
                Files.deleteIfExists(temporary);
            }
            posix.closeQuietly(fd);
            throw e;
        }
    }

    private static int openTemporary(final Posix posix, final Path temporary, final Path path) throws IOException {
        try {
            return posix.open(temporary.toString(), Linux.O_RDWR | Linux.O_CREAT | OPEN_FLAGS, MODE);
        } catch (final PosixException e) {
            throw new IOException("cannot make counters file " + path + ": " + Errno.describe(e.errno())
                + (e.errno() == Errno.ENOENT ? ": its directory has to be there" : ": at " + temporary), e);
        }
    }

    private static boolean tryLock(final Posix posix, final int fd, final int kind) throws PosixException {
        try {
            posix.flock(fd, kind | Linux.LOCK_NB);
            return true;
        } catch (final PosixException e) {
            if (e.errno() == Errno.EAGAIN) {
                return false;
            }
            throw e;
        }
    }

    private static void checkReplaceable(final Posix posix, final Path path, final int uid) throws IOException {
        final Identity found = Identity.at(path);
        if (found == null) {
            return;
        }
        if (!found.isFileOf(uid)) {
            throw notOurs(path);
        }
        final int old = posix.open(path.toString(), Linux.O_RDONLY | OPEN_FLAGS, 0);
        try {
            // Shared, so that nobody who starts at the same time takes this look for a relay.
            if (!tryLock(posix, old, Linux.LOCK_SH)) {
                throw inUse(path);
            }
            if (!beginsWithMagic(posix, old)) {
                throw notOurs(path);
            }
        } finally {
            posix.closeQuietly(old);
        }
    }

    private static boolean beginsWithMagic(final Posix posix, final int fd) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment magic = arena.allocate(ValueLayout.JAVA_LONG);
            return posix.read(fd, magic.address(), Long.BYTES) == Long.BYTES
                && magic.get(ValueLayout.JAVA_LONG, 0) == CountersDescriptor.MAGIC;
        }
    }

    private static IOException inUse(final Path path) {
        return new IOException("counters file " + path + " is in use by another relay: stop it, or use another path");
    }

    private static IOException notOurs(final Path path) {
        return new IOException(
            path + " exists and is not a counters file of this user, so it is left alone: remove it, or use another path");
    }

    private static void allocate(final Posix posix, final int fd, final int length, final Path path) throws IOException {
        posix.ftruncate(fd, 0);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment zeros = arena.allocate(length);
            for (long done = 0; done < length; ) {
                final long written = posix.write(fd, zeros.address() + done, length - done);
                if (written <= 0) {
                    final int errno = written == 0 ? Errno.ENOSPC : (int) -written;
                    final PosixException cause = new PosixException("write", errno, fd, length - done);
                    throw new IOException(
                        "counters file " + path + ": no room for its " + length + " bytes: " + Errno.describe(errno), cause);
                }
                done += written;
            }
        }
    }

    private static void describe(final MemorySegment file) {
        final RelayCounter[] counters = RelayCounter.values();
        file.set(ValueLayout.JAVA_LONG, CountersDescriptor.MAGIC_OFFSET, CountersDescriptor.MAGIC);
        file.set(ValueLayout.JAVA_INT, CountersDescriptor.VERSION_OFFSET, CountersDescriptor.VERSION);
        file.set(ValueLayout.JAVA_INT, CountersDescriptor.COUNT_OFFSET, counters.length);
        file.set(ValueLayout.JAVA_LONG, CountersDescriptor.PID_OFFSET, ProcessHandle.current().pid());
        file.set(ValueLayout.JAVA_LONG, CountersDescriptor.START_TIME_OFFSET, System.currentTimeMillis());
        file.set(ValueLayout.JAVA_INT, CountersDescriptor.STATE_OFFSET, CountersDescriptor.RUNNING);
        for (final RelayCounter counter : counters) {
            describe(counter, file.asSlice(CountersDescriptor.metadataOffset(counter.ordinal()), CountersDescriptor.METADATA_LENGTH));
        }
    }

    private static void describe(final RelayCounter counter, final MemorySegment record) {
        record.set(ValueLayout.JAVA_INT, CountersDescriptor.TYPE_ID_OFFSET, counter.kind().typeId());
        record.set(ValueLayout.JAVA_LONG, CountersDescriptor.REUSE_DEADLINE_OFFSET, CountersDescriptor.NEVER_REUSED);
        put(record.asSlice(CountersDescriptor.KEY_OFFSET, CountersDescriptor.KEY_MAX_LENGTH), counter.metricName());
        record.set(ValueLayout.JAVA_INT, CountersDescriptor.LABEL_LENGTH_OFFSET,
            put(record.asSlice(CountersDescriptor.LABEL_OFFSET, CountersDescriptor.LABEL_MAX_LENGTH), counter.label()));
        record.set(ValueLayout.JAVA_INT, CountersDescriptor.RECORD_STATE_OFFSET, CountersDescriptor.RECORD_ALLOCATED);
    }

    /** Puts ASCII text at the start of a field. @return its length */
    private static int put(final MemorySegment field, final String text) {
        final byte[] bytes = text.getBytes(US_ASCII);
        MemorySegment.copy(bytes, 0, field, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return bytes.length;
    }

    /** {@return the value records; gone after {@link #close}} */
    MemorySegment values() {
        final int count = RelayCounter.values().length;
        return mapping.segment().asSlice(
            CountersDescriptor.valuesOffset(count), (long) count * CountersDescriptor.VALUE_LENGTH, Long.BYTES);
    }

    /** Says that the relay has ended, and how. The first call counts. */
    void end(final String outcome) {
        if (ended) {
            return;
        }
        ended = true;
        final MemorySegment file = mapping.segment();
        file.set(ValueLayout.JAVA_LONG, CountersDescriptor.END_TIME_OFFSET, System.currentTimeMillis());
        file.set(ValueLayout.JAVA_INT, CountersDescriptor.OUTCOME_LENGTH_OFFSET,
            put(file.asSlice(CountersDescriptor.OUTCOME_OFFSET, CountersDescriptor.OUTCOME_MAX_LENGTH), outcome));
        STATE.setRelease(file, (long) CountersDescriptor.STATE_OFFSET, CountersDescriptor.ENDED);
    }

    /** Leaves the file as it is, and its lock to others. */
    @Override
    public void close() {
        end("FAILED");
        mapping.close();
        posix.closeQuietly(fd);
    }

    /** What a file is, and which. */
    private record Identity(int mode, int uid, long device, long inode) {
        static Identity of(final int fd) throws IOException {
            return of(Files.readAttributes(Path.of("/proc/self/fd", Integer.toString(fd)), "unix:mode,uid,dev,ino"));
        }

        /** {@return null when there is nothing} */
        static Identity at(final Path path) throws IOException {
            try {
                return of(Files.readAttributes(path, "unix:mode,uid,dev,ino", LinkOption.NOFOLLOW_LINKS));
            } catch (final NoSuchFileException e) {
                return null;
            }
        }

        private static Identity of(final Map<String, Object> found) {
            return new Identity(
                (Integer) found.get("mode"), (Integer) found.get("uid"), (Long) found.get("dev"), (Long) found.get("ino"));
        }

        boolean isSameFile(final Identity other) {
            return other != null && device == other.device && inode == other.inode;
        }

        boolean isFileOf(final int user) {
            return (mode & Linux.S_IFMT) == Linux.S_IFREG && uid == user;
        }
    }
}
