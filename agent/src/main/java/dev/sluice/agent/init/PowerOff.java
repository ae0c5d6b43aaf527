package dev.sluice.agent.init;

import dev.sluice.ffi.Machine;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.siginfo_t;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The end of a guest, by its first process.
 *
 * <pre>
 *   sync  -&gt;  SIGKILL to all, reaped for up to 300 ms  -&gt;  each file system unmounted, last first, else made read-only  -&gt;  sync
 *         \__________________________ within one second, then whatever has been done ______________________________/  -&gt;  power off
 * </pre>
 *
 * <p>File systems without a disk have nothing to lose and stay. A first process that is that of a PID namespace only
 * is in a container, whose
 * file systems are the machine's: there no file system is made read-only, but its mount; and the end is that of the namespace.
 */
public final class PowerOff {
    /** Hosts give a guest two seconds to end, of which programs get one. */
    private static final Duration BUDGET = Duration.ofSeconds(1);
    private static final long REAP_LIMIT_NS = 300_000_000;
    private static final long REAP_PAUSE_NS = 1_000_000;
    private static final int PID_OF_INIT = 1;
    private static final int EVERYBODY = -1;
    private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");
    /** PROC_PID_INIT_INO of linux/proc_ns.h: the number of the first PID namespace, always. */
    private static final String FIRST_PID_NAMESPACE = "pid:[4026531836]";
    private static final Set<String> WITHOUT_DISK = Set.of(
        "proc", "sysfs", "devtmpfs", "devpts", "tmpfs", "ramfs", "rootfs", "cgroup", "cgroup2", "mqueue", "debugfs", "tracefs",
        "securityfs", "bpf", "configfs", "hugetlbfs", "pstore", "binfmt_misc");

    private final Posix posix;
    private final Machine machine;
    private final Consumer<String> warnings;

    /**
     * Nothing done yet.
     *
     * @param posix the calls
     * @param warnings told of what is not in order at the end
     */
    public PowerOff(final Posix posix, final Consumer<String> warnings) {
        this.posix = posix;
        this.machine = new Machine(posix);
        this.warnings = warnings;
    }

    /**
     * Ends the guest. Returns only when that is refused.
     *
     * @throws IllegalStateException when this is not the first process of a guest: nothing has been done then
     */
    public void run() {
        requireInit();
        final Thread thread = Thread.ofPlatform().name("sluice-power-off").daemon(true).start(this::tearDown);
        try {
            if (!thread.join(BUDGET)) {
                warnings.accept("powering off before all file systems are in order: a second was not enough");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            machine.reboot(Linux.RB_POWER_OFF);
        } catch (final PosixException e) {
            warnings.accept("not powered off: " + e.getMessage());
        }
    }

    private static void requireInit() {
        final long pid = ProcessHandle.current().pid();
        if (pid != PID_OF_INIT) {
            throw new IllegalStateException("only the first process of a guest powers it off: pid=" + pid);
        }
    }

    private void tearDown() {
        requireInit();
        // Read while it is there.
        final List<MountTable.Entry> mounts = MountTable.read().entries();
        final int readOnly = Linux.MS_REMOUNT | Linux.MS_RDONLY | (isMachine() ? 0 : Linux.MS_BIND);
        machine.sync();
        posix.syscalls().kill(EVERYBODY, Linux.SIGKILL);
        reap();
        for (final MountTable.Entry mount : mounts.reversed()) {
            if (!WITHOUT_DISK.contains(mount.type())) {
                release(mount, readOnly);
            }
        }
        machine.sync();
    }

    /** What cannot be seen is taken for a container. */
    private static boolean isMachine() {
        try {
            return Files.readSymbolicLink(PID_NAMESPACE).toString().equals(FIRST_PID_NAMESPACE);
        } catch (final IOException e) {
            return false;
        }
    }

    private void reap() {
        final long deadlineNs = System.nanoTime() + REAP_LIMIT_NS;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment information = arena.allocate(siginfo_t.layout());
            while (System.nanoTime() - deadlineNs < 0) {
                siginfo_t.si_signo(information, 0);
                posix.waitid(Linux.P_ALL, 0, information, Linux.WEXITED | Linux.WNOHANG);
                if (siginfo_t.si_signo(information) == 0) {
                    LockSupport.parkNanos(REAP_PAUSE_NS);
                }
            }
        } catch (final PosixException e) {
            // ECHILD: nobody is left.
            return;
        }
    }

    private void release(final MountTable.Entry mount, final int readOnly) {
        try {
            if (!unmounted(mount)) {
                machine.mount(null, mount.point(), null, readOnly, null);
            }
        } catch (final PosixException e) {
            warnings.accept("left as it is: " + mount.pointText() + ": " + e.getMessage());
        }
    }

    private boolean unmounted(final MountTable.Entry mount) {
        try {
            machine.unmount(mount.point(), Linux.UMOUNT_NOFOLLOW);
            return true;
        } catch (final PosixException e) {
            // EBUSY: it is in use, as the one that this program lies on is.
            return false;
        }
    }
}
