package dev.sluice.agent.init;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Machine;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.GuestBootstrap.SecurityProfile;
import dev.sluice.protocol.GuestMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Mounts what a bootstrap lists: directories of the host by virtiofs, single files of such directories by bind mounts, disks, and file
 * systems in memory. What lies deeper comes later, so that nothing covers it. Mount points that are missing are made. With the restricted
 * profile none has set-user-ID programs or devices that count.
 *
 * <p>One thread.
 */
public final class GuestMounts {
    /** Where directories are mounted of which single files are wanted: out of sight of all but root. */
    private static final ByteString SHARES = ByteString.of("/run/sluice/shares");
    private static final String VIRTIOFS = "virtiofs";
    private static final String TMPFS = "tmpfs";
    private static final int MODE_BITS = 07777;

    private final Machine machine;
    private final MountPoints points;
    private final Map<String, ByteString> shares = new HashMap<>();
    /** Of every mount, whatever it asks for itself. */
    private long forced;

    private record Planned(ByteString point, GuestMount mount) {
        private long depth() {
            long depth = 0;
            for (int i = 0; i < point.length(); i++) {
                // What is between two slashes counts; a slash at the end does not.
                depth += point.byteAt(i) != '/' && (i == 0 || point.byteAt(i - 1) == '/') ? 1 : 0;
            }
            return depth;
        }
    }

    /**
     * Nothing mounted yet.
     *
     * @param posix the calls
     */
    public GuestMounts(final Posix posix) {
        this.machine = new Machine(posix);
        this.points = new MountPoints(posix);
    }

    /**
     * Mounts everything.
     *
     * @param bootstrap one that has been {@link BootstrapRules#check checked}
     * @throws BootException when something cannot be mounted; what came before stays
     */
    public void apply(final GuestBootstrap bootstrap) throws BootException {
        forced = bootstrap.securityProfile() == SecurityProfile.RESTRICTED ? Linux.MS_NOSUID | Linux.MS_NODEV : 0;
        final List<Planned> all = new ArrayList<>();
        bootstrap.dirMounts().forEach(mount -> all.add(new Planned(mount.guestPath(), mount)));
        bootstrap.fileMounts().forEach(mount -> all.add(new Planned(mount.guestPath(), mount)));
        bootstrap.diskMounts().forEach(mount -> all.add(new Planned(mount.guestPath(), mount)));
        bootstrap.tmpfsMounts().forEach(mount -> all.add(new Planned(mount.path(), mount)));
        all.sort(Comparator.comparingLong(Planned::depth));
        for (final Planned planned : all) {
            try {
                mount(planned.mount());
            } catch (final BootException e) {
                throw e;
            } catch (final IOException e) {
                throw new BootException("core.bootstrap: mount at \"" + planned.point() + '"', e);
            }
        }
    }

    private void mount(final GuestMount mount) throws IOException {
        switch (mount) {
            case GuestMount.Dir dir -> {
                points.directory(dir.guestPath());
                machine.mount(bytes(dir.tag()), dir.guestPath().toByteArray(), VIRTIOFS, flags(dir.flags()), null);
            }
            case GuestMount.File file -> bind(share(file.tag()), file);
            case GuestMount.Disk disk -> {
                points.directory(disk.guestPath());
                mountDisk(Disks.device(disk.id()), disk);
            }
            case GuestMount.Tmpfs tmpfs -> {
                points.directory(tmpfs.path());
                machine.mount(bytes(TMPFS), tmpfs.path().toByteArray(), TMPFS, flags(tmpfs.flags()), options(tmpfs));
            }
        }
    }

    private ByteString share(final String tag) throws PosixException {
        final ByteString known = shares.get(tag);
        if (known != null) {
            return known;
        }
        final ByteString point = ByteString.of(SHARES + "/" + shares.size());
        points.directory(point);
        machine.mount(bytes(tag), point.toByteArray(), VIRTIOFS, forced, null);
        shares.put(tag, point);
        return point;
    }

    private void bind(final ByteString share, final GuestMount.File file) throws PosixException {
        points.file(file.guestPath());
        final byte[] source = concatenate(share.toByteArray(), file.filename().toByteArray());
        final byte[] target = file.guestPath().toByteArray();
        machine.mount(source, target, null, Linux.MS_BIND, null);
        final long flags = flags(file.flags());
        if (flags != 0) {
            // A bind mount gets flags of its own only when it is there.
            machine.mount(null, target, null, Linux.MS_BIND | Linux.MS_REMOUNT | flags, null);
        }
    }

    private void mountDisk(final Path device, final GuestMount.Disk disk) throws IOException {
        final byte[] source = bytes(device.toString());
        final byte[] target = disk.guestPath().toByteArray();
        if (disk.fstype() != null) {
            machine.mount(source, target, disk.fstype(), flags(disk.flags()), null);
            return;
        }
        for (final String type : Disks.knownTypes()) {
            try {
                machine.mount(source, target, type, flags(disk.flags()), null);
                return;
            } catch (final PosixException e) {
                // EINVAL: it has no file system of that type.
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
            }
        }
        throw new BootException("core.bootstrap: disk_mounts.id: \"" + disk.id() + "\": the kernel knows no file system that is on it");
    }

    private long flags(final GuestMount.Flags flags) {
        return forced | (flags.readonly() ? Linux.MS_RDONLY : 0) | (flags.noexec() ? Linux.MS_NOEXEC : 0)
            | (flags.nosuid() ? Linux.MS_NOSUID : 0) | (flags.nodev() ? Linux.MS_NODEV : 0);
    }

    /** A size of zero would be no limit at all: the guest's choice, half of its memory, is meant. */
    private static String options(final GuestMount.Tmpfs tmpfs) {
        final List<String> options = new ArrayList<>();
        if (tmpfs.sizeMib() != null && tmpfs.sizeMib() > 0) {
            options.add("size=" + tmpfs.sizeMib() + "m");
        }
        if (tmpfs.mode() != null) {
            options.add("mode=" + Long.toOctalString(tmpfs.mode() & MODE_BITS));
        }
        return options.isEmpty() ? null : String.join(",", options);
    }

    private static byte[] concatenate(final byte[] directory, final byte[] name) {
        final byte[] path = Arrays.copyOf(directory, directory.length + 1 + name.length);
        path[directory.length] = '/';
        System.arraycopy(name, 0, path, directory.length + 1, name.length);
        return path;
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
