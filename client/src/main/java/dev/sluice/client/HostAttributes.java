package dev.sluice.client;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * What files of the host get of what the sandbox says of its own. Of the permission bits only those of owner, group and others: a sandbox
 * is not to say on whose behalf a program runs here.
 *
 * @param mode    permission bits
 * @param archive whose owner and times are taken, too, or null
 */
record HostAttributes(int mode, FileInfo archive) {
    private static final int PERMISSION_BITS = 0777;

    /** What there is to be set, of a file that is new here or was there; null when nothing is. */
    static HostAttributes of(final CopyOptions options, final FileInfo source, final boolean isNew) {
        if (options.archive()) {
            return new HostAttributes(source.permissions(), source);
        }
        return options.modes() && isNew ? new HostAttributes(source.permissions(), null) : null;
    }

    /** Sets them of an open file or directory; nothing is to be written to it afterwards. */
    void apply(final PosixFileAttributeView view) throws IOException {
        if (archive != null) {
            giveAway(view);
            view.setTimes(time(archive.modifiedTime()), time(archive.accessTime()), null);
        }
        // Last: they may keep us from opening it once more.
        view.setPermissions(permissions(mode));
    }

    private void giveAway(final PosixFileAttributeView view) throws IOException {
        final UserPrincipalLookupService names = FileSystems.getDefault().getUserPrincipalLookupService();
        try {
            // Numbers are taken where no account has such a name.
            view.setGroup(names.lookupPrincipalByGroupName(Long.toString(archive.gid())));
            view.setOwner(names.lookupPrincipalByName(Long.toString(archive.uid())));
        } catch (final UserPrincipalNotFoundException e) {
            // Not a number that anybody can have here; the file is ours then.
            return;
        } catch (final FileSystemException e) {
            if (!OwnerRefusal.is(e)) {
                throw e;
            }
        }
    }

    private static FileTime time(final Instant instant) {
        return instant == null ? null : FileTime.from(instant);
    }

    /** The permission bits of owner, group and others in a mode. */
    static Set<PosixFilePermission> permissions(final int mode) {
        final Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        final PosixFilePermission[] all = PosixFilePermission.values();
        // Declared from the owner's read bit to the others' execute bit, as in a mode.
        for (int i = 0; i < all.length; i++) {
            if ((mode & PERMISSION_BITS & 0400 >> i) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }
}
