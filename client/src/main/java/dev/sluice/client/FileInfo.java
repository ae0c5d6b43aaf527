package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsKind;
import java.time.Instant;
import java.util.Objects;

/**
 * What the sandbox says of a file.
 *
 * @param path         its path; of an entry of a directory, the directory's path and its name
 * @param kind         what it is
 * @param size         length in bytes
 * @param mode         type and permission bits, as {@code st_mode}
 * @param uid          owner; 0 from agents that do not tell
 * @param gid          group; 0 from agents that do not tell
 * @param accessTime   when it was last read, in seconds, or null when not told
 * @param modifiedTime when it was last written, in seconds, or null when not told
 */
public record FileInfo(
    ByteString path, FsKind kind, long size, int mode, long uid, long gid, Instant accessTime, Instant modifiedTime) {
    private static final int PERMISSION_BITS = 07777;
    /** NAME_MAX of Linux. */
    private static final int MAX_NAME_LENGTH = 255;
    /** PATH_MAX of Linux, for the directory, and its slash and the name. */
    private static final int MAX_PATH_LENGTH = 4096 + 1 + MAX_NAME_LENGTH;

    /**
     * Checks that there are path and kind.
     *
     * @throws NullPointerException when one is missing
     */
    public FileInfo {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(kind, "kind");
    }

    /** Tells whether an entry's path can be one: what a sandbox lists is kept, and must not be as long as it likes. */
    static boolean isPossible(final FsEntryInfo entry) {
        return entry.path().length() <= MAX_PATH_LENGTH && SandboxPath.name(entry.path()).length() <= MAX_NAME_LENGTH;
    }

    static FileInfo of(final FsEntryInfo entry) {
        final Long modified = entry.mtime() != null ? entry.mtime() : entry.modified();
        return new FileInfo(entry.path(), entry.kind(), size(entry.size()), (int) entry.mode(), entry.uid(), entry.gid(),
            instant(entry.atime()), instant(modified));
    }

    /**
     * The file's name.
     *
     * @return what is behind the last slash of the path
     */
    public ByteString name() {
        return SandboxPath.name(path);
    }

    /**
     * Tells whether it is a regular file.
     *
     * @return true for one
     */
    public boolean isFile() {
        return kind == FsKind.FILE;
    }

    /**
     * Tells whether it is a directory.
     *
     * @return true for one
     */
    public boolean isDirectory() {
        return kind == FsKind.DIR;
    }

    /**
     * Tells whether it is a symbolic link.
     *
     * @return true for one
     */
    public boolean isSymbolicLink() {
        return kind == FsKind.SYMLINK;
    }

    /**
     * The permission bits, with set-user-id, set-group-id and sticky bit.
     *
     * @return 0 to 07777
     */
    public int permissions() {
        return mode & PERMISSION_BITS;
    }

    /** The wire has it unsigned; no file is that long. */
    private static long size(final long unsigned) {
        return unsigned < 0 ? Long.MAX_VALUE : unsigned;
    }

    private static Instant instant(final Long seconds) {
        return seconds == null
            ? null : Instant.ofEpochSecond(Math.clamp(seconds, Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()));
    }
}
