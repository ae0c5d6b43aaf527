package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsEntryInfo;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsOpenOptions;
import dev.sluice.protocol.FsRequest;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.FsResponseData;
import dev.sluice.protocol.LegacyFsRequest;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Sends requests to the sandbox's file system over one connection, in the form that its agent knows, and makes sense of the responses.
 * Thread safe.
 */
final class FileRequests {
    /** Entries of a directory that are asked for at once: with the longest paths there are, they fit a frame. */
    static final int PAGE_LENGTH = 512;

    private static final int READING_STREAMS = 1;
    private static final String WAITS_FOR_WRITE = "the agent to write what it was sent";

    private final Link link;

    FileRequests(final Link link) {
        this.link = link;
    }

    /** Makes the sink of the content that a request brings. */
    @FunctionalInterface
    interface SinkFactory<T extends OutputSink> {
        /** Makes a sink with that window, which tells the other how many bytes to grant; must not wait. */
        T create(ReceiveWindow window, IntConsumer grants);
    }

    /**
     * A request that brings content.
     *
     * @param <T>     where that goes
     * @param session the request
     * @param sink    where its content goes
     */
    record Reading<T extends OutputSink>(FileSession session, T sink) implements SessionHandler {
        @Override
        public boolean onFrame(final IncomingFrame frame) throws ProtocolException {
            return session.onFrame(frame);
        }

        @Override
        public void onFailed(final Supplier<SandboxException> failure) {
            session.onFailed(failure);
        }

        @Override
        public SandboxException failure(final String text) {
            return session.failure(text);
        }
    }

    /**
     * A request that takes content.
     *
     * @param request its id
     * @param session the request
     * @param window  what the agent takes of the content
     * @param aborts  whether the agent lets it fail when it is sent data that cannot be decoded
     */
    record Writing(Session request, FileSession session, SendWindow window, boolean aborts) {
    }

    /** Tells whether the agent has handles; one of before release 0.5.0 has operations on paths alone. */
    boolean hasHandles() {
        return !link.peer().legacy();
    }

    FileInfo stat(final ByteString path, final boolean followLinks, final Deadline deadline) throws SandboxException, InterruptedException {
        return info(new FileTask(followLinks ? "stat" : "link stat", path), new FsOp.Stat(path, followLinks), deadline);
    }

    void makeDirectory(final ByteString path, final Long mode, final Deadline deadline) throws SandboxException, InterruptedException {
        run(new FileTask("create directory", path), new FsOp.Mkdir(path, mode), deadline);
    }

    void remove(final ByteString path, final Deadline deadline) throws SandboxException, InterruptedException {
        run(new FileTask("remove", path), new FsOp.Remove(path), deadline);
    }

    void removeDirectory(final ByteString path, final boolean recursive, final Deadline deadline)
        throws SandboxException, InterruptedException {
        run(new FileTask("remove directory", path), new FsOp.RemoveDir(path, recursive), deadline);
    }

    void copy(final ByteString source, final ByteString destination, final Deadline deadline)
        throws SandboxException, InterruptedException {
        run(new FileTask("copy to " + destination, source), new FsOp.Copy(source, destination), deadline);
    }

    void rename(final ByteString source, final ByteString destination, final Deadline deadline)
        throws SandboxException, InterruptedException {
        run(new FileTask("rename to " + destination, source), new FsOp.Rename(source, destination), deadline);
    }

    /** Does something that brings nothing. */
    void run(final FileTask task, final FsOp op, final Deadline deadline) throws SandboxException, InterruptedException {
        call(task, op, deadline);
    }

    /** Asks for what there is to say of a file. */
    FileInfo info(final FileTask task, final FsOp op, final Deadline deadline) throws SandboxException, InterruptedException {
        if (call(task, op, deadline) instanceof FsResponseData.Stat stat) {
            return info(task, stat.entry());
        }
        throw mismatch(task);
    }

    /** Asks for a path. */
    ByteString path(final FileTask task, final FsOp op, final Deadline deadline) throws SandboxException, InterruptedException {
        if (call(task, op, deadline) instanceof FsResponseData.Path path) {
            return path.path();
        }
        throw mismatch(task);
    }

    /** Asks for entries of a directory. */
    List<FileInfo> entries(final FileTask task, final FsOp op, final Deadline deadline) throws SandboxException, InterruptedException {
        if (call(task, op, deadline) instanceof FsResponseData.List list) {
            final List<FileInfo> entries = new ArrayList<>(list.entries().size());
            for (final FsEntryInfo entry : list.entries()) {
                entries.add(info(task, entry));
            }
            return entries;
        }
        throw mismatch(task);
    }

    /**
     * Lists a directory.
     *
     * @param limit most entries; more are a failure
     * @param time  for each answer
     */
    List<FileInfo> list(final ByteString path, final int limit, final Duration time) throws SandboxException, InterruptedException {
        final FileTask task = new FileTask("list", path);
        if (!hasHandles()) {
            return entries(task, new FsOp.List(path), Deadline.after(time));
        }
        final List<FileInfo> all = new ArrayList<>();
        try (DirectoryHandle directory = new DirectoryHandle(this, path, time)) {
            List<FileInfo> page = directory.next(PAGE_LENGTH);
            while (!page.isEmpty()) {
                if (all.size() + page.size() > limit) {
                    throw new FileOperationException(task, "the directory has more than " + limit + " entries");
                }
                all.addAll(page);
                page = directory.next(PAGE_LENGTH);
            }
        }
        return all;
    }

    /** Opens a file. */
    RemoteHandle open(final ByteString path, final FsOpenOptions options, final Deadline deadline)
        throws SandboxException, InterruptedException {
        return open(new FileTask("open", path), new FsOp.OpenFile(path, options), deadline);
    }

    /** Opens what there is a handle for; a handle that comes too late is closed. */
    RemoteHandle open(final FileTask task, final FsOp op, final Deadline deadline) throws SandboxException, InterruptedException {
        final FileSession session = start(task, op, deadline);
        boolean answered = false;
        try {
            final FsResponseData data = session.awaitResponse(deadline);
            answered = true;
            if (data instanceof FsResponseData.Handle opened) {
                return new RemoteHandle(this, task.path(), opened.handle());
            }
        } finally {
            if (!answered) {
                session.abandon(handle -> closeLater(task.path(), handle));
            }
        }
        throw mismatch(task);
    }

    /** Opens a file to read it from its beginning. */
    FileSource openForReading(final ByteString path, final Duration time) throws SandboxException, InterruptedException {
        if (hasHandles()) {
            return new FileSource(this, open(path, OpenOptions.read().flags(), Deadline.after(time)), 0, time);
        }
        return new FileSource(this, readPath(path, StreamedOutput::new, Deadline.after(time)), path, time);
    }

    /** Opens a file to write all of it. */
    FileTarget openForWriting(final ByteString path, final WriteOptions options, final Duration time)
        throws SandboxException, InterruptedException {
        if (hasHandles()) {
            return openForWriting(open(path, options.flags(), Deadline.after(time)), time);
        }
        if (options.needsHandle()) {
            throw new UnsupportedOperationInSandboxException(MessageType.FS_REQUEST, link.peer().generation());
        }
        return new FileTarget(null, writePath(path, options.mode(), Deadline.after(time)), time);
    }

    /** Begins to write all of an open file; owns the handle, also when it fails. */
    FileTarget openForWriting(final RemoteHandle handle, final Duration time) throws SandboxException, InterruptedException {
        boolean begun = false;
        try {
            final FileTarget target = new FileTarget(handle, write(handle, 0, null, Deadline.after(time)), time);
            begun = true;
            return target;
        } finally {
            if (!begun) {
                handle.closeLater();
            }
        }
    }

    /** Closes a handle without waiting; if the connection is lost, the sandbox closes it by itself. */
    void closeLater(final ByteString path, final long handle) {
        final FileSession session = new FileSession(new FileTask("close", path), FileRequests::response, null, null);
        final FsRequest request = new FsRequest(new FsOp.CloseHandle(handle));
        // What is done on the way out of an interrupted call has to be done all the same.
        boolean interrupted = Thread.interrupted();
        try {
            link.open((made, window) -> session, made -> made.controls().post(request), Deadline.after(Duration.ZERO));
        } catch (final SandboxException e) {
            // Lost with its connection, or one of so many that it has to wait for the connection's end.
            return;
        } catch (final InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Asks for content of an open file.
     *
     * @param sinks    makes what the content goes to
     * @param deadline for room for one more session, and for its request
     */
    <T extends OutputSink> Reading<T> read(
        final RemoteHandle handle, final long offset, final long length, final SinkFactory<T> sinks, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final FsOp op = new FsOp.Read(handle.number(), offset, length);
        return link.<Reading<T>>open(
            MessageType.FS_REQUEST,
            READING_STREAMS,
            (made, window) -> reading(handle.task("read"), FileRequests::response, made, window, sinks),
            window -> new FsRequest(op, window),
            deadline).handler();
    }

    /** Asks an agent without handles for the content of a file. */
    <T extends OutputSink> Reading<T> readPath(final ByteString path, final SinkFactory<T> sinks, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final LegacyFsRequest request = new LegacyFsRequest(LegacyFsRequest.Op.READ, path, null, null);
        return link.<Reading<T>>open(
            (made, window) -> reading(new FileTask("read", path), LegacyFiles::response, made, window, sinks),
            made -> made.sendRequest(request, deadline),
            deadline).handler();
    }

    private <T extends OutputSink> Reading<T> reading(
        final FileTask task, final FileSession.ResponseForm form, final Session session, final int window, final SinkFactory<T> sinks) {
        final T sink = sinks.create(
            new ReceiveWindow(link.budget(), window), bytes -> session.controls().grant(WindowFrame.FROM_GUEST, bytes));
        return new Reading<>(new FileSession(task, form, sink, null), sink);
    }

    /**
     * Begins to send content to an open file.
     *
     * @param length   how much it will be, or null
     * @param deadline for room for one more session, and for its request
     */
    Writing write(final RemoteHandle handle, final long offset, final Long length, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final FsOp op = new FsOp.Write(handle.number(), offset, length);
        final SendWindow input = new SendWindow(MessageType.FS_DATA, link.sendWindow(), WAITS_FOR_WRITE);
        final OpenedSession<FileSession> opened = link.open(
            MessageType.FS_REQUEST,
            0,
            (made, window) -> new FileSession(handle.task("write"), FileRequests::response, null, input),
            window -> new FsRequest(op, window),
            deadline);
        return new Writing(opened.session(), opened.handler(), input, link.peer().hasWindows());
    }

    /** Begins to send content to an agent without handles. */
    Writing writePath(final ByteString path, final Long mode, final Deadline deadline) throws SandboxException, InterruptedException {
        final LegacyFsRequest request = new LegacyFsRequest(LegacyFsRequest.Op.WRITE, path, null, mode);
        final SendWindow input = new SendWindow(MessageType.FS_DATA, SendWindow.UNLIMITED, WAITS_FOR_WRITE);
        final OpenedSession<FileSession> opened = link.open(
            (made, window) -> new FileSession(new FileTask("write", path), LegacyFiles::response, null, input),
            made -> made.sendRequest(request, deadline),
            deadline);
        return new Writing(opened.session(), opened.handler(), input, false);
    }

    private FsResponseData call(final FileTask task, final FsOp op, final Deadline deadline) throws SandboxException, InterruptedException {
        return start(task, op, deadline).awaitResponse(deadline);
    }

    /** Sends a request without content. */
    FileSession start(final FileTask task, final FsOp op, final Deadline deadline) throws SandboxException, InterruptedException {
        if (hasHandles()) {
            return link.open(
                MessageType.FS_REQUEST,
                0,
                (made, window) -> new FileSession(task, FileRequests::response, null, null),
                window -> new FsRequest(op, window),
                deadline).handler();
        }
        final LegacyFsRequest request = LegacyFiles.request(op, link.peer().generation());
        return link.open(
            (made, window) -> new FileSession(task, LegacyFiles::response, null, null),
            made -> made.sendRequest(request, deadline),
            deadline).handler();
    }

    private static FsResponse response(final IncomingFrame frame) throws ProtocolException {
        return (FsResponse) frame.message();
    }

    private static FileInfo info(final FileTask task, final FsEntryInfo entry) throws FileOperationException {
        if (!FileInfo.isPossible(entry)) {
            throw new FileOperationException(task, "the agent told of a file whose path or name is longer than any can be");
        }
        return FileInfo.of(entry);
    }

    private static FileOperationException mismatch(final FileTask task) {
        return new FileOperationException(task, "the agent answered with something else than was asked for");
    }
}
