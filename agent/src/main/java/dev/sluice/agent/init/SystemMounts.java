package dev.sluice.agent.init;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Machine;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The file systems that programs take for granted, and that a kernel does not mount by itself. What is mounted already is left alone. One
 * that cannot be mounted is told of, and the guest starts without.
 *
 * <p>One thread.
 */
public final class SystemMounts {
    private static final int NO_PROGRAMS = Linux.MS_NOSUID | Linux.MS_NODEV | Linux.MS_NOEXEC;
    /** Before all others: it says what is mounted. */
    private static final Mount PROC = new Mount("/proc", "proc", NO_PROGRAMS, null);
    private static final List<Mount> ALWAYS = List.of(
        new Mount("/sys", "sysfs", NO_PROGRAMS, null),
        new Mount("/dev", "devtmpfs", Linux.MS_NOSUID, "mode=755"),
        new Mount("/dev/pts", "devpts", Linux.MS_NOSUID | Linux.MS_NOEXEC, "mode=620,gid=5,ptmxmode=666"),
        new Mount("/dev/shm", "tmpfs", Linux.MS_NOSUID | Linux.MS_NODEV, "mode=1777"),
        new Mount("/sys/fs/cgroup", "cgroup2", NO_PROGRAMS, null));
    /** Where programs write even if nothing else can be written. */
    private static final List<Mount> ON_A_READ_ONLY_ROOT = List.of(
        new Mount("/run", "tmpfs", Linux.MS_NOSUID | Linux.MS_NODEV, "mode=755"),
        new Mount("/tmp", "tmpfs", Linux.MS_NOSUID | Linux.MS_NODEV, "mode=1777"));
    private static final Map<String, String> LINKS = Map.of(
        "/dev/fd", "/proc/self/fd", "/dev/stdin", "/proc/self/fd/0", "/dev/stdout", "/proc/self/fd/1", "/dev/stderr", "/proc/self/fd/2");

    private final Machine machine;
    private final Consumer<String> warnings;

    private record Mount(String point, String type, int flags, String data) {
    }

    /**
     * Nothing done yet.
     *
     * @param posix the calls
     * @param warnings told of what is missing, one line each
     */
    public SystemMounts(final Posix posix, final Consumer<String> warnings) {
        this.machine = new Machine(posix);
        this.warnings = warnings;
    }

    /** Mounts what is missing. */
    public void complete() {
        // Where /proc is, there is something in it; the table can be read from then on.
        if (!Files.exists(Path.of("/proc/self"))) {
            mount(PROC);
        }
        final MountTable table = MountTable.read();
        for (final Mount mount : ALWAYS) {
            if (!table.has(mount.point())) {
                mount(mount);
            }
        }
        if (table.rootIsReadOnly()) {
            for (final Mount mount : ON_A_READ_ONLY_ROOT) {
                if (!table.has(mount.point())) {
                    mount(mount);
                }
            }
        }
        LINKS.forEach(this::link);
    }

    private void mount(final Mount mount) {
        try {
            final Path point = Path.of(mount.point());
            if (!Files.isDirectory(point)) {
                Files.createDirectories(point);
            }
            machine.mount(bytes(mount.type()), bytes(mount.point()), mount.type(), mount.flags(), mount.data());
        } catch (final PosixException e) {
            // EBUSY: the kernel has mounted it itself, as it does with devtmpfs.
            if (e.errno() != Errno.EBUSY) {
                warnings.accept("not mounted: " + e.getMessage());
            }
        } catch (final IOException e) {
            warnings.accept("not mounted: " + mount.point() + ": no directory can be made: " + e.getMessage());
        }
    }

    private void link(final String link, final String target) {
        final Path path = Path.of(link);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            Files.createSymbolicLink(path, Path.of(target));
        } catch (final FileAlreadyExistsException e) {
            // Somebody else made it.
            return;
        } catch (final IOException e) {
            warnings.accept("not linked: " + link + ": " + e.getMessage());
        }
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
