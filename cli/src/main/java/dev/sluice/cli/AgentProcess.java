package dev.sluice.cli;

import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.ProcessExit;
import dev.sluice.ffi.Spawn;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.PortAddress;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An agent as a process of its own: this JVM once more, with the agent's command. It has a session of its own, so that what the terminal
 * sends to us does not end it under the program; it ends when its port does, or with us when we are killed before it has one.
 */
final class AgentProcess implements AutoCloseable {
    private static final int STANDARD_ERROR = 2;
    /** How long it may take to end after its port has. */
    private static final long END_SECONDS = 10;

    private final Posix posix;
    private final ChildProcess child;
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private boolean released;

    private AgentProcess(final Posix posix, final ChildProcess child) {
        this.posix = posix;
        this.child = child;
    }

    /**
     * Starts an agent with our environment, working directory and standard error.
     *
     * @param posix  the calls
     * @param port   its port
     * @param onExit called, on a thread of its own, when it has ended
     */
    static AgentProcess start(final Posix posix, final PortAddress port, final Runnable onExit) throws IOException {
        final List<byte[]> command = command(port).stream().map(AgentProcess::nativeBytes).toList();
        final int nothing = posix.open("/dev/null", Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        final AgentProcess agent;
        try {
            agent = new AgentProcess(posix, new Spawn(command.getFirst())
                .arguments(command)
                .environment(environment())
                .standard(nothing, nothing, STANDARD_ERROR)
                .newSession()
                .start(posix));
        } finally {
            posix.closeQuietly(nothing);
        }
        Thread.ofPlatform().daemon().name("sluice-agent-reaper").start(() -> agent.reap(onExit));
        return agent;
    }

    /** How the agent ended, or null while it runs. */
    ProcessExit exit() {
        return exit.getNow(null);
    }

    /** Ends it at once. Nothing happens when it has ended. */
    synchronized void kill() {
        if (released) {
            return;
        }
        try {
            posix.pidfdSendSignal(child.pidFd(), Linux.SIGKILL);
        } catch (final PosixException e) {
            if (e.errno() != Errno.ESRCH) {
                Diagnostics.print("cannot kill the agent: " + e.getMessage());
            }
        }
    }

    /** Waits until the agent has ended, which it does when its port has; one that does not is killed. */
    @Override
    public void close() {
        if (!awaitExit()) {
            kill();
            awaitExit();
        }
        synchronized (this) {
            if (!released) {
                released = true;
                posix.closeQuietly(child.pidFd());
            }
        }
    }

    /** Returns whether it has ended; not when it takes too long, or this thread is interrupted. */
    private boolean awaitExit() {
        try {
            exit.get(END_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (final TimeoutException e) {
            Diagnostics.print("the agent has not ended within " + END_SECONDS + " s");
            return false;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (final ExecutionException e) {
            Diagnostics.print("cannot wait for the agent: " + e.getCause().getMessage());
            return true;
        }
    }

    private void reap(final Runnable onExit) {
        try {
            exit.complete(ProcessExit.await(posix, child.pidFd()));
        } catch (final PosixException e) {
            exit.completeExceptionally(e);
        }
        onExit.run();
    }

    private static List<String> command(final PortAddress port) throws IOException {
        final List<String> command = new ArrayList<>(AgentJvm.command());
        final String self = Long.toString(ProcessHandle.current().pid());
        command.addAll(List.of("agent", "--log", "WARNING", "--end-with", self, "--port", port.toString()));
        return command;
    }

    private static List<byte[]> environment() throws IOException {
        // From the kernel: the JVM's own view of it has been through a character set.
        return RawArguments.strings(Files.readAllBytes(Path.of("/proc/self/environ"))).stream()
            .map(variable -> variable.getBytes(StandardCharsets.ISO_8859_1)).toList();
    }

    /** The bytes that the JVM made this text from. */
    private static byte[] nativeBytes(final String text) {
        return text.getBytes(Charset.forName(System.getProperty("sun.jnu.encoding")));
    }
}
