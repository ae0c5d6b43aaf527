package dev.sluice.relay;

import dev.sluice.vsock.UnixAddress;

/**
 * A socket for clients, and the handshake that those who connect to it are given.
 *
 * @param form the handshake
 * @param path the socket's path, or null when it is inherited
 * @param fd the inherited listening descriptor, or -1
 */
public record ListenAddress(Form form, UnixAddress path, int fd) {
    /** How addresses are written. */
    public static final String SYNTAX = "[offset:|range:]PATH or [offset:|range:]fd:N";

    private static final String OFFSET_PREFIX = "offset:";
    private static final String RANGE_PREFIX = "range:";
    private static final String FD_PREFIX = "fd:";

    /** The two handshakes; the ids given out are the same. */
    public enum Form {
        /** 4 bytes: the id before the first. What releases up to 0.4 expect, and newer ones understand for programs alone. */
        OFFSET,
        /** 8 bytes: the first id, and the one behind the last. What releases since 0.5 expect. */
        RANGE
    }

    /**
     * Checks that there is one place.
     *
     * @throws IllegalArgumentException when there is none, or two
     */
    public ListenAddress {
        if ((path == null) == (fd < 0)) {
            throw new IllegalArgumentException("either a path or a descriptor: path=" + path + " fd=" + fd);
        }
    }

    /**
     * Reads an address.
     *
     * @param text as {@link #SYNTAX} says; without a prefix it is {@link Form#OFFSET}
     * @return the address
     * @throws IllegalArgumentException naming what is wrong with the text
     */
    public static ListenAddress parse(final String text) {
        final Form form = text.startsWith(RANGE_PREFIX) ? Form.RANGE : Form.OFFSET;
        final int prefix = form == Form.RANGE ? RANGE_PREFIX.length() : text.startsWith(OFFSET_PREFIX) ? OFFSET_PREFIX.length() : 0;
        final String place = text.substring(prefix);
        if (!place.startsWith(FD_PREFIX)) {
            if (place.matches("[A-Za-z][A-Za-z0-9-]*:.*")) {
                throw new IllegalArgumentException(
                    "no form of a socket: '" + text + "' (" + SYNTAX + "; a file of that name is ./" + place + ")");
            }
            return new ListenAddress(form, new UnixAddress(place), -1);
        }
        try {
            return new ListenAddress(form, null, Integer.parseUnsignedInt(place, FD_PREFIX.length(), place.length(), 10));
        } catch (final IllegalArgumentException e) {
            throw new IllegalArgumentException("no number of a descriptor: '" + text + "' (" + SYNTAX + ")", e);
        }
    }

    @Override
    public String toString() {
        return (form == Form.RANGE ? RANGE_PREFIX : OFFSET_PREFIX) + (path == null ? FD_PREFIX + fd : path.toString());
    }
}
