package dev.sluice.agent.init;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.protocol.BlockRoot;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecRlimit;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.GuestEnv;
import dev.sluice.protocol.GuestHandoff;
import dev.sluice.protocol.GuestMount;
import dev.sluice.protocol.GuestMount.Flags;
import dev.sluice.protocol.GuestNetwork;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BootstrapRulesTest {
    private static final ByteString PATH = ByteString.of("/x");
    private static final ByteString RELATIVE = ByteString.of("x");
    private static final ByteString WITH_NUL = ByteString.of("/x\0y");

    private static GuestNetwork network(final String name, final int ipv4Prefix, final int ipv6Prefix) {
        final ByteString ipv4 = ByteString.copyOf(new byte[4]);
        final ByteString ipv6 = ByteString.copyOf(new byte[16]);
        return new GuestNetwork(
            name, ByteString.copyOf(new byte[6]), 1500, new GuestNetwork.Ip(ipv4, ipv4Prefix, ipv4, null),
            new GuestNetwork.Ip(ipv6, ipv6Prefix, ipv6, null));
    }

    private static GuestEnv env(final String key, final String value) {
        return new GuestEnv(ByteString.of(key), ByteString.of(value));
    }

    private static GuestHandoff handoff(final String command, final String argument, final ByteString directory) {
        return new GuestHandoff(ByteString.of(command), List.of(ByteString.of(argument)), directory, List.of());
    }

    private static Arguments bad(final String what, final Consumer<GuestBootstrap.Builder> change) {
        return arguments(what, change);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
            bad("block_root.device", builder -> builder.blockRoot(new BlockRoot.DiskImage(RELATIVE, null))),
            bad("block_root.fstype", builder -> builder.blockRoot(new BlockRoot.DiskImage(PATH, ""))),
            bad("block_root.lower", builder -> builder.blockRoot(new BlockRoot.OciErofs(RELATIVE, new BlockRoot.UpperTmpfs(null)))),
            bad("block_root.upper.device",
                builder -> builder.blockRoot(new BlockRoot.OciErofs(PATH, new BlockRoot.UpperDevice(RELATIVE, "ext4")))),
            bad("block_root is not supported", builder -> builder.blockRoot(new BlockRoot.DiskImage(PATH, null))),
            bad("dir_mounts.tag", builder -> builder.dirMounts(List.of(new GuestMount.Dir("", PATH, Flags.NONE)))),
            bad("dir_mounts.guest_path", builder -> builder.dirMounts(List.of(new GuestMount.Dir("t", RELATIVE, Flags.NONE)))),
            bad("dir_mounts.guest_path", builder -> builder.dirMounts(List.of(new GuestMount.Dir("t", WITH_NUL, Flags.NONE)))),
            bad("file_mounts.tag", builder -> builder.fileMounts(List.of(new GuestMount.File("", RELATIVE, PATH, Flags.NONE)))),
            bad("file_mounts.filename",
                builder -> builder.fileMounts(List.of(new GuestMount.File("t", ByteString.EMPTY, PATH, Flags.NONE)))),
            bad("file_mounts.filename",
                builder -> builder.fileMounts(List.of(new GuestMount.File("t", ByteString.of("../shadow"), PATH, Flags.NONE)))),
            bad("file_mounts.filename",
                builder -> builder.fileMounts(List.of(new GuestMount.File("t", ByteString.of(".."), PATH, Flags.NONE)))),
            bad("file_mounts.guest_path",
                builder -> builder.fileMounts(List.of(new GuestMount.File("t", RELATIVE, RELATIVE, Flags.NONE)))),
            bad("disk_mounts.id", builder -> builder.diskMounts(List.of(new GuestMount.Disk("", PATH, null, Flags.NONE)))),
            bad("disk_mounts.guest_path", builder -> builder.diskMounts(List.of(new GuestMount.Disk("d", RELATIVE, null, Flags.NONE)))),
            bad("disk_mounts.fstype", builder -> builder.diskMounts(List.of(new GuestMount.Disk("d", PATH, "", Flags.NONE)))),
            bad("tmpfs_mounts.path", builder -> builder.tmpfsMounts(List.of(new GuestMount.Tmpfs(RELATIVE, null, null, Flags.NONE)))),
            bad("hostname", builder -> builder.hostname("")),
            bad("hostname", builder -> builder.hostname("x".repeat(65))),
            bad("hostname", builder -> builder.hostname("a\n1.2.3.4 b")),
            bad("host_alias", builder -> builder.hostAlias("")),
            bad("host_alias", builder -> builder.hostAlias("a b")),
            bad("network.interface", builder -> builder.network(network("", 24, 64))),
            bad("network.interface", builder -> builder.network(network("interface-too-long", 24, 64))),
            bad("network.ipv4.prefix_len", builder -> builder.network(network("eth0", 33, 64))),
            bad("network.ipv6.prefix_len", builder -> builder.network(network("eth0", 24, 129))),
            bad("rlimits.resource", builder -> builder.rlimits(List.of(new ExecRlimit("files", 1, 1)))),
            bad("rlimits.soft of core", builder -> builder.rlimits(List.of(new ExecRlimit("core", 2, 1)))),
            bad("rlimits.soft of core", builder -> builder.rlimits(List.of(new ExecRlimit("core", -1, 1)))),
            bad("each resource once",
                builder -> builder.rlimits(List.of(new ExecRlimit("core", 1, 1), new ExecRlimit("CORE", 1, 1)))),
            bad("user", builder -> builder.user(ByteString.EMPTY)),
            bad("default_cwd", builder -> builder.defaultCwd(ByteString.EMPTY)),
            bad("default_env.key", builder -> builder.defaultEnv(List.of(env("", "x")))),
            bad("default_env.key", builder -> builder.defaultEnv(List.of(env("a=b", "x")))),
            bad("default_env.key", builder -> builder.defaultEnv(List.of(env("a\0", "x")))),
            bad("default_env.value", builder -> builder.defaultEnv(List.of(env("a", "\0")))),
            bad("handoff_init.cmd", builder -> builder.handoffInit(handoff("init", "", null))),
            bad("handoff_init.cmd", builder -> builder.handoffInit(handoff("/init\0", "", null))),
            bad("handoff_init.args", builder -> builder.handoffInit(handoff("auto", "\0", null))),
            bad("handoff_init.cwd", builder -> builder.handoffInit(handoff("auto", "", RELATIVE))),
            bad("handoff_init is not supported", builder -> builder.handoffInit(handoff("auto", "", null))));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatIsWrongIsNamed(final String what, final Consumer<GuestBootstrap.Builder> change) {
        final GuestBootstrap.Builder builder = GuestBootstrap.builder();
        change.accept(builder);
        final String message = assertThrows(BootException.class, () -> BootstrapRules.check(builder.build())).getMessage();
        assertTrue(message.startsWith("core.bootstrap: ") && message.contains(what), message);
    }

    @Test
    void whatIsAllowedPasses() {
        assertDoesNotThrow(() -> BootstrapRules.check(GuestBootstrap.builder().build()), "nothing at all");
        final GuestBootstrap everything = GuestBootstrap.builder()
            .dirMounts(List.of(new GuestMount.Dir("t", PATH, Flags.NONE)))
            .fileMounts(List.of(new GuestMount.File("t", RELATIVE, PATH, Flags.NONE)))
            .diskMounts(List.of(new GuestMount.Disk("d", PATH, null, Flags.NONE)))
            .tmpfsMounts(List.of(new GuestMount.Tmpfs(PATH, 0L, 0L, Flags.NONE)))
            .hostname("x".repeat(64)).hostAlias("host.internal").network(network("eth0", 32, 128))
            .rlimits(List.of(new ExecRlimit("NOFILE", 1, -1), new ExecRlimit("as", -1, -1)))
            .user(ByteString.of("1:2")).defaultCwd(RELATIVE).defaultEnv(List.of(env("a", ""), env("b", "="))).build();
        assertDoesNotThrow(() -> BootstrapRules.check(everything));
    }
}
