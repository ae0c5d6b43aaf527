package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Names of the host's files as bytes. Strings cannot carry each name: what they cannot depends on the locale that the JVM was started in.
 * URIs can, because the default file system writes every byte that is no plain ASCII as {@code %XX} and takes it so.
 */
final class HostName {
    private static final HexFormat HEX = HexFormat.of();
    private static final int FIRST_PLAIN = 0x20;
    private static final int LAST_PLAIN = 0x7E;

    private HostName() {
    }

    /** The bytes of a path's last component. */
    static ByteString bytes(final Path path) {
        final String text = path.getFileName().toString();
        if (text.chars().allMatch(HostName::isPlain)) {
            return ByteString.of(text);
        }
        return SandboxPath.name(decode(withoutSlash(path.toUri().getRawPath())));
    }

    /** The bytes of a whole path as it is, not made absolute: of a link's text. */
    static ByteString pathBytes(final Path path) {
        final String text = path.toString();
        if (text.chars().allMatch(HostName::isPlain)) {
            return ByteString.of(text);
        }
        ByteString all = null;
        for (final Path name : path) {
            all = all == null ? bytes(name) : SandboxPath.child(all, bytes(name));
        }
        return path.isAbsolute() ? SandboxPath.child(ByteString.of("/"), all) : all;
    }

    /** A relative path of one name, which is that of an entry of a directory. */
    static Path path(final ByteString name) {
        return absolute(SandboxPath.child(ByteString.of("/"), name)).getFileName();
    }

    /**
     * The text of a link as a path, relative if it is. Slashes that mean nothing, doubled or at the end, are lost: paths have none.
     *
     * @throws IllegalArgumentException when it is empty or has a NUL
     */
    static Path linkText(final ByteString text) {
        SandboxPath.checked(text);
        final boolean relative = text.byteAt(0) != '/';
        final Path path = absolute(relative ? SandboxPath.child(ByteString.of("/"), text) : text);
        return relative ? path.subpath(0, path.getNameCount()) : path;
    }

    private static Path absolute(final ByteString path) {
        final StringBuilder uri = new StringBuilder("file://");
        for (final byte value : path.toByteArray()) {
            if (value == '/' || value >= '0' && value <= '9' || value >= 'A' && value <= 'Z' || value >= 'a' && value <= 'z') {
                uri.append((char) value);
            } else {
                uri.append('%').append(HEX.withUpperCase().toHexDigits(value));
            }
        }
        return Path.of(URI.create(uri.toString()));
    }

    /** A directory's URI ends with a slash. */
    private static String withoutSlash(final String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private static ByteString decode(final String raw) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(raw.charAt(i));
            }
        }
        return ByteString.copyOf(bytes.toByteArray());
    }

    private static boolean isPlain(final int character) {
        return character >= FIRST_PLAIN && character <= LAST_PLAIN;
    }
}
