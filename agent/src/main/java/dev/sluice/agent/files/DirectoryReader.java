package dev.sluice.agent.files;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The names in a directory, in the order of its file system, a batch at a time. Between batches nothing is kept but the place in the
 * directory, so that a million open directories of a million names take no memory.
 *
 * <pre>
 *   struct linux_dirent64 (getdents64(2)):
 *   0 d_ino  8 bytes | 8 d_off  8 bytes | 16 d_reclen  2 bytes | 18 d_type  1 byte | 19 d_name, ended by NUL
 * </pre>
 *
 * <p>One thread at a time. The descriptor is the caller's.
 */
final class DirectoryReader {
    private static final int NEXT_OFFSET = 8;
    private static final int LENGTH_OFFSET = 16;
    private static final int TYPE_OFFSET = 18;
    private static final int NAME_OFFSET = 19;
    private static final int BUFFER_LENGTH = 32 * 1024;
    /** Source: dirent.h. */
    private static final int TYPE_DIRECTORY = 4;
    private static final int TYPE_UNKNOWN = 0;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final int UNSIGNED_SHORT = 0xFFFF;

    private final FileSystem system;
    private final int fd;
    private long position;

    /** Takes names. */
    @FunctionalInterface
    interface Taker {
        /**
         * Takes a name.
         *
         * @param name one name, never {@code .} or {@code ..}
         * @param mayBeDirectory whether it may be that of a directory
         * @return false to stop before it: it is the first of the next batch
         */
        boolean take(ByteString name, boolean mayBeDirectory);
    }

    DirectoryReader(final FileSystem system, final int fd) {
        this.system = system;
        this.fd = fd;
    }

    /** The next batch is the first. */
    void rewind() {
        position = 0;
    }

    /**
     * Hands out names until the taker stops or there are no more.
     *
     * @return false at the end of the directory
     */
    boolean read(final Taker taker) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(BUFFER_LENGTH, Long.BYTES);
            seek();
            while (true) {
                final int length = (int) FileSystem.checked(system.posix().getdents64(fd, buffer.address(), BUFFER_LENGTH));
                if (length == 0) {
                    return false;
                }
                if (!handOut(buffer, length, taker)) {
                    return true;
                }
            }
        }
    }

    private void seek() throws FileException {
        FileSystem.checked(system.posix().syscalls().lseek(fd, position, Linux.SEEK_SET));
    }

    private boolean handOut(final MemorySegment buffer, final int length, final Taker taker) {
        int at = 0;
        while (at < length) {
            final int entryLength = buffer.get(SHORT, at + LENGTH_OFFSET) & UNSIGNED_SHORT;
            final ByteString name = nameAt(buffer, at + NAME_OFFSET);
            final int type = FileSystem.byteAt(buffer, at + TYPE_OFFSET);
            final boolean dots = name.equals(PathParts.SELF) || name.equals(PathParts.PARENT);
            if (!dots && !taker.take(name, type == TYPE_DIRECTORY || type == TYPE_UNKNOWN)) {
                return false;
            }
            position = buffer.get(LONG, at + NEXT_OFFSET);
            at += entryLength;
        }
        return true;
    }

    private static ByteString nameAt(final MemorySegment buffer, final int offset) {
        int end = offset;
        while (FileSystem.byteAt(buffer, end) != 0) {
            end++;
        }
        return ByteString.copyOf(buffer, offset, end - offset);
    }
}
