package dev.sluice.client;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Locale;

/**
 * Why an owner cannot be given to a file, which a copy puts up with: the file is the copier's then. These are what GNU cp puts up with,
 * too; anything else, such as an error of the device, is a failure.
 */
enum OwnerRefusal {
    /** Few may give files away. */
    EPERM("Operation not permitted"),
    /** A server of files has forbidden it. */
    EACCES("Permission denied"),
    /** A user namespace has no such id. */
    EINVAL("Invalid argument"),
    /** A file system has no owners. */
    EOPNOTSUPP("Operation not supported");

    /** As glibc's strerror has it in English. */
    private final String text;

    OwnerRefusal(final String text) {
        this.text = text;
    }

    /** Tells whether the sandbox's failure to change an owner is one of these. */
    static boolean is(final FileOperationException failure) {
        final String name = failure.errnoName();
        for (final OwnerRefusal refusal : values()) {
            if (refusal.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Tells whether the host's failure to change an owner is one of these. Its number is in nothing but the reason's text; where that is
     * not in English, every failure is put up with.
     */
    static boolean is(final FileSystemException failure) {
        if (failure instanceof AccessDeniedException || !Locale.getDefault(Locale.Category.DISPLAY).getLanguage().equals("en")) {
            return true;
        }
        final String reason = failure.getReason();
        for (final OwnerRefusal refusal : values()) {
            if (refusal.text.equals(reason)) {
                return true;
            }
        }
        return false;
    }
}
