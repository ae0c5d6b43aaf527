package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Tells text from binaries among the files that the kernel does not know how to execute. */
final class ScriptFile {
    /** As much as bash looks at. */
    private static final int SAMPLE_LENGTH = 80;

    private ScriptFile() {
    }

    /**
     * Looks into a file.
     *
     * @param posix the calls
     * @param path of the file
     * @return whether a shell may try to run it: no byte of its first line is NUL
     */
    static boolean isScript(final Posix posix, final ByteString path) {
        final int fd;
        try {
            fd = posix.open(path.toByteArray(), Linux.O_RDONLY | Linux.O_NONBLOCK | Linux.O_NOCTTY | Linux.O_CLOEXEC, 0);
        } catch (final PosixException e) {
            // Then the shell could not read it either, or could for all we know.
            return true;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment sample = arena.allocate(SAMPLE_LENGTH);
            final long length = posix.read(fd, sample.address(), SAMPLE_LENGTH);
            for (long i = 0; i < length && sample.get(ValueLayout.JAVA_BYTE, i) != '\n'; i++) {
                if (sample.get(ValueLayout.JAVA_BYTE, i) == 0) {
                    return false;
                }
            }
            return length >= 0;
        } finally {
            posix.closeQuietly(fd);
        }
    }
}
