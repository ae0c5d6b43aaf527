package dev.sluice.ffi;

import java.io.IOException;
import java.io.Serial;
import java.lang.foreign.MemorySegment;

/**
 * A system call that failed: which call, with which arguments, and why.
 *
 * <p>The message reads {@code listen(7, 128): EADDRINUSE (98): Address already in use}.
 */
public final class PosixException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The call that failed. */
    private final String call;
    /** Why it failed. */
    private final int errno;

    /**
     * Describes a failed call.
     *
     * @param call the name of the call
     * @param errno the positive error number
     * @param arguments as passed; strings are shown in quotes, memory segments by their size
     */
    public PosixException(final String call, final int errno, final Object... arguments) {
        super(message(call, errno, arguments));
        this.call = call;
        this.errno = errno;
    }

    /**
     * The call that failed.
     *
     * @return its name as in its manual page
     */
    public String call() {
        return call;
    }

    /**
     * Why it failed.
     *
     * @return the positive error number, one of {@link Errno}
     */
    public int errno() {
        return errno;
    }

    private static String message(final String call, final int errno, final Object... arguments) {
        final StringBuilder text = new StringBuilder(96).append(call).append('(');
        for (int i = 0; i < arguments.length; i++) {
            text.append(i == 0 ? "" : ", ");
            switch (arguments[i]) {
                case null -> text.append("NULL");
                case String string -> text.append('"').append(string).append('"');
                case MemorySegment segment -> text.append('{').append(segment.byteSize()).append(" bytes}");
                default -> text.append(arguments[i]);
            }
        }
        return text.append("): ").append(Errno.name(errno)).append(" (").append(errno).append("): ").append(Errno.text(errno)).toString();
    }
}
