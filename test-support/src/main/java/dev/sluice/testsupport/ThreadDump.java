package dev.sluice.testsupport;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** All threads of this JVM as text, virtual threads included. */
final class ThreadDump {
    private ThreadDump() {
    }

    static String take() {
        try {
            return fromDiagnostics();
        } catch (final IOException | RuntimeException e) {
            return fromStackTraces() + "(virtual threads are missing: " + e + ")\n";
        }
    }

    private static String fromDiagnostics() throws IOException {
        // The bean writes to a file that must not exist yet, and nowhere else.
        final Path directory = Files.createTempDirectory("sluice-threads");
        final Path file = directory.resolve("dump.txt");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
            return Files.readString(file);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    private static String fromStackTraces() {
        final StringBuilder text = new StringBuilder();
        for (final Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
            text.append('"').append(entry.getKey().getName()).append("\" ").append(entry.getKey().getState()).append('\n');
            for (final StackTraceElement frame : entry.getValue()) {
                text.append("      ").append(frame).append('\n');
            }
        }
        return text.toString();
    }
}
