package dev.sluice.protocol;

import java.util.Objects;

/**
 * What a {@link FsRequest} asks for: the operations since release 0.5.0, which work on handles. Immutable.
 *
 * <p>On the wire a map of one pair: the record's name, and a map of its components. Source: generation 7, section 4.3.
 */
public sealed interface FsOp {
    /**
     * Name of the operation on the wire.
     *
     * @return the name
     */
    default String wireName() {
        return getClass().getSimpleName();
    }

    /**
     * Writes the operation's fields.
     *
     * @param writer where to
     */
    void writeFields(CborWriter writer);

    /**
     * Resolves a path. Answer: {@link FsResponseData.Path}.
     *
     * @param path the path
     */
    record RealPath(ByteString path) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public RealPath {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("path");
            writer.writeName(path);
        }
    }

    /**
     * Looks at a file. Answer: {@link FsResponseData.Stat}.
     *
     * @param path          the path
     * @param followSymlink whether a symbolic link stands for what it points to
     */
    record Stat(ByteString path, boolean followSymlink) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public Stat {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("path");
            writer.writeName(path);
            writer.writeText("follow_symlink");
            writer.writeBoolean(followSymlink);
        }
    }

    /**
     * Changes what is said of a file. Answer: no data.
     *
     * @param path          the path
     * @param followSymlink whether a symbolic link stands for what it points to
     * @param attrs         what to change
     */
    record SetStat(ByteString path, boolean followSymlink, FsSetAttrs attrs) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public SetStat {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(attrs, "attrs");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(3);
            writer.writeText("path");
            writer.writeName(path);
            writer.writeText("follow_symlink");
            writer.writeBoolean(followSymlink);
            writer.writeText("attrs");
            attrs.write(writer);
        }
    }

    /**
     * Lists a directory. Answer: {@link FsResponseData.List}.
     *
     * @param path the path
     */
    record List(ByteString path) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public List {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("path");
            writer.writeName(path);
        }
    }

    /**
     * Reads a symbolic link. Answer: {@link FsResponseData.Path}.
     *
     * @param path the path
     */
    record ReadLink(ByteString path) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public ReadLink {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("path");
            writer.writeName(path);
        }
    }

    /**
     * Makes a symbolic link. Answer: no data.
     *
     * @param target   what the link is to say
     * @param linkPath where the link is to be
     */
    record Symlink(ByteString target, ByteString linkPath) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public Symlink {
            Objects.requireNonNull(target, "target");
            Objects.requireNonNull(linkPath, "linkPath");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("target");
            writer.writeName(target);
            writer.writeText("link_path");
            writer.writeName(linkPath);
        }
    }

    /**
     * Makes a directory and those on the way. Answer: no data.
     *
     * @param path the path
     * @param mode permission bits, or null for the agent's choice
     */
    record Mkdir(ByteString path, Long mode) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public Mkdir {
            Objects.requireNonNull(path, "path");
            FsSetAttrs.requireUint32(mode, "mode");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("path");
            writer.writeName(path);
            writer.writeText("mode");
            writer.writeUnsignedOrNull(mode);
        }
    }

    /**
     * Removes a file or symbolic link. Answer: no data.
     *
     * @param path the path
     */
    record Remove(ByteString path) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public Remove {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("path");
            writer.writeName(path);
        }
    }

    /**
     * Removes a directory. Answer: no data.
     *
     * @param path      the path
     * @param recursive whether its content goes too
     */
    record RemoveDir(ByteString path, boolean recursive) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public RemoveDir {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("path");
            writer.writeName(path);
            writer.writeText("recursive");
            writer.writeBoolean(recursive);
        }
    }

    /**
     * Copies a file. Answer: no data.
     *
     * @param src the path there is
     * @param dst the path there is to be
     */
    record Copy(ByteString src, ByteString dst) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public Copy {
            Objects.requireNonNull(src, "src");
            Objects.requireNonNull(dst, "dst");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("src");
            writer.writeName(src);
            writer.writeText("dst");
            writer.writeName(dst);
        }
    }

    /**
     * Renames a file or directory. Answer: no data.
     *
     * @param src the path there is
     * @param dst the path there is to be
     */
    record Rename(ByteString src, ByteString dst) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public Rename {
            Objects.requireNonNull(src, "src");
            Objects.requireNonNull(dst, "dst");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("src");
            writer.writeName(src);
            writer.writeText("dst");
            writer.writeName(dst);
        }
    }

    /**
     * Opens a file. Answer: {@link FsResponseData.Handle}.
     *
     * @param path    the path
     * @param options how to open it
     */
    record OpenFile(ByteString path, FsOpenOptions options) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public OpenFile {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(options, "options");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("path");
            writer.writeName(path);
            writer.writeText("options");
            options.write(writer);
        }
    }

    /**
     * Opens a directory. Answer: {@link FsResponseData.Handle}.
     *
     * @param path the path
     */
    record OpenDir(ByteString path) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public OpenDir {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("path");
            writer.writeName(path);
        }
    }

    /**
     * Closes a file or directory. Answer: no data.
     *
     * @param handle handle of the agent's, unsigned
     */
    record CloseHandle(long handle) implements FsOp {
        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("handle");
            writer.writeUnsigned(handle);
        }
    }

    /**
     * Reads from a file. Answer: {@code core.fs.data} messages, then no data.
     *
     * @param handle handle of the agent's, unsigned
     * @param offset where to start, in bytes, unsigned
     * @param len    how many bytes, unsigned, or null for as many as there are
     */
    record Read(long handle, long offset, Long len) implements FsOp {
        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(3);
            writer.writeText("handle");
            writer.writeUnsigned(handle);
            writer.writeText("offset");
            writer.writeUnsigned(offset);
            writer.writeText("len");
            writer.writeUnsignedOrNull(len);
        }
    }

    /**
     * Writes to a file what {@code core.fs.data} messages then bring, an empty one at the end. Answer to that: no data.
     *
     * @param handle handle of the agent's, unsigned
     * @param offset where to start, in bytes, unsigned
     * @param len    how many bytes, unsigned, or null for as many as there are
     */
    record Write(long handle, long offset, Long len) implements FsOp {
        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(3);
            writer.writeText("handle");
            writer.writeUnsigned(handle);
            writer.writeText("offset");
            writer.writeUnsigned(offset);
            writer.writeText("len");
            writer.writeUnsignedOrNull(len);
        }
    }

    /**
     * Reads entries of a directory. Answer: {@link FsResponseData.List}, empty at the end.
     *
     * @param handle handle of the agent's, unsigned
     * @param limit  how many entries at most, or null for the agent's choice
     */
    record ReadDir(long handle, Long limit) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public ReadDir {
            FsSetAttrs.requireUint32(limit, "limit");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("handle");
            writer.writeUnsigned(handle);
            writer.writeText("limit");
            writer.writeUnsignedOrNull(limit);
        }
    }

    /**
     * Looks at an open file. Answer: {@link FsResponseData.Stat}.
     *
     * @param handle handle of the agent's, unsigned
     */
    record FStat(long handle) implements FsOp {
        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("handle");
            writer.writeUnsigned(handle);
        }
    }

    /**
     * Changes what is said of an open file. Answer: no data.
     *
     * @param handle handle of the agent's, unsigned
     * @param attrs  what to change
     */
    record FSetStat(long handle, FsSetAttrs attrs) implements FsOp {
        /** Checks that nothing is missing or out of range. */
        public FSetStat {
            Objects.requireNonNull(attrs, "attrs");
        }

        @Override
        public void writeFields(final CborWriter writer) {
            writer.writeMapHead(2);
            writer.writeText("handle");
            writer.writeUnsigned(handle);
            writer.writeText("attrs");
            attrs.write(writer);
        }
    }
}
