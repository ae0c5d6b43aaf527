package dev.sluice.agent.init;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A file of {@code /etc} that has lines from this agent. One that cannot be written is told of, and the guest starts without those lines.
 *
 * @param path of the file
 * @param warnings told when it cannot be written
 */
record GuestFile(Path path, Consumer<String> warnings) {
    /** What marks our lines in a file that has others: they are replaced when the guest starts anew. */
    private static final String MARK = " # sluice";

    /** Puts these lines in the place of everything. */
    void replace(final List<String> lines) {
        write(lines, lines);
    }

    /** Puts these lines behind the others, in the place of those of an earlier start. */
    void append(final List<String> lines) {
        final List<String> all = new ArrayList<>();
        try {
            if (Files.exists(path)) {
                Files.readAllLines(path, StandardCharsets.ISO_8859_1).stream().filter(line -> !line.endsWith(MARK)).forEach(all::add);
            }
        } catch (final IOException e) {
            warnings.accept("not written: " + path + ": " + e);
            return;
        }
        lines.forEach(line -> all.add(line + MARK));
        write(all, lines);
    }

    private void write(final List<String> all, final List<String> ours) {
        try {
            if (path.getParent() != null) {
                Files.createDirectories(path.getParent());
            }
            if (Files.isSymbolicLink(path) && !Files.exists(path)) {
                // It leads to what another service would have made.
                Files.delete(path);
            }
            Files.write(path, all, StandardCharsets.ISO_8859_1);
        } catch (final IOException e) {
            warnings.accept("not written: " + path + ": " + e + ": " + ours);
        }
    }
}
