package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/** What {@link SandboxFiles} does, with paths as text: their UTF-8 bytes are meant. */
abstract sealed class TextPathFiles permits SandboxFiles {
    TextPathFiles() {
    }

    /** This, as the one class that it is. */
    abstract SandboxFiles files();

    /**
     * Looks at a file, through symbolic links.
     *
     * @param path which
     * @return what there is to say of it
     * @throws SandboxException     when there is none, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public FileInfo stat(final String path) throws SandboxException, InterruptedException {
        return files().stat(ByteString.of(path));
    }

    /**
     * Looks at a file, or at a symbolic link itself.
     *
     * @param path which
     * @return what there is to say of it
     * @throws SandboxException     when there is none, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public FileInfo linkStat(final String path) throws SandboxException, InterruptedException {
        return files().linkStat(ByteString.of(path));
    }

    /**
     * Tells whether there is such a file; of a symbolic link, whether there is what it leads to.
     *
     * @param path which
     * @return false when the sandbox says that there is none
     * @throws SandboxException     when it cannot tell, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public boolean exists(final String path) throws SandboxException, InterruptedException {
        return files().exists(ByteString.of(path));
    }

    /**
     * Lists a directory, one level, without {@code .} and {@code ..}, in no order. Symbolic links are told as such.
     *
     * @param path which
     * @return its entries
     * @throws SandboxException     when it cannot be listed or has more than {@link SandboxFiles#LIST_LIMIT} entries
     * @throws InterruptedException when this thread is interrupted
     */
    public List<FileInfo> list(final String path) throws SandboxException, InterruptedException {
        return files().list(ByteString.of(path));
    }

    /**
     * Opens a directory, to list it a page at a time in bounded memory.
     *
     * @param path which
     * @return the directory, to be closed
     * @throws SandboxException     when it cannot be opened, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public DirectoryHandle openDirectory(final String path) throws SandboxException, InterruptedException {
        return files().openDirectory(ByteString.of(path));
    }

    /**
     * Opens a file.
     *
     * @param path    which
     * @param options how
     * @return the file, to be closed
     * @throws SandboxException     when it cannot be opened so, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public FileHandle open(final String path, final OpenOptions options) throws SandboxException, InterruptedException {
        return files().open(ByteString.of(path), options);
    }

    /**
     * Reads a whole file.
     *
     * @param path which
     * @return its content
     * @throws SandboxException     when it cannot be read or is longer than {@link SandboxFiles#READ_LIMIT}
     * @throws InterruptedException when this thread is interrupted
     */
    public byte[] read(final String path) throws SandboxException, InterruptedException {
        return files().read(ByteString.of(path));
    }

    /**
     * Reads a whole file as text.
     *
     * @param path which
     * @return its content, decoded as UTF-8, with U+FFFD for what is not
     * @throws SandboxException     when it cannot be read or is longer than {@link SandboxFiles#READ_LIMIT}
     * @throws InterruptedException when this thread is interrupted
     */
    public String readString(final String path) throws SandboxException, InterruptedException {
        return files().readString(ByteString.of(path));
    }

    /**
     * Opens a file to be read as a stream; otherwise as {@link SandboxFiles#newInputStream(ByteString)}.
     *
     * @param path which
     * @return the stream, to be closed
     * @throws SandboxException     when it cannot be opened, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public InputStream newInputStream(final String path) throws SandboxException, InterruptedException {
        return files().newInputStream(ByteString.of(path));
    }

    /**
     * Writes a whole file; it is made when it is not there, and its former content replaced when it is.
     *
     * @param path    which
     * @param content what is to be in it
     * @throws SandboxException     when it cannot be written, or as said of {@link SandboxFiles}; part of it may be there
     * @throws InterruptedException when this thread is interrupted
     */
    public void write(final String path, final byte... content) throws SandboxException, InterruptedException {
        files().write(ByteString.of(path), content);
    }

    /**
     * Opens a file to be written as a stream; it is made when it is not there, and its former content replaced when it is.
     *
     * @param path which
     * @return the stream, to be closed, as {@link SandboxFiles#newOutputStream(ByteString, WriteOptions)}
     * @throws SandboxException     when it cannot be opened, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public OutputStream newOutputStream(final String path) throws SandboxException, InterruptedException {
        return files().newOutputStream(ByteString.of(path), WriteOptions.DEFAULT);
    }

    /**
     * Opens a file to be written as a stream.
     *
     * @param path    which
     * @param options how
     * @return the stream, to be closed, as {@link SandboxFiles#newOutputStream(ByteString, WriteOptions)}
     * @throws SandboxException     when it cannot be opened so, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public OutputStream newOutputStream(final String path, final WriteOptions options) throws SandboxException, InterruptedException {
        return files().newOutputStream(ByteString.of(path), options);
    }

    /**
     * Makes a directory, with those above it; it is well when it is there.
     *
     * @param path which
     * @throws SandboxException     when it cannot be made, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public void createDirectories(final String path) throws SandboxException, InterruptedException {
        files().createDirectories(ByteString.of(path));
    }

    /**
     * Makes a directory, with those above it, and gives it permission bits, also when it was there before.
     *
     * @param path which
     * @param mode 0 to 07777
     * @throws SandboxException     when it cannot be made, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public void createDirectories(final String path, final int mode) throws SandboxException, InterruptedException {
        files().createDirectories(ByteString.of(path), mode);
    }

    /**
     * Removes a file or symbolic link.
     *
     * @param path which
     * @throws SandboxException     when it cannot be removed, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public void remove(final String path) throws SandboxException, InterruptedException {
        files().remove(ByteString.of(path));
    }

    /**
     * Removes a directory.
     *
     * @param path      which
     * @param recursive with everything in it; else it has to be empty
     * @throws SandboxException     when it cannot be removed, or as said of {@link SandboxFiles}; part of it may be gone
     * @throws InterruptedException when this thread is interrupted
     */
    public void removeDirectory(final String path, final boolean recursive) throws SandboxException, InterruptedException {
        files().removeDirectory(ByteString.of(path), recursive);
    }

    /**
     * Copies a regular file, with its permission bits, within the sandbox.
     *
     * @param source      which
     * @param destination where to; replaced when it is there
     * @throws SandboxException     when it cannot be copied, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public void copy(final String source, final String destination) throws SandboxException, InterruptedException {
        files().copy(ByteString.of(source), ByteString.of(destination));
    }

    /**
     * Renames a file or directory, as rename(2) does.
     *
     * @param source      which
     * @param destination its new path
     * @throws SandboxException     when it cannot be renamed, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public void rename(final String source, final String destination) throws SandboxException, InterruptedException {
        files().rename(ByteString.of(source), ByteString.of(destination));
    }

    /**
     * Makes a symbolic link. Replaces nothing.
     *
     * @param target what it is to lead to
     * @param link   its own path
     * @throws SandboxException     when it cannot be made, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public void symlink(final String target, final String link) throws SandboxException, InterruptedException {
        files().symlink(ByteString.of(target), ByteString.of(link));
    }

    /**
     * Tells what a symbolic link leads to, as it stands in the link.
     *
     * @param link which
     * @return the link's text
     * @throws SandboxException     when it is none, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public ByteString readLink(final String link) throws SandboxException, InterruptedException {
        return files().readLink(ByteString.of(link));
    }

    /**
     * The path of a file without symbolic links and dots. Its last component need not be there.
     *
     * @param path which
     * @return the path from the root
     * @throws SandboxException     when there is none, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public ByteString realPath(final String path) throws SandboxException, InterruptedException {
        return files().realPath(ByteString.of(path));
    }

    /**
     * Changes what is said of a file: first its length, then mode, owner and times. Those before one that fails stay changed.
     *
     * @param path       which
     * @param attributes what is to change
     * @throws SandboxException     when it cannot be changed, or as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public void setAttributes(final String path, final FileAttributes attributes) throws SandboxException, InterruptedException {
        files().setAttributes(ByteString.of(path), attributes);
    }

    /**
     * Copies a file or tree from the host to the sandbox; otherwise as {@link SandboxFiles#copyToSandbox(Path, ByteString, CopyOptions)}.
     *
     * @param source      on the host
     * @param destination in the sandbox; the directory that it is to be in has to be there
     * @param options     how
     * @return what was done
     * @throws SandboxException     as there
     * @throws InterruptedException as there
     */
    public CopyResult copyToSandbox(final Path source, final String destination, final CopyOptions options)
        throws SandboxException, InterruptedException {
        return files().copyToSandbox(source, ByteString.of(destination), options);
    }

    /**
     * Copies a file or tree from the sandbox to the host; otherwise as {@link SandboxFiles#copyToHost(ByteString, Path, CopyOptions)}.
     *
     * @param source      in the sandbox
     * @param destination on the host; the directory that it is to be in has to be there
     * @param options     how
     * @return what was done
     * @throws SandboxException     as there
     * @throws InterruptedException as there
     */
    public CopyResult copyToHost(final String source, final Path destination, final CopyOptions options)
        throws SandboxException, InterruptedException {
        return files().copyToHost(ByteString.of(source), destination, options);
    }
}
