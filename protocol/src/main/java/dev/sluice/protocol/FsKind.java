package dev.sluice.protocol;

import java.util.Locale;

/** What a directory entry is. */
public enum FsKind {
    /** A regular file. */
    FILE,
    /** A directory. */
    DIR,
    /** A symbolic link. */
    SYMLINK,
    /** Anything else, also kinds that this implementation does not know. */
    OTHER;

    /**
     * Name on the wire.
     *
     * @return the name in lower case
     */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static FsKind ofWireName(final String wireName) {
        for (final FsKind kind : values()) {
            if (kind.wireName().equals(wireName)) {
                return kind;
            }
        }
        return OTHER;
    }
}
