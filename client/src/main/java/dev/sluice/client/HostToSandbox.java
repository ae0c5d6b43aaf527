package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsKind;
import dev.sluice.protocol.FsOp;
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
import java.util.concurrent.atomic.AtomicInteger;

/** Copies a file or tree from the host to the sandbox. Links are not followed, special files neither opened nor made. */
final class HostToSandbox {
    private static final int BUFFER_LENGTH = 256 * 1024;
    /** What a directory's owner needs to make entries in it. */
    private static final int OWNER_WRITES = 0300;
    /** Set-user-ID and set-group-ID. */
    private static final int OWNERS_BEHALF = 06000;

    private final FileRequests requests;
    private final Duration time;
    private final CopyJob job;

    /**
     * A directory that entries are copied to. Some get their attributes when all of them have been: those whose bits would have kept us
     * out, or whose times entries would have changed.
     *
     * @param parent   that it lies in, which is not done before; or null
     * @param source   what it becomes
     * @param target   where it is
     * @param finishes whether there are attributes to set at the end
     * @param users    who still copies to it
     */
    private record Directory(Directory parent, HostFile source, ByteString target, boolean finishes, AtomicInteger users) {
    }

    HostToSandbox(final FileRequests requests, final Duration time, final CopyOptions options) {
        this.requests = requests;
        this.time = time;
        this.job = new CopyJob(options);
    }

    CopyResult copy(final Path source, final ByteString destination) throws SandboxException, InterruptedException {
        return job.run(source.toString(), () -> copyTop(job.options().followSource() ? source.toRealPath() : source, destination));
    }

    private void copyTop(final Path source, final ByteString destination) throws IOException, InterruptedException {
        final HostFile file = HostFile.of(source);
        job.options().checkSource(source.toString(), file.kind());
        if (file.isFile() || file.isDirectory()) {
            new SharedFiles(requests, time).checkUpload(source.toRealPath(), destination);
        }
        copyEntry(file, destination, null, 0, false);
    }

    /** Copies what was found; what is in a directory that was just made is new and need not be looked for. */
    private void copyEntry(final HostFile file, final ByteString target, final Directory parent, final int depth, final boolean fresh)
        throws IOException, InterruptedException {
        final String name = file.path().toString();
        job.found(name, file.isFile() ? file.size() : 0);
        switch (file.kind()) {
            case FsKind.FILE -> submit(name, parent, () -> copyFile(file, target, fresh));
            case FsKind.SYMLINK -> submit(name, parent, () -> copyLink(file, target));
            case FsKind.DIR -> copyDirectory(file, target, parent, depth, fresh || !exists(target));
            default -> job.skip(name);
        }
    }

    private void submit(final String name, final Directory parent, final CopyJob.Work work) throws InterruptedException {
        retain(parent);
        boolean submitted = false;
        try {
            job.submit(name, () -> {
                try {
                    work.run();
                } finally {
                    release(parent);
                }
            });
            submitted = true;
        } finally {
            if (!submitted) {
                release(parent);
            }
        }
    }

    private static void retain(final Directory directory) {
        if (directory != null) {
            directory.users.incrementAndGet();
        }
    }

    /** One less copies to a directory; behind the last one its attributes are set, and it is an entry less of its own parent. */
    private void release(final Directory from) throws InterruptedException {
        Directory directory = from;
        while (directory != null && directory.users.decrementAndGet() == 0 && !job.isCancelled()) {
            final Directory done = directory;
            if (done.finishes) {
                job.attempt(done.target.toString(), () -> finish(done.source, done.target));
            }
            directory = done.parent;
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

    private void copyDirectory(
        final HostFile source, final ByteString target, final Directory parent, final int depth, final boolean isNew)
        throws IOException, InterruptedException {
        if (depth >= SandboxToHost.MAX_DEPTH) {
            throw new FileSystemException(
                source.path().toString(), null, "the tree is deeper than " + SandboxToHost.MAX_DEPTH + " levels");
        }
        final boolean setsMode = isNew && job.options().modes();
        final boolean later = setsMode && (source.mode() & OWNER_WRITES) != OWNER_WRITES;
        requests.makeDirectory(target, setsMode && !later ? firstMode(source) : null, deadline());
        job.directoryDone();
        retain(parent);
        final Directory directory =
            new Directory(parent, source, target, later || job.options().archive(), new AtomicInteger(1));
        try {
            copyEntries(directory, depth, isNew);
        } finally {
            release(directory);
        }
    }

    private void copyEntries(final Directory directory, final int depth, final boolean isNew) throws IOException, InterruptedException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.source.path())) {
            for (final Path entry : entries) {
                final ByteString target = SandboxPath.child(directory.target, HostName.bytes(entry));
                job.attempt(entry.toString(), () -> copyEntry(HostFile.of(entry), target, directory, depth + 1, isNew));
            }
        } catch (final DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void finish(final HostFile source, final ByteString target) throws IOException, InterruptedException {
        final FileTask task = new FileTask("set attributes", target);
        final boolean follow = source.isDirectory();
        if (job.options().archive()) {
            final long mode = giveAway(task, new FsOp.SetStat(target, follow, source.owner()), source);
            requests.run(task, new FsOp.SetStat(target, follow, source.times(follow ? mode : null, null)), deadline());
        } else {
            final Long mode = follow ? (long) source.permissions() : null;
            requests.run(task, new FsOp.SetStat(target, follow, new FsSetAttrs(mode, null, null, null, null, null)), deadline());
        }
    }

    /** Sets an owner, before the permission bits, some of which go with it. Returns the bits that the file may have then. */
    private long giveAway(final FileTask task, final FsOp change, final HostFile source) throws SandboxException, InterruptedException {
        try {
            requests.run(task, change, deadline());
            return source.permissions();
        } catch (final FileOperationException e) {
            if (!OwnerRefusal.is(e)) {
                throw e;
            }
            // The file is the agent's: nothing is to run on the agent's behalf instead of the owner's.
            return source.permissions() & ~OWNERS_BEHALF;
        }
    }

    /** The permission bits of what is made here: without those that depend on the owner when it gets that later. */
    private Long firstMode(final HostFile source) {
        return (long) (job.options().archive() ? source.permissions() & ~OWNERS_BEHALF : source.permissions());
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
        try (FileChannel file = FileChannel.open(source.path(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            // What is there is cut off at the end, not emptied now: it may be the source, by another name or on a file system of both.
            final OpenOptions.Builder opening = OpenOptions.builder().forWriting().create().whole();
            if (setsMode) {
                opening.mode(firstMode(source).intValue());
            }
            final RemoteHandle handle = requests.open(target, opening.build().flags(), deadline());
            FileSession modeSet = null;
            try (FileTarget content = requests.openForWriting(handle, time)) {
                if (setsMode && !options.archive()) {
                    modeSet = requests.start(
                        handle.task("set attributes"),
                        new FsOp.FSetStat(handle.number(), FileAttributes.mode(source.permissions()).attrs()),
                        deadline());
                }
                final long length = send(file, source.size(), content, isNew ? null : target);
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
            final long mode = giveAway(task, new FsOp.FSetStat(handle.number(), source.owner()), source);
            requests.run(task, new FsOp.FSetStat(handle.number(), source.times(mode, length)), deadline());
        } else if (length != null) {
            requests.run(
                task, new FsOp.FSetStat(handle.number(), FileAttributes.builder().size(length).build().attrs()), deadline());
        }
    }

    /**
     * Sends the content, to its end.
     *
     * @param present what was there before and is written over, or null
     * @return bytes that were sent
     */
    private long send(final FileChannel file, final long size, final FileTarget content, final ByteString present)
        throws IOException, InterruptedException {
        // Read to where it is copied to the connection's buffer from; a short file has no use for memory outside the heap.
        final int length = Math.clamp(size + 1, 1, BUFFER_LENGTH);
        final ByteBuffer buffer = length < BUFFER_LENGTH ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
        final MemorySegment memory = MemorySegment.ofBuffer(buffer);
        long sent = 0;
        try {
            int read = file.read(buffer);
            while (read > 0) {
                job.copied(read);
                sent += read;
                content.write(memory, 0, read);
                read = file.read(buffer.clear());
            }
            content.finishContent();
        } catch (final IOException e) {
            throw present == null || sent == 0 ? e : PartialCopy.failure(e, present.toString());
        }
        return sent;
    }

    private Deadline deadline() {
        return Deadline.after(time);
    }
}
