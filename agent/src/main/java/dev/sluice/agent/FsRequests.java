package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.agent.files.FileOperations;
import dev.sluice.agent.files.FileRoot;
import dev.sluice.agent.files.Opened;
import dev.sluice.agent.files.OpenedDirectory;
import dev.sluice.agent.files.OpenedFile;
import dev.sluice.ffi.Errno;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsRequest;
import dev.sluice.protocol.FsResponseData;
import dev.sluice.protocol.LegacyFsRequest;
import java.util.function.Consumer;

/**
 * Makes sessions of requests: which operation becomes what work, and what its failures are put down to. Source of the texts: relay
 * protocol, generation 7, section 5.5.
 *
 * <p>One owner thread; the work runs on others.
 */
final class FsRequests {
    /** Entries that one answer to ReadDir brings when the client names no number. */
    private static final int READ_DIR_DEFAULT = 128;
    /** Bytes of entries in one answer to ReadDir at most, whatever number the client names. */
    private static final long READ_DIR_BYTES = 1024 * 1024;
    /** What a list may take by an estimate that is never too low; what fits nevertheless is given as well. */
    private static final long LIST_BYTES = FrameDescriptor.MAX_BODY_LENGTH - 1024L;

    private final FsService service;
    private final FsHandles handles;
    private final FileOperations operations;

    /** Opens something; on another thread. */
    @FunctionalInterface
    private interface Opening {
        Opened open() throws FileException;
    }

    FsRequests(final FsService service, final FsHandles handles, final FileRoot root, final boolean atomicWrites) {
        this.service = service;
        this.handles = handles;
        this.operations = new FileOperations(root, atomicWrites);
    }

    // Generation 1.

    void begin(final int id, final LegacyFsRequest request) {
        try {
            FsPaths.check(request);
        } catch (final FileException e) {
            service.refuse(id, e.getMessage(), request.op() == LegacyFsRequest.Op.WRITE);
            return;
        }
        final ByteString path = request.path();
        switch (request.op()) {
            case STAT -> call(id, "stat", () -> new FsResponseData.Stat(operations.stat(path, false)));
            case LIST -> call(id, "readdir", () -> new FsResponseData.List(operations.list(path, LIST_BYTES)));
            case READ -> readPath(id, path);
            case WRITE -> writePath(id, path, request.mode() == null ? null : request.mode().intValue());
            case MKDIR -> call(id, null, () -> {
                operations.makeDirectories(path, null);
                return null;
            });
            case REMOVE -> remove(id, path);
            case REMOVE_DIR -> removeDirectory(id, path, true);
            case COPY -> copy(id, path, request.destination(), true);
            case RENAME -> rename(id, path, request.destination(), true);
            default -> throw new AssertionError(request.op());
        }
    }

    private void readPath(final int id, final ByteString path) {
        final FsReadStream stream = new FsReadStream(service, id, SendWindow.UNLIMITED);
        service.began(stream);
        open(stream, () -> operations.openToRead(path), "open", file -> stream.start(
            (OpenedFile) file, 0, null, () -> service.discard(stream.band(), file)));
    }

    private void writePath(final int id, final ByteString path, final Integer mode) {
        final FsWriteStream stream = new FsWriteStream(service, id, null);
        service.began(stream);
        open(stream, () -> operations.openToWrite(path, mode), null, opened -> {
            final OpenedFile file = (OpenedFile) opened;
            final boolean[] closed = new boolean[1];
            stream.start(file, 0, null, () -> {
                closed[0] = true;
                close(stream, file, "flush");
            }, () -> {
                if (!closed[0]) {
                    service.discard(stream.band(), file);
                }
            });
        });
    }

    // Generation 7.

    void begin(final int id, final FsRequest request) {
        try {
            FsPaths.check(request.op());
            switch (request.op()) {
                case final FsOp.RealPath op -> call(id, "realpath", () -> new FsResponseData.Path(operations.realPath(op.path())));
                case final FsOp.Stat op ->
                    call(id, "stat", () -> new FsResponseData.Stat(operations.stat(op.path(), op.followSymlink())));
                case final FsOp.SetStat op -> call(id, "setstat", () -> {
                    operations.setAttributes(op.path(), op.followSymlink(), op.attrs());
                    return null;
                });
                case final FsOp.List op ->
                    call(id, "readdir", () -> new FsResponseData.List(operations.list(op.path(), LIST_BYTES)));
                case final FsOp.ReadLink op -> call(id, "readlink", () -> new FsResponseData.Path(operations.readLink(op.path())));
                case final FsOp.Symlink op -> call(id, "symlink", () -> {
                    operations.symlink(op.target(), op.linkPath());
                    return null;
                });
                case final FsOp.Mkdir op -> call(id, null, () -> {
                    operations.makeDirectories(op.path(), op.mode() == null ? null : op.mode().intValue());
                    return null;
                });
                case final FsOp.Remove op -> remove(id, op.path());
                case final FsOp.RemoveDir op -> removeDirectory(id, op.path(), op.recursive());
                case final FsOp.Copy op -> copy(id, op.src(), op.dst(), false);
                case final FsOp.Rename op -> rename(id, op.src(), op.dst(), false);
                case final FsOp.OpenFile op -> openHandle(id, "open", () -> operations.openFile(op.path(), op.options()), "open");
                case final FsOp.OpenDir op -> openHandle(id, "opendir", () -> operations.openDirectory(op.path()), null);
                case final FsOp.CloseHandle op -> closeHandle(id, op);
                case final FsOp.Read op -> read(id, op, request.sluiceWindow());
                case final FsOp.Write op -> write(id, op, request.sluiceWindow());
                case final FsOp.ReadDir op -> readDirectory(id, op);
                case final FsOp.FStat op -> {
                    final FsHandle handle = handle(op.handle(), id, "fstat");
                    use(id, handle, "fstat", () -> new FsResponseData.Stat(handle.opened().entry()));
                }
                case final FsOp.FSetStat op -> setAttributes(id, op);
            }
        } catch (final FileException e) {
            service.refuse(id, e.getMessage(), request.op() instanceof FsOp.Write);
        }
    }

    // What both have.

    private void call(final int id, final String step, final FsCall.Work work) {
        final FsCall call = new FsCall(service, id);
        service.began(call);
        call.start(step, work, () -> { });
    }

    private void remove(final int id, final ByteString path) {
        call(id, "remove", () -> {
            operations.remove(path);
            return null;
        });
    }

    private void removeDirectory(final int id, final ByteString path, final boolean recursive) {
        call(id, "remove_dir", () -> {
            operations.removeDirectory(path, recursive);
            return null;
        });
    }

    private void copy(final int id, final ByteString source, final ByteString target, final boolean makeParents) {
        final FsCall call = new FsCall(service, id);
        service.began(call);
        call.start("copy", () -> {
            if (makeParents) {
                operations.makeParents(target);
            }
            operations.copy(source, target, call::isAbandoned);
            return null;
        }, () -> { });
    }

    private void rename(final int id, final ByteString source, final ByteString target, final boolean makeParents) {
        call(id, "rename", () -> {
            if (makeParents) {
                operations.makeParents(target);
            }
            operations.rename(source, target);
            return null;
        });
    }

    // Handles.

    private FsHandle handle(final long number, final int id, final String step) throws FileException {
        try {
            return handles.get(number, id);
        } catch (final FileException e) {
            throw e.during(step);
        }
    }

    private void use(final int id, final FsHandle handle, final String step, final FsCall.Work work) {
        handle.use();
        final FsCall call = new FsCall(service, id);
        service.began(call);
        call.start(step, work, handle::unuse);
    }

    private void openHandle(final int id, final String what, final Opening opening, final String step) throws FileException {
        try {
            handles.reserve(id);
        } catch (final FileException e) {
            throw e.during(what);
        }
        final FsCall call = new FsCall(service, id);
        service.began(call);
        open(call, opening, step, opened -> {
            final FsHandle handle = handles.add(id, opened);
            call.respond(FsAnswers.ok(id, new FsResponseData.Handle(handle.number())));
        }, () -> handles.unreserve(id));
    }

    private void closeHandle(final int id, final FsOp.CloseHandle op) throws FileException {
        final FsHandle handle = handle(op.handle(), id, "close");
        handles.remove(handle);
        final FsCall call = new FsCall(service, id);
        service.began(call);
        final boolean streams = handle.isInUse();
        if (streams && !(handle.opened() instanceof OpenedFile file && file.isReplacement())) {
            // A stream that is under way goes on to its end, and so does the file; the client need not wait for that.
            service.discard(handle);
            call.respond(FsAnswers.ok(id, null));
        } else {
            handle.whenUnused(() -> close(call, handle.opened(), "close"));
        }
    }

    private void close(final FsSession session, final Opened opened, final String step) {
        session.submit(() -> {
            final byte[] frame = FsAnswers.encode(session.id(), step, () -> {
                opened.close();
                return null;
            });
            service.deliver(() -> {
                session.jobDone();
                session.respond(frame);
            });
        }, () -> service.pool().submit(session.band(), opened::discard));
    }

    private void read(final int id, final FsOp.Read op, final long window) throws FileException {
        final FsHandle handle = handle(op.handle(), id, "read");
        final OpenedFile file;
        try {
            file = FsHandles.readable(handle);
        } catch (final FileException e) {
            throw e.during("read");
        }
        checkOffset(op.offset());
        handle.use();
        final FsReadStream stream = new FsReadStream(service, id, window == 0 ? SendWindow.UNLIMITED : window);
        service.began(stream);
        stream.start(file, op.offset(), op.len(), handle::unuse);
    }

    private void write(final int id, final FsOp.Write op, final long window) throws FileException {
        final FsHandle handle = handle(op.handle(), id, "write");
        final OpenedFile file;
        try {
            file = FsHandles.writable(handle);
        } catch (final FileException e) {
            throw e.during("write");
        }
        checkOffset(op.offset());
        handle.use();
        final FsWriteStream stream = new FsWriteStream(service, id, window == 0 ? null : service.receiveWindow());
        service.began(stream);
        stream.start(file, op.offset(), op.len(), () -> stream.respond(FsAnswers.ok(id, null)), handle::unuse);
    }

    private static void checkOffset(final long offset) throws FileException {
        if (offset < 0) {
            throw new FileException(Errno.EINVAL).during("seek");
        }
    }

    private void readDirectory(final int id, final FsOp.ReadDir op) throws FileException {
        final FsHandle handle = handle(op.handle(), id, "readdir");
        final OpenedDirectory directory;
        try {
            directory = FsHandles.directory(handle);
        } catch (final FileException e) {
            throw e.during("readdir");
        }
        final int limit = op.limit() == null ? READ_DIR_DEFAULT : (int) Math.max(1, Math.min(op.limit(), Integer.MAX_VALUE));
        handle.use();
        final FsCall call = new FsCall(service, id);
        service.began(call);
        final Runnable onDone = () -> {
            handle.nextTurn();
            handle.unuse();
        };
        handle.inTurn(() -> {
            if (call.isOver()) {
                onDone.run();
            } else {
                call.start("readdir", () -> new FsResponseData.List(directory.next(limit, READ_DIR_BYTES)), onDone);
            }
        });
    }

    private void setAttributes(final int id, final FsOp.FSetStat op) throws FileException {
        final FsHandle handle = handle(op.handle(), id, "fsetstat");
        final OpenedFile file;
        try {
            file = FsHandles.file(handle);
        } catch (final FileException e) {
            throw e.during("fsetstat");
        }
        use(id, handle, "fsetstat", () -> {
            file.setAttributes(op.attrs());
            return null;
        });
    }

    // Opening.

    private void open(
        final FsSession session, final Opening opening, final String step, final Consumer<Opened> onOpened) {
        open(session, opening, step, onOpened, () -> { });
    }

    private void open(
        final FsSession session, final Opening opening, final String step, final Consumer<Opened> onOpened,
        final Runnable onFailed) {
        session.submit(() -> {
            final Opened opened;
            try {
                opened = opening.open();
            } catch (final FileException e) {
                notOpened(session, (step == null ? e : e.during(step)).getMessage(), onFailed);
                return;
            } catch (final RuntimeException | Error e) {
                notOpened(session, "agent error: " + e, onFailed);
                return;
            }
            final boolean delivered = service.deliver(() -> {
                session.jobDone();
                if (session.isOver()) {
                    onFailed.run();
                    service.pool().submit(session.band(), opened::discard);
                } else {
                    onOpened.accept(opened);
                }
            });
            if (!delivered) {
                opened.discard();
            }
        }, onFailed);
    }

    private void notOpened(final FsSession session, final String error, final Runnable onFailed) {
        final byte[] frame = FsAnswers.error(session.id(), error);
        service.deliver(() -> {
            session.jobDone();
            onFailed.run();
            session.respond(frame);
        });
    }
}
