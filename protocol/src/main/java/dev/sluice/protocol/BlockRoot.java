package dev.sluice.protocol;

import java.util.Objects;

/**
 * What the guest's root file system is made of. Immutable. On the wire a map whose "kind" tells which; it is written first and may be
 * anywhere. Source: generation 7, section 4.5.
 */
public sealed interface BlockRoot {
    /**
     * Writes the map.
     *
     * @param writer where to
     */
    void write(CborWriter writer);

    /**
     * One disk.
     *
     * @param device its path in the guest
     * @param fstype its file system, or null to find out; left out when null
     */
    record DiskImage(ByteString device, String fstype) implements BlockRoot {
        /** Checks that nothing is missing. */
        public DiskImage {
            Objects.requireNonNull(device, "device");
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(fstype == null ? 2 : 3);
            writer.writeText("kind");
            writer.writeText("disk-image");
            writer.writeText("device");
            writer.writeName(device);
            if (fstype != null) {
                writer.writeText("fstype");
                writer.writeText(fstype);
            }
        }
    }

    /**
     * An image that cannot be written, with something above it that can.
     *
     * @param lower path of the image's device in the guest
     * @param upper what takes the changes
     */
    record OciErofs(ByteString lower, Upper upper) implements BlockRoot {
        /** Checks that nothing is missing. */
        public OciErofs {
            Objects.requireNonNull(lower, "lower");
            Objects.requireNonNull(upper, "upper");
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(3);
            writer.writeText("kind");
            writer.writeText("oci-erofs");
            writer.writeText("lower");
            writer.writeName(lower);
            writer.writeText("upper");
            upper.write(writer);
        }
    }

    /** What takes the changes to an image. */
    sealed interface Upper {
        /**
         * Writes the map.
         *
         * @param writer where to
         */
        void write(CborWriter writer);
    }

    /**
     * A disk that takes the changes.
     *
     * @param device its path in the guest
     * @param fstype its file system
     */
    record UpperDevice(ByteString device, String fstype) implements Upper {
        /** Checks that nothing is missing. */
        public UpperDevice {
            Objects.requireNonNull(device, "device");
            Objects.requireNonNull(fstype, "fstype");
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(3);
            writer.writeText("kind");
            writer.writeText("device");
            writer.writeText("device");
            writer.writeName(device);
            writer.writeText("fstype");
            writer.writeText(fstype);
        }
    }

    /**
     * Memory that takes the changes.
     *
     * @param sizeMib how much, in MiB, 0 to 4294967295, or null for the guest's choice; left out when null
     */
    record UpperTmpfs(Long sizeMib) implements Upper {
        /** Checks that nothing is out of range. */
        public UpperTmpfs {
            FsSetAttrs.requireUint32(sizeMib, "sizeMib");
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(sizeMib == null ? 1 : 2);
            writer.writeText("kind");
            writer.writeText("tmpfs");
            if (sizeMib != null) {
                writer.writeText("size_mib");
                writer.writeUnsigned(sizeMib);
            }
        }
    }
}
