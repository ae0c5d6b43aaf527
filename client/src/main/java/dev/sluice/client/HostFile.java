package dev.sluice.client;

import dev.sluice.protocol.FsKind;
import dev.sluice.protocol.FsSetAttrs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the host says of a file of its own; of a link itself.
 *
 * @param path     which
 * @param kind     what it is
 * @param size     length in bytes
 * @param mode     type and permission bits, as {@code st_mode}
 * @param uid      owner
 * @param gid      group
 * @param accessed when it was last read, in seconds since 1970
 * @param modified when it was last written, in seconds since 1970
 */
record HostFile(Path path, FsKind kind, long size, int mode, long uid, long gid, long accessed, long modified) {
    private static final int PERMISSION_BITS = 07777;
    private static final String ATTRIBUTES =
        "unix:mode,size,uid,gid,lastAccessTime,lastModifiedTime,isRegularFile,isDirectory,isSymbolicLink";

    /** Looks at a file; does not follow a link. */
    static HostFile of(final Path path) throws IOException {
        final Map<String, Object> found = Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        final FsKind kind = (Boolean) found.get("isRegularFile") ? FsKind.FILE
            : (Boolean) found.get("isDirectory") ? FsKind.DIR
            : (Boolean) found.get("isSymbolicLink") ? FsKind.SYMLINK
            : FsKind.OTHER;
        return new HostFile(path, kind, (Long) found.get("size"), (Integer) found.get("mode"),
            Integer.toUnsignedLong((Integer) found.get("uid")), Integer.toUnsignedLong((Integer) found.get("gid")),
            seconds(found.get("lastAccessTime")), seconds(found.get("lastModifiedTime")));
    }

    private static long seconds(final Object time) {
        // Rounded down, as the wire has it, also before 1970.
        return Math.floorDiv(((FileTime) time).to(TimeUnit.MILLISECONDS), 1000L);
    }

    boolean isFile() {
        return kind == FsKind.FILE;
    }

    boolean isDirectory() {
        return kind == FsKind.DIR;
    }

    /** The permission bits, with set-user-id, set-group-id and sticky bit. */
    int permissions() {
        return mode & PERMISSION_BITS;
    }

    /** Its owner and group as a change of another file's. */
    FsSetAttrs owner() {
        return new FsSetAttrs(null, uid, gid, null, null, null);
    }

    /**
     * Its times as a change of another file's.
     *
     * @param bits   permission bits that the other is to have, or null to leave them
     * @param length that the other is to have, or null to leave it
     */
    FsSetAttrs times(final Long bits, final Long length) {
        return new FsSetAttrs(bits, null, null, length, accessed, modified);
    }
}
