package dev.sluice.relay;

import dev.sluice.execlog.LogFiles;
import dev.sluice.ffi.Abi;
import dev.sluice.ffi.CString;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.statx;
import dev.sluice.vsock.PeerCredentials;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * The files of the exec log: a directory that is opened once and locked, and in it the file that is written to, appended to and rotated.
 * Nothing is followed that could lead out of the directory. What is not a whole line at the end of the file is cut off before anything is
 * appended.
 *
 * <p>Errors are results: {@link #append} says how many lines it has written, {@link #error} why not more. One owner thread; no allocation
 * per write.
 */
final class ExecLogVolume implements AutoCloseable {
    private static final int DIRECTORY_MODE = 0700;
    private static final int FILE_MODE = 0600;
    private static final int FILE_FLAGS =
        Linux.O_RDWR | Linux.O_APPEND | Linux.O_CREAT | Linux.O_NONBLOCK | Linux.O_CLOEXEC | Abi.O_NOFOLLOW;
    private static final int DIRECTORY_FLAGS = Linux.O_RDONLY | Abi.O_DIRECTORY | Abi.O_NOFOLLOW | Linux.O_CLOEXEC;
    private static final int STAT_MASK = Linux.STATX_TYPE | Linux.STATX_INO | Linux.STATX_SIZE;
    private static final int OWNER_MASK = STAT_MASK | Linux.STATX_MODE | Linux.STATX_UID | Linux.STATX_NLINK;
    private static final int STICKY = 01000;
    private static final int GROUP_WRITE = 0020;
    private static final int OTHERS_WRITE = 0002;

    private static final int SCRATCH_BYTES = 64 * 1024;

    private static final Logger LOG = System.getLogger(ExecLogVolume.class.getName());

    private final Posix posix;
    private final Path path;
    private final long maxFileBytes;
    private final int maxRotated;
    private final ExecLogShared shared;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment out;
    /** To read into while the other memory holds lines that are being written. */
    private final MemorySegment scratch;
    private final MemorySegment[] names = new MemorySegment[LogFiles.MAX_ROTATED + 1];
    private final MemorySegment noName;
    private final MemorySegment directoryPath;
    private final MemorySegment stat;
    private final ExecLogNumbers numbers;
    private final int ownUid;
    private int directory;
    private int file = -1;
    private long size;
    private long inode;
    private long device;
    private boolean torn;
    private int error;
    private String failedCall = "";

    /**
     * Opens the directory, makes it when only it is missing, and opens the file.
     *
     * @param maxFileBytes a file that would get longer is rotated; 0 for never
     * @param maxRotated how many rotated files are kept
     */
    ExecLogVolume(
        final Posix posix, final Path path, final long maxFileBytes, final int maxRotated, final ExecLogShared shared)
        throws IOException {
        this.posix = posix;
        this.maxFileBytes = maxFileBytes;
        this.maxRotated = maxRotated;
        this.shared = shared;
        ownUid = PeerCredentials.own(posix).uid();
        out = arena.allocate(ExecLogBatch.capacity());
        scratch = arena.allocate(SCRATCH_BYTES);
        stat = arena.allocate(statx.layout());
        noName = CString.of(arena, "");
        this.path = path;
        directoryPath = CString.of(arena, path.toString());
        for (int age = 0; age < names.length; age++) {
            names[age] = CString.of(arena, LogFiles.name(age));
        }
        directory = openDirectory();
        if (directory == -Errno.ENOENT) {
            final int made = posix.mkdirat(Linux.AT_FDCWD, directoryPath.address(), DIRECTORY_MODE);
            directory = made == 0 || made == -Errno.EEXIST ? openDirectory() : made;
        }
        if (directory < 0) {
            arena.close();
            throw new IOException("exec log directory " + path + ": " + (directory == -Errno.EAGAIN
                ? "another relay writes there"
                : Errno.describe(-directory) + "; needed: a directory, no symbolic link, that can be written to, or none in a directory"
                    + " where it can be made"), new PosixException("openat", -directory, path.toString()));
        }
        numbers = new ExecLogNumbers(posix, arena, scratch);
        final int found = numbers.find(directory);
        if (found < 0) {
            failedCall = "finding the last session's number";
        }
        final int opened = found < 0 ? found : openFile();
        if (opened < 0) {
            posix.closeQuietly(directory);
            arena.close();
            throw new IOException("exec log " + path.resolve(LogFiles.CURRENT) + ": " + Errno.describe(-opened) + " at " + failedCall,
                new PosixException(failedCall, -opened, path.toString()));
        }
    }

    /** {@return the positive error number that kept the last {@link #append} from writing everything, 0 when nothing did} */
    int error() {
        return error;
    }

    /** {@return which numbers of sessions the log may have} */
    ExecLogNumbers numbers() {
        return numbers;
    }

    /** {@return the directory, as it was given} */
    Path path() {
        return path;
    }

    /** {@return the call that failed last} */
    String failedCall() {
        return failedCall;
    }

    /** Appends the lines of a batch; without any, finds out whether it could. @return how many were written, each of them whole */
    int append(final ExecLogBatch batch) {
        error = 0;
        int result = makeReady();
        MemorySegment.copy(batch.bytes(), 0, out, ValueLayout.JAVA_BYTE, 0, batch.length());
        int line = 0;
        while (result == 0 && line < batch.lines()) {
            final int end = linesThatFit(batch, line);
            if (end > line) {
                final int written = write(batch, line, end);
                result = written < end ? -error : 0;
                line = written;
            } else {
                result = rotate();
            }
        }
        error = -result;
        return line;
    }

    /** {@return the line behind those that the file has room for; all when it has no bound, and one when that is longer than any file} */
    private int linesThatFit(final ExecLogBatch batch, final int from) {
        if (maxFileBytes == 0) {
            return batch.lines();
        }
        int line = from;
        while (line < batch.lines() && size + batch.end(line) - batch.start(from) <= maxFileBytes) {
            line++;
        }
        return line == from && size == 0 ? from + 1 : line;
    }

    private int write(final ExecLogBatch batch, final int first, final int end) {
        int from = batch.start(first);
        final int to = batch.end(end - 1);
        while (from < to) {
            final long written = posix.write(file, out.address() + from, to - from);
            if (written <= 0) {
                error = written == 0 ? Errno.EIO : (int) -written;
                failedCall = "write";
                break;
            }
            from += (int) written;
            size += written;
        }
        int line = first;
        while (line < end && batch.end(line) <= from) {
            line++;
        }
        if (line < end && from > batch.start(line)) {
            // Part of a line is in the file. If it cannot be cut off now it is before the next write.
            torn = true;
            repair();
        }
        return line;
    }

    /** Makes sure that the file is open, is still the log's, and ends in a whole line. @return 0 or -errno */
    private int makeReady() {
        if (file >= 0 && !isStillCurrent()) {
            posix.closeQuietly(file);
            file = -1;
            shared.count(RelayCounter.EXEC_LOG_REOPENED, 1);
        }
        if (file < 0) {
            final int opened = openFile();
            if (opened < 0) {
                return opened;
            }
        }
        if (torn) {
            final int repaired = repair();
            if (repaired < 0) {
                return repaired;
            }
        }
        final int secured = numbers.secure();
        if (secured < 0) {
            failedCall = "writing " + ExecLogNumbers.NAME;
        }
        return secured;
    }

    /** Somebody else may have renamed or removed the file, or cut it. */
    private boolean isStillCurrent() {
        final int result = posix.statx(directory, names[0].address(), Linux.AT_SYMLINK_NOFOLLOW, STAT_MASK, stat.address());
        if (result < 0 || statx.stx_ino(stat) != inode || device() != device) {
            return false;
        }
        size = statx.stx_size(stat);
        return true;
    }

    private long device() {
        return (long) statx.stx_dev_major(stat) << Integer.SIZE | statx.stx_dev_minor(stat);
    }

    private int openDirectory() {
        final int fd = posix.openat(Linux.AT_FDCWD, directoryPath.address(), DIRECTORY_FLAGS, 0);
        if (fd >= 0) {
            try {
                posix.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
            } catch (final PosixException e) {
                posix.closeQuietly(fd);
                return -e.errno();
            }
        }
        return fd;
    }

    /** @return 0 or -errno */
    private int openFile() {
        int fd = openCurrent();
        if (fd == -Errno.ENOENT) {
            // The directory was removed. One that was put in its place is taken, if it is one.
            final int replaced = openDirectory();
            if (replaced >= 0) {
                posix.closeQuietly(directory);
                directory = replaced;
                numbers.changeDirectory(directory);
                fd = openCurrent();
            }
        }
        if (fd < 0) {
            return fd;
        }
        final int refused = checkFile(fd);
        if (refused < 0) {
            posix.closeQuietly(fd);
            return refused;
        }
        file = fd;
        size = statx.stx_size(stat);
        inode = statx.stx_ino(stat);
        device = device();
        torn = true;
        final long found = size;
        final int repaired = repair();
        if (repaired < 0) {
            posix.closeQuietly(file);
            file = -1;
        } else if (size < found) {
            LOG.log(Level.INFO, "the exec log in {0} ended in a line without its end, as a crash leaves one: cut {1} bytes off",
                path.toString(), Long.toString(found - size));
        }
        return repaired;
    }

    /** @return a descriptor or -errno */
    private int openCurrent() {
        final int refused = checkDirectory();
        if (refused < 0) {
            return refused;
        }
        final int fd = posix.openat(directory, names[0].address(), FILE_FLAGS, FILE_MODE);
        if (fd < 0) {
            failedCall = "openat";
        }
        return fd;
    }

    /** Where others may replace files nothing is the log's for sure; where a sticky bit keeps them from that it is. @return 0 or -errno */
    private int checkDirectory() {
        final int described = posix.statx(directory, noName.address(), Linux.AT_EMPTY_PATH, OWNER_MASK, stat.address());
        if (described < 0) {
            failedCall = "statx";
            return described;
        }
        final int mode = statx.stx_mode(stat);
        if ((mode & STICKY) == 0 && (mode & (OTHERS_WRITE | GROUP_WRITE)) != 0) {
            failedCall = "openat (" + ((mode & OTHERS_WRITE) != 0 ? "everybody" : "its group")
                + " may replace files in the directory: chmod go-w, or use another)";
            return -Errno.EPERM;
        }
        return 0;
    }

    /** What is to be cut and appended to is the log's own, and has no other name. @return 0 or -errno */
    private int checkFile(final int fd) {
        final int described = posix.statx(fd, noName.address(), Linux.AT_EMPTY_PATH, OWNER_MASK, stat.address());
        if (described < 0) {
            failedCall = "statx";
            return described;
        }
        if ((statx.stx_mode(stat) & Linux.S_IFMT) != Linux.S_IFREG) {
            failedCall = "openat (exec.log is no file)";
            return -Errno.EINVAL;
        }
        if (statx.stx_uid(stat) != ownUid) {
            failedCall = "openat (exec.log is user " + Integer.toUnsignedString(statx.stx_uid(stat)) + "'s: move it away)";
            return -Errno.EPERM;
        }
        if (statx.stx_nlink(stat) > 1) {
            failedCall = "openat (exec.log is a file that has other names, hard links: move it away)";
            return -Errno.EPERM;
        }
        return 0;
    }

    /** Cuts off what is not a whole line at the end of the file. @return 0 or -errno */
    private int repair() {
        try {
            size = posix.lseek(file, 0, Linux.SEEK_END);
            final long end = endOfLastLine();
            if (end < 0) {
                failedCall = "read";
                return (int) end;
            }
            if (end < size) {
                posix.ftruncate(file, end);
                size = end;
                shared.count(RelayCounter.EXEC_LOG_REPAIRED, 1);
            }
            torn = false;
            return 0;
        } catch (final PosixException e) {
            failedCall = "ftruncate";
            return -e.errno();
        }
    }

    /** {@return the position behind the last newline, 0 when there is none, or -errno} */
    private long endOfLastLine() throws PosixException {
        final byte newline = '\n';
        long end = size;
        // The last byte alone first: nearly always that is all there is to see.
        long window = 1;
        while (end > 0) {
            final long start = Math.max(0, end - window);
            posix.lseek(file, start, Linux.SEEK_SET);
            final long read = readFully(end - start);
            if (read < 0) {
                return read;
            }
            for (long at = read - 1; at >= 0; at--) {
                if (scratch.get(ValueLayout.JAVA_BYTE, at) == newline) {
                    return start + at + 1;
                }
            }
            end = start;
            window = scratch.byteSize();
        }
        return 0;
    }

    private long readFully(final long length) {
        long read = 0;
        while (read < length) {
            final long result = posix.read(file, scratch.address() + read, length - read);
            if (result <= 0) {
                return result < 0 ? result : read;
            }
            read += result;
        }
        return read;
    }

    /** Renames the files and begins a new one. @return 0 or -errno */
    private int rotate() {
        // A number that is missing, after a crash between two renames, is where renaming begins: nothing that is older is thrown away.
        int free = maxRotated;
        for (int age = 1; age < maxRotated; age++) {
            if (posix.statx(directory, names[age].address(), Linux.AT_SYMLINK_NOFOLLOW, STAT_MASK, stat.address()) == -Errno.ENOENT) {
                free = age;
                break;
            }
        }
        for (int age = free; age > 0; age--) {
            final int result = posix.renameat(directory, names[age - 1].address(), names[age].address());
            if (result < 0) {
                failedCall = "renameat";
                return result;
            }
        }
        posix.closeQuietly(file);
        file = -1;
        shared.count(RelayCounter.EXEC_LOG_ROTATIONS, 1);
        return openFile();
    }

    /** Closes the files and the directory. */
    @Override
    public void close() {
        numbers.close();
        posix.closeQuietly(file);
        posix.closeQuietly(directory);
        file = -1;
        directory = -1;
        arena.close();
    }
}
