package dev.sluice.protocol;

import java.util.Objects;

/**
 * Something that the guest is to mount at its start. Immutable. Source: generation 7, section 4.5.
 */
public sealed interface GuestMount {
    /**
     * How it is mounted.
     *
     * @return the flags
     */
    Flags flags();

    /**
     * Writes the mount.
     *
     * @param writer where to
     */
    void write(CborWriter writer);

    /**
     * How something is mounted.
     *
     * @param readonly cannot be written
     * @param noexec   programs on it cannot be run
     * @param nosuid   programs on it do not change user
     * @param nodev    device files on it do not work
     */
    record Flags(boolean readonly, boolean noexec, boolean nosuid, boolean nodev) {
        /** None of them. */
        public static final Flags NONE = new Flags(false, false, false, false);

        private static final StructFields FIELDS = StructFields.of("readonly", "noexec", "nosuid", "nodev");

        static Flags decode(final CborReader reader) throws ProtocolException {
            final boolean[] flags = new boolean[FIELDS.count()];
            final StructReader struct = new StructReader(reader, FIELDS);
            for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
                flags[field] = reader.readBoolean();
            }
            return new Flags(flags[0], flags[1], flags[2], flags[3]);
        }

        void write(final CborWriter writer) {
            writer.writeText("flags");
            writer.writeMapHead(4);
            writer.writeText("readonly");
            writer.writeBoolean(readonly);
            writer.writeText("noexec");
            writer.writeBoolean(noexec);
            writer.writeText("nosuid");
            writer.writeBoolean(nosuid);
            writer.writeText("nodev");
            writer.writeBoolean(nodev);
        }
    }

    /**
     * A directory of the host.
     *
     * @param tag       its name between host and guest
     * @param guestPath where it appears in the guest
     * @param flags     how it is mounted
     */
    record Dir(String tag, ByteString guestPath, Flags flags) implements GuestMount {
        private static final StructFields FIELDS = StructFields.of("tag", "guest_path", "flags");

        /** Checks that nothing is missing. */
        public Dir {
            Objects.requireNonNull(tag, "tag");
            Objects.requireNonNull(guestPath, "guestPath");
            Objects.requireNonNull(flags, "flags");
        }

        static Dir decode(final CborReader reader) throws ProtocolException {
            String tag = "";
            ByteString guestPath = ByteString.EMPTY;
            Flags flags = Flags.NONE;
            final StructReader struct = new StructReader(reader, FIELDS);
            for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
                switch (field) {
                    case 0 -> tag = reader.readString();
                    case 1 -> guestPath = reader.readName();
                    default -> flags = Flags.decode(reader);
                }
            }
            struct.require(0, 1);
            return new Dir(tag, guestPath, flags);
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(3);
            writer.writeText("tag");
            writer.writeText(tag);
            writer.writeText("guest_path");
            writer.writeName(guestPath);
            flags.write(writer);
        }
    }

    /**
     * A file of the host, which is shared by the directory it is in.
     *
     * @param tag       that directory's name between host and guest
     * @param filename  the file's name in it
     * @param guestPath where it appears in the guest
     * @param flags     how it is mounted
     */
    record File(String tag, ByteString filename, ByteString guestPath, Flags flags) implements GuestMount {
        private static final StructFields FIELDS = StructFields.of("tag", "filename", "guest_path", "flags");

        /** Checks that nothing is missing. */
        public File {
            Objects.requireNonNull(tag, "tag");
            Objects.requireNonNull(filename, "filename");
            Objects.requireNonNull(guestPath, "guestPath");
            Objects.requireNonNull(flags, "flags");
        }

        static File decode(final CborReader reader) throws ProtocolException {
            String tag = "";
            ByteString filename = ByteString.EMPTY;
            ByteString guestPath = ByteString.EMPTY;
            Flags flags = Flags.NONE;
            final StructReader struct = new StructReader(reader, FIELDS);
            for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
                switch (field) {
                    case 0 -> tag = reader.readString();
                    case 1 -> filename = reader.readName();
                    case 2 -> guestPath = reader.readName();
                    default -> flags = Flags.decode(reader);
                }
            }
            struct.require(0, 1, 2);
            return new File(tag, filename, guestPath, flags);
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(4);
            writer.writeText("tag");
            writer.writeText(tag);
            writer.writeText("filename");
            writer.writeName(filename);
            writer.writeText("guest_path");
            writer.writeName(guestPath);
            flags.write(writer);
        }
    }

    /**
     * A disk.
     *
     * @param id        its name between host and guest
     * @param guestPath where it appears in the guest
     * @param fstype    its file system, or null to find out; left out when null
     * @param flags     how it is mounted
     */
    record Disk(String id, ByteString guestPath, String fstype, Flags flags) implements GuestMount {
        private static final StructFields FIELDS = StructFields.of("id", "guest_path", "fstype", "flags");

        /** Checks that nothing is missing. */
        public Disk {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(guestPath, "guestPath");
            Objects.requireNonNull(flags, "flags");
        }

        static Disk decode(final CborReader reader) throws ProtocolException {
            String id = "";
            ByteString guestPath = ByteString.EMPTY;
            String fstype = null;
            Flags flags = Flags.NONE;
            final StructReader struct = new StructReader(reader, FIELDS);
            for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
                switch (field) {
                    case 0 -> id = reader.readString();
                    case 1 -> guestPath = reader.readName();
                    case 2 -> fstype = reader.tryReadNull() ? null : reader.readString();
                    default -> flags = Flags.decode(reader);
                }
            }
            struct.require(0, 1);
            return new Disk(id, guestPath, fstype, flags);
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(fstype == null ? 3 : 4);
            writer.writeText("id");
            writer.writeText(id);
            writer.writeText("guest_path");
            writer.writeName(guestPath);
            if (fstype != null) {
                writer.writeText("fstype");
                writer.writeText(fstype);
            }
            flags.write(writer);
        }
    }

    /**
     * A file system in the guest's memory.
     *
     * @param path    where it appears in the guest
     * @param sizeMib its size in MiB, 0 to 4294967295, or null for the guest's choice; left out when null
     * @param mode    permission bits of its root, 0 to 4294967295, or null for the guest's choice; left out when null
     * @param flags   how it is mounted
     */
    record Tmpfs(ByteString path, Long sizeMib, Long mode, Flags flags) implements GuestMount {
        private static final StructFields FIELDS = StructFields.of("path", "size_mib", "mode", "flags");

        /** Checks that nothing is missing or out of range. */
        public Tmpfs {
            Objects.requireNonNull(path, "path");
            FsSetAttrs.requireUint32(sizeMib, "sizeMib");
            FsSetAttrs.requireUint32(mode, "mode");
            Objects.requireNonNull(flags, "flags");
        }

        static Tmpfs decode(final CborReader reader) throws ProtocolException {
            ByteString path = ByteString.EMPTY;
            Long sizeMib = null;
            Long mode = null;
            Flags flags = Flags.NONE;
            final StructReader struct = new StructReader(reader, FIELDS);
            for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
                switch (field) {
                    case 0 -> path = reader.readName();
                    case 1 -> sizeMib = reader.tryReadNull() ? null : Long.valueOf(reader.readUint32());
                    case 2 -> mode = reader.tryReadNull() ? null : Long.valueOf(reader.readUint32());
                    default -> flags = Flags.decode(reader);
                }
            }
            struct.require(0);
            return new Tmpfs(path, sizeMib, mode, flags);
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(2 + (sizeMib == null ? 0 : 1) + (mode == null ? 0 : 1));
            writer.writeText("path");
            writer.writeName(path);
            if (sizeMib != null) {
                writer.writeText("size_mib");
                writer.writeUnsigned(sizeMib);
            }
            if (mode != null) {
                writer.writeText("mode");
                writer.writeUnsigned(mode);
            }
            flags.write(writer);
        }
    }
}
