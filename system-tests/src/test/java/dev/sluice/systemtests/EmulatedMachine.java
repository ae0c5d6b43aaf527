package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine in QEMU, emulated in software, with a virtio-serial port named "agent" that is wired to a Unix socket that QEMU listens on. Its
 * kernel's console is its standard output.
 */
final class EmulatedMachine {
    /** Modules of Debian's cloud kernel that a virtio port on PCI needs, in the order they are loaded. */
    static final List<String> PORT_MODULES = List.of(
        "drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_legacy_dev",
        "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci", "drivers/char/virtio_console");

    private static final String QEMU = "qemu-system-x86_64";

    private final Workspace workspace;
    private final GuestKernel kernel;
    private final Path ramDisk;
    private final int memoryMib;
    private final List<String> devices;

    /** @param devices more options of QEMU */
    EmulatedMachine(
        final Workspace workspace, final GuestKernel kernel, final Path ramDisk, final int memoryMib, final List<String> devices) {
        this.workspace = workspace;
        this.kernel = kernel;
        this.ramDisk = ramDisk;
        this.memoryMib = memoryMib;
        this.devices = List.copyOf(devices);
    }

    /** Skips the test where there is no emulator. */
    static void assumeInstalled() {
        Tools.assumeInstalled(QEMU, "apt-get install --no-install-recommends qemu-system-x86");
        Tools.assumeInstalled("gcc", "apt-get install gcc libc6-dev");
    }

    /** Puts modules where {@code src/test/c/guest.h} looks for them. */
    static void addModules(final InitialRamDisk disk, final GuestKernel kernel, final List<String> modules) throws IOException {
        for (int i = 0; i < modules.size(); i++) {
            disk.executable(String.format("modules/%02d.ko", i), kernel.module(modules.get(i)));
        }
    }

    /** Starts the machine; its port's socket appears at {@code console}. */
    Program boot(final Path console) throws IOException {
        final List<String> command = new ArrayList<>(List.of(
            QEMU, "-accel", "tcg", "-M", "q35", "-m", Integer.toString(memoryMib), "-nodefaults", "-no-user-config", "-nographic",
            "-no-reboot", "-serial", "stdio", "-device", "virtio-serial-pci",
            "-chardev", "socket,id=console,path=" + console + ",server=on,wait=off",
            "-device", "virtserialport,id=port,chardev=console,name=agent",
            "-kernel", kernel.image().toString(), "-initrd", ramDisk.toString(), "-append", "console=ttyS0 quiet panic=-1"));
        command.addAll(devices);
        return workspace.start(command);
    }
}
