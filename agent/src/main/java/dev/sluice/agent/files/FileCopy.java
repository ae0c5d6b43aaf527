package dev.sluice.agent.files;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/** Copies one regular file with its permission bits. Any number of threads. */
final class FileCopy {
    private static final int BUFFER_LENGTH = 256 * 1024;

    private final FileRoot root;
    private final FileOpening opening;

    FileCopy(final FileRoot root, final FileOpening opening) {
        this.root = root;
        this.opening = opening;
    }

    /** @param cancelled asked now and then; the copy is left as far as it is when nobody wants it any more */
    void copy(final ByteString source, final ByteString target, final BooleanSupplier cancelled) throws FileException {
        final FileSystem system = root.system();
        final FileStatus status;
        final int in;
        try (GuardedOpen.Found found = opening.guarded().find(source, 0)) {
            status = found.status();
            if (!status.isRegular()) {
                throw new FileException("the source path is neither a regular file nor a symlink to a regular file");
            }
            in = found.open(Linux.O_RDONLY);
        }
        try {
            refuseSame(target, status);
            final OpenedFile out =
                opening.open(target, Linux.O_WRONLY | Linux.O_CREAT | Linux.O_TRUNC, status.mode() & FileStatus.PERMISSIONS);
            boolean complete = false;
            try {
                copyBytes(in, out, status, cancelled);
                complete = true;
            } finally {
                if (!complete) {
                    out.discard();
                }
            }
            out.close();
        } finally {
            system.closeQuietly(in);
        }
    }

    /** Opening it to be written would empty it. */
    private void refuseSame(final ByteString target, final FileStatus source) throws FileException {
        final int fd;
        try {
            fd = root.open(target, Linux.O_PATH, 0);
        } catch (final FileException e) {
            // Not there, most likely; whatever else it is comes up again when it is opened.
            return;
        }
        try {
            if (root.system().status(fd).isSame(source)) {
                throw new FileException("source and destination are the same file");
            }
        } finally {
            root.system().closeQuietly(fd);
        }
    }

    private void copyBytes(final int in, final OpenedFile out, final FileStatus status, final BooleanSupplier cancelled)
        throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(BUFFER_LENGTH);
            long position = 0;
            while (true) {
                final long count = FileSystem.checked(
                    root.system().posix().pread(in, buffer.address(), BUFFER_LENGTH, position));
                if (count == 0) {
                    break;
                }
                FileSystem.checked(out.write(buffer.address(), count, position));
                position += count;
                if (cancelled.getAsBoolean()) {
                    throw new FileException("cancelled");
                }
            }
        }
        out.setMode(status.mode());
    }
}
