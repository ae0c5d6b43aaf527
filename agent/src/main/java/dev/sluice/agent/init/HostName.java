package dev.sluice.agent.init;

import dev.sluice.ffi.Machine;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.GuestNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The guest's own name, and the name under which it finds the host: that of the gateway. Both are in {@code
 * /etc/hosts}, so that they can be
 * looked up without a server. One thread.
 */
public final class HostName {
    /** Where Debian has a machine's own name, beside that of 127.0.0.1. */
    private static final String OWN_ADDRESS = "127.0.1.1";

    private final Machine machine;
    private final Consumer<String> warnings;
    private final GuestFile hosts;

    /**
     * Nothing done yet.
     *
     * @param posix the calls
     * @param hosts the file, {@code /etc/hosts}
     * @param warnings told of what could not be done that the guest can do without
     */
    public HostName(final Posix posix, final Path hosts, final Consumer<String> warnings) {
        this.machine = new Machine(posix);
        this.warnings = warnings;
        this.hosts = new GuestFile(hosts, warnings);
    }

    /**
     * Sets the names.
     *
     * @param bootstrap one that has been {@link BootstrapRules#check checked}
     * @throws BootException when the guest cannot have its name
     */
    public void apply(final GuestBootstrap bootstrap) throws BootException {
        final List<String> lines = new ArrayList<>();
        if (bootstrap.hostname() != null) {
            try {
                machine.setHostName(bootstrap.hostname());
            } catch (final PosixException e) {
                throw new BootException("core.bootstrap: hostname: \"" + bootstrap.hostname() + '"', e);
            }
            lines.add(OWN_ADDRESS + " " + bootstrap.hostname());
        }
        if (bootstrap.hostAlias() != null) {
            final int before = lines.size();
            final GuestNetwork network = bootstrap.network();
            addGateway(network == null ? null : network.ipv4(), bootstrap.hostAlias(), lines);
            addGateway(network == null ? null : network.ipv6(), bootstrap.hostAlias(), lines);
            if (lines.size() == before) {
                warnings.accept("host_alias " + bootstrap.hostAlias() + ": the network has no gateway whose name it could be");
            }
        }
        if (!lines.isEmpty()) {
            hosts.append(lines);
        }
    }

    private static void addGateway(final GuestNetwork.Ip addresses, final String alias, final List<String> lines) {
        if (addresses != null && !IpText.isUnspecified(addresses.gateway())) {
            lines.add(IpText.of(addresses.gateway()) + " " + alias);
        }
    }
}
