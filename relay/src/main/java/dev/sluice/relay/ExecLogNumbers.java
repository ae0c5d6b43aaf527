package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.execlog.LogFiles;
import dev.sluice.ffi.Abi;
import dev.sluice.ffi.CString;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.statx;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Which numbers of sessions the log may have already, so that no relay gives one again. A small file beside the log says it:
 * {@value #NAME}, one decimal number of {@value #DIGITS} digits and a newline. Numbers above it are in no line.
 *
 * <pre>
 *   a relay starts:           goes on above the number in the file
 *   above it, before a line:  the number in the file becomes {@value #STEP} more than is needed, so that this is rare
 *   the relay ends in order:  it becomes the highest there was, so that numbers have no holes
 * </pre>
 *
 * <p>The number is overwritten in place, which takes no room on a disk that is full. Where there is no such file, or something else is in
 * it, the log itself is read: that is so once, for a log that another program has written.
 *
 * <p>Errors are results. One owner thread; no allocation per line.
 */
final class ExecLogNumbers {
    static final String NAME = "exec.sessions";
    static final int DIGITS = 19;
    static final int STEP = 256;
    /** What readers of JSON that know floating point alone can tell apart; what is above is none of ours. */
    static final long HIGHEST = (1L << 53) - 1 - STEP;

    private static final int CONTENT_LENGTH = DIGITS + 1;
    private static final int MODE = 0600;
    private static final int FLAGS = Linux.O_NONBLOCK | Linux.O_CLOEXEC | Abi.O_NOFOLLOW;
    private static final byte[] KEY = ",\"id\":".getBytes(US_ASCII);

    private final Posix posix;
    private final MemorySegment scratch;
    private final MemorySegment stat;
    private final MemorySegment name;
    private final MemorySegment noName;
    private final MemorySegment content;
    private int directory;
    private int file = -1;
    private long highest;
    /** No number up to this one is given again, whatever happens. */
    private long secured;

    /**
     * @param arena lives as long as this does
     * @param scratch to read into; used within calls alone
     */
    ExecLogNumbers(final Posix posix, final Arena arena, final MemorySegment scratch) {
        this.posix = posix;
        this.scratch = scratch;
        this.stat = arena.allocate(statx.layout());
        this.name = CString.of(arena, NAME);
        this.noName = CString.of(arena, "");
        this.content = arena.allocate(CONTENT_LENGTH);
    }

    /** Finds the highest number in a directory. @return 0 or -errno */
    int find(final int inDirectory) {
        changeDirectory(inDirectory);
        final long said = read();
        final long found = said == -Errno.ENOENT || said == -Errno.EINVAL ? scan() : said;
        highest = Math.max(0, found);
        // Nothing of an earlier session comes any more: what is known of those stays so.
        secured = highest;
        return (int) Math.min(0, found);
    }

    /** The log goes on in another directory. */
    void changeDirectory(final int newDirectory) {
        posix.closeQuietly(file);
        file = -1;
        secured = 0;
        directory = newDirectory;
    }

    /** {@return the highest number that was given, 0 for none} */
    long highest() {
        return highest;
    }

    /** A session with this number was begun. */
    void given(final long number) {
        highest = Math.max(highest, number);
    }

    /** Makes sure that no number is given again that may be in a line from now on. @return 0 or -errno */
    int secure() {
        return highest > secured ? record(highest + STEP) : 0;
    }

    /** The log is closed. */
    void close() {
        if (file >= 0 && highest < secured) {
            try {
                // First nothing, which has the log read: half of a lower number and half of a higher one may be too low.
                posix.ftruncate(file, 0);
                record(highest);
            } catch (final PosixException e) {
                // It stays as it is, and there will be a hole.
                secured = 0;
            }
        }
        posix.closeQuietly(file);
        file = -1;
    }

    private int record(final long number) {
        if (file < 0) {
            final int opened = open(Linux.O_RDWR | Linux.O_CREAT);
            if (opened < 0) {
                return opened;
            }
            file = opened;
        }
        long rest = number;
        for (int i = DIGITS - 1; i >= 0; i--) {
            content.set(ValueLayout.JAVA_BYTE, i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        content.set(ValueLayout.JAVA_BYTE, DIGITS, (byte) '\n');
        try {
            posix.lseek(file, 0, Linux.SEEK_SET);
            long written = 0;
            while (written < CONTENT_LENGTH) {
                final long result = posix.write(file, content.address() + written, CONTENT_LENGTH - written);
                if (result <= 0) {
                    // The first digits of a higher number and the last of a lower one are never less than the lower one.
                    secured = 0;
                    return result < 0 ? (int) result : -Errno.EIO;
                }
                written += result;
            }
            secured = number;
            return 0;
        } catch (final PosixException e) {
            secured = 0;
            return -e.errno();
        }
    }

    /** @return the file, or -errno; EINVAL when there is something else */
    private int open(final int flags) {
        final int fd = posix.openat(directory, name.address(), flags | FLAGS, MODE);
        if (fd < 0) {
            return fd;
        }
        final int described = posix.statx(fd, noName.address(), Linux.AT_EMPTY_PATH, Linux.STATX_TYPE, stat.address());
        if (described < 0 || (statx.stx_mode(stat) & Linux.S_IFMT) != Linux.S_IFREG) {
            posix.closeQuietly(fd);
            return described < 0 ? described : -Errno.EINVAL;
        }
        return fd;
    }

    /** @return what the file says; -EINVAL when that is no number, or -errno */
    private long read() {
        final int fd = open(Linux.O_RDONLY);
        if (fd < 0) {
            return fd;
        }
        long length = 0;
        long result = 1;
        // One byte more than there should be, to see that there is none.
        while (result > 0 && length <= CONTENT_LENGTH) {
            result = posix.read(fd, scratch.address() + length, CONTENT_LENGTH + 1 - length);
            length += Math.max(0, result);
        }
        posix.closeQuietly(fd);
        return result < 0 ? result : length == CONTENT_LENGTH ? parse() : -Errno.EINVAL;
    }

    private long parse() {
        long number = 0;
        for (int i = 0; i < DIGITS; i++) {
            final int digit = scratch.get(ValueLayout.JAVA_BYTE, i) - '0';
            if (digit < 0 || digit > 9 || number > HIGHEST) {
                return -Errno.EINVAL;
            }
            number = 10 * number + digit;
        }
        return number <= HIGHEST && scratch.get(ValueLayout.JAVA_BYTE, DIGITS) == '\n' ? number : -Errno.EINVAL;
    }

    /** @return the highest number in the files of the log, or -errno */
    private long scan() {
        long found = 0;
        try (Arena arena = Arena.ofConfined()) {
            for (final String logName : LogFiles.oldestFirst()) {
                final int fd = posix.openat(directory, CString.of(arena, logName).address(), Linux.O_RDONLY | FLAGS, 0);
                if (fd >= 0) {
                    final long inFile = scan(fd);
                    posix.closeQuietly(fd);
                    if (inFile < 0) {
                        return inFile;
                    }
                    found = Math.max(found, inFile);
                } else if (fd != -Errno.ENOENT) {
                    return fd;
                }
            }
        }
        return found;
    }

    /** Between quotes there is no quote but behind a backslash: the key as it stands here is always a key. */
    private long scan(final int fd) {
        long found = 0;
        int matched = 0;
        long number = 0;
        while (true) {
            final long length = posix.read(fd, scratch.address(), scratch.byteSize());
            if (length <= 0) {
                return length < 0 ? length : found;
            }
            for (long at = 0; at < length; at++) {
                final byte value = scratch.get(ValueLayout.JAVA_BYTE, at);
                if (matched == KEY.length) {
                    if (value >= '0' && value <= '9') {
                        number = Math.min(10 * number + value - '0', HIGHEST + 1);
                        continue;
                    }
                    found = number <= HIGHEST ? Math.max(found, number) : found;
                    matched = 0;
                    number = 0;
                }
                matched = value == KEY[matched] ? matched + 1 : value == KEY[0] ? 1 : 0;
            }
        }
    }
}
