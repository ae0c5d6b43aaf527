package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A Linux guest in QEMU whose first and only program is {@code src/test/c/frame_guest.c}. */
final class EmulatedGuest {
    private static final int MEMORY_MIB = 256;

    private final EmulatedMachine machine;

    private EmulatedGuest(final EmulatedMachine machine) {
        this.machine = machine;
    }

    /** Builds what a guest starts from; skips the test where something for that is missing. */
    static EmulatedGuest prepare(final Workspace workspace) throws Exception {
        EmulatedMachine.assumeInstalled();
        final GuestKernel kernel = GuestKernel.find();
        final Path ramDisk = workspace.path("initrd");
        try (InitialRamDisk disk = new InitialRamDisk(ramDisk)) {
            disk.directory("dev");
            disk.console();
            EmulatedMachine.addModules(disk, kernel, EmulatedMachine.PORT_MODULES);
            disk.executable("init", FirstProgram.compile(workspace, "frame_guest.c"));
        }
        return new EmulatedGuest(new EmulatedMachine(workspace, kernel, ramDisk, MEMORY_MIB, List.of()));
    }

    /** Starts the machine; its port's socket appears at {@code console}. */
    Program boot(final Path console) throws IOException {
        return machine.boot(console);
    }
}
