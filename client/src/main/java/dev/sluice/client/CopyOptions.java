package dev.sluice.client;

import java.time.Duration;
import java.util.Objects;

/** How files are copied to the sandbox or from it. Immutable. */
public final class CopyOptions {
    /** Modes are kept, nobody is told of the progress, and it takes as long as it takes. */
    public static final CopyOptions DEFAULT = builder().build();
    /** How many files are copied at once unless told otherwise. */
    public static final int DEFAULT_CONCURRENCY = 16;
    /** How many files can be copied at once: a fraction of the handles that an agent lets a client have. */
    public static final int MAX_CONCURRENCY = 64;

    private final boolean modes;
    private final int concurrency;
    private final CopyProgress progress;
    private final Duration deadline;
    private final long maxEntries;
    private final long maxBytes;

    private CopyOptions(final Builder builder) {
        modes = builder.modes;
        concurrency = builder.concurrency;
        progress = builder.progress;
        deadline = builder.deadline;
        maxEntries = builder.maxEntries;
        maxBytes = builder.maxBytes;
    }

    /**
     * Begins with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    boolean modes() {
        return modes;
    }

    int concurrency() {
        return concurrency;
    }

    CopyProgress progress() {
        return progress;
    }

    Duration deadline() {
        return deadline;
    }

    long maxEntries() {
        return maxEntries;
    }

    long maxBytes() {
        return maxBytes;
    }

    /** Collects options. Not thread safe. */
    public static final class Builder {
        private boolean modes = true;
        private int concurrency = DEFAULT_CONCURRENCY;
        private CopyProgress progress = status -> { };
        private Duration deadline = Deadline.UNLIMITED;
        private long maxEntries = Long.MAX_VALUE;
        private long maxBytes = Long.MAX_VALUE;

        private Builder() {
        }

        /**
         * Sets whether files and directories get the permission bits that they have at the source; else new ones get what is customary at
         * the destination. Bits beyond those of owner, group and others are never set on the host.
         *
         * @param keep true, as it is if not set, to keep them
         * @return this builder
         */
        public Builder modes(final boolean keep) {
            modes = keep;
            return this;
        }

        /**
         * Sets how many files are copied at once, {@link #DEFAULT_CONCURRENCY} if not set.
         *
         * @param files 1 to {@link #MAX_CONCURRENCY}
         * @return this builder
         * @throws IllegalArgumentException when it is out of range
         */
        public Builder concurrency(final int files) {
            if (files < 1 || files > MAX_CONCURRENCY) {
                throw new IllegalArgumentException("concurrency: files=" + files);
            }
            concurrency = files;
            return this;
        }

        /**
         * Sets who is told of the progress.
         *
         * @param listener is called on the thread that copies, some times a second while something moves, and at the end
         * @return this builder
         */
        public Builder progress(final CopyProgress listener) {
            progress = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets how long all of it may take; no limit if not set.
         *
         * @param time from the call that copies; not negative
         * @return this builder
         * @throws IllegalArgumentException when it is negative
         */
        public Builder deadline(final Duration time) {
            if (time.isNegative()) {
                throw new IllegalArgumentException("deadline: time=" + time);
            }
            deadline = time;
            return this;
        }

        /**
         * Sets how much is copied at most; no limit if not set. A sandbox that is not trusted can list files without end and let each be
         * as long as it likes.
         *
         * @param entries files, directories and links; beyond them the copying ends with a failure
         * @param bytes   content of files; likewise
         * @return this builder
         * @throws IllegalArgumentException when one is negative
         */
        public Builder limits(final long entries, final long bytes) {
            if (entries < 0 || bytes < 0) {
                throw new IllegalArgumentException("limits: entries=" + entries + " bytes=" + bytes);
            }
            maxEntries = entries;
            maxBytes = bytes;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return options of what was set so far
         */
        public CopyOptions build() {
            return new CopyOptions(this);
        }
    }
}
