package dev.sluice.port;

import dev.sluice.vsock.UnixAddress;
import java.util.Locale;

/**
 * Where a console port is, as written on a command line: {@code ring:PATH}, {@code unix:PATH}, {@code unix-listen:PATH}, {@code file:PATH}
 * or, in a guest, {@code virtio:NAME}.
 *
 * @param kind what is at the path
 * @param path as given; the name of a virtio port
 */
public record PortAddress(Kind kind, String path) {
    /** What a port address leads to. */
    public enum Kind {
        /** A shared-memory ring; at the path is the Unix socket that hands it over. The host listens, the guest connects. */
        RING("ring"),
        /** A Unix stream socket that somebody else listens on, such as QEMU's chardev socket. */
        UNIX("unix"),
        /** A Unix stream socket that this side listens on, for one peer at a time. */
        UNIX_LISTEN("unix-listen"),
        /** A character device or terminal. */
        FILE("file"),
        /** A virtio serial port, by the name that the host has given it, as its device is not called alike in all guests. Guests only. */
        VIRTIO("virtio");

        private final String word;

        Kind(final String word) {
            this.word = word;
        }
    }

    /** What {@link #parse} understands, for help texts and error messages. */
    public static final String SYNTAX = "ring:PATH, unix:PATH, unix-listen:PATH, file:PATH or, in a guest, virtio:NAME";

    /**
     * Checks the path.
     *
     * @param kind what is at the path
     * @param path not empty; short enough for a socket if it is one
     * @throws IllegalArgumentException if the path cannot be one of this kind
     */
    public PortAddress {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("'" + kind.word + ":' has no path (wanted: " + SYNTAX + ")");
        }
        if (path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("port address with a NUL in its path: " + path.replace('\0', '?'));
        }
        if (isSocket(kind)) {
            new UnixAddress(path);
        }
    }

    /**
     * Reads an address.
     *
     * @param text as on the command line
     * @return the address
     * @throws IllegalArgumentException if it is none; the message says what was wrong and what is wanted
     */
    public static PortAddress parse(final String text) {
        final int colon = text.indexOf(':');
        final String word = text.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
        for (final Kind kind : Kind.values()) {
            if (kind.word.equals(word)) {
                return new PortAddress(kind, text.substring(colon + 1));
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no port address (wanted: " + SYNTAX + ")");
    }

    /**
     * The path as a socket's address.
     *
     * @return the address
     * @throws IllegalArgumentException if this is no socket
     */
    public UnixAddress toUnixAddress() {
        if (!isSocket(kind)) {
            throw new IllegalArgumentException("not a socket: address=" + this);
        }
        return new UnixAddress(path);
    }

    private static boolean isSocket(final Kind kind) {
        return kind != Kind.FILE && kind != Kind.VIRTIO;
    }

    @Override
    public String toString() {
        return kind.word + ":" + path;
    }
}
