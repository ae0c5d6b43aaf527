package dev.sluice.client;

import dev.sluice.protocol.FsKind;
import java.nio.file.FileSystemException;
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
    private final boolean archive;
    private final boolean followSource;
    private final FsKind sourceKind;
    private final int concurrency;
    private final CopyProgress progress;
    private final Duration deadline;
    private final long maxEntries;
    private final long maxBytes;

    private CopyOptions(final Builder builder) {
        modes = builder.modes || builder.archive;
        archive = builder.archive;
        followSource = builder.followSource;
        sourceKind = builder.sourceKind;
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

    boolean archive() {
        return archive;
    }

    boolean followSource() {
        return followSource;
    }

    /** Refuses a source that is not what it has to be. */
    void checkSource(final String source, final FsKind kind) throws FileSystemException {
        if (followSource && kind == FsKind.SYMLINK) {
            throw new FileSystemException(source, null, "what it leads to is told to be a link");
        }
        if (sourceKind != null && sourceKind != kind) {
            throw new FileSystemException(
                source, null, "has become something else meanwhile: was " + sourceKind.wireName() + ", is " + kind.wireName());
        }
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
        private boolean archive;
        private boolean followSource;
        private FsKind sourceKind;
        private int concurrency = DEFAULT_CONCURRENCY;
        private CopyProgress progress = status -> { };
        private Duration deadline = Deadline.UNLIMITED;
        private long maxEntries = Long.MAX_VALUE;
        private long maxBytes = Long.MAX_VALUE;

        private Builder() {
        }

        /**
         * Sets whether new files and directories get the permission bits that they have at the source; else they get what is customary at
         * the destination. Bits beyond those of owner, group and others are never set on the host. With {@link #archive}, they are kept
         * whatever is set here, before or afterwards.
         *
         * @param keep true, as it is if not set, to keep them
         * @return this builder
         */
        public Builder modes(final boolean keep) {
            modes = keep;
            return this;
        }

        /**
         * Sets whether permission bits, times, to the second, and owners are kept, also of files and directories that are there. Where
         * an owner cannot be given, the file stays its writer's, without set-user-ID and set-group-ID; the owner counts as not to be
         * given when the system says so with EPERM, EACCES, EINVAL or EOPNOTSUPP. Of links the owner and times are kept in the sandbox
         * alone. From a sandbox that is not trusted comes any owner it likes; bits beyond those of owner, group and others are never set
         * on the host.
         *
         * @param keep true to keep them all; false, as it is if not set, to have {@link #modes} alone count
         * @return this builder
         */
        public Builder archive(final boolean keep) {
            archive = keep;
            return this;
        }

        /**
         * Copies what the source leads to where it is a symbolic link, else the link. Below the source links stay links.
         *
         * @param follow false, as it is if not set, to copy the link
         * @return this builder
         */
        public Builder followSource(final boolean follow) {
            followSource = follow;
            return this;
        }

        /**
         * Sets what the source was seen to be, for who has looked and chosen the destination accordingly: when it is something else
         * by the time it is copied, it is not copied.
         *
         * @param kind what it has to be; anything if not set
         * @return this builder
         */
        public Builder sourceKind(final FsKind kind) {
            sourceKind = Objects.requireNonNull(kind, "kind");
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
