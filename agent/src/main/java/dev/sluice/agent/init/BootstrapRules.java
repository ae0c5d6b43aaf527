package dev.sluice.agent.init;

import dev.sluice.protocol.BlockRoot;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecRlimit;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.GuestEnv;
import dev.sluice.protocol.GuestHandoff;
import dev.sluice.protocol.GuestMount;
import dev.sluice.protocol.GuestNetwork;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What makes a bootstrap valid, and what this agent cannot do of what is. All of it is judged before anything is done.
 * Source: generation 7,
 * section 4.5.
 *
 * <p>Pure. Stateless.
 */
public final class BootstrapRules {
    private static final Set<String> LIMITS = Set.of(
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime",
        "sigpending", "stack");
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;
    /** HOST_NAME_MAX of linux/limits.h: sethostname(2) takes no more. */
    private static final int MAX_HOST_NAME = 64;
    /** IFNAMSIZ of linux/if.h, less the NUL. */
    private static final int MAX_INTERFACE = 15;
    private static final ByteString HANDOFF_AUTO = ByteString.of("auto");

    private BootstrapRules() {
    }

    /**
     * Judges a bootstrap.
     *
     * @param bootstrap as the host sent it
     * @throws BootException naming the first thing that is wrong, or that this agent does not do
     */
    public static void check(final GuestBootstrap bootstrap) throws BootException {
        checkRoot(bootstrap.blockRoot());
        for (final GuestMount.Dir mount : bootstrap.dirMounts()) {
            requireText("dir_mounts.tag", mount.tag());
            requireAbsolute("dir_mounts.guest_path", mount.guestPath());
        }
        for (final GuestMount.File mount : bootstrap.fileMounts()) {
            requireText("file_mounts.tag", mount.tag());
            requireFileName(mount.filename());
            requireAbsolute("file_mounts.guest_path", mount.guestPath());
        }
        for (final GuestMount.Disk mount : bootstrap.diskMounts()) {
            requireText("disk_mounts.id", mount.id());
            requireAbsolute("disk_mounts.guest_path", mount.guestPath());
            requireTextOrNull("disk_mounts.fstype", mount.fstype());
        }
        for (final GuestMount.Tmpfs mount : bootstrap.tmpfsMounts()) {
            requireAbsolute("tmpfs_mounts.path", mount.path());
        }
        checkNames(bootstrap);
        checkNetwork(bootstrap.network());
        checkLimits(bootstrap.rlimits());
        checkEnvironment("default_env", bootstrap.defaultEnv());
        checkHandoff(bootstrap.handoffInit());
        refuseWhatIsNotDone(bootstrap);
    }

    private static void checkRoot(final BlockRoot root) throws BootException {
        switch (root) {
            case null -> { }
            case BlockRoot.DiskImage image -> {
                requireAbsolute("block_root.device", image.device());
                requireTextOrNull("block_root.fstype", image.fstype());
            }
            case BlockRoot.OciErofs image -> {
                requireAbsolute("block_root.lower", image.lower());
                if (image.upper() instanceof BlockRoot.UpperDevice upper) {
                    requireAbsolute("block_root.upper.device", upper.device());
                    requireText("block_root.upper.fstype", upper.fstype());
                }
            }
        }
    }

    private static void checkNames(final GuestBootstrap bootstrap) throws BootException {
        requireTextOrNull("hostname", bootstrap.hostname());
        requireTextOrNull("host_alias", bootstrap.hostAlias());
        if (bootstrap.hostname() != null) {
            require(bootstrap.hostname().length() <= MAX_HOST_NAME, "hostname", bootstrap.hostname(), "at most 64 characters");
            requireHostName("hostname", bootstrap.hostname());
        }
        if (bootstrap.hostAlias() != null) {
            requireHostName("host_alias", bootstrap.hostAlias());
        }
        if (bootstrap.user() != null) {
            requireBytes("user", bootstrap.user());
        }
        if (bootstrap.defaultCwd() != null) {
            requireBytes("default_cwd", bootstrap.defaultCwd());
        }
    }

    private static void checkNetwork(final GuestNetwork network) throws BootException {
        if (network == null) {
            return;
        }
        requireText("network.interface", network.interfaceName());
        require(network.interfaceName().length() <= MAX_INTERFACE, "network.interface", network.interfaceName(), "at most 15 characters");
        checkPrefix("network.ipv4.prefix_len", network.ipv4(), IPV4_BITS);
        checkPrefix("network.ipv6.prefix_len", network.ipv6(), IPV6_BITS);
    }

    private static void checkPrefix(final String what, final GuestNetwork.Ip addresses, final int bits) throws BootException {
        if (addresses != null) {
            require(addresses.prefixLen() <= bits, what, addresses.prefixLen(), "0 to " + bits);
        }
    }

    private static void checkLimits(final List<ExecRlimit> limits) throws BootException {
        final Set<String> seen = new HashSet<>();
        for (final ExecRlimit limit : limits) {
            final String name = limit.resource().toLowerCase(Locale.ROOT);
            require(LIMITS.contains(name), "rlimits.resource", limit.resource(), "a resource of getrlimit(2)");
            require(Long.compareUnsigned(limit.soft(), limit.hard()) <= 0, "rlimits.soft of " + name,
                Long.toUnsignedString(limit.soft()), "at most the hard limit, " + Long.toUnsignedString(limit.hard()));
            require(seen.add(name), "rlimits.resource", limit.resource(), "each resource once");
        }
    }

    private static void checkEnvironment(final String what, final List<GuestEnv> variables) throws BootException {
        for (final GuestEnv variable : variables) {
            requireBytes(what + ".key", variable.key());
            require(variable.key().indexOf('=') < 0, what + ".key", variable.key(), "no =");
            requireNoNul(what + ".value", variable.value());
        }
    }

    private static void checkHandoff(final GuestHandoff handoff) throws BootException {
        if (handoff == null) {
            return;
        }
        if (!handoff.cmd().equals(HANDOFF_AUTO)) {
            requireAbsolute("handoff_init.cmd", handoff.cmd());
        }
        for (final ByteString argument : handoff.args()) {
            requireNoNul("handoff_init.args", argument);
        }
        if (handoff.cwd() != null) {
            requireAbsolute("handoff_init.cwd", handoff.cwd());
        }
        checkEnvironment("handoff_init.env", handoff.env());
    }

    private static void refuseWhatIsNotDone(final GuestBootstrap bootstrap) throws BootException {
        if (bootstrap.blockRoot() != null) {
            throw new BootException("core.bootstrap: block_root is not supported: have the kernel mount the root file system");
        }
        if (bootstrap.handoffInit() != null) {
            throw new BootException("core.bootstrap: handoff_init is not supported: this agent stays the first process of the guest");
        }
    }

    private static void requireAbsolute(final String what, final ByteString path) throws BootException {
        require(!path.isEmpty() && path.byteAt(0) == '/', what, path, "an absolute path");
        requireNoNul(what, path);
    }

    /** It is a name in the directory that is shared, and no way out of that. */
    private static void requireFileName(final ByteString name) throws BootException {
        requireBytes("file_mounts.filename", name);
        require(name.indexOf('/') < 0 && !name.equals(ByteString.of(".")) && !name.equals(ByteString.of("..")),
            "file_mounts.filename", name, "a name without /");
    }

    /** What is written into a line of a file is to stay in it, and to be one name. */
    private static void requireHostName(final String what, final String name) throws BootException {
        require(name.chars().noneMatch(c -> c <= ' ' || c == '#' || c == 0x7F), what, name, "no white space, # or control characters");
    }

    private static void requireText(final String what, final String text) throws BootException {
        require(!text.isEmpty(), what, text, "something");
        require(text.indexOf(0) < 0, what, text, "no NUL");
    }

    private static void requireTextOrNull(final String what, final String text) throws BootException {
        if (text != null) {
            requireText(what, text);
        }
    }

    private static void requireBytes(final String what, final ByteString bytes) throws BootException {
        require(!bytes.isEmpty(), what, bytes, "something");
        requireNoNul(what, bytes);
    }

    private static void requireNoNul(final String what, final ByteString bytes) throws BootException {
        require(bytes.indexOf(0) < 0, what, bytes, "no NUL");
    }

    private static void require(final boolean condition, final String what, final Object value, final String allowed)
        throws BootException {
        if (!condition) {
            throw new BootException("core.bootstrap: " + what + ": \"" + value + "\" (allowed: " + allowed + ")");
        }
    }
}
