package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The users and groups that the guest's {@code /etc/passwd} and {@code /etc/group} list. Nobody else is asked: not NSS, whose libraries the
 * guest may not have. Lines that are none are passed over, and so is what lies beyond {@link #MAX_LENGTH} of a file.
 *
 * <p>Sources: passwd(5), group(5). Names are bytes; in here they are text of ISO 8859-1, which keeps every byte. Immutable.
 */
final class UserDatabase {
    /** Of each file so many bytes are read: tens of thousands of users. */
    static final int MAX_LENGTH = 4 * 1024 * 1024;
    /** NGROUPS_MAX of linux/limits.h. */
    static final int MAX_GROUPS = 65536;

    private static final String PASSWD = "/etc/passwd";
    private static final String GROUP = "/etc/group";
    private static final String ROOT_DIRECTORY = "/";
    /** The last is no id: system calls take it for "leave it as it is". */
    private static final long MAX_ID = 0xFFFF_FFFEL;
    private static final int MAX_DIGITS = 10;
    private static final int CHUNK_LENGTH = 64 * 1024;

    private final List<String> users;
    private final List<String> groups;

    /**
     * Takes the contents of the two files.
     *
     * @param passwd of {@code /etc/passwd}
     * @param group of {@code /etc/group}
     */
    UserDatabase(final byte[] passwd, final byte[] group) {
        this.users = new String(passwd, StandardCharsets.ISO_8859_1).lines().toList();
        this.groups = new String(group, StandardCharsets.ISO_8859_1).lines().toList();
    }

    /** Somebody who is not there. */
    static final class UnknownUserException extends Exception {
        private static final long serialVersionUID = 1;

        UnknownUserException(final String message) {
            super(message);
        }
    }

    /** Reads the files as they are now; one that is missing or no file has nobody in it. */
    static UserDatabase read(final Posix posix) {
        return new UserDatabase(content(posix, PASSWD), content(posix, GROUP));
    }

    private static byte[] content(final Posix posix, final String path) {
        final int fd;
        try {
            // Whatever has that name, opening and reading it does not wait.
            fd = posix.open(path, Linux.O_RDONLY | Linux.O_NONBLOCK | Linux.O_NOCTTY | Linux.O_CLOEXEC, 0);
        } catch (final PosixException e) {
            return new byte[0];
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment chunk = arena.allocate(CHUNK_LENGTH);
            final ByteArrayOutputStream all = new ByteArrayOutputStream();
            long count = posix.read(fd, chunk.address(), CHUNK_LENGTH);
            while (count > 0 && all.size() < MAX_LENGTH) {
                all.writeBytes(chunk.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
                count = posix.read(fd, chunk.address(), CHUNK_LENGTH);
            }
            return all.toByteArray();
        } finally {
            posix.closeQuietly(fd);
        }
    }

    /**
     * Finds who is meant.
     *
     * @param specification {@code USER[:GROUP]} or {@code UID[:GID]}. A name comes before a number. A number need not be listed: then its
     *     group has the same number and its home is the root directory.
     * @return the user, with all groups that list it
     * @throws UnknownUserException when there is none, or the specification is not of that form
     */
    ProgramUser find(final ByteString specification) throws UnknownUserException {
        final String text = new String(specification.toByteArray(), StandardCharsets.ISO_8859_1);
        final int colon = text.indexOf(':');
        final String userPart = colon < 0 ? text : text.substring(0, colon);
        final String groupPart = colon < 0 ? null : text.substring(colon + 1);
        final String[] entry = userEntry(userPart);
        final long uid = entry == null ? id(userPart) : id(entry[2]);
        if (uid < 0) {
            throw new UnknownUserException("guest user not found: " + quoted(userPart));
        }
        final long gid = groupPart == null ? (entry == null ? uid : id(entry[3])) : groupId(groupPart);
        if (gid < 0) {
            throw new UnknownUserException("guest group not found: " + quoted(groupPart));
        }
        final String home = entry == null || entry[5].isEmpty() ? ROOT_DIRECTORY : entry[5];
        return new ProgramUser(
            (int) uid, (int) gid, memberships(entry == null ? null : entry[0], gid),
            ByteString.copyOf(home.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /**
     * Finds a group.
     *
     * @param name of the group
     * @return its id, or -1 when there is none
     */
    int findGroup(final String name) {
        return (int) listedGroup(name);
    }

    private String[] userEntry(final String name) {
        final long number = id(name);
        String[] byNumber = null;
        for (final String line : users) {
            final String[] fields = line.split(":", -1);
            if (fields.length >= 6 && !fields[0].isEmpty() && id(fields[2]) >= 0 && id(fields[3]) >= 0) {
                if (fields[0].equals(name)) {
                    return fields;
                }
                byNumber = byNumber == null && id(fields[2]) == number ? fields : byNumber;
            }
        }
        return byNumber;
    }

    private long groupId(final String name) {
        final long listed = listedGroup(name);
        return listed >= 0 ? listed : id(name);
    }

    private long listedGroup(final String name) {
        for (final String line : groups) {
            final String[] fields = line.split(":", -1);
            if (fields.length >= 3 && !fields[0].isEmpty() && fields[0].equals(name) && id(fields[2]) >= 0) {
                return id(fields[2]);
            }
        }
        return -1;
    }

    private List<Integer> memberships(final String name, final long gid) {
        final Set<Integer> found = new LinkedHashSet<>();
        found.add((int) gid);
        for (final String line : groups) {
            final String[] fields = line.split(":", -1);
            if (name != null && fields.length >= 4 && id(fields[2]) >= 0 && found.size() < MAX_GROUPS
                && List.of(fields[3].split(",")).contains(name)) {
                found.add((int) id(fields[2]));
            }
        }
        return new ArrayList<>(found);
    }

    /** @return the number, or -1 for what is no id */
    private static long id(final String text) {
        if (text.isEmpty() || text.length() > MAX_DIGITS || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            return -1;
        }
        final long value = Long.parseLong(text);
        return value <= MAX_ID ? value : -1;
    }

    private static String quoted(final String text) {
        return '"' + text + '"';
    }
}
