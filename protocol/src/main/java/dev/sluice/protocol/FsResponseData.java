package dev.sluice.protocol;

import java.util.Objects;

/**
 * What a {@link FsResponse} brings. Immutable. On the wire a map of one pair: the record's name, and its component.
 */
public sealed interface FsResponseData {
    /**
     * Writes the pair.
     *
     * @param writer where to
     */
    void write(CborWriter writer);

    /**
     * One file.
     *
     * @param entry what there is to say of it
     */
    record Stat(FsEntryInfo entry) implements FsResponseData {
        /** Checks that it is there. */
        public Stat {
            Objects.requireNonNull(entry, "entry");
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("Stat");
            entry.write(writer);
        }
    }

    /**
     * Entries of a directory.
     *
     * @param entries the entries, in no order
     */
    record List(java.util.List<FsEntryInfo> entries) implements FsResponseData {
        /** Copies the list. */
        public List {
            entries = java.util.List.copyOf(entries);
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("List");
            CborList.write(writer, entries, (to, entry) -> entry.write(to));
        }
    }

    /**
     * A file or directory that was opened.
     *
     * @param handle its handle, unsigned
     */
    record Handle(long handle) implements FsResponseData {
        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("Handle");
            writer.writeUnsigned(handle);
        }
    }

    /**
     * A path.
     *
     * @param path the path
     */
    record Path(ByteString path) implements FsResponseData {
        /** Checks that it is there. */
        public Path {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public void write(final CborWriter writer) {
            writer.writeMapHead(1);
            writer.writeText("Path");
            writer.writeName(path);
        }
    }
}
