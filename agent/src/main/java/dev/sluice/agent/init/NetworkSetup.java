package dev.sluice.agent.init;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.protocol.GuestNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Brings up the guest's network: the loopback interface always, another as the bootstrap says, with its hardware address, largest packet,
 * addresses, gateways and name servers. One thread.
 */
public final class NetworkSetup {
    private static final String LOOPBACK = "lo";

    private final Posix posix;
    private final Consumer<String> warnings;
    private final GuestFile resolver;

    /**
     * Nothing done yet.
     *
     * @param posix the calls
     * @param resolver the file of name servers, {@code /etc/resolv.conf}
     * @param warnings told of what could not be done that the guest can do without
     */
    public NetworkSetup(final Posix posix, final Path resolver, final Consumer<String> warnings) {
        this.posix = posix;
        this.warnings = warnings;
        this.resolver = new GuestFile(resolver, warnings);
    }

    /** Brings up the loopback interface. A kernel without a network gets a warning. */
    public void bringUpLoopback() {
        try (RouteSocket socket = new RouteSocket(posix)) {
            socket.request(RouteMessage.link(LOOPBACK, true), LOOPBACK + " up");
        } catch (final PosixException e) {
            warnings.accept("no loopback interface: " + e.getMessage());
        }
    }

    /**
     * Sets up what the bootstrap says.
     *
     * @param network one that has been {@link BootstrapRules#check checked}
     * @throws BootException when an interface is not there or refuses something
     */
    public void apply(final GuestNetwork network) throws BootException {
        final String name = network.interfaceName();
        try (RouteSocket socket = new RouteSocket(posix)) {
            final int index = socket.index(name);
            if (!socket.hardwareAddress(name).equals(network.mac())) {
                socket.request(RouteMessage.link(name, false).hardwareAddress(network.mac()), name + " hardware address");
            }
            // Zero is no length that an interface could have: it keeps its own.
            if (network.mtu() > 0) {
                socket.request(RouteMessage.link(name, false).mtu(network.mtu()), name + " mtu " + network.mtu());
            }
            socket.request(RouteMessage.link(name, true), name + " up");
            apply(socket, index, name, network.ipv4());
            apply(socket, index, name, network.ipv6());
        } catch (final PosixException e) {
            throw new BootException("core.bootstrap: network.interface: \"" + name + '"', e);
        }
        nameServers(network);
    }

    private static void apply(final RouteSocket socket, final int index, final String name, final GuestNetwork.Ip ip)
        throws PosixException {
        if (ip == null) {
            return;
        }
        socket.request(
            RouteMessage.address(index, ip.address(), ip.prefixLen()),
            name + " address " + IpText.of(ip.address()) + "/" + ip.prefixLen());
        if (!IpText.isUnspecified(ip.gateway())) {
            socket.request(RouteMessage.defaultRoute(index, ip.gateway()), name + " gateway " + IpText.of(ip.gateway()));
        }
    }

    private void nameServers(final GuestNetwork network) {
        final List<String> lines = new ArrayList<>();
        addNameServer(network.ipv4(), lines);
        addNameServer(network.ipv6(), lines);
        if (!lines.isEmpty()) {
            resolver.replace(lines);
        }
    }

    private static void addNameServer(final GuestNetwork.Ip ip, final List<String> lines) {
        if (ip != null && ip.dns() != null) {
            lines.add("nameserver " + IpText.of(ip.dns()));
        }
    }
}
