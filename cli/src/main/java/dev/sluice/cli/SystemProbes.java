package dev.sluice.cli;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.SealedMemory;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Looks at the kernel, the JDK and what Sluice uses of them, by using it once. */
final class SystemProbes {
    private static final long PAGE = 4096;

    private SystemProbes() {
    }

    static List<Probe> run() {
        return List.of(
            Probe.required("kernel", SystemProbes::kernel),
            Probe.required("jdk", SystemProbes::jdk),
            Probe.required("ffm", () -> "calls to the C library work, as " + Posix.system().syscalls().getClass().getSimpleName()),
            Probe.required("memfd", SystemProbes::memfd),
            Probe.required("epoll", SystemProbes::epoll),
            Probe.required("unix", SystemProbes::unixSockets),
            Probe.required("pidfd", SystemProbes::pidfd),
            Probe.optional("vsock", SystemProbes::vsock),
            Probe.optional("cgroup2", SystemProbes::controlGroup),
            Probe.optional("pty", SystemProbes::pseudoTerminal));
    }

    private static String kernel() throws IOException {
        final String name = System.getProperty("os.name");
        if (!"Linux".equals(name)) {
            throw new IOException("Sluice runs on Linux, this is " + name);
        }
        return name + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch");
    }

    private static String jdk() {
        return Runtime.version() + " " + System.getProperty("java.vendor") + " " + System.getProperty("java.home");
    }

    private static String memfd() throws IOException {
        final int fd = SealedMemory.create(Posix.system(), "sluice-doctor", PAGE);
        try {
            SealedMemory.verify(Posix.system(), fd, PAGE, PAGE);
            return "anonymous memory can be sealed";
        } finally {
            Posix.system().closeQuietly(fd);
        }
    }

    private static String epoll() throws PosixException {
        try (Epoll epoll = new Epoll(Posix.system(), 1)) {
            return "instance " + (epoll.fd() >= 0 ? "created" : "not created");
        }
    }

    private static String unixSockets() throws PosixException {
        final int[] pair = Posix.system().socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0);
        Posix.system().closeQuietly(pair[0]);
        Posix.system().closeQuietly(pair[1]);
        return "stream pair created";
    }

    private static String pidfd() throws PosixException {
        Posix.system().closeQuietly(Posix.system().pidfdOpen((int) ProcessHandle.current().pid(), 0));
        return "processes can be waited for and signalled by descriptor";
    }

    /** Only creates a socket: a connection attempt would leave the machine. */
    private static String vsock() throws PosixException {
        Posix.system().closeQuietly(Posix.system().socket(Linux.AF_VSOCK, Linux.SOCK_STREAM | Linux.SOCK_CLOEXEC, 0));
        return "sockets can be created";
    }

    private static String controlGroup() throws IOException {
        final Path root = Path.of("/sys/fs/cgroup");
        if (!Files.exists(root.resolve("cgroup.controllers"))) {
            throw new NoSuchFileException("no cgroup v2 at " + root);
        }
        final String unified = Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
            .filter(line -> line.startsWith("0::/")).findFirst().orElseThrow(() -> new IOException("this process is in no cgroup v2"));
        final Path own = root.resolve(unified.substring("0::/".length()));
        if (!Files.isWritable(own)) {
            throw new IOException(own + " is not writable");
        }
        return own + " is writable";
    }

    private static String pseudoTerminal() throws PosixException {
        Posix.system().closeQuietly(Posix.system().open("/dev/ptmx", Linux.O_RDWR | Linux.O_NOCTTY | Linux.O_CLOEXEC, 0));
        return "/dev/ptmx can be opened";
    }
}
