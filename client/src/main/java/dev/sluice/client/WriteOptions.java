package dev.sluice.client;

import dev.sluice.protocol.FsOpenOptions;

/** How a whole file in the sandbox is written. Immutable. */
public final class WriteOptions {
    /** The file is made when it is not there, and its former content replaced when it is. */
    public static final WriteOptions DEFAULT = builder().build();

    private final Long mode;
    private final boolean append;
    private final boolean exclusive;

    private WriteOptions(final Builder builder) {
        mode = builder.mode;
        append = builder.append;
        exclusive = builder.exclusive;
    }

    /**
     * Begins with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    Long mode() {
        return mode;
    }

    /** Tells whether something is asked for that agents before release 0.5.0 cannot do. */
    boolean needsHandle() {
        return append || exclusive;
    }

    FsOpenOptions flags() {
        return new FsOpenOptions(false, !append, append, !exclusive, !append && !exclusive, exclusive, mode);
    }

    /** Collects options. Not thread safe. */
    public static final class Builder {
        private Long mode;
        private boolean append;
        private boolean exclusive;

        private Builder() {
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
         * Keeps what is in the file and writes behind it.
         *
         * @return this builder
         */
        public Builder append() {
            append = true;
            return this;
        }

        /**
         * Fails when the file is there.
         *
         * @return this builder
         */
        public Builder exclusive() {
            exclusive = true;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return options of what was set so far
         */
        public WriteOptions build() {
            return new WriteOptions(this);
        }
    }
}
