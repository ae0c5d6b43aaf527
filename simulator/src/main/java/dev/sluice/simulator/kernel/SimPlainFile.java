package dev.sluice.simulator.kernel;

import dev.sluice.ffi.linux.Linux;

/** A regular file that is opened to be locked. Its contents are on the real file system. */
final class SimPlainFile extends SimFile {
    private final String path;

    SimPlainFile(final String path) {
        this.path = path;
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
