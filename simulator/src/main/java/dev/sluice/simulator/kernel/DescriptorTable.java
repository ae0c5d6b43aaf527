package dev.sluice.simulator.kernel;

import java.util.ArrayList;
import java.util.List;

/** A process's descriptors: the lowest free number is given out, so that numbers are reused as soon as they can be. */
final class DescriptorTable {
    private static final int FIRST = 3;

    private final List<SimFile> files = new ArrayList<>();

    /** Takes a reference. */
    int open(final SimFile file) {
        file.retain();
        return adopt(file);
    }

    /** Takes over the caller's reference. */
    int adopt(final SimFile file) {
        int index = files.indexOf(null);
        if (index < 0) {
            index = files.size();
            files.add(null);
        }
        files.set(index, file);
        return FIRST + index;
    }

    /** @return the open file, or null */
    SimFile get(final int fd) {
        final int index = fd - FIRST;
        return index < 0 || index >= files.size() ? null : files.get(index);
    }

    void close(final int fd) {
        final SimFile file = get(fd);
        files.set(fd - FIRST, null);
        file.release();
    }

    int count() {
        int count = 0;
        for (final SimFile file : files) {
            count += file == null ? 0 : 1;
        }
        return count;
    }

    /** Closes everything; the numbers stay open, and what they refer to now has no effect on anybody. */
    void detachAll() {
        for (int index = 0; index < files.size(); index++) {
            final SimFile file = files.get(index);
            if (file != null) {
                final SimFile detached = file.detached();
                detached.nonBlocking(true);
                detached.retain();
                files.set(index, detached);
                file.release();
            }
        }
    }

    void closeAll() {
        for (int index = 0; index < files.size(); index++) {
            if (files.get(index) != null) {
                close(FIRST + index);
            }
        }
    }

    /** @return what is open, in words */
    List<String> describe() {
        final List<String> open = new ArrayList<>();
        for (int index = 0; index < files.size(); index++) {
            if (files.get(index) != null) {
                open.add(FIRST + index + " " + files.get(index).describe());
            }
        }
        return open;
    }
}
