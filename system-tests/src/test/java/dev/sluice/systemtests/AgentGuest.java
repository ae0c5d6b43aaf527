package dev.sluice.systemtests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Linux guest in QEMU whose first program becomes {@code sluice agent --init}: beside it there are a Java runtime and a few programs of
 * this system, all in an initial RAM disk, a disk with the serial number {@link #DISK}, and a network interface that leads nowhere.
 */
final class AgentGuest {
    static final String DISK = "data";
    static final String INTERFACE = "eth0";

    /** The agent has some 100 MiB of it, the RAM disk, which is in memory twice while it is unpacked, the most. */
    private static final int MEMORY_MIB = 512;
    private static final List<String> PROGRAMS = List.of("sh", "cat", "uname", "sleep", "setsid", "ls");
    private static final List<String> DEVICE_MODULES = List.of(
        "drivers/block/virtio_blk", "net/core/failover", "drivers/net/net_failover", "drivers/net/virtio_net");
    private static final String AGENT = "agent";
    /** Compiling costs an emulated processor more than it saves a program that runs for a minute. */
    private static final List<String> COMMAND = List.of(
        "/runtime/bin/java", "@/agent/common.options", "@/agent/agent.options", "-Xint", "-jar", "/agent/sluice.jar",
        "agent", "--init", "--port", "virtio:agent");

    private final EmulatedMachine machine;

    private AgentGuest(final EmulatedMachine machine) {
        this.machine = machine;
    }

    /** Builds what a guest starts from; skips the test where something for that is missing. @param disk an image */
    static AgentGuest prepare(final Workspace workspace, final Path disk) throws Exception {
        EmulatedMachine.assumeInstalled();
        final GuestKernel kernel = GuestKernel.find();
        final Path runtime = GuestRuntime.prepare(workspace);
        final Path ramDisk = workspace.path("initrd");
        try (InitialRamDisk content = new InitialRamDisk(ramDisk)) {
            for (final String directory : List.of("dev", "proc", "sys", "tmp", "etc")) {
                content.directory(directory);
            }
            content.console();
            final List<String> modules = new ArrayList<>(EmulatedMachine.PORT_MODULES);
            modules.addAll(DEVICE_MODULES);
            EmulatedMachine.addModules(content, kernel, modules);
            content.executable("init", FirstProgram.compile(workspace, "agent_guest.c"));
            content.tree("runtime", runtime);
            for (final Path jar : Sluice.jars()) {
                content.executable(AGENT + "/" + Sluice.relativeToJar(jar), jar);
            }
            for (final String options : List.of("common.options", "agent.options")) {
                content.executable(AGENT + "/" + options, Sluice.optionsFile(options));
            }
            content.executable("init.arguments", String.join("\n", COMMAND).getBytes(StandardCharsets.UTF_8));
            addPrograms(content, workspace, runtime);
        }
        return new AgentGuest(new EmulatedMachine(workspace, kernel, ramDisk, MEMORY_MIB, List.of(
            "-drive", "if=none,id=disk,format=raw,file=" + disk, "-device", "virtio-blk-pci,drive=disk,serial=" + DISK,
            "-netdev", "hubport,id=net,hubid=0", "-device", "virtio-net-pci,netdev=net,romfile=")));
    }

    private static void addPrograms(final InitialRamDisk content, final Workspace workspace, final Path runtime) throws Exception {
        final List<Path> linked = new ArrayList<>();
        for (final String name : PROGRAMS) {
            final Path program = find(name);
            content.executable("bin/" + name, program);
            linked.add(program);
        }
        linked.add(runtime.resolve("bin/java"));
        try (Stream<Path> files = Files.walk(runtime.resolve("lib"))) {
            linked.addAll(files.filter(file -> file.toString().endsWith(".so")).toList());
        }
        for (final Path object : SharedObjects.of(workspace, linked, runtime)) {
            content.executable(object.toString().substring(1), object);
        }
    }

    private static Path find(final String name) {
        return Arrays.stream(System.getenv("PATH").split(":")).map(directory -> Path.of(directory, name)).filter(Files::isExecutable)
            .findFirst().orElseThrow(() -> new AssertionError(name + " is not on the PATH"));
    }

    /** Starts the machine; its port's socket appears at {@code console}. */
    Program boot(final Path console) throws IOException {
        return machine.boot(console);
    }
}
