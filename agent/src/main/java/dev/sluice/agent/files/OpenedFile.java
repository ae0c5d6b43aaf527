package dev.sluice.agent.files;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.iovec;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsSetAttrs;
import java.lang.foreign.MemorySegment;

/**
 * An open regular file, or a directory opened as if it were one, which only reading tells apart.
 *
 * <p>Positions are given with each call: several may be under way at once, on any threads. Never waits for a peer, since pipes and
 * devices are not opened; waits as long as its file system does.
 */
public final class OpenedFile implements Opened {
    private final FileRoot root;
    private final FileSystem system;
    private final int fd;
    private final ByteString path;
    private final boolean readable;
    private final boolean writable;
    private final boolean append;
    private final Replacement replacement;
    private volatile boolean failed;

    OpenedFile(final FileRoot root, final int fd, final ByteString path, final int flags, final Replacement replacement) {
        this.root = root;
        this.system = root.system();
        this.fd = fd;
        this.path = path;
        this.readable = (flags & Linux.O_ACCMODE) != Linux.O_WRONLY;
        this.writable = (flags & Linux.O_ACCMODE) != Linux.O_RDONLY;
        this.append = (flags & Linux.O_APPEND) != 0;
        this.replacement = replacement;
    }

    /** {@return whether it was opened for reading} */
    public boolean isReadable() {
        return readable;
    }

    /** {@return whether it was opened for writing} */
    public boolean isWritable() {
        return writable;
    }

    /** {@return whether its content takes the place of another only when it is closed} */
    public boolean isReplacement() {
        return replacement != null;
    }

    @Override
    public boolean isDirectory() {
        return false;
    }

    @Override
    public FsEntryInfo entry() throws FileException {
        return system.status(fd).toEntry(path);
    }

    /**
     * Where reading to the end ends: a file that grows is read as far as it went when reading began.
     *
     * @return bytes; {@link Long#MAX_VALUE} where the file system does not say, as in /proc: until nothing more comes
     * @throws FileException if that fails
     */
    public long end() throws FileException {
        final FileStatus status = system.status(fd);
        return status.isRegular() && status.size() > 0 ? status.size() : Long.MAX_VALUE;
    }

    /**
     * Changes what is said of the file.
     *
     * @param attrs what to change
     * @throws FileException naming the step that failed; those before it stay done
     */
    public void setAttributes(final FsSetAttrs attrs) throws FileException {
        new FileAttributes(root).set(fd, attrs);
    }

    /**
     * Reads, once.
     *
     * @param address where the bytes go
     * @param length how many at most
     * @param position where in the file, in bytes
     * @return bytes read, 0 at the end, or -errno
     */
    public long read(final long address, final long length, final long position) {
        return system.posix().pread(fd, address, length, position);
    }

    /**
     * Reads what is in memory already: never waits, so that a thread which must not may call it.
     *
     * @param vector scratch memory for one {@code struct iovec}
     * @param memory where the bytes go, native
     * @param length how many at most
     * @param position where in the file, in bytes
     * @return bytes read, 0 at the end, or -errno: EAGAIN when it would have waited, EOPNOTSUPP where the file system cannot tell
     */
    public long readCached(final MemorySegment vector, final MemorySegment memory, final int length, final long position) {
        iovec.iov_base(vector, memory);
        iovec.iov_len(vector, length);
        return system.posix().preadv2(fd, vector.address(), 1, position, Linux.RWF_NOWAIT);
    }

    /**
     * Writes everything.
     *
     * @param address the bytes
     * @param length how many
     * @param position where in the file, in bytes; at its end where the file was opened so
     * @return bytes written, which are all of them, or -errno: then some may have been written
     */
    public long write(final long address, final long length, final long position) {
        long done = 0;
        while (done < length) {
            final long written = append
                ? system.posix().write(fd, address + done, length - done)
                : system.posix().pwrite(fd, address + done, length - done, position + done);
            if (written <= 0) {
                failed = true;
                // A regular file takes at least a byte or says why not.
                return written == 0 ? -Errno.EIO : written;
            }
            done += written;
        }
        return done;
    }

    void setMode(final int mode) throws FileException {
        system.chmod(fd, mode);
    }

    /** What was written is not what was meant: it will not take another file's place. */
    public void fail() {
        failed = true;
    }

    @Override
    public void close() throws FileException {
        if (replacement == null) {
            system.close(fd);
        } else if (failed) {
            discard();
            throw new FileException("not put in place: a write failed");
        } else {
            replacement.commit(fd);
        }
    }

    @Override
    public void discard() {
        system.closeQuietly(fd);
        if (replacement != null) {
            replacement.abort();
        }
    }

}
