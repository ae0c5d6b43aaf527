package dev.sluice.agent.init;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is mounted, as the kernel lists it. Source: proc_pid_mountinfo(5). Immutable.
 *
 * <pre>
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *               root  point options  optional...  type source  options
 * </pre>
 */
final class MountTable {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final int POINT = 4;
    private static final int OPTIONS = 5;
    private static final int FIXED_FIELDS = 6;
    private static final int OCTAL_DIGITS = 3;
    private static final int OCTAL = 8;

    private final List<Entry> entries;

    /**
     * A mount.
     *
     * @param point where, as bytes
     * @param pointText the same for comparisons and messages, in ISO 8859-1
     * @param readOnly whether this mount of the file system cannot be written
     * @param type of the file system
     */
    record Entry(byte[] point, String pointText, boolean readOnly, String type) {
    }

    private MountTable(final List<Entry> entries) {
        this.entries = entries;
    }

    /** @return the mounts of this process as they are now; none without /proc */
    static MountTable read() {
        try {
            return parse(new String(Files.readAllBytes(MOUNTINFO), StandardCharsets.ISO_8859_1));
        } catch (final IOException e) {
            // Nothing is known before /proc is there.
            return new MountTable(List.of());
        }
    }

    /** Reads lines; those that are none of the form above are passed over. @param text in ISO 8859-1 */
    static MountTable parse(final String text) {
        final List<Entry> entries = new ArrayList<>();
        for (final String line : text.split("\n")) {
            final String[] fields = line.split(" ");
            int separator = FIXED_FIELDS;
            while (separator < fields.length && !fields[separator].equals("-")) {
                separator++;
            }
            if (separator + 1 < fields.length) {
                final byte[] point = unescape(fields[POINT]);
                entries.add(new Entry(
                    point, new String(point, StandardCharsets.ISO_8859_1), List.of(fields[OPTIONS].split(",")).contains("ro"),
                    fields[separator + 1]));
            }
        }
        return new MountTable(List.copyOf(entries));
    }

    /** Space, tab, newline and backslash are written as three octal digits. */
    private static byte[] unescape(final String field) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(field.length());
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + OCTAL_DIGITS < field.length()) {
                bytes.write(Integer.parseInt(field.substring(i + 1, i + 1 + OCTAL_DIGITS), OCTAL));
                i += OCTAL_DIGITS;
            } else {
                bytes.write(field.charAt(i));
            }
        }
        return bytes.toByteArray();
    }

    /** @return all mounts, in the order in which they were made */
    List<Entry> entries() {
        return entries;
    }

    /** @return whether something is mounted there */
    boolean has(final String point) {
        return entries.stream().anyMatch(entry -> entry.pointText().equals(point));
    }

    /** @return whether the root file system cannot be written; false when that is not known */
    boolean rootIsReadOnly() {
        boolean readOnly = false;
        for (final Entry entry : entries) {
            // The last one is what is seen.
            readOnly = entry.pointText().equals("/") ? entry.readOnly() : readOnly;
        }
        return readOnly;
    }
}
