package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsKind;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsOpenOptions;
import dev.sluice.protocol.FsSetAttrs;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Copies a file or tree from the host to the sandbox. Links are not followed, special files neither opened nor made. */
final class HostToSandbox {
    private static final int BUFFER_LENGTH = 256 * 1024;
    private static final int PERMISSION_BITS = 07777;
    /** What a directory's owner needs to make entries in it. */
    private static final int OWNER_WRITES = 0300;

    private final FileRequests requests;
    private final Duration time;
    private final CopyJob job;
    /** Directories whose bits would have kept us out; for the walking thread alone. */
    private final List<ModeLater> modesLater = new ArrayList<>();

    private record ModeLater(ByteString path, int mode) {
    }

    private record HostFile(Path path, long size, int mode, FsKind kind) {
        static HostFile of(final Path path) throws IOException {
            final Map<String, Object> found = Files.readAttributes(
                path, "unix:mode,size,isRegularFile,isDirectory,isSymbolicLink", LinkOption.NOFOLLOW_LINKS);
            final FsKind kind = (Boolean) found.get("isRegularFile") ? FsKind.FILE
                : (Boolean) found.get("isDirectory") ? FsKind.DIR
                : (Boolean) found.get("isSymbolicLink") ? FsKind.SYMLINK
                : FsKind.OTHER;
            return new HostFile(path, (Long) found.get("size"), (Integer) found.get("mode") & PERMISSION_BITS, kind);
        }
    }

    HostToSandbox(final FileRequests requests, final Duration time, final CopyOptions options) {
        this.requests = requests;
        this.time = time;
        this.job = new CopyJob(options);
    }

    CopyResult copy(final Path source, final ByteString destination) throws SandboxException, InterruptedException {
        return job.run(source.toString(), () -> {
            copyEntry(source, destination, 0, false);
            setModes();
        });
    }

    /** Copies what is there; what is in a directory that was just made is new and need not be looked for. */
    private void copyEntry(final Path source, final ByteString target, final int depth, final boolean fresh)
        throws IOException, InterruptedException {
        final HostFile file = HostFile.of(source);
        job.found(source.toString(), file.kind == FsKind.FILE ? file.size : 0);
        switch (file.kind) {
            case FsKind.FILE -> job.submit(source.toString(), () -> copyFile(file, target, fresh));
            case FsKind.SYMLINK -> job.submit(source.toString(), () -> copyLink(source, target));
            case FsKind.DIR -> copyDirectory(file, target, depth, fresh || !exists(target));
            default -> job.skip(source.toString());
        }
    }

    private boolean exists(final ByteString target) throws SandboxException, InterruptedException {
        try {
            requests.stat(target, true, deadline());
            return true;
        } catch (final FileOperationException e) {
            // Whatever keeps it from being there will keep it from being made.
            return false;
        }
    }

    private void copyDirectory(final HostFile source, final ByteString target, final int depth, final boolean isNew)
        throws IOException, InterruptedException {
        if (depth >= SandboxToHost.MAX_DEPTH) {
            throw new FileSystemException(
                source.path.toString(), null, "the tree is deeper than " + SandboxToHost.MAX_DEPTH + " levels");
        }
        final boolean setsMode = isNew && job.options().modes();
        final boolean later = setsMode && (source.mode & OWNER_WRITES) != OWNER_WRITES;
        requests.makeDirectory(target, setsMode && !later ? (long) source.mode : null, deadline());
        job.directoryDone();
        if (later) {
            modesLater.add(new ModeLater(target, source.mode));
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(source.path)) {
            for (final Path entry : entries) {
                job.attempt(entry.toString(), () -> copyEntry(entry, SandboxPath.child(target, HostName.bytes(entry)), depth + 1, isNew));
            }
        } catch (final DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** When the last file has been copied, since none can be made in such a directory afterwards. */
    private void setModes() throws InterruptedException {
        if (modesLater.isEmpty()) {
            return;
        }
        job.awaitSubmitted();
        for (final ModeLater directory : modesLater.reversed()) {
            final FsSetAttrs attrs = FileAttributes.mode(directory.mode).attrs();
            job.attempt(directory.path.toString(), () -> requests.run(
                new FileTask("set attributes", directory.path), new FsOp.SetStat(directory.path, true, attrs), deadline()));
        }
    }

    private void copyLink(final Path source, final ByteString target) throws IOException, InterruptedException {
        final ByteString text = HostName.pathBytes(Files.readSymbolicLink(source));
        final FsOp symlink = new FsOp.Symlink(text, target);
        final FileTask task = new FileTask("symlink", target);
        try {
            requests.run(task, symlink, deadline());
        } catch (final FileOperationException e) {
            final FsKind present = requests.stat(target, false, deadline()).kind();
            if (present != FsKind.FILE && present != FsKind.SYMLINK) {
                throw e;
            }
            requests.remove(target, deadline());
            requests.run(task, symlink, deadline());
        }
        job.linkDone();
    }

    private void copyFile(final HostFile source, final ByteString target, final boolean fresh) throws IOException, InterruptedException {
        // The mode of a file that is there is not ours to change.
        final boolean setsMode = job.options().modes() && (fresh || !exists(target));
        final Long mode = setsMode ? Long.valueOf(source.mode) : null;
        try (FileChannel file = FileChannel.open(source.path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            final RemoteHandle handle = requests.open(target, new FsOpenOptions(false, true, false, true, true, false, mode), deadline());
            FileSession modeSet = null;
            try (FileTarget content = requests.openForWriting(handle, time)) {
                if (setsMode) {
                    modeSet = requests.start(
                        handle.task("set attributes"),
                        new FsOp.FSetStat(handle.number(), FileAttributes.mode(source.mode).attrs()),
                        deadline());
                }
                send(file, source.size, content);
                content.finishContent();
                if (modeSet != null) {
                    modeSet.awaitResponse(deadline());
                }
                content.closeHandle();
            }
        }
        job.fileDone();
    }

    private void send(final FileChannel file, final long size, final FileTarget content) throws IOException, InterruptedException {
        // Read to where it is copied to the connection's buffer from; a short file has no use for memory outside the heap.
        final int length = Math.clamp(size + 1, 1, BUFFER_LENGTH);
        final ByteBuffer buffer = length < BUFFER_LENGTH ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
        final MemorySegment memory = MemorySegment.ofBuffer(buffer);
        int read = file.read(buffer);
        while (read > 0) {
            job.copied(read);
            content.write(memory, 0, read);
            read = file.read(buffer.clear());
        }
    }

    private Deadline deadline() {
        return Deadline.after(time);
    }
}
