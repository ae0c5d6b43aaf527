package dev.sluice.agent.files;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * An open directory: its entries in batches, each looked at without following links. One thread at a time.
 */
public final class OpenedDirectory implements Opened {
    /** What an entry takes in a frame at most, less its path. */
    static final int ENTRY_OVERHEAD = 128;

    private final FileSystem system;
    private final int fd;
    private final ByteString path;
    private final DirectoryReader reader;
    private boolean atEnd;

    private OpenedDirectory(final FileSystem system, final int fd, final ByteString path) {
        this.system = system;
        this.fd = fd;
        this.path = path;
        this.reader = new DirectoryReader(system, fd);
    }

    /**
     * Opens a directory.
     *
     * @param root where paths lead
     * @param path of the directory
     * @return the directory, to be closed by the caller
     * @throws FileException if it cannot be opened
     */
    public static OpenedDirectory open(final FileRoot root, final ByteString path) throws FileException {
        try {
            return new OpenedDirectory(root.system(), root.open(path, Linux.O_RDONLY | Abi.O_DIRECTORY | Linux.O_NONBLOCK, 0), path);
        } catch (final FileException e) {
            throw e.during("opendir");
        }
    }

    /**
     * The next entries.
     *
     * @param limit how many at most, at least 1
     * @param byteLimit how many bytes they may take in a frame; the first is taken in any case
     * @return the entries, none at the end
     * @throws FileException if they cannot be read
     */
    public List<FsEntryInfo> next(final int limit, final long byteLimit) throws FileException {
        final Batch batch = new Batch(limit, byteLimit);
        atEnd = !reader.read(batch);
        return batch.entries;
    }

    /** {@return whether the last batch went to the end} */
    boolean isAtEnd() {
        return atEnd;
    }

    /**
     * Every entry from the first, or none.
     *
     * @param byteLimit how many bytes they may take in a frame, counted low
     * @return the entries
     * @throws FileException if they cannot be read, or take more than that
     */
    public List<FsEntryInfo> all(final long byteLimit) throws FileException {
        final Batch batch = new Batch(Integer.MAX_VALUE, byteLimit);
        reader.rewind();
        if (reader.read(batch)) {
            throw new FileException("too many entries for one answer: use OpenDir and ReadDir");
        }
        return batch.entries;
    }

    /** Takes names and looks at what has them. */
    private final class Batch implements DirectoryReader.Taker {
        private final List<FsEntryInfo> entries = new ArrayList<>();
        private final int limit;
        private long bytesLeft;

        Batch(final int limit, final long byteLimit) {
            this.limit = limit;
            this.bytesLeft = byteLimit;
        }

        @Override
        public boolean take(final ByteString name, final boolean mayBeDirectory) {
            final long bytes = ENTRY_OVERHEAD + path.length() + 1L + name.length();
            if (entries.size() >= limit || bytes > bytesLeft && !entries.isEmpty()) {
                return false;
            }
            bytesLeft -= bytes;
            entries.add(entry(name));
            return true;
        }

        private FsEntryInfo entry(final ByteString name) {
            final ByteString entryPath = PathParts.join(path, name);
            try {
                return system.status(fd, name).toEntry(entryPath);
            } catch (final FileException e) {
                // Gone meanwhile, or not to be looked at: the name is known all the same.
                return FileStatus.unknown(entryPath);
            }
        }
    }

    @Override
    public boolean isDirectory() {
        return true;
    }

    @Override
    public FsEntryInfo entry() throws FileException {
        return system.status(fd).toEntry(path);
    }

    @Override
    public void close() {
        system.closeQuietly(fd);
    }

    @Override
    public void discard() {
        close();
    }
}
