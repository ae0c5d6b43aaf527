package dev.sluice.cli;

import dev.sluice.port.PortAddress;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line as bytes. The JVM decodes its arguments by the locale and loses what is not text there, so they are read from the
 * kernel, and go through the parser with each byte as one character.
 */
final class RawArguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private RawArguments() {
    }

    /** The arguments given to {@code main}, each byte a character of ISO 8859-1. */
    static String[] read(final String[] decoded) throws IOException {
        return last(Files.readAllBytes(COMMAND_LINE), decoded.length);
    }

    /** The last so many of the NUL-terminated strings; what precedes them are the JVM and its options. */
    static String[] last(final byte[] commandLine, final int count) throws IOException {
        final List<String> all = strings(commandLine);
        if (all.size() < count) {
            throw new IOException(COMMAND_LINE + " has fewer arguments than the program was given: " + all.size() + " < " + count);
        }
        return all.subList(all.size() - count, all.size()).toArray(String[]::new);
    }

    /** The strings that the kernel gives, each ended by a NUL. */
    static List<String> strings(final byte[] terminated) {
        final List<String> all = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < terminated.length; i++) {
            if (terminated[i] == 0) {
                all.add(new String(terminated, start, i - start, StandardCharsets.ISO_8859_1));
                start = i + 1;
            }
        }
        return all;
    }

    /** The bytes of an argument. */
    static ByteString bytes(final String argument) {
        return ByteString.copyOf(argument.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * An argument that is a path, or an address with a path in it. The JDK's paths are text, so a path that is not cannot be used.
     *
     * @param option the option it was given with, for the message
     * @throws IllegalArgumentException naming option and value when it is empty or not UTF-8
     */
    static String path(final String option, final String argument) {
        if (argument.isEmpty()) {
            throw new IllegalArgumentException(option + ": '' is no path");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(argument.getBytes(StandardCharsets.ISO_8859_1))).toString();
        } catch (final CharacterCodingException e) {
            throw new IllegalArgumentException(option + ": not UTF-8, use another name: '" + text(argument) + "'", e);
        }
    }

    /**
     * An argument that says where a console port is.
     *
     * @param option the option it was given with, for the message
     * @throws IllegalArgumentException naming option and value when it is none
     */
    static PortAddress port(final String option, final String argument) {
        final String address = path(option, argument);
        try {
            return PortAddress.parse(address);
        } catch (final IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
    }

    /** An argument as text: a number, something to show. */
    static String text(final String argument) {
        return new String(argument.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
