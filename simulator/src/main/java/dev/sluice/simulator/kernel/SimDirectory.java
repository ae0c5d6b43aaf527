package dev.sluice.simulator.kernel;

/** A directory of a {@link SimDisk} that is open. */
final class SimDirectory extends SimFile {
    private final SimDisk.Directory directory;
    private final String path;

    SimDirectory(final SimDisk.Directory directory, final String path) {
        this.directory = directory;
        this.path = path;
    }

    SimDisk.Directory directory() {
        return directory;
    }

    @Override
    int events() {
        return 0;
    }

    @Override
    void released() {
    }

    @Override
    SimFile detached() {
        return new SimDirectory(new SimDisk.Directory(), path);
    }

    @Override
    String describe() {
        return "directory " + path;
    }
}
