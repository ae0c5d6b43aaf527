package dev.sluice.cli;

import dev.sluice.agent.FileOptions;
import picocli.CommandLine.Option;

/** What an agent is told about files. */
final class AgentFileOptions {
    @Option(names = "--fs-root", paramLabel = "DIR",
        description = "Confines requests about files, but no programs, to this directory: it is / to them, and no path or link leaves it. "
            + "Needs Linux 5.6.")
    private String root;

    @Option(names = "--fs-atomic-writes",
        description = "Files that are written anew take the place of those before when they are complete and on the disk, or not at all. "
            + "By default they are written in place.")
    private boolean atomicWrites;

    @Option(names = "--fs-threads", paramLabel = "N",
        description = "How many file operations may wait for disks at once; half as many for one client. Default: "
            + FileOptions.THREADS_DEFAULT + ".")
    private Integer threads;

    void applyTo(final FileOptions options) {
        if (root != null) {
            options.root(RawArguments.bytes(root));
        }
        options.atomicWrites(atomicWrites);
        if (threads != null) {
            options.threads(threads);
        }
    }
}
