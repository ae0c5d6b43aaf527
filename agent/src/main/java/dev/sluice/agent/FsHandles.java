package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.agent.files.Opened;
import dev.sluice.agent.files.OpenedDirectory;
import dev.sluice.agent.files.OpenedFile;
import dev.sluice.protocol.IdGrid;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Int2IntCounterMap;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * The handles of all clients: unsigned numbers from 1, of one counter, none given twice. Whose a handle is goes by the band of ids that it
 * was opened with. Source: relay protocol, generation 7, section 5.5, also of the texts.
 *
 * <p>Pure state. One owner thread.
 */
final class FsHandles {
    /** Handles that one client may have. */
    static final int PER_CLIENT = 1024;

    private final Long2ObjectHashMap<FsHandle> byNumber = new Long2ObjectHashMap<>();
    private final Int2IntCounterMap countByBand = new Int2IntCounterMap(0);
    private long nextNumber = 1;

    /** @return which client an id other than 0 is of */
    static int bandOf(final int id) {
        return (int) ((Integer.toUnsignedLong(id) - 1) / IdGrid.RANGE_STEP);
    }

    /**
     * Sets room aside for a handle that is about to be opened.
     *
     * @throws FileException when the client has as many as it may have
     */
    void reserve(final int openerId) throws FileException {
        final int band = bandOf(openerId);
        if (countByBand.get(band) >= PER_CLIENT) {
            throw new FileException("too many open filesystem handles for relay client: " + PER_CLIENT);
        }
        countByBand.incrementAndGet(band);
    }

    /** Nothing was opened after all. */
    void unreserve(final int openerId) {
        countByBand.decrementAndGet(bandOf(openerId));
    }

    /** Makes a handle, for which room was set aside. */
    FsHandle add(final int openerId, final Opened opened) {
        final FsHandle handle = new FsHandle(nextNumber++, openerId, opened);
        byNumber.put(handle.number(), handle);
        return handle;
    }

    /**
     * Finds a handle.
     *
     * @param number unsigned
     * @param id of the request
     * @throws FileException when there is none, or it is another client's
     */
    FsHandle get(final long number, final int id) throws FileException {
        final FsHandle handle = byNumber.get(number);
        if (handle == null) {
            throw new FileException("invalid handle: " + Long.toUnsignedString(number));
        }
        if (bandOf(handle.openerId()) != bandOf(id)) {
            throw new FileException("handle " + Long.toUnsignedString(number) + " is owned by a different relay client");
        }
        return handle;
    }

    /** @return the file that a handle is of */
    static OpenedFile file(final FsHandle handle) throws FileException {
        if (handle.opened() instanceof OpenedFile file) {
            return file;
        }
        throw new FileException("handle " + handle.number() + " is a directory");
    }

    /** @return the directory that a handle is of */
    static OpenedDirectory directory(final FsHandle handle) throws FileException {
        if (handle.opened() instanceof OpenedDirectory directory) {
            return directory;
        }
        throw new FileException("handle " + handle.number() + " is a file");
    }

    static OpenedFile readable(final FsHandle handle) throws FileException {
        final OpenedFile file = file(handle);
        if (!file.isReadable()) {
            throw new FileException("handle " + handle.number() + " is not open for reading");
        }
        return file;
    }

    static OpenedFile writable(final FsHandle handle) throws FileException {
        final OpenedFile file = file(handle);
        if (!file.isWritable()) {
            throw new FileException("handle " + handle.number() + " is not open for writing");
        }
        return file;
    }

    /** Forgets a handle. Nobody finds it any more; who uses it goes on. */
    void remove(final FsHandle handle) {
        if (byNumber.remove(handle.number()) != null) {
            unreserve(handle.openerId());
        }
    }

    /** @return the handles that were opened with an id of a range, which are forgotten */
    List<FsHandle> removeRange(final long idStart, final long idEnd) {
        final List<FsHandle> found = new ArrayList<>();
        for (final FsHandle handle : byNumber.values()) {
            final long id = Integer.toUnsignedLong(handle.openerId());
            if (id >= idStart && id < idEnd) {
                found.add(handle);
            }
        }
        found.forEach(this::remove);
        return found;
    }

    /** @return how many there are */
    int size() {
        return byNumber.size();
    }
}
