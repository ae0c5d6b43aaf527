package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A directory under a short path, and the processes that a test starts in it. Nothing of either is left when it is closed. Thread safe. */
final class Workspace implements AutoCloseable {
    private final ProcessTag tag = new ProcessTag();
    private final Path directory;
    private final Path temporary;
    private final Set<Program> programs = ConcurrentHashMap.newKeySet();

    Workspace() throws IOException {
        // Not below the build's directory: a socket's path has little more than 100 bytes.
        directory = Files.createTempDirectory("sluice-test");
        temporary = Files.createDirectory(directory.resolve("tmp"));
    }

    Path path(final String name) {
        return directory.resolve(name);
    }

    /** Where the programs started here put their temporary files. */
    Path temporary() {
        return temporary;
    }

    ProcessTag tag() {
        return tag;
    }

    /** Starts any program; its standard input is a pipe. */
    Program start(final List<String> command) throws IOException {
        return start(null, command);
    }

    Program start(final File input, final List<String> command) throws IOException {
        final Program program = new Program(tag, temporary, input, command);
        programs.add(program);
        return program;
    }

    /** Starts {@code sluice}. */
    Program sluice(final String... arguments) throws IOException {
        return sluice(List.of(), arguments);
    }

    /** Starts {@code sluice} with a file as its standard input. */
    Program sluice(final File input, final String... arguments) throws IOException {
        return start(input, Sluice.command(jvmOptions(), Arrays.asList(arguments)));
    }

    /** Starts {@code sluice} with more options for its JVM. */
    Program sluice(final List<String> moreJvmOptions, final String... arguments) throws IOException {
        final List<String> options = new ArrayList<>(jvmOptions());
        options.addAll(moreJvmOptions);
        return start(Sluice.command(options, Arrays.asList(arguments)));
    }

    private List<String> jvmOptions() {
        return List.of("-Djava.io.tmpdir=" + temporary);
    }

    /** Ends a program before the workspace does. */
    void end(final Program program) {
        program.close();
        programs.remove(program);
    }

    /** Fails unless the processes started here are all that is left of what ran, within the limit, and no temporary file is. */
    void assertOnlyLeft(final Duration limit, final Program... running) throws Exception {
        final Set<Long> allowed = Arrays.stream(running).map(Program::pid).collect(Collectors.toCollection(TreeSet::new));
        tag.awaitOnly(allowed, limit);
        assertEquals(List.of(), temporaryFiles(), "temporary files left");
    }

    private List<Path> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.toList();
        }
    }

    /** Ends whatever was started here, and whatever that has started, then deletes the directory. Interrupted or not. */
    @Override
    public void close() throws IOException {
        try {
            programs.forEach(Program::kill);
            tag.killAll();
            programs.forEach(Program::close);
        } finally {
            deleteAll();
        }
    }

    private void deleteAll() throws IOException {
        final List<Path> all;
        try (Stream<Path> files = Files.walk(directory)) {
            all = new ArrayList<>(files.toList());
        }
        for (final Path file : all.reversed()) {
            Files.delete(file);
        }
    }
}
