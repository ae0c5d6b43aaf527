package dev.sluice.agent.files;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.timespec;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsSetAttrs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Changes what is said of files: size, mode, owner and times, in this order. When a step fails those before it stay done. Of two times
 * the one that is not given stays as it is.
 *
 * <p>Any number of threads.
 */
final class FileAttributes {
    private static final int UNCHANGED = -1;

    private final FileRoot root;
    private final FileSystem system;

    FileAttributes(final FileRoot root) {
        this.root = root;
        this.system = root.system();
    }

    /** Of what a path leads to. */
    void set(final ByteString path, final boolean follow, final FsSetAttrs attrs) throws FileException {
        final int noFollow = follow ? 0 : Abi.O_NOFOLLOW;
        if (attrs.size() != null) {
            truncate(path, noFollow, attrs.size());
        }
        if (attrs.mode() == null && attrs.uid() == null && attrs.gid() == null && attrs.atime() == null && attrs.mtime() == null) {
            return;
        }
        final int fd = opened(path, noFollow, firstStep(follow, attrs));
        try {
            if (attrs.mode() != null) {
                if (!follow && isLink(fd)) {
                    throw new FileException("chmod on symlink without following is not supported");
                }
                setMode(fd, attrs);
            }
            setOwner(fd, attrs, "chown");
            setTimes(fd, attrs, "utimensat");
        } finally {
            system.closeQuietly(fd);
        }
    }

    private static String firstStep(final boolean follow, final FsSetAttrs attrs) {
        if (attrs.mode() != null) {
            return follow ? "chmod" : "lstat before chmod";
        }
        if (attrs.uid() != null || attrs.gid() != null) {
            return "chown";
        }
        return attrs.atime() != null && attrs.mtime() != null ? "utimensat" : "stat before utimensat";
    }

    private int opened(final ByteString path, final int noFollow, final String step) throws FileException {
        try {
            return root.open(path, Linux.O_PATH | noFollow, 0);
        } catch (final FileException e) {
            throw e.during(step);
        }
    }

    private boolean isLink(final int fd) throws FileException {
        try {
            return system.status(fd).isLink();
        } catch (final FileException e) {
            throw e.during("lstat before chmod");
        }
    }

    private void truncate(final ByteString path, final int noFollow, final long size) throws FileException {
        final int fd;
        try {
            fd = new GuardedOpen(root).open(path, Linux.O_WRONLY | noFollow, 0);
        } catch (final FileException e) {
            throw e.during("open for truncate");
        }
        try {
            setSize(fd, size);
        } finally {
            system.closeQuietly(fd);
        }
    }

    /** Of an open file. */
    void set(final int fd, final FsSetAttrs attrs) throws FileException {
        if (attrs.size() != null) {
            setSize(fd, attrs.size());
        }
        if (attrs.mode() != null) {
            setMode(fd, attrs);
        }
        setOwner(fd, attrs, "fchown");
        setTimes(fd, attrs, "futimens");
    }

    private void setSize(final int fd, final long size) throws FileException {
        try {
            system.truncate(fd, size);
        } catch (final FileException e) {
            throw e.during("set_len");
        }
    }

    private void setMode(final int fd, final FsSetAttrs attrs) throws FileException {
        try {
            system.chmod(fd, attrs.mode().intValue());
        } catch (final FileException e) {
            throw e.during("chmod");
        }
    }

    private void setOwner(final int fd, final FsSetAttrs attrs, final String step) throws FileException {
        if (attrs.uid() == null && attrs.gid() == null) {
            return;
        }
        try {
            system.chown(fd, attrs.uid() == null ? UNCHANGED : attrs.uid().intValue(),
                attrs.gid() == null ? UNCHANGED : attrs.gid().intValue());
        } catch (final FileException e) {
            throw e.during(step);
        }
    }

    private void setTimes(final int fd, final FsSetAttrs attrs, final String step) throws FileException {
        if (attrs.atime() == null && attrs.mtime() == null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment times = timespec.allocateArray(2, arena);
            put(timespec.asSlice(times, 0), attrs.atime());
            put(timespec.asSlice(times, 1), attrs.mtime());
            system.setTimes(fd, times);
        } catch (final FileException e) {
            throw e.during(step);
        }
    }

    private static void put(final MemorySegment time, final Long seconds) {
        timespec.tv_sec(time, seconds == null ? 0 : seconds);
        timespec.tv_nsec(time, seconds == null ? Linux.UTIME_OMIT : 0);
    }
}
