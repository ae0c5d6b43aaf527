package dev.sluice.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A committed corpus: a text file with one input a line, in hexadecimal digits; an empty input is a dash; lines that start with a hash
 * sign say what the next ones are. The fuzzer wants a file an input, so there is a program that makes the one of the other.
 */
public final class Corpus {
    /** The system property that names the committed corpus of the target that is about to be fuzzed. */
    public static final String PROPERTY = "sluice.fuzz.corpus";

    private static final String COMMENT = "#";
    private static final String EMPTY = "-";
    /** Longer inputs are not kept: they teach the fuzzer nothing that shorter ones do not. */
    private static final int MAX_KEPT = 4096;

    private Corpus() {
    }

    /**
     * Reads a corpus.
     *
     * @param file the text file
     * @return the inputs in their order
     * @throws IOException if it cannot be read
     */
    public static List<byte[]> read(final Path file) throws IOException {
        return Files.readAllLines(file).stream()
            .filter(line -> !line.isBlank() && !line.startsWith(COMMENT))
            .map(line -> line.equals(EMPTY) ? new byte[0] : HexFormat.of().parseHex(line))
            .toList();
    }

    /**
     * Runs the corpus that {@link #PROPERTY} names. The fuzzer does not see the coverage of the input that has a class loaded, and would
     * drop it from its corpus: so every class is to be loaded before.
     *
     * @param target is given the inputs
     */
    public static void loadClasses(final Consumer<byte[]> target) {
        final String file = System.getProperty(PROPERTY, "");
        if (!file.isEmpty()) {
            try {
                read(Path.of(file)).forEach(target);
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Makes a directory of files from a text file, or appends to a text file what it has not got of a directory.
     *
     * @param arguments {@code unpack FILE DIRECTORY} or {@code pack FILE DIRECTORY}
     * @throws IOException if something cannot be read or written
     */
    public static void main(final String... arguments) throws IOException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException("arguments: unpack|pack FILE DIRECTORY");
        }
        final Path file = Path.of(arguments[1]);
        final Path directory = Files.createDirectories(Path.of(arguments[2]));
        switch (arguments[0]) {
            case "unpack" -> unpack(file, directory);
            case "pack" -> pack(file, directory);
            default -> throw new IllegalArgumentException("unpack or pack: " + arguments[0]);
        }
    }

    private static void unpack(final Path file, final Path directory) throws IOException {
        final List<byte[]> inputs = Files.exists(file) ? read(file) : List.of();
        for (int i = 0; i < inputs.size(); i++) {
            Files.write(directory.resolve("seed-" + i), inputs.get(i));
        }
    }

    private static void pack(final Path file, final Path directory) throws IOException {
        final List<String> known = Files.exists(file) ? Files.readAllLines(file) : List.of();
        try (Stream<Path> files = Files.list(directory)) {
            final List<String> added = files.filter(Files::isRegularFile).map(Corpus::line).filter(line -> !line.isEmpty())
                .filter(line -> !known.contains(line)).distinct().sorted().toList();
            Files.write(file, Stream.concat(known.stream(), added.stream()).toList());
        }
    }

    private static String line(final Path file) {
        try {
            final byte[] input = Files.readAllBytes(file);
            if (input.length > MAX_KEPT) {
                return "";
            }
            return input.length == 0 ? EMPTY : HexFormat.of().formatHex(input);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
