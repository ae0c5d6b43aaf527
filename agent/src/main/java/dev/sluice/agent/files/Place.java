package dev.sluice.agent.files;

import dev.sluice.ffi.Errno;
import dev.sluice.protocol.ByteString;

/**
 * A name in a directory that is held open, whether or not something has that name. One owner.
 *
 * @param system the calls
 * @param directory descriptor of the directory, owned
 * @param name one name, without a slash
 * @param slash whether only a directory may be meant
 */
record Place(FileSystem system, int directory, ByteString name, boolean slash) implements AutoCloseable {
    /** @return what has the name; a link is not followed */
    FileStatus status() throws FileException {
        return system.status(directory, name);
    }

    /** Refuses a name with a slash behind it of what is no directory. */
    void checkSlash() throws FileException {
        if (slash && !status().isDirectory()) {
            throw new FileException(Errno.ENOTDIR);
        }
    }

    @Override
    public void close() {
        system.closeQuietly(directory);
    }
}
