package dev.sluice.cli;

import dev.sluice.client.FileInfo;
import dev.sluice.protocol.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A line of a listing: one file of a sandbox.
 *
 * @param name   what it is called there: its name, or the path by which it was asked for
 * @param info   what the sandbox says of it
 * @param target what it leads to, for a symbolic link; null where that was not asked
 */
record FileLine(ByteString name, FileInfo info, ByteString target) {
    private static final byte[] ARROW = " -> ".getBytes(StandardCharsets.US_ASCII);
    private static final String TRIADS = "rwxrwxrwx";
    private static final int TYPE_MASK = 0170000;
    private static final int OWNER_EXECUTES = 0100;

    /**
     * The line as text, ended by a newline.
     *
     * @param details whether more than the name is wanted
     * @param escape  whether a terminal is to be protected from the names
     */
    byte[] toText(final boolean details, final boolean escape) {
        final ByteArrayOutputStream line = new ByteArrayOutputStream();
        if (details) {
            final String time = info.modifiedTime() == null ? "-" : info.modifiedTime().toString();
            line.writeBytes(String.format(Locale.ROOT, "%s %5d %5d %12d %20s ", modeText(info), info.uid(), info.gid(), info.size(), time)
                .getBytes(StandardCharsets.US_ASCII));
        }
        line.writeBytes(shown(name, escape));
        if (details && target != null) {
            line.writeBytes(ARROW);
            line.writeBytes(shown(target, escape));
        }
        line.write('\n');
        return line.toByteArray();
    }

    /** The line as a JSON object, ended by a newline. */
    byte[] toJson() {
        return ("{" + JsonText.member("name", name)
            + ",\"type\":" + JsonText.quoted(info.kind().wireName())
            + ",\"size\":" + info.size()
            + ",\"mode\":\"" + String.format(Locale.ROOT, "%04o", info.permissions()) + "\""
            + ",\"uid\":" + info.uid() + ",\"gid\":" + info.gid()
            + ",\"modified\":" + (info.modifiedTime() == null ? "null" : JsonText.quoted(info.modifiedTime().toString()))
            + (target == null ? "" : "," + JsonText.member("target", target))
            + "}\n").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] shown(final ByteString name, final boolean escape) {
        return escape ? TerminalText.name(name.toByteArray()) : name.toByteArray();
    }

    /** As {@code ls -l} has it: the type's letter, then the permissions. */
    static String modeText(final FileInfo info) {
        final StringBuilder text = new StringBuilder(TRIADS.length() + 1).append(typeLetter(info));
        for (int i = 0; i < TRIADS.length(); i++) {
            text.append((info.mode() & OWNER_EXECUTES << 2 >> i) != 0 ? TRIADS.charAt(i) : '-');
        }
        mark(text, info.mode() & 04000, 3, 's');
        mark(text, info.mode() & 02000, 6, 's');
        mark(text, info.mode() & 01000, 9, 't');
        return text.toString();
    }

    /** A small letter where what it stands on can be executed, else a capital. */
    private static void mark(final StringBuilder text, final int bit, final int index, final char letter) {
        if (bit != 0) {
            text.setCharAt(index, text.charAt(index) == 'x' ? letter : Character.toUpperCase(letter));
        }
    }

    private static char typeLetter(final FileInfo info) {
        return switch (info.mode() & TYPE_MASK) {
            case 0010000 -> 'p';
            case 0020000 -> 'c';
            case 0060000 -> 'b';
            case 0140000 -> 's';
            default -> switch (info.kind()) {
                case FILE -> '-';
                case DIR -> 'd';
                case SYMLINK -> 'l';
                default -> '?';
            };
        };
    }
}
