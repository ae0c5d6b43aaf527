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

/** Copies a file or tree from the host to the sandbox. Links are not followed, special files neither opened nor made. */
final class HostToSandbox {
    private static final int BUFFER_LENGTH = 256 * 1024;
    /** What a directory's owner needs to make entries in it. */
    private static final int OWNER_WRITES = 0300;

    private final FileRequests requests;
    private final Duration time;
    private final CopyJob job;
    /** Directories whose bits would have kept us out, or whose times entries would have changed; for the walking thread alone. */
    private final List<DirectoryLater> directoriesLater = new ArrayList<>();

    private record DirectoryLater(HostFile source, ByteString target) {
    }

    HostToSandbox(final FileRequests requests, final Duration time, final CopyOptions options) {
        this.requests = requests;
        this.time = time;
        this.job = new CopyJob(options);
    }

    CopyResult copy(final Path source, final ByteString destination) throws SandboxException, InterruptedException {
        return job.run(source.toString(), () -> {
            copyTop(job.options().followSource() ? source.toRealPath() : source, destination);
            finishDirectories();
        });
    }

    private void copyTop(final Path source, final ByteString destination) throws IOException, InterruptedException {
        final HostFile file = HostFile.of(source);
        job.options().checkSource(source.toString(), file.kind());
        if (file.isFile() || file.isDirectory()) {
            new SharedFiles(requests, time).checkUpload(source.toRealPath(), destination);
        }
        copyEntry(source, destination, 0, false);
    }

    /** Copies what is there; what is in a directory that was just made is new and need not be looked for. */
    private void copyEntry(final Path source, final ByteString target, final int depth, final boolean fresh)
        throws IOException, InterruptedException {
        final HostFile file = HostFile.of(source);
        job.found(source.toString(), file.isFile() ? file.size() : 0);
        switch (file.kind()) {
            case FsKind.FILE -> job.submit(source.toString(), () -> copyFile(file, target, fresh));
            case FsKind.SYMLINK -> job.submit(source.toString(), () -> copyLink(file, target));
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
                source.path().toString(), null, "the tree is deeper than " + SandboxToHost.MAX_DEPTH + " levels");
        }
        final boolean setsMode = isNew && job.options().modes();
        final boolean later = setsMode && (source.mode() & OWNER_WRITES) != OWNER_WRITES;
        requests.makeDirectory(target, setsMode && !later ? (long) source.permissions() : null, deadline());
        job.directoryDone();
        if (later || job.options().archive()) {
            directoriesLater.add(new DirectoryLater(source, target));
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(source.path())) {
            for (final Path entry : entries) {
                job.attempt(entry.toString(), () -> copyEntry(entry, SandboxPath.child(target, HostName.bytes(entry)), depth + 1, isNew));
            }
        } catch (final DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** When the last file has been copied, since it changes its directory's times, and none can be made in some afterwards. */
    private void finishDirectories() throws InterruptedException {
        if (directoriesLater.isEmpty()) {
            return;
        }
        job.awaitSubmitted();
        for (final DirectoryLater directory : directoriesLater.reversed()) {
            job.attempt(directory.target.toString(), () -> finish(directory.source, directory.target));
        }
    }

    private void finish(final HostFile source, final ByteString target) throws IOException, InterruptedException {
        final Long mode = source.isDirectory() ? (long) source.permissions() : null;
        final FileTask task = new FileTask("set attributes", target);
        final boolean follow = source.isDirectory();
        if (job.options().archive()) {
            giveAway(task, new FsOp.SetStat(target, follow, source.owner()));
            requests.run(task, new FsOp.SetStat(target, follow, source.times(mode, null)), deadline());
        } else {
            requests.run(task, new FsOp.SetStat(target, follow, new FsSetAttrs(mode, null, null, null, null, null)), deadline());
        }
    }

    /** Sets an owner, before the permission bits, some of which go with it. */
    private void giveAway(final FileTask task, final FsOp change) throws SandboxException, InterruptedException {
        try {
            requests.run(task, change, deadline());
        } catch (final FileOperationException e) {
            // Few may; the file is the agent's then.
            if (!e.errnoName().equals("EPERM")) {
                throw e;
            }
        }
    }

    private void copyLink(final HostFile source, final ByteString target) throws IOException, InterruptedException {
        final ByteString text = HostName.pathBytes(Files.readSymbolicLink(source.path()));
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
        if (job.options().archive()) {
            finish(source, target);
        }
        job.linkDone();
    }

    private void copyFile(final HostFile source, final ByteString target, final boolean fresh) throws IOException, InterruptedException {
        final CopyOptions options = job.options();
        final boolean isNew = fresh || !exists(target);
        // The mode of a file that is there is not ours to change.
        final boolean setsMode = options.modes() && isNew;
        final Long mode = setsMode ? Long.valueOf(source.permissions()) : null;
        try (FileChannel file = FileChannel.open(source.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            // What is there is cut off at the end, not emptied now: it may be the source, by another name or on a file system of both.
            final FsOpenOptions opening = new FsOpenOptions(false, true, false, true, false, false, mode, true);
            final RemoteHandle handle = requests.open(target, opening, deadline());
            FileSession modeSet = null;
            try (FileTarget content = requests.openForWriting(handle, time)) {
                if (setsMode && !options.archive()) {
                    modeSet = requests.start(
                        handle.task("set attributes"),
                        new FsOp.FSetStat(handle.number(), FileAttributes.mode(source.permissions()).attrs()),
                        deadline());
                }
                final long length = send(file, source.size(), content);
                content.finishContent();
                if (modeSet != null) {
                    modeSet.awaitResponse(deadline());
                }
                finish(source, handle, isNew ? null : length);
                content.closeHandle();
            }
        }
        job.fileDone();
    }

    /** @param length where to cut off a file that was there, or null */
    private void finish(final HostFile source, final RemoteHandle handle, final Long length) throws SandboxException, InterruptedException {
        final FileTask task = handle.task("set attributes");
        if (job.options().archive()) {
            giveAway(task, new FsOp.FSetStat(handle.number(), source.owner()));
            final FsSetAttrs attrs = source.times((long) source.permissions(), length);
            requests.run(task, new FsOp.FSetStat(handle.number(), attrs), deadline());
        } else if (length != null) {
            requests.run(
                task, new FsOp.FSetStat(handle.number(), FileAttributes.builder().size(length).build().attrs()), deadline());
        }
    }

    /** @return bytes that were sent */
    private long send(final FileChannel file, final long size, final FileTarget content) throws IOException, InterruptedException {
        // Read to where it is copied to the connection's buffer from; a short file has no use for memory outside the heap.
        final int length = Math.clamp(size + 1, 1, BUFFER_LENGTH);
        final ByteBuffer buffer = length < BUFFER_LENGTH ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
        final MemorySegment memory = MemorySegment.ofBuffer(buffer);
        long sent = 0;
        int read = file.read(buffer);
        while (read > 0) {
            job.copied(read);
            content.write(memory, 0, read);
            sent += read;
            read = file.read(buffer.clear());
        }
        return sent;
    }

    private Deadline deadline() {
        return Deadline.after(time);
    }
}
