package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The generated constants and layouts against what a C compiler makes of the system's own headers, with {@code _GNU_SOURCE}, which our
 * headers cannot define. Skipped where there is no compiler.
 */
class NativeProbeTest {
    private static final String HEADERS = """
        #define _GNU_SOURCE
        #include <stddef.h>
        #include <stdio.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <net/if.h>
        #include <netinet/in.h>
        #include <netinet/tcp.h>
        #include <poll.h>
        #include <signal.h>
        #include <spawn.h>
        #include <sys/epoll.h>
        #include <sys/eventfd.h>
        #include <sys/file.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <sys/mount.h>
        #include <sys/prctl.h>
        #include <sys/reboot.h>
        #include <sys/resource.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/uio.h>
        #include <sys/un.h>
        #include <sys/wait.h>
        #include <time.h>
        #include <linux/capability.h>
        #include <linux/openat2.h>
        #include <linux/rtnetlink.h>
        #include <linux/sockios.h>
        #include <linux/vm_sockets.h>
        #include <asm/termbits.h>
        """;

    @BeforeAll
    static void needsACompiler() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")) && Files.exists(Path.of("/usr/include/stdio.h")),
            "no gcc or no C headers here: generated constants are not compared with the compiler's");
    }

    @Test
    void constantsAreThoseOfTheCompiler(@TempDir final Path directory) throws Exception {
        final Map<String, Integer> generated = constants();
        assertTrue(generated.size() > 300, "found " + generated.size());
        assertEquals(compiled(directory, generated.keySet()), generated);
    }

    @Test
    void layoutsAreThoseOfTheCompiler(@TempDir final Path directory) throws Exception {
        final Map<String, Integer> expected = new LinkedHashMap<>();
        AbiLayoutTest.structures().forEach(row -> {
            final Class<?> structure = (Class<?>) row.get()[0];
            if (structure.getEnclosingClass() == null) {
                final String type = keyword(structure.getSimpleName()) + structure.getSimpleName();
                expected.put("sizeof(" + type + ")", (Integer) row.get()[1]);
                for (final String field : ((String) row.get()[2]).split(" ")) {
                    expected.put("offsetof(" + type + "," + field.split("=")[0] + ")", Integer.valueOf(field.split("=")[1]));
                }
            }
        });
        assertEquals(expected, compiled(directory, expected.keySet()));
    }

    private static String keyword(final String type) {
        return type.endsWith("_t") ? "" : Set.of("epoll_data", "sigval").contains(type) ? "union " : "struct ";
    }

    /** What integer expressions are worth. */
    private static Map<String, Integer> compiled(final Path directory, final Collection<String> expressions) throws Exception {
        final StringBuilder source = new StringBuilder(HEADERS).append("int main(void) {\n");
        expressions.forEach(expression -> source.append("printf(\"%d\\n\", (int) (" + expression + "));\n"));
        final Path file = Files.writeString(directory.resolve("probe.c"), source.append("return 0; }\n"));
        final Path program = directory.resolve("probe");
        run(directory, "/usr/bin/gcc", "-w", "-o", program.toString(), file.toString());
        final Iterator<String> values = run(directory, program.toString()).iterator();
        final Map<String, Integer> result = new LinkedHashMap<>();
        expressions.forEach(expression -> result.put(expression, Integer.valueOf(values.next())));
        return result;
    }

    private static Map<String, Integer> constants() throws IllegalAccessException {
        final Map<String, Integer> found = new LinkedHashMap<>();
        for (final Field field : Linux.class.getFields()) {
            final boolean number = field.getType() == int.class || field.getType() == long.class;
            if (number && Modifier.isStatic(field.getModifiers())) {
                // Two ioctl requests are unsigned longs in C, whose low 32 bits the kernel looks at.
                found.put(field.getName(), ((Number) field.get(null)).intValue());
            }
        }
        return found;
    }

    private static List<String> run(final Path directory, final String... command) throws IOException, InterruptedException {
        final Path output = directory.resolve("output");
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "ends in time: " + List.of(command));
        final List<String> lines = new ArrayList<>(Files.readAllLines(output, StandardCharsets.UTF_8));
        assertEquals(0, process.exitValue(), String.join("\n", lines));
        return lines;
    }
}
