package dev.sluice.client;

import dev.sluice.protocol.FsOpenOptions;

/** How a file in the sandbox is opened. Immutable. */
public final class OpenOptions {
    private final FsOpenOptions flags;

    private OpenOptions(final FsOpenOptions flags) {
        this.flags = flags;
    }

    /**
     * For reading a file that is there.
     *
     * @return the options
     */
    public static OpenOptions read() {
        return builder().forReading().build();
    }

    /**
     * Begins with nothing set.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    FsOpenOptions flags() {
        return flags;
    }

    /** Collects options. Not thread safe. */
    public static final class Builder {
        private boolean read;
        private boolean write;
        private boolean append;
        private boolean create;
        private boolean truncate;
        private boolean createNew;
        private Long mode;
        private boolean whole;

        private Builder() {
        }

        /**
         * Opens for reading.
         *
         * @return this builder
         */
        public Builder forReading() {
            read = true;
            return this;
        }

        /**
         * Opens for writing.
         *
         * @return this builder
         */
        public Builder forWriting() {
            write = true;
            return this;
        }

        /**
         * Opens for writing at the end of the file, whatever offset is named.
         *
         * @return this builder
         */
        public Builder append() {
            append = true;
            return this;
        }

        /**
         * Makes the file when it is not there.
         *
         * @return this builder
         */
        public Builder create() {
            create = true;
            return this;
        }

        /**
         * Makes the file, and fails when it is there.
         *
         * @return this builder
         */
        public Builder createNew() {
            createNew = true;
            return this;
        }

        /**
         * Empties the file when it is there.
         *
         * @return this builder
         */
        public Builder truncate() {
            truncate = true;
            return this;
        }

        /** All of the file is going to be written and its length set, though it is not emptied at first. */
        Builder whole() {
            whole = true;
            return this;
        }

        /**
         * Sets the permission bits of a file that is made, 0666 if not set; the agent's umask is taken off.
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
         * Makes the options.
         *
         * @return options of what was set so far
         * @throws IllegalArgumentException when the file is opened for nothing
         */
        public OpenOptions build() {
            if (!read && !write && !append) {
                throw new IllegalArgumentException("opened for nothing: neither reading, nor writing, nor appending");
            }
            return new OpenOptions(new FsOpenOptions(read, write, append, create, truncate, createNew, mode, whole));
        }
    }
}
