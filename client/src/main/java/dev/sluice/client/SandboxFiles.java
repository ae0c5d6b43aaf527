package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsSetAttrs;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The sandbox's file system. Thread safe; any number of operations at once.
 *
 * <p>Paths are bytes to Linux and to Sluice; where text is given, its UTF-8 bytes are meant. A relative path begins at the agent's working
 * directory, mostly {@code /}. Names that the sandbox tells are the sandbox's choice: a listing may bring any of them.
 *
 * <p>Every wait ends: each operation must be answered within the {@linkplain #withDeadline deadline}; a transfer may take as long as it
 * likes while something moves, and fails when nothing has moved for that time. What is interrupted or given up harms no other operation,
 * and the handle it used in the sandbox is closed.
 *
 * <p>Methods throw {@link FileOperationException} when the sandbox did not do it, {@link UnsupportedOperationInSandboxException} before
 * anything is sent when its agent is too old, {@link DeadlineExceededException} when it did not answer in time and
 * {@link ConnectionLostException} when the connection was lost; after the last two it may have been done or not. A path that is empty or
 * has a NUL is an {@link IllegalArgumentException}.
 */
public final class SandboxFiles extends TextPathFiles {
    /** How long the sandbox may take to answer unless told otherwise. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(30);
    /** How many bytes {@link #read(ByteString)} takes at most. */
    public static final int READ_LIMIT = 64 * 1024 * 1024;
    /** How many entries {@link #list(ByteString)} takes at most. */
    public static final int LIST_LIMIT = 1_000_000;

    private static final Set<String> ABSENT = Set.of("ENOENT", "ENOTDIR", "ELOOP", "");

    private final FileRequests requests;
    private final Duration time;

    SandboxFiles(final FileRequests requests, final Duration time) {
        this.requests = requests;
        this.time = time;
    }

    @Override
    SandboxFiles files() {
        return this;
    }

    /**
     * The same files with another deadline.
     *
     * @param deadline how long the sandbox may take for each answer, and how long a transfer may stand still; not negative
     * @return the view; this one stays as it is
     */
    public SandboxFiles withDeadline(final Duration deadline) {
        if (deadline.isNegative()) {
            throw new IllegalArgumentException("deadline: time=" + deadline);
        }
        return new SandboxFiles(requests, deadline);
    }

    /**
     * Looks at a file, through symbolic links.
     *
     * @param path which
     * @return what there is to say of it
     * @throws SandboxException     when there is none, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public FileInfo stat(final ByteString path) throws SandboxException, InterruptedException {
        return requests.stat(SandboxPath.checked(path), true, deadline());
    }

    /**
     * Looks at a file, or at a symbolic link itself.
     *
     * @param path which
     * @return what there is to say of it
     * @throws SandboxException     when there is none, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public FileInfo linkStat(final ByteString path) throws SandboxException, InterruptedException {
        return requests.stat(SandboxPath.checked(path), false, deadline());
    }

    /**
     * Tells whether there is such a file; of a symbolic link, whether there is what it leads to.
     *
     * @param path which
     * @return false when the sandbox says that there is none
     * @throws SandboxException     when it cannot tell, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public boolean exists(final ByteString path) throws SandboxException, InterruptedException {
        try {
            stat(path);
            return true;
        } catch (final FileOperationException e) {
            if (ABSENT.contains(e.errnoName())) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Lists a directory, one level, without {@code .} and {@code ..}, in no order. Symbolic links are told as such.
     *
     * @param path which
     * @return its entries
     * @throws SandboxException     when it cannot be listed or has more than {@link #LIST_LIMIT} entries, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public List<FileInfo> list(final ByteString path) throws SandboxException, InterruptedException {
        return requests.list(SandboxPath.checked(path), LIST_LIMIT, time);
    }

    /**
     * Opens a directory, to list it a page at a time in bounded memory.
     *
     * @param path which
     * @return the directory, to be closed
     * @throws SandboxException     when it cannot be opened, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public DirectoryHandle openDirectory(final ByteString path) throws SandboxException, InterruptedException {
        return new DirectoryHandle(requests, SandboxPath.checked(path), time);
    }

    /**
     * Opens a file.
     *
     * @param path    which
     * @param options how
     * @return the file, to be closed
     * @throws SandboxException     when it cannot be opened so, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public FileHandle open(final ByteString path, final OpenOptions options) throws SandboxException, InterruptedException {
        return FileHandle.open(requests, SandboxPath.checked(path), options.flags(), time);
    }

    /**
     * Reads a whole file.
     *
     * @param path which
     * @return its content
     * @throws SandboxException     when it cannot be read or is longer than {@link #READ_LIMIT}, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public byte[] read(final ByteString path) throws SandboxException, InterruptedException {
        return read(path, READ_LIMIT);
    }

    /**
     * Reads a whole file.
     *
     * @param path  which
     * @param limit how long it may be, in bytes
     * @return its content
     * @throws SandboxException     when it cannot be read or is longer than the limit, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public byte[] read(final ByteString path, final int limit) throws SandboxException, InterruptedException {
        if (limit < 0) {
            throw new IllegalArgumentException("limit: bytes=" + limit);
        }
        try (FileSource source = requests.openForReading(SandboxPath.checked(path), time)) {
            return WholeFile.read(source, limit);
        }
    }

    /**
     * Reads a whole file as text.
     *
     * @param path which
     * @return its content, decoded as UTF-8, with U+FFFD for what is not
     * @throws SandboxException     when it cannot be read or is longer than {@link #READ_LIMIT}, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public String readString(final ByteString path) throws SandboxException, InterruptedException {
        return new String(read(path), StandardCharsets.UTF_8);
    }

    /**
     * Opens a file to be read as a stream, for one thread at a time. What is not read is not sent: up to 448 KiB are under way. The end of
     * the stream is the end of the file; whatever else ends it is thrown by the read that meets it.
     *
     * @param path which
     * @return the stream, to be closed
     * @throws SandboxException     when it cannot be opened, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public InputStream newInputStream(final ByteString path) throws SandboxException, InterruptedException {
        return new FileInput(requests.openForReading(SandboxPath.checked(path), time));
    }

    /**
     * Writes a whole file; it is made when it is not there, and its former content replaced when it is.
     *
     * @param path    which
     * @param content what is to be in it
     * @throws SandboxException     when it cannot be written, or as said of this class; part of it may be there
     * @throws InterruptedException when this thread is interrupted
     */
    public void write(final ByteString path, final byte... content) throws SandboxException, InterruptedException {
        write(path, WriteOptions.DEFAULT, content);
    }

    /**
     * Writes a whole file.
     *
     * @param path    which
     * @param options how
     * @param content what is to be in it
     * @throws SandboxException     when it cannot be written, or as said of this class; part of it may be there
     * @throws InterruptedException when this thread is interrupted
     */
    public void write(final ByteString path, final WriteOptions options, final byte... content)
        throws SandboxException, InterruptedException {
        try (FileTarget target = requests.openForWriting(SandboxPath.checked(path), options, time)) {
            target.write(content, 0, content.length);
            target.finish();
        }
    }

    /**
     * Opens a file to be written as a stream, for one thread at a time. Unbuffered: a write returns when all of it is on its way, which
     * does not mean that it was written; {@link OutputStream#close} waits until everything is and throws what went wrong.
     *
     * @param path    which
     * @param options how
     * @return the stream, to be closed
     * @throws SandboxException     when it cannot be opened so, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public OutputStream newOutputStream(final ByteString path, final WriteOptions options) throws SandboxException, InterruptedException {
        return new FileOutput(requests.openForWriting(SandboxPath.checked(path), options, time));
    }

    /**
     * Makes a directory, with those above it; it is well when it is there.
     *
     * @param path which
     * @throws SandboxException     when it cannot be made, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public void createDirectories(final ByteString path) throws SandboxException, InterruptedException {
        requests.makeDirectory(SandboxPath.checked(path), null, deadline());
    }

    /**
     * Makes a directory, with those above it, and gives it permission bits, also when it was there before.
     *
     * @param path which
     * @param mode 0 to 07777
     * @throws SandboxException     when it cannot be made, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public void createDirectories(final ByteString path, final int mode) throws SandboxException, InterruptedException {
        requests.makeDirectory(SandboxPath.checked(path), FileModes.checked(mode), deadline());
    }

    /**
     * Removes a file or symbolic link.
     *
     * @param path which
     * @throws SandboxException     when it cannot be removed, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public void remove(final ByteString path) throws SandboxException, InterruptedException {
        requests.remove(SandboxPath.checked(path), deadline());
    }

    /**
     * Removes a directory.
     *
     * @param path      which
     * @param recursive with everything in it; else it has to be empty
     * @throws SandboxException     when it cannot be removed, or as said of this class; part of it may be gone
     * @throws InterruptedException when this thread is interrupted
     */
    public void removeDirectory(final ByteString path, final boolean recursive) throws SandboxException, InterruptedException {
        requests.removeDirectory(SandboxPath.checked(path), recursive, deadline());
    }

    /**
     * Copies a regular file, with its permission bits, within the sandbox.
     *
     * @param source      which
     * @param destination where to; replaced when it is there
     * @throws SandboxException     when it cannot be copied, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public void copy(final ByteString source, final ByteString destination) throws SandboxException, InterruptedException {
        requests.copy(SandboxPath.checked(source), SandboxPath.checked(destination), deadline());
    }

    /**
     * Renames a file or directory, as rename(2) does.
     *
     * @param source      which
     * @param destination its new path
     * @throws SandboxException     when it cannot be renamed, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public void rename(final ByteString source, final ByteString destination) throws SandboxException, InterruptedException {
        requests.rename(SandboxPath.checked(source), SandboxPath.checked(destination), deadline());
    }

    /**
     * Makes a symbolic link. Replaces nothing.
     *
     * @param target what it is to lead to
     * @param link   its own path
     * @throws SandboxException     when it cannot be made, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public void symlink(final ByteString target, final ByteString link) throws SandboxException, InterruptedException {
        final FsOp request = new FsOp.Symlink(SandboxPath.checked(target), SandboxPath.checked(link));
        requests.run(new FileTask("symlink", link), request, deadline());
    }

    /**
     * Tells what a symbolic link leads to, as it stands in the link.
     *
     * @param link which
     * @return the link's text
     * @throws SandboxException     when it is none, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public ByteString readLink(final ByteString link) throws SandboxException, InterruptedException {
        return requests.path(new FileTask("read link", link), new FsOp.ReadLink(SandboxPath.checked(link)), deadline());
    }

    /**
     * The path of a file without symbolic links and dots. Its last component need not be there.
     *
     * @param path which
     * @return the path from the root
     * @throws SandboxException     when there is none, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public ByteString realPath(final ByteString path) throws SandboxException, InterruptedException {
        return requests.path(new FileTask("real path", path), new FsOp.RealPath(SandboxPath.checked(path)), deadline());
    }

    /**
     * Changes what is said of a file: first its length, then mode, owner and times. Those before one that fails stay changed.
     *
     * @param path       which
     * @param attributes what is to change
     * @throws SandboxException     when it cannot be changed, or as said of this class
     * @throws InterruptedException when this thread is interrupted
     */
    public void setAttributes(final ByteString path, final FileAttributes attributes) throws SandboxException, InterruptedException {
        final FsSetAttrs attrs = attributes.attrs();
        requests.run(
            new FileTask("set attributes", path),
            new FsOp.SetStat(SandboxPath.checked(path), attributes.followLinks(), attrs),
            deadline());
    }

    /**
     * Copies a file or tree from the host to the sandbox, as {@code cp -rT}: the source becomes the destination, directories are merged
     * with those that are there, files replaced. Symbolic links stay links; special files are passed over, which the result tells. What
     * cannot be copied is passed over too, and told at the end.
     *
     * <p>A file that is there is written over in place, from its beginning on, and cut off when its new content has come whole, unless the
     * agent writes to another name first ({@code --fs-atomic-writes}). When that fails half-way, or ends for whatever reason, it keeps its
     * former length or more, with new content in front of old; its failure says that it may be partly overwritten.
     *
     * @param source      on the host
     * @param destination in the sandbox; the directory that it is to be in has to be there
     * @param options     how
     * @return what was done
     * @throws CopyFailedException  when some of it was not copied
     * @throws SandboxException     when going on was of no use: as said of this class
     * @throws InterruptedException when this thread is interrupted; what was copied until then stays
     */
    public CopyResult copyToSandbox(final Path source, final ByteString destination, final CopyOptions options)
        throws SandboxException, InterruptedException {
        return new HostToSandbox(requests, time, options).copy(source, SandboxPath.checked(destination));
    }

    /**
     * Copies a file or tree from the sandbox to the host; otherwise as {@link #copyToSandbox(Path, ByteString, CopyOptions)}. The sandbox
     * is not trusted: nothing outside the destination is opened or written, whatever it calls its files, and links at the destination
     * are replaced and never followed. A file that is there is written over in place, as said there.
     *
     * @param source      in the sandbox
     * @param destination on the host; the directory that it is to be in has to be there
     * @param options     how
     * @return what was done
     * @throws SandboxException     as there
     * @throws InterruptedException as there
     */
    public CopyResult copyToHost(final ByteString source, final Path destination, final CopyOptions options)
        throws SandboxException, InterruptedException {
        return new SandboxToHost(requests, time, options).copy(SandboxPath.checked(source), destination);
    }

    private Deadline deadline() {
        return Deadline.after(time);
    }
}
