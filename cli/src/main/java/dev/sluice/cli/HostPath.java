package dev.sluice.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Paths of this machine as they are given on the command line, whatever bytes they are. The JDK's paths are made from text by the locale,
 * which does not have every byte; a URI has.
 */
final class HostPath {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final int FIRST_PLAIN = ' ';
    private static final int LAST_PLAIN = '~';

    private HostPath() {
    }

    /**
     * The path that an argument names; absolute where its name is not plain.
     *
     * @param name     of the operand, for messages
     * @param argument each byte a character
     * @throws IllegalArgumentException naming the operand when it is empty
     */
    static Path of(final String name, final String argument) {
        if (argument.isEmpty()) {
            throw new IllegalArgumentException(name + ": '' is no path");
        }
        if (argument.chars().allMatch(character -> character >= FIRST_PLAIN && character <= LAST_PLAIN)) {
            return Path.of(argument);
        }
        final StringBuilder uri = new StringBuilder();
        if (argument.charAt(0) == '/') {
            uri.append("file:///");
        } else {
            final String directory = Path.of("").toAbsolutePath().toUri().toString();
            uri.append(directory).append(directory.endsWith("/") ? "" : "/");
        }
        argument.chars().forEach(character -> {
            if (character == '/' || character >= '0' && character <= '9' || character >= 'A' && character <= 'Z'
                || character >= 'a' && character <= 'z') {
                uri.append((char) character);
            } else {
                uri.append('%').append(HEX.toHexDigits((byte) character));
            }
        });
        return Path.of(URI.create(uri.toString()));
    }
}
