package dev.sluice.agent;

import dev.sluice.agent.UserDatabase.UnknownUserException;
import dev.sluice.agent.init.BootException;
import dev.sluice.agent.init.BootExchange;
import dev.sluice.agent.init.BootstrapRules;
import dev.sluice.agent.init.GuestMounts;
import dev.sluice.agent.init.HostName;
import dev.sluice.agent.init.NetworkSetup;
import dev.sluice.agent.init.SystemMounts;
import dev.sluice.ffi.Posix;
import dev.sluice.port.Port;
import dev.sluice.port.PortSource;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.InitResolved;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How a guest comes to be what its host wants, by its first process, before it serves.
 *
 * <pre>
 *   system mounts, loopback  -&gt;  a host  -&gt;  core.bootstrap, judged whole  -&gt;  core.init.resolved  -&gt;  core.init.ack
 *     -&gt;  mounts  -&gt;  network  -&gt;  names  -&gt;  core.ready, by the loop
 * </pre>
 *
 * <p>Waits, on the thread that calls it. Source: generation 7, section 5.1.
 */
final class GuestBoot {
    private static final int PID_OF_INIT = 1;
    private static final long OPEN_RETRY_NS = 50_000_000;
    private static final Path HOSTS = Path.of("/etc/hosts");
    private static final Path RESOLVER = Path.of("/etc/resolv.conf");

    private final Posix posix;
    private final AgentListener listener;
    private final long deadlineNs;
    private final PortSource source;
    private final BooleanSupplier cancelled;

    /**
     * What came of it.
     *
     * @param port on which core.ready is to be said next, the caller's
     * @param defaults of programs
     */
    record Booted(Port port, ProgramDefaults defaults) {
    }

    /**
     * Nothing done yet.
     *
     * @param context of the agent
     * @param source of the port; stays the caller's
     * @param cancelled asked while something is waited for: whether to give up
     */
    GuestBoot(final AgentContext context, final PortSource source, final BooleanSupplier cancelled) {
        this.posix = context.posix();
        this.listener = context.listener();
        this.deadlineNs = context.init().deadline().toNanos();
        this.source = source;
        this.cancelled = cancelled;
    }

    /**
     * Does it.
     *
     * @param own what programs have by the agent's own options
     * @throws IOException when the host does not say what the guest is to be, or the guest cannot become that
     */
    Booted run(final ProgramDefaults own) throws IOException {
        final long pid = ProcessHandle.current().pid();
        if (pid != PID_OF_INIT) {
            throw new BootException("only the first process of a guest can make a machine of it: pid=" + pid);
        }
        new SystemMounts(posix, listener::onWarning).complete();
        final NetworkSetup network = new NetworkSetup(posix, RESOLVER, listener::onWarning);
        network.bringUpLoopback();
        final Port port = open();
        try {
            final BootExchange exchange = new BootExchange(posix, port, cancelled);
            final GuestBootstrap bootstrap = exchange.awaitBootstrap(System.nanoTime() + deadlineNs);
            BootstrapRules.check(bootstrap);
            final ProgramDefaults defaults = own.with(bootstrap);
            exchange.resolve(resolve(defaults.user()), System.nanoTime() + deadlineNs);
            apply(bootstrap, network);
            return new Booted(port, defaults);
        } catch (final IOException | RuntimeException e) {
            port.close();
            throw e;
        }
    }

    private Port open() throws IOException {
        Port port = source.tryOpen();
        if (port == null) {
            listener.onWaiting(source.obstacle());
        }
        while (port == null) {
            if (cancelled.getAsBoolean()) {
                throw new BootException("told to end: waited for a host");
            }
            LockSupport.parkNanos(OPEN_RETRY_NS);
            port = source.tryOpen();
        }
        return port;
    }

    private InitResolved resolve(final ByteString user) throws BootException {
        if (user == null) {
            return new InitResolved(0, 0);
        }
        try {
            final ProgramUser found = UserDatabase.read(posix).find(user);
            return new InitResolved(Integer.toUnsignedLong(found.uid()), Integer.toUnsignedLong(found.gid()));
        } catch (final UnknownUserException e) {
            throw new BootException("core.bootstrap: user: " + e.getMessage());
        }
    }

    private void apply(final GuestBootstrap bootstrap, final NetworkSetup network) throws BootException {
        new GuestMounts(posix).apply(bootstrap);
        if (bootstrap.network() != null) {
            network.apply(bootstrap.network());
        }
        new HostName(posix, HOSTS, listener::onWarning).apply(bootstrap);
    }
}
