package dev.sluice.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What is listened at here, and where in the sandbox it leads.
 *
 * @param local an address of this machine; port 0 for any that is free
 * @param host  a name or an address, as the sandbox knows it
 * @param port  1 to 65535
 */
record ForwardRule(SocketAddress local, String host, int port) {
    private static final int MAX_PORT = 0xFFFF;
    /** HOST:PORT at the end, with brackets round what has colons in it; whatever precedes it is the local side. */
    private static final Pattern SYNTAX = Pattern.compile("(?:(.*):)?(\\[[^\\]]+\\]|[^:\\[\\]]+):([0-9]+)");
    private static final Pattern ADDRESS = Pattern.compile("(\\[[^\\]]+\\]|[^:\\[\\]]+):([0-9]+)");

    /** The local side as it is given on the command line, the way it can be given there again. */
    static String format(final SocketAddress address) {
        if (address instanceof final InetSocketAddress inet) {
            final String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        return ((UnixDomainSocketAddress) address).getPath().toString();
    }

    /** The far side, as it is given on the command line. */
    String target() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** Reads {@code [LOCAL:]HOST:PORT}. */
    static final class Converter implements ITypeConverter<ForwardRule> {
        @Override
        public ForwardRule convert(final String text) {
            final Matcher matcher = SYNTAX.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' (wanted: [LOCAL:]HOST:PORT, an IPv6 address in brackets)");
            }
            final int port = port(text, matcher.group(3));
            if (port == 0) {
                throw new TypeConversionException("'" + text + "': the sandbox's port is 1 to " + MAX_PORT);
            }
            final String host = RawArguments.text(unbracketed(matcher.group(2)));
            return new ForwardRule(matcher.group(1) == null ? loopback(port) : local(text, matcher.group(1)), host, port);
        }

        private static SocketAddress local(final String text, final String local) {
            if (local.indexOf('/') >= 0) {
                return UnixDomainSocketAddress.of(SandboxSocket.path("LOCAL", local));
            }
            if (local.matches("[0-9]+")) {
                return loopback(port(text, local));
            }
            final Matcher address = ADDRESS.matcher(local);
            if (!address.matches()) {
                throw new TypeConversionException(
                    "'" + text + "': '" + local + "' is no LOCAL (allowed: PORT, ADDRESS:PORT, a path with a slash in it)");
            }
            return inet(text, unbracketed(address.group(1)), port(text, address.group(2)));
        }

        private static InetSocketAddress inet(final String text, final String host, final int port) {
            try {
                return new InetSocketAddress(InetAddress.getByName("*".equals(host) ? "0.0.0.0" : host), port);
            } catch (final UnknownHostException e) {
                throw new TypeConversionException("'" + text + "': no address of this machine: " + host);
            }
        }

        /** Not by name: what "localhost" is depends on the machine. */
        private static InetSocketAddress loopback(final int port) {
            try {
                return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
            } catch (final UnknownHostException e) {
                throw new IllegalStateException("four bytes are an address", e);
            }
        }

        private static int port(final String text, final String digits) {
            final int port = digits.length() > 5 ? MAX_PORT + 1 : Integer.parseInt(digits);
            if (port > MAX_PORT) {
                throw new TypeConversionException("'" + text + "': '" + digits + "' is no port (allowed: 0 to " + MAX_PORT + ")");
            }
            return port;
        }

        private static String unbracketed(final String host) {
            return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        }
    }
}
