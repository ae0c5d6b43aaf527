package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsKind;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsOpenOptions;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Copies a file or tree from the sandbox to the host. The sandbox is not trusted: names that could lead out of the destination are
 * failures, and {@link HostDirectory} follows no link.
 */
final class SandboxToHost {
    /** How deep a tree may be: each level keeps a descriptor here and a handle there. */
    static final int MAX_DEPTH = 200;

    private static final int FILE_MODE = 0666;
    private static final FsOpenOptions READ = OpenOptions.read().flags();

    private final FileRequests requests;
    private final Duration time;
    private final CopyJob job;

    SandboxToHost(final FileRequests requests, final Duration time, final CopyOptions options) {
        this.requests = requests;
        this.time = time;
        this.job = new CopyJob(options);
    }

    CopyResult copy(final ByteString source, final Path destination) throws SandboxException, InterruptedException {
        return job.run(source.toString(), () -> copyTop(source, destination.toAbsolutePath()));
    }

    private void copyTop(final ByteString source, final Path destination) throws IOException, InterruptedException {
        final FileInfo info = requests.stat(source, job.options().followSource(), deadline());
        job.options().checkSource(source.toString(), info.kind());
        final boolean isFile = info.isFile() || info.isDirectory();
        if (isFile && destination.getFileName() != null) {
            new SharedFiles(requests, time).checkDownload(source, destination);
        }
        if (info.isDirectory()) {
            copyTree(source, info, destination);
            return;
        }
        if (destination.getFileName() == null) {
            throw new FileSystemException(destination.toString(), null, "there is a directory");
        }
        final HostDirectory parent = HostDirectory.open(destination.getParent());
        try {
            copyEntry(source, info, parent, destination.getFileName(), 0);
        } finally {
            parent.release();
        }
    }

    private void copyTree(final ByteString source, final FileInfo info, final Path destination) throws IOException, InterruptedException {
        job.found(source.toString(), 0);
        final boolean made = !Files.isDirectory(destination);
        if (made) {
            Files.createDirectory(destination);
        }
        final HostDirectory directory = HostDirectory.open(destination);
        try {
            job.directoryDone();
            directory.setAtEnd(HostAttributes.of(job.options(), info, made));
            copyEntries(source, directory, 0);
        } finally {
            directory.release();
        }
    }

    private void copyEntries(final ByteString source, final HostDirectory target, final int depth)
        throws IOException, InterruptedException {
        if (depth >= MAX_DEPTH) {
            throw new FileSystemException(source.toString(), null, "the tree is deeper than " + MAX_DEPTH + " levels");
        }
        try (DirectoryHandle directory = new DirectoryHandle(requests, source, time)) {
            List<FileInfo> page = directory.next(FileRequests.PAGE_LENGTH);
            while (!page.isEmpty()) {
                for (final FileInfo entry : page) {
                    final ByteString name = entry.name();
                    job.attempt(SandboxPath.child(source, name).toString(), () -> copyNamed(source, entry, target, name, depth));
                }
                page = directory.next(FileRequests.PAGE_LENGTH);
            }
        }
    }

    private void copyNamed(
        final ByteString directory, final FileInfo entry, final HostDirectory target, final ByteString name, final int depth)
        throws IOException, InterruptedException {
        if (!SandboxPath.isEntryName(name)) {
            job.found(directory.toString(), 0);
            throw new FileSystemException(name.toString(), null, "the sandbox lists a name that no entry of a directory can have");
        }
        copyEntry(SandboxPath.child(directory, name), entry, target, HostName.path(name), depth);
    }

    private void copyEntry(final ByteString source, final FileInfo info, final HostDirectory target, final Path name, final int depth)
        throws IOException, InterruptedException {
        job.found(source.toString(), info.isFile() ? info.size() : 0);
        switch (info.kind()) {
            case FsKind.FILE -> submit(source, target, () -> copyFile(source, info, target, name));
            case FsKind.SYMLINK -> submit(source, target, () -> copyLink(source, target, name));
            case FsKind.DIR -> copyDirectory(source, info, target, name, depth);
            default -> job.skip(source.toString());
        }
    }

    private void submit(final ByteString source, final HostDirectory target, final CopyJob.Work work)
        throws IOException, InterruptedException {
        target.retain();
        boolean submitted = false;
        try {
            job.submit(source.toString(), () -> {
                try {
                    work.run();
                } finally {
                    target.release();
                }
            });
            submitted = true;
        } finally {
            if (!submitted) {
                target.release();
            }
        }
    }

    private void copyDirectory(
        final ByteString source, final FileInfo info, final HostDirectory parent, final Path name, final int depth)
        throws IOException, InterruptedException {
        final HostAttributes atEnd = HostAttributes.of(job.options(), info, !parent.contains(name));
        final HostDirectory directory = parent.enter(name, atEnd != null);
        try {
            job.directoryDone();
            directory.setAtEnd(atEnd);
            copyEntries(source, directory, depth + 1);
        } finally {
            directory.release();
        }
    }

    private void copyLink(final ByteString source, final HostDirectory target, final Path name) throws IOException, InterruptedException {
        final ByteString text = requests.path(new FileTask("read link", source), new FsOp.ReadLink(source), deadline());
        target.makeLink(name, HostName.linkText(text));
        job.linkDone();
    }

    private void copyFile(final ByteString source, final FileInfo info, final HostDirectory target, final Path name)
        throws IOException, InterruptedException {
        try (FileSource content = new FileSource(requests, requests.open(source, READ, deadline()), 0, time)) {
            final HostDirectory.OpenedFile opened = target.openFile(name, job.options().modes() ? info.permissions() : FILE_MODE);
            receive(content, opened, opened.isNew() ? null : target.child(name));
            target.setAttributes(name, HostAttributes.of(job.options(), info, opened.isNew()));
        }
        job.fileDone();
    }

    /** @param present what was there before and is written over, or null */
    private void receive(final FileSource content, final HostDirectory.OpenedFile opened, final Path present)
        throws IOException, InterruptedException {
        long length = 0;
        try (SeekableByteChannel file = opened.channel()) {
            for (int taken = content.transferTo(file); taken >= 0; taken = content.transferTo(file)) {
                length += taken;
                job.copied(taken);
            }
            opened.cut(length);
        } catch (final IOException e) {
            throw present == null || length == 0 ? e : PartialCopy.failure(e, present.toString());
        }
    }

    private Deadline deadline() {
        return Deadline.after(time);
    }
}
