package dev.sluice.agent.files;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.statx;
import dev.sluice.ffi.linux.statx_timestamp;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsKind;
import java.lang.foreign.MemorySegment;

/**
 * What the kernel says of a file.
 *
 * @param mode type and permission bits
 * @param size in bytes
 * @param uid owner, unsigned
 * @param gid group, unsigned
 * @param atime last access, seconds since 1970
 * @param mtime last change, seconds since 1970
 * @param device the file system it is in
 * @param inode its number there
 */
public record FileStatus(int mode, long size, int uid, int gid, long atime, long mtime, long device, long inode) {
    /** What statx is asked for. */
    static final int MASK = Linux.STATX_TYPE | Linux.STATX_MODE | Linux.STATX_SIZE | Linux.STATX_UID | Linux.STATX_GID | Linux.STATX_ATIME
        | Linux.STATX_MTIME | Linux.STATX_INO;
    /** The bits of a mode that chmod changes. */
    static final int PERMISSIONS = 07777;

    private static final int UNSIGNED_SHORT = 0xFFFF;

    static FileStatus of(final MemorySegment buffer) {
        return new FileStatus(
            statx.stx_mode(buffer) & UNSIGNED_SHORT, statx.stx_size(buffer), statx.stx_uid(buffer), statx.stx_gid(buffer),
            statx_timestamp.tv_sec(statx.stx_atime(buffer)), statx_timestamp.tv_sec(statx.stx_mtime(buffer)),
            Integer.toUnsignedLong(statx.stx_dev_major(buffer)) << Integer.SIZE | Integer.toUnsignedLong(statx.stx_dev_minor(buffer)),
            statx.stx_ino(buffer));
    }

    /** {@return whether it is a regular file} */
    public boolean isRegular() {
        return type() == Linux.S_IFREG;
    }

    /** {@return whether it is a directory} */
    public boolean isDirectory() {
        return type() == Linux.S_IFDIR;
    }

    /** {@return whether it is a symbolic link} */
    public boolean isLink() {
        return type() == Linux.S_IFLNK;
    }

    /** {@return what it is, in a few words} */
    String describe() {
        return switch (type()) {
            case Linux.S_IFREG -> "regular file";
            case Linux.S_IFDIR -> "directory";
            case Linux.S_IFLNK -> "symbolic link";
            case Linux.S_IFIFO -> "fifo";
            case Linux.S_IFSOCK -> "socket";
            case Linux.S_IFCHR -> "character device";
            case Linux.S_IFBLK -> "block device";
            default -> "file of an unknown type";
        };
    }

    /**
     * Tells whether two descriptions are of one file.
     *
     * @param other of a file
     * @return whether it is the same
     */
    boolean isSame(final FileStatus other) {
        return device == other.device && inode == other.inode;
    }

    private int type() {
        return mode & Linux.S_IFMT;
    }

    /**
     * The form for the wire.
     *
     * @param path that clients are to see
     * @return the entry
     */
    public FsEntryInfo toEntry(final ByteString path) {
        final FsKind kind = switch (type()) {
            case Linux.S_IFREG -> FsKind.FILE;
            case Linux.S_IFDIR -> FsKind.DIR;
            case Linux.S_IFLNK -> FsKind.SYMLINK;
            default -> FsKind.OTHER;
        };
        return new FsEntryInfo(
            path, kind, size, mode, mtime, Integer.toUnsignedLong(uid), Integer.toUnsignedLong(gid), atime, mtime);
    }

    /**
     * The form for the wire of something that could not be looked at.
     *
     * @param path that clients are to see
     * @return the entry, of which nothing is known
     */
    static FsEntryInfo unknown(final ByteString path) {
        return new FsEntryInfo(path, FsKind.OTHER, 0, 0, null, 0, 0, null, null);
    }
}
