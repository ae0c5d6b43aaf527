package dev.sluice.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Error numbers of Linux in an agent's words: {@code No such file or directory (os error 2)}. Names are those of x86-64 and aarch64,
 * asm-generic/errno-base.h and errno.h.
 */
final class ErrorNumbers {
    private static final Pattern NUMBER = Pattern.compile("\\(os error (\\d{1,4})\\)");
    private static final String[] NAMES = {
        "", "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD",
        "EAGAIN", "ENOMEM", "EACCES", "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR",
        "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC", "ESPIPE", "EROFS",
        "EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP",
    };

    private ErrorNumbers() {
    }

    /** The name of the number in an agent's text, or "". */
    static String nameIn(final String text) {
        final Matcher matcher = NUMBER.matcher(text);
        return matcher.find() ? name(Integer.parseInt(matcher.group(1))) : "";
    }

    private static String name(final int number) {
        return switch (number) {
            case 75 -> "EOVERFLOW";
            case 95 -> "EOPNOTSUPP";
            case 110 -> "ETIMEDOUT";
            case 111 -> "ECONNREFUSED";
            case 113 -> "EHOSTUNREACH";
            case 116 -> "ESTALE";
            case 122 -> "EDQUOT";
            default -> number < NAMES.length ? NAMES[number] : "";
        };
    }
}
