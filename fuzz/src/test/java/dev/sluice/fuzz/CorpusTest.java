package dev.sluice.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every committed input, then for a second inputs like it: what each build does of what {@code fuzz/run} does for hours. */
class CorpusTest {
    private static final long MUTATING_NS = TimeUnit.SECONDS.toNanos(1);

    /** A line of the table of targets. */
    record Target(String name, String className, int maxLength) {
        Path corpus() {
            return Path.of("corpus", name + ".hex");
        }

        MethodHandle method() throws ReflectiveOperationException {
            return MethodHandles.publicLookup().findStatic(
                Class.forName(className), "fuzzerTestOneInput", MethodType.methodType(void.class, byte[].class));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Target> targets() throws IOException {
        return Files.readAllLines(Path.of("targets")).stream().filter(line -> !line.startsWith("#")).map(line -> line.split(" +"))
            .map(words -> new Target(words[0], words[1], Integer.parseInt(words[2]))).toList();
    }

    @Test
    void everyTargetHasACorpusAndEveryCorpusATarget() throws IOException {
        final TreeSet<String> corpora = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("corpus"))) {
            files.forEach(file -> corpora.add(file.toString()));
        }
        final TreeSet<String> expected = new TreeSet<>();
        targets().forEach(target -> expected.add(target.corpus().toString()));
        assertEquals(expected, corpora);
    }

    @ParameterizedTest
    @MethodSource("targets")
    void keepsItsPromises(final Target target) throws Throwable {
        final List<byte[]> corpus = Corpus.read(target.corpus());
        assertFalse(corpus.isEmpty());
        final MethodHandle method = target.method();
        for (final byte[] input : corpus) {
            run(method, input);
        }
        final Mutator mutator = new Mutator(corpus, target.maxLength(), new SplittableRandom(Seeds.next(target.name())));
        final long end = System.nanoTime() + MUTATING_NS;
        long runs = 0;
        while (System.nanoTime() - end < 0) {
            run(method, mutator.next());
            runs++;
        }
        System.out.printf("%s: %d committed inputs, %d mutated ones%n", target, corpus.size(), runs);
    }

    private static void run(final MethodHandle method, final byte[] input) {
        try {
            method.invokeExact(input);
        } catch (final Throwable e) {
            fail("input " + HexFormat.of().formatHex(input), e);
        }
    }
}
