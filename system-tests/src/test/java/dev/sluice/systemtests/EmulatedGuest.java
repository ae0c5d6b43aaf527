package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A Linux guest in QEMU, emulated in software, whose first and only program is {@code src/test/c/frame_guest.c}. Its console port is a
 * virtio-serial port named "agent", wired to a Unix socket that QEMU listens on.
 */
final class EmulatedGuest {
    private static final String QEMU = "qemu-system-x86_64";
    /** Where the kernel package was unpacked. */
    private static final String KERNEL_VARIABLE = "SLUICE_GUEST_KERNEL";
    private static final Path KERNEL_DEFAULT = Path.of("..", "target", "guest-kernel");
    private static final Path SOURCE = Path.of("src", "test", "c", "frame_guest.c");
    /** Modules of Debian's cloud kernel that a virtio port on PCI needs, in the order they are loaded. */
    private static final List<String> MODULES = List.of(
        "drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_legacy_dev",
        "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci", "drivers/char/virtio_console");
    private static final Duration COMPILE_LIMIT = Duration.ofSeconds(30);

    private final Workspace workspace;
    private final Path kernel;
    private final Path ramDisk;

    private EmulatedGuest(final Workspace workspace, final Path kernel, final Path ramDisk) {
        this.workspace = workspace;
        this.kernel = kernel;
        this.ramDisk = ramDisk;
    }

    /** Builds what a guest starts from; skips the test where something for that is missing. */
    static EmulatedGuest prepare(final Workspace workspace) throws Exception {
        Tools.assumeInstalled(QEMU, "apt-get install --no-install-recommends qemu-system-x86");
        Tools.assumeInstalled("gcc", "apt-get install gcc libc6-dev");
        final Path root = Path.of(System.getenv().getOrDefault(KERNEL_VARIABLE, KERNEL_DEFAULT.toString())).toAbsolutePath().normalize();
        final Optional<Path> kernel = kernelIn(root);
        Assumptions.assumeTrue(kernel.isPresent(),
            "no guest kernel below " + root + ": run .ci/install, or name the directory of an unpacked one in " + KERNEL_VARIABLE);
        final Path ramDisk = workspace.path("initrd");
        writeRamDisk(workspace, root, kernel.get(), ramDisk);
        return new EmulatedGuest(workspace, kernel.get(), ramDisk);
    }

    private static Optional<Path> kernelIn(final Path root) throws IOException {
        final Path boot = root.resolve("boot");
        if (!Files.isDirectory(boot)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(boot)) {
            return files.filter(file -> file.getFileName().toString().startsWith("vmlinuz-")).max(Path::compareTo);
        }
    }

    private static void writeRamDisk(final Workspace workspace, final Path root, final Path kernel, final Path ramDisk) throws Exception {
        final Path init = workspace.path("init");
        final Program compiler = workspace.start(List.of(
            "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", init.toString(), SOURCE.toAbsolutePath().toString()));
        assertEquals(0, compiler.awaitExit(COMPILE_LIMIT), () -> compiler.stderr().text());
        final String release = kernel.getFileName().toString().substring("vmlinuz-".length());
        try (InitialRamDisk disk = new InitialRamDisk(ramDisk)) {
            disk.directory("dev");
            disk.console();
            disk.directory("modules");
            for (int i = 0; i < MODULES.size(); i++) {
                disk.executable("modules/" + i + ".ko", root.resolve("lib/modules/" + release + "/kernel/" + MODULES.get(i) + ".ko"));
            }
            disk.executable("init", init);
        }
    }

    /** Starts the machine; its port's socket appears at {@code console}. */
    Program boot(final Path console) throws IOException {
        return workspace.start(List.of(
            QEMU, "-accel", "tcg", "-M", "q35", "-m", "256", "-nodefaults", "-no-user-config", "-nographic", "-no-reboot",
            "-serial", "stdio", "-device", "virtio-serial-pci",
            "-chardev", "socket,id=console,path=" + console + ",server=on,wait=off",
            "-device", "virtserialport,id=port,chardev=console,name=agent",
            "-kernel", kernel.toString(), "-initrd", ramDisk.toString(), "-append", "console=ttyS0 quiet panic=-1"));
    }
}
