package dev.sluice.cli;

import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The variables that a program in a sandbox gets from here, put together as docker does: of one name the last. All text here is bytes, one
 * a character.
 */
final class ProgramEnvironment {
    private static final String TERMINAL_TYPE = "TERM";
    /** What nearly every terminal understands. */
    private static final String CUSTOMARY_TERMINAL = "xterm";

    private final Map<String, String> ours;
    private final Map<String, String> variables = new LinkedHashMap<>();

    /** Starts with none. */
    ProgramEnvironment() throws IOException {
        // From the kernel: the JVM's own view of it has been through a character set.
        this(RawArguments.strings(Files.readAllBytes(Path.of("/proc/self/environ"))));
    }

    /** Starts with none. @param ours what variables without a value are looked up in */
    ProgramEnvironment(final List<String> ours) {
        this.ours = new LinkedHashMap<>();
        ours.stream().filter(variable -> variable.indexOf('=') > 0)
            .forEach(variable -> this.ours.putIfAbsent(name(variable), variable.substring(variable.indexOf('=') + 1)));
    }

    /**
     * Adds a variable.
     *
     * @param variable name and value, or the name of one of ours, which is left out when we have none
     * @throws IllegalArgumentException when it has no name
     */
    void add(final String variable) {
        final String name = name(variable);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("'" + RawArguments.text(variable) + "': a variable needs a name");
        }
        if (name.length() < variable.length()) {
            variables.put(name, variable.substring(name.length() + 1));
        } else if (ours.containsKey(name)) {
            variables.put(name, ours.get(name));
        }
    }

    /**
     * Adds the variables of a file, one a line.
     *
     * @param file its path, as it was given
     * @throws IllegalArgumentException saying in which line there is none
     */
    void addFile(final String file) throws IOException {
        final Path path = Path.of(RawArguments.path("--env-file", file));
        int number = 0;
        for (final String line : Files.readAllLines(path, StandardCharsets.ISO_8859_1)) {
            number++;
            // As in docker's files: what is blank before a name is not part of it, and what follows the sign is the value as it stands.
            final String variable = line.stripLeading();
            if (!variable.isEmpty() && !variable.startsWith("#")) {
                if (name(variable).matches(".*\\s.*")) {
                    throw new IllegalArgumentException(path + ": line " + number + ": a name with a space in it");
                }
                add(variable);
            }
        }
    }

    /** Says which terminal the program's is, unless that was said: ours. */
    void addTerminalType() {
        final String known = ours.get(TERMINAL_TYPE);
        variables.putIfAbsent(TERMINAL_TYPE, known == null || known.isEmpty() ? CUSTOMARY_TERMINAL : known);
    }

    /** {@return the variables, each name and value} */
    List<ByteString> toList() {
        return variables.entrySet().stream().map(variable -> RawArguments.bytes(variable.getKey() + "=" + variable.getValue())).toList();
    }

    private static String name(final String variable) {
        final int end = variable.indexOf('=');
        return end < 0 ? variable : variable.substring(0, end);
    }
}
