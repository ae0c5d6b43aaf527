package dev.sluice.simulator.kernel;

import dev.sluice.ffi.linux.Linux;

/** A regular file that is opened to be locked and to have a line written into it, which nobody reads. */
final class SimPlainFile extends SimFile {
    private final String path;

    SimPlainFile(final String path) {
        this.path = path;
    }

    @Override
    long write(final long address, final long length) {
        return length;
    }

    @Override
    int truncate(final long length) {
        return 0;
    }

    @Override
    int events() {
        return Linux.EPOLLIN | Linux.EPOLLOUT;
    }

    @Override
    void released() {
    }

    @Override
    String describe() {
        return "file " + path;
    }
}
