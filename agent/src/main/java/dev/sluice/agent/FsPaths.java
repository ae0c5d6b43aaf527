package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.ffi.Errno;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.LegacyFsRequest;

/** Refuses paths that are too long for the system before requests with them wait for a thread, so that what waits is small. */
final class FsPaths {
    /** Source: PATH_MAX of linux/limits.h, without the NUL. */
    private static final int MAX_LENGTH = 4095;

    private FsPaths() {
    }

    /** @throws FileException in the words that the operation itself would fail with */
    static void check(final FsOp op) throws FileException {
        switch (op) {
            case final FsOp.RealPath one -> check("realpath", one.path());
            case final FsOp.Stat one -> check("stat", one.path());
            case final FsOp.SetStat one -> check("setstat", one.path());
            case final FsOp.List one -> check("readdir", one.path());
            case final FsOp.ReadLink one -> check("readlink", one.path());
            case final FsOp.Symlink one -> check("symlink", one.target(), one.linkPath());
            case final FsOp.Mkdir one -> check("mkdir", one.path());
            case final FsOp.Remove one -> check("remove", one.path());
            case final FsOp.RemoveDir one -> check("remove_dir", one.path());
            case final FsOp.Copy one -> check("copy", one.src(), one.dst());
            case final FsOp.Rename one -> check("rename", one.src(), one.dst());
            case final FsOp.OpenFile one -> check("open", one.path());
            case final FsOp.OpenDir one -> check("opendir", one.path());
            default -> { }
        }
    }

    /** @throws FileException in the words that the operation itself would fail with */
    static void check(final LegacyFsRequest request) throws FileException {
        final String step = switch (request.op()) {
            case STAT -> "stat";
            case LIST -> "readdir";
            case READ -> "open";
            case WRITE, MKDIR -> "mkdir";
            case REMOVE -> "remove";
            case REMOVE_DIR -> "remove_dir";
            case COPY -> "copy";
            case RENAME -> "rename";
        };
        check(step, request.path());
        if (request.destination() != null) {
            check(step, request.destination());
        }
    }

    private static void check(final String step, final ByteString... paths) throws FileException {
        for (final ByteString path : paths) {
            if (path.length() > MAX_LENGTH) {
                throw new FileException(Errno.ENAMETOOLONG).during(step);
            }
        }
    }
}
