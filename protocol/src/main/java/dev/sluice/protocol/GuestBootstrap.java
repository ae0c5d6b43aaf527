package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * {@code core.bootstrap}: what the guest is to be, and the first frame it is sent. {@link #builder} makes one. What is null or empty is
 * left out. Values are not judged here beyond their types; the agent does that. Source: generation 7, section 4.5.
 *
 * @param blockRoot       what the root file system is made of, or null
 * @param dirMounts       directories of the host
 * @param fileMounts      files of the host
 * @param diskMounts      disks
 * @param tmpfsMounts     file systems in memory
 * @param hostname        name of the guest, or null
 * @param hostAlias       name under which the guest finds the host, or null
 * @param network         its network, or null
 * @param rlimits         limits of its programs
 * @param user            who its programs run as, USER[:GROUP], names or numbers, or null
 * @param defaultCwd      their working directory, or null
 * @param defaultEnv      their environment
 * @param securityProfile how far its programs are confined; always written
 * @param handoffInit     the program that becomes its first process, or null
 */
public record GuestBootstrap(
    BlockRoot blockRoot,
    List<GuestMount.Dir> dirMounts,
    List<GuestMount.File> fileMounts,
    List<GuestMount.Disk> diskMounts,
    List<GuestMount.Tmpfs> tmpfsMounts,
    String hostname,
    String hostAlias,
    GuestNetwork network,
    List<ExecRlimit> rlimits,
    ByteString user,
    ByteString defaultCwd,
    List<GuestEnv> defaultEnv,
    SecurityProfile securityProfile,
    GuestHandoff handoffInit) implements Message {

    private static final StructFields FIELDS = StructFields.of(
        "block_root", "dir_mounts", "file_mounts", "disk_mounts", "tmpfs_mounts", "hostname", "host_alias",
        "network", "rlimits", "user", "default_cwd", "default_env", "security_profile", "handoff_init");

    /** How far the guest's programs are confined. */
    public enum SecurityProfile {
        /** As agents do without being told. */
        DEFAULT,
        /** Further. */
        RESTRICTED;

        /**
         * Name on the wire.
         *
         * @return the name in lower case
         */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Copies the lists.
     *
     * @throws NullPointerException when a list or the profile is null
     */
    public GuestBootstrap {
        dirMounts = List.copyOf(dirMounts);
        fileMounts = List.copyOf(fileMounts);
        diskMounts = List.copyOf(diskMounts);
        tmpfsMounts = List.copyOf(tmpfsMounts);
        rlimits = List.copyOf(rlimits);
        defaultEnv = List.copyOf(defaultEnv);
        Objects.requireNonNull(securityProfile, "securityProfile");
    }

    /**
     * Begins a bootstrap with nothing in it but the default profile.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads a bootstrap that was kept as the payload that goes into its frame.
     *
     * @param payload one CBOR map, as {@code core.bootstrap} carries it
     * @return the bootstrap
     * @throws ProtocolException when it cannot be decoded
     */
    public static GuestBootstrap decode(final byte[] payload) throws ProtocolException {
        final CborReader reader = new CborReader();
        reader.wrap(MemorySegment.ofArray(payload), 0, payload.length);
        return decode(reader);
    }

    static GuestBootstrap decode(final CborReader reader) throws ProtocolException {
        final Builder builder = new Builder();
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> builder.blockRoot = reader.tryReadNull() ? null : BlockRootDecoder.decode(reader);
                case 1 -> builder.dirMounts = CborList.read(reader, GuestMount.Dir::decode);
                case 2 -> builder.fileMounts = CborList.read(reader, GuestMount.File::decode);
                case 3 -> builder.diskMounts = CborList.read(reader, GuestMount.Disk::decode);
                case 4 -> builder.tmpfsMounts = CborList.read(reader, GuestMount.Tmpfs::decode);
                case 5 -> builder.hostname = reader.tryReadNull() ? null : reader.readString();
                case 6 -> builder.hostAlias = reader.tryReadNull() ? null : reader.readString();
                case 7 -> builder.network = reader.tryReadNull() ? null : GuestNetwork.decode(reader);
                case 8 -> builder.rlimits = CborList.read(reader, ExecRlimit::decode);
                case 9 -> builder.user = reader.tryReadNull() ? null : reader.readName();
                case 10 -> builder.defaultCwd = reader.tryReadNull() ? null : reader.readName();
                case 11 -> builder.defaultEnv = CborList.read(reader, GuestEnv::decode);
                case 12 -> builder.securityProfile = readProfile(reader);
                default -> builder.handoffInit = reader.tryReadNull() ? null : GuestHandoff.decode(reader);
            }
        }
        return builder.build();
    }

    private static SecurityProfile readProfile(final CborReader reader) throws ProtocolException {
        final String name = reader.readString();
        for (final SecurityProfile profile : SecurityProfile.values()) {
            if (profile.wireName().equals(name)) {
                return profile;
            }
        }
        throw reader.error(Reason.UNKNOWN_NAME, "unknown security profile: " + name);
    }

    @Override
    public MessageType type() {
        return MessageType.BOOTSTRAP;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(fieldCount());
        if (blockRoot != null) {
            writer.writeText("block_root");
            blockRoot.write(writer);
        }
        writeList(writer, "dir_mounts", dirMounts, (to, item) -> item.write(to));
        writeList(writer, "file_mounts", fileMounts, (to, item) -> item.write(to));
        writeList(writer, "disk_mounts", diskMounts, (to, item) -> item.write(to));
        writeList(writer, "tmpfs_mounts", tmpfsMounts, (to, item) -> item.write(to));
        if (hostname != null) {
            writer.writeText("hostname");
            writer.writeText(hostname);
        }
        if (hostAlias != null) {
            writer.writeText("host_alias");
            writer.writeText(hostAlias);
        }
        if (network != null) {
            writer.writeText("network");
            network.write(writer);
        }
        writeList(writer, "rlimits", rlimits, (to, item) -> item.write(to));
        if (user != null) {
            writer.writeText("user");
            writer.writeName(user);
        }
        if (defaultCwd != null) {
            writer.writeText("default_cwd");
            writer.writeName(defaultCwd);
        }
        writeList(writer, "default_env", defaultEnv, (to, item) -> item.write(to));
        writer.writeText("security_profile");
        writer.writeText(securityProfile.wireName());
        if (handoffInit != null) {
            writer.writeText("handoff_init");
            handoffInit.write(writer);
        }
    }

    private int fieldCount() {
        int count = 1;
        final Object[] singles = {blockRoot, hostname, hostAlias, network, user, defaultCwd, handoffInit};
        for (final Object single : singles) {
            count += single == null ? 0 : 1;
        }
        for (final List<?> list : List.of(dirMounts, fileMounts, diskMounts, tmpfsMounts, rlimits, defaultEnv)) {
            count += list.isEmpty() ? 0 : 1;
        }
        return count;
    }

    private static <T> void writeList(
        final CborWriter writer, final String key, final List<T> list, final CborList.ItemWriter<T> items) {
        if (!list.isEmpty()) {
            writer.writeText(key);
            CborList.write(writer, list, items);
        }
    }

    /** Collects what a bootstrap is to say. Not thread safe. */
    public static final class Builder {
        private BlockRoot blockRoot;
        private List<GuestMount.Dir> dirMounts = List.of();
        private List<GuestMount.File> fileMounts = List.of();
        private List<GuestMount.Disk> diskMounts = List.of();
        private List<GuestMount.Tmpfs> tmpfsMounts = List.of();
        private String hostname;
        private String hostAlias;
        private GuestNetwork network;
        private List<ExecRlimit> rlimits = List.of();
        private ByteString user;
        private ByteString defaultCwd;
        private List<GuestEnv> defaultEnv = List.of();
        private SecurityProfile securityProfile = SecurityProfile.DEFAULT;
        private GuestHandoff handoffInit;

        private Builder() {
        }

        /**
         * Sets what the root file system is made of, or null.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder blockRoot(final BlockRoot value) {
            blockRoot = value;
            return this;
        }

        /**
         * Sets directories of the host.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder dirMounts(final List<GuestMount.Dir> value) {
            dirMounts = value;
            return this;
        }

        /**
         * Sets files of the host.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder fileMounts(final List<GuestMount.File> value) {
            fileMounts = value;
            return this;
        }

        /**
         * Sets disks.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder diskMounts(final List<GuestMount.Disk> value) {
            diskMounts = value;
            return this;
        }

        /**
         * Sets file systems in memory.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder tmpfsMounts(final List<GuestMount.Tmpfs> value) {
            tmpfsMounts = value;
            return this;
        }

        /**
         * Sets name of the guest, or null.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder hostname(final String value) {
            hostname = value;
            return this;
        }

        /**
         * Sets name under which the guest finds the host, or null.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder hostAlias(final String value) {
            hostAlias = value;
            return this;
        }

        /**
         * Sets its network, or null.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder network(final GuestNetwork value) {
            network = value;
            return this;
        }

        /**
         * Sets limits of its programs.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder rlimits(final List<ExecRlimit> value) {
            rlimits = value;
            return this;
        }

        /**
         * Sets who its programs run as, USER[:GROUP], names or numbers, or null.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder user(final ByteString value) {
            user = value;
            return this;
        }

        /**
         * Sets their working directory, or null.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder defaultCwd(final ByteString value) {
            defaultCwd = value;
            return this;
        }

        /**
         * Sets their environment.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder defaultEnv(final List<GuestEnv> value) {
            defaultEnv = value;
            return this;
        }

        /**
         * Sets how far its programs are confined.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder securityProfile(final SecurityProfile value) {
            securityProfile = value;
            return this;
        }

        /**
         * Sets the program that becomes its first process, or null.
         *
         * @param value the new value
         * @return this builder
         */
        public Builder handoffInit(final GuestHandoff value) {
            handoffInit = value;
            return this;
        }

        /**
         * The bootstrap.
         *
         * @return a new bootstrap
         * @throws NullPointerException when a list or the profile is null
         */
        public GuestBootstrap build() {
            return new GuestBootstrap(
                blockRoot, dirMounts, fileMounts, diskMounts, tmpfsMounts, hostname, hostAlias,
                network, rlimits, user, defaultCwd, defaultEnv, securityProfile, handoffInit);
        }
    }
}
