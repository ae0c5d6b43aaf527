package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The environment of this process, in bytes: the JVM's own view of it has been through a character set. */
final class OwnEnvironment {
    private static final Path ENVIRON = Path.of("/proc/self/environ");

    private OwnEnvironment() {
    }

    /** @return entries {@code NAME=VALUE} */
    static List<ByteString> read() {
        try {
            return entries(Files.readAllBytes(ENVIRON));
        } catch (final IOException e) {
            // No /proc: what the JVM knows is exact unless a byte above 127 is in it.
            final List<ByteString> entries = new ArrayList<>();
            for (final Map.Entry<String, String> entry : System.getenv().entrySet()) {
                entries.add(ByteString.of(entry.getKey() + "=" + entry.getValue()));
            }
            return entries;
        }
    }

    /** Splits what the kernel gives: entries, each ended by a NUL. */
    static List<ByteString> entries(final byte[] environ) {
        final List<ByteString> entries = new ArrayList<>();
        final ByteString all = ByteString.copyOf(environ);
        int start = 0;
        for (int i = 0; i < environ.length; i++) {
            if (environ[i] == 0) {
                if (i > start) {
                    entries.add(all.substring(start, i));
                }
                start = i + 1;
            }
        }
        if (start < environ.length) {
            entries.add(all.substring(start, environ.length));
        }
        return entries;
    }
}
