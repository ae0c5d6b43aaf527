package dev.sluice.simulator;

import dev.sluice.port.Port;
import dev.sluice.relay.Relay;
import dev.sluice.ring.RingReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The shipped relay with one defect: the classes it is in are compiled anew from their changed sources, and the simulator runs with them in
 * a class loader of its own. Nothing of this is in the relay itself.
 */
final class DefectiveRelay implements AutoCloseable {
    /** Modules whose classes may be changed. */
    private static final List<String> MODULES = List.of("relay", "ring", "port");

    private final Path directory;
    private final URLClassLoader loader;

    DefectiveRelay(final RelayDefect defect) throws IOException {
        this(defect.name(), defect.changes());
    }

    /**
     * @param name of the defect
     * @param changes what it is
     */
    DefectiveRelay(final String name, final List<RelayDefect.Change> changes) throws IOException {
        directory = Files.createTempDirectory("sluice-defect");
        compile(changedSources(name, changes));
        loader = new OwnClasses(new URL[] {
            directory.resolve("classes").toUri().toURL(), location(Relay.class), location(RingReader.class),
            location(Port.class), location(Simulation.class), location(DefectiveRelay.class)});
        loader.setDefaultAssertionStatus(true);
    }

    private static URL location(final Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    private static Path source(final String className) {
        for (final String module : MODULES) {
            final Path path = Path.of("..", module, "src", "main", "java", "dev", "sluice", module, className + ".java");
            if (Files.exists(path)) {
                return path;
            }
        }
        throw new AssertionError("no such class: " + className);
    }

    private static Map<String, String> changedSources(final String defect, final List<RelayDefect.Change> changes) throws IOException {
        final Map<String, String> sources = new LinkedHashMap<>();
        for (final RelayDefect.Change change : changes) {
            final String name = change.className();
            final String source = sources.containsKey(name) ? sources.get(name) : Files.readString(source(name));
            final int at = source.indexOf(change.before());
            if (at < 0) {
                throw new AssertionError(defect + ": " + name + " has changed, so does the defect have to: " + change.before());
            }
            sources.put(name, source.substring(0, at) + change.after() + source.substring(at + change.before().length()));
        }
        return sources;
    }

    private void compile(final Map<String, String> sources) throws IOException {
        final List<Path> files = new ArrayList<>();
        for (final Map.Entry<String, String> source : sources.entrySet()) {
            files.add(Files.writeString(directory.resolve(source.getKey() + ".java"), source.getValue()));
        }
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            final List<String> options = List.of(
                "-d", Files.createDirectory(directory.resolve("classes")).toString(), "-proc:none", "-nowarn",
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
            if (!compiler.getTask(null, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files)).call()) {
                throw new AssertionError("the defect does not compile: " + sources.keySet());
            }
        }
    }

    /** Runs seeds until one fails. @return which one, and why; null when none does */
    String firstFailure(final int seeds) throws Exception {
        return (String) Class.forName(Seeds.class.getName(), true, loader).getMethod("firstFailure", int.class).invoke(null, seeds);
    }

    /** Runs seeds of guests with rings, with the peer at every look at a ring, until one fails. @return which one, and why; or null */
    String firstFailureOfRings(final int seeds) throws Exception {
        return (String) Class.forName(Seeds.class.getName(), true, loader)
            .getMethod("firstFailureOfRings", int.class).invoke(null, seeds);
    }

    /** Runs seeds as {@link Seeds#rates(SeedRunner, int, int, int)} does. */
    long[] rates(final int seeds, final int found, final int seconds) throws Exception {
        return (long[]) Class.forName(Seeds.class.getName(), true, loader)
            .getMethod("rates", int.class, int.class, int.class).invoke(null, seeds, found, seconds);
    }

    @Override
    public void close() throws IOException {
        loader.close();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** What runs inside the class loader. */
    public static final class Seeds {
        private Seeds() {
        }

        /** Runs seeds from 1 on. */
        public static String firstFailure(final int seeds) throws IOException {
            return firstFailure(seeds, null, SeedRunner::soundKernel);
        }

        /** Runs seeds of guests with rings from 1 on. */
        public static String firstFailureOfRings(final int seeds) throws IOException {
            return firstFailure(seeds, Transport.RING, (clock, random, trace, world) -> {
                Interference.by(() -> world.guest().interfere());
                return SeedRunner.soundKernel(clock, random, trace, world);
            });
        }

        private static String firstFailure(final int seeds, final Transport transport, final Simulation.KernelMaker maker)
            throws IOException {
            try (SeedRunner runner = new SeedRunner(maker, null)) {
                for (int seed = 1; seed <= seeds; seed++) {
                    try {
                        runner.run(Scenario.draw(seed, transport));
                    } catch (final SeedRunner.SeedFailure e) {
                        return e.getMessage().lines().findFirst().orElseThrow();
                    }
                }
            }
            return null;
        }

        /** As {@link #rates(SeedRunner, int, int, int)}, with a sound kernel. */
        public static long[] rates(final int seeds, final int found, final int seconds) throws IOException {
            try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
                return rates(runner, seeds, found, seconds);
            }
        }

        /**
         * Runs seeds from 1 on, until so many have failed or so much time has been used.
         *
         * @return the first that failed or 0, how many failed, how many ran, nanoseconds of this thread
         */
        static long[] rates(final SeedRunner runner, final int seeds, final int found, final int seconds) throws IOException {
            final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            final long startNs = threads.getCurrentThreadCpuTime();
            final long[] rates = new long[4];
            while (rates[2] < seeds && rates[1] < found && rates[3] < TimeUnit.SECONDS.toNanos(seconds)) {
                rates[2]++;
                try {
                    runner.run(Scenario.draw(rates[2], null));
                } catch (final SeedRunner.SeedFailure e) {
                    rates[0] = rates[1] == 0 ? rates[2] : rates[0];
                    rates[1]++;
                }
                rates[3] = threads.getCurrentThreadCpuTime() - startNs;
            }
            return rates;
        }
    }

    /** Loads relay, ring, port and simulator itself, the rest as usual. */
    private static final class OwnClasses extends URLClassLoader {
        private static final List<String> OWN =
            List.of("dev.sluice.relay.", "dev.sluice.ring.", "dev.sluice.port.", "dev.sluice.simulator.");

        OwnClasses(final URL[] locations) {
            super(locations, DefectiveRelay.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(final String name, final boolean resolve) throws ClassNotFoundException {
            if (OWN.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                final Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }
}
