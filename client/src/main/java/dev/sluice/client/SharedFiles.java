package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsOp;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Refuses to copy what is on both sides onto or into itself, where that shows: a local sandbox has the host's own file system, and what
 * lies at one path there is the same file when everything that is said of it is the same, times included. Where it does not show, as under
 * another name, a file that is copied onto itself stays as it is, because none is emptied at first, and a directory that is copied into
 * itself ends at the greatest depth.
 */
final class SharedFiles {
    private static final byte SLASH = '/';

    private final FileRequests requests;
    private final Duration time;

    SharedFiles(final FileRequests requests, final Duration time) {
        this.requests = requests;
        this.time = time;
    }

    /**
     * Looks before something is copied to the sandbox.
     *
     * @param source      a file or directory of the host, without links
     * @param destination in the sandbox
     */
    void checkUpload(final Path source, final ByteString destination) throws IOException, InterruptedException {
        final ByteString target = realPath(destination);
        if (target != null && isWithin(target, HostName.pathBytes(source))) {
            refuseSame(source, target);
        }
    }

    /**
     * Looks before something is copied from the sandbox.
     *
     * @param source      a file or directory of the sandbox
     * @param destination on the host; its directory is there
     */
    void checkDownload(final ByteString source, final Path destination) throws IOException, InterruptedException {
        final ByteString real = realPath(source);
        final Path directory = destination.getParent();
        if (real == null || directory == null) {
            return;
        }
        // A directory is gone into through links; of anything else the entry itself is replaced.
        final Path target = Files.isDirectory(destination) ? destination.toRealPath()
            : directory.toRealPath().resolve(destination.getFileName());
        Path same = target;
        while (same != null && !HostName.pathBytes(same).equals(real)) {
            same = same.getParent();
        }
        if (same != null && same.getFileName() != null) {
            refuseSame(same, HostName.pathBytes(target));
        }
    }

    /** The path without links, or null where there is none to be had. */
    private ByteString realPath(final ByteString path) throws SandboxException, InterruptedException {
        if (!requests.hasHandles()) {
            return null;
        }
        try {
            return requests.path(new FileTask("real path", path), new FsOp.RealPath(path), Deadline.after(time));
        } catch (final FileOperationException e) {
            // Whatever is wrong with it comes up again when it is copied.
            return null;
        }
    }

    private static boolean isWithin(final ByteString path, final ByteString directory) {
        final int length = directory.length();
        return path.equals(directory)
            || path.length() > length && path.byteAt(length) == SLASH && path.substring(0, length).equals(directory);
    }

    /** Both have something at that path: is it one thing? */
    private void refuseSame(final Path host, final ByteString target) throws IOException, InterruptedException {
        final FileInfo there;
        try {
            there = requests.stat(HostName.pathBytes(host), false, Deadline.after(time));
        } catch (final FileOperationException e) {
            return;
        }
        final HostFile here;
        try {
            here = HostFile.of(host);
        } catch (final IOException e) {
            return;
        }
        if (!isSame(here, there)) {
            return;
        }
        if (here.isDirectory()) {
            throw new FileSystemException(host.toString(), target.toString(), "a directory is not copied into itself");
        }
        throw new FileSystemException(host.toString(), target.toString(), "these are the same file");
    }

    private static boolean isSame(final HostFile here, final FileInfo there) {
        return here.kind() == there.kind() && here.size() == there.size() && here.mode() == there.mode() && here.uid() == there.uid()
            && here.gid() == there.gid() && isTime(here.accessed(), there.accessTime()) && isTime(here.modified(), there.modifiedTime());
    }

    private static boolean isTime(final long seconds, final Instant instant) {
        return instant != null && instant.getEpochSecond() == seconds;
    }
}
