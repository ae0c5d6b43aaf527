package dev.sluice.client;

import dev.sluice.protocol.FsSetAttrs;
import java.time.Instant;

/** What is to be changed of a file; what is not set stays as it is. Immutable. */
public final class FileAttributes {
    private final FsSetAttrs attrs;
    private final boolean followLinks;

    private FileAttributes(final Builder builder) {
        attrs = new FsSetAttrs(builder.mode, builder.uid, builder.gid, builder.size, builder.accessSeconds, builder.modifiedSeconds);
        followLinks = builder.followLinks;
    }

    /**
     * Begins with nothing to change.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Permission bits alone.
     *
     * @param mode 0 to 07777
     * @return the attributes
     */
    public static FileAttributes mode(final int mode) {
        return builder().mode(mode).build();
    }

    FsSetAttrs attrs() {
        return attrs;
    }

    boolean followLinks() {
        return followLinks;
    }

    /** Collects attributes. Not thread safe. */
    public static final class Builder {
        private Long mode;
        private Long uid;
        private Long gid;
        private Long size;
        private Long accessSeconds;
        private Long modifiedSeconds;
        private boolean followLinks = true;

        private Builder() {
        }

        /**
         * Sets the permission bits.
         *
         * @param bits 0 to 07777
         * @return this builder
         * @throws IllegalArgumentException when there are others
         */
        public Builder mode(final int bits) {
            mode = FileModes.checked(bits);
            return this;
        }

        /**
         * Sets the owner.
         *
         * @param id user id, 0 to 4294967295
         * @return this builder
         */
        public Builder uid(final long id) {
            uid = id;
            return this;
        }

        /**
         * Sets the group.
         *
         * @param id group id, 0 to 4294967295
         * @return this builder
         */
        public Builder gid(final long id) {
            gid = id;
            return this;
        }

        /**
         * Sets the length: the file is cut off, or extended with zeros.
         *
         * @param bytes 0 or more
         * @return this builder
         * @throws IllegalArgumentException when it is negative
         */
        public Builder size(final long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("size: bytes=" + bytes);
            }
            size = bytes;
            return this;
        }

        /**
         * Sets the time of the last reading, to the second.
         *
         * @param time when that is to have been
         * @return this builder
         */
        public Builder accessTime(final Instant time) {
            accessSeconds = time.getEpochSecond();
            return this;
        }

        /**
         * Sets the time of the last writing, to the second.
         *
         * @param time when that is to have been
         * @return this builder
         */
        public Builder modifiedTime(final Instant time) {
            modifiedSeconds = time.getEpochSecond();
            return this;
        }

        /**
         * Has a symbolic link changed rather than what it leads to.
         *
         * @return this builder
         */
        public Builder noFollow() {
            followLinks = false;
            return this;
        }

        /**
         * Makes the attributes.
         *
         * @return attributes of what was set so far
         * @throws IllegalArgumentException when an id is out of range
         */
        public FileAttributes build() {
            return new FileAttributes(this);
        }
    }
}
