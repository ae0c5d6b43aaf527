package dev.sluice.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Figures with what they were measured on: as lines for people, or as one JSON object. Not thread safe. */
final class ComparisonReport {
    private final Map<String, String> machine = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<String, String> figures = new LinkedHashMap<>();

    ComparisonReport() throws IOException {
        final String model = Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1).lines()
            .filter(line -> line.startsWith("model name")).map(line -> line.substring(line.indexOf(':') + 1).trim())
            .findFirst().orElse(System.getProperty("os.arch"));
        machine.put("cpu", model);
        machine.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        machine.put("kernel", System.getProperty("os.version"));
        machine.put("jdk", System.getProperty("java.vendor") + " " + Runtime.version());
        machine.put("load", Files.readString(Path.of("/proc/loadavg")).trim());
    }

    /** A figure that was measured several times. */
    void add(final String name, final Spread spread, final String unit) {
        lines.add(String.format("%-44s %s %s", name, spread, unit));
        figures.put(name + (unit.isEmpty() ? "" : " [" + unit + "]"), spread.json());
    }

    /** A count. */
    void add(final String name, final long count) {
        lines.add(String.format("%-44s %d", name, count));
        figures.put(name, String.valueOf(count));
    }

    /** Prints everything, to standard output. */
    void print(final boolean json) {
        if (json) {
            final String described = machine.entrySet().stream().map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
                .collect(Collectors.joining(","));
            final String measured = figures.entrySet().stream().map(entry -> quoted(entry.getKey()) + ":" + entry.getValue())
                .collect(Collectors.joining(","));
            System.out.println("{\"machine\":{" + described + "},\"figures\":{" + measured + "}}");
        } else {
            machine.forEach((name, value) -> System.out.printf("%-8s %s%n", name, value));
            lines.forEach(System.out::println);
        }
    }

    private static String quoted(final String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
