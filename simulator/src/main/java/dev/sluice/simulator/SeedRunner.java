package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimClock;
import dev.sluice.simulator.kernel.SimDisk;
import dev.sluice.simulator.kernel.SimKernel;
import dev.sluice.simulator.kernel.SimRandom;
import dev.sluice.simulator.kernel.Trace;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;

/**
 * Runs seeds, one after the other. What the relay logs goes into the trace; the files that sockets leave are kept in a directory of their
 * own.
 *
 * <p>One thread, which makes it; there may be several in a process.
 */
final class SeedRunner implements AutoCloseable {
    private static final int RELAY_BUFFER_DEFAULT = 212_992;

    private final LogHandler logs = new LogHandler();
    private final Path directory;
    private final Simulation.KernelMaker maker;
    private final PrintStream live;

    /** A run broke a promise. */
    static final class SeedFailure extends AssertionError {
        private static final long serialVersionUID = 1L;

        private final long seed;

        private SeedFailure(final Scenario scenario, final Kill kill, final Trace trace, final Throwable cause) {
            super(message(scenario, kill, trace, cause), cause);
            this.seed = scenario.seed();
        }

        long seed() {
            return seed;
        }

        private static String message(final Scenario scenario, final Kill kill, final Trace trace, final Throwable cause) {
            return "seed " + scenario.seed() + " (" + scenario.transport().word() + ")" + (kill == Kill.NONE ? ": " : ", " + kill + ": ")
                + (cause.getMessage() == null ? cause.toString() : cause.getMessage()) + "\n" + scenario + "\nlast of the trace:\n  "
                + String.join("\n  ", trace.tail());
        }
    }

    /** Prepares for runs. @param live where every line of a trace is printed as it comes, or null */
    SeedRunner(final Simulation.KernelMaker maker, final PrintStream live) throws IOException {
        this.maker = maker;
        this.live = live;
        this.directory = Files.createTempDirectory("sluice-simulator");
        logs.attach();
    }

    static SimKernel soundKernel(
        final SimClock clock, final SimRandom random, final Trace trace, final World world) {
        return new SimKernel(clock, random, trace, world, RELAY_BUFFER_DEFAULT, world.disk());
    }

    /** Runs one seed. @throws SeedFailure if it breaks a promise, with all there is to know */
    Report run(final Scenario scenario) {
        return run(scenario, scenario.log().diesAtCall() == 0 ? Kill.NONE : new Kill(Kill.Victim.RELAY, scenario.log().diesAtCall()));
    }

    /** Runs one seed in which somebody dies at an exact point. @throws SeedFailure if it breaks a promise */
    Report run(final Scenario scenario, final Kill kill) {
        Trace trace = null;
        try {
            final SimDisk disk = new SimDisk(new SimRandom(SimRandom.mix(~scenario.seed())));
            final Simulation simulation = new Simulation(scenario, kill, disk, directory, maker, live);
            trace = simulation.trace();
            logs.trace = trace;
            final Report report = simulation.run(new byte[0]);
            if (!simulation.hasDied()) {
                return report;
            }
            clear();
            final Simulation next = new Simulation(scenario.afterDeath(), Kill.NONE, disk, directory, maker, live);
            trace = next.trace();
            logs.trace = trace;
            return report.plus(next.run(simulation.log()));
        } catch (final IOException | RuntimeException | AssertionError e) {
            throw new SeedFailure(scenario, kill, trace, e);
        } finally {
            clear();
        }
    }

    private void clear() {
        try (Stream<Path> files = Files.list(directory)) {
            for (final Path file : files.toList()) {
                Files.delete(file);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        logs.detach();
        Files.delete(directory);
    }

    /** Puts log lines of one thread where they can be seen beside what caused them. */
    private static final class LogHandler extends Handler {
        private static final Logger LOGGER = Logger.getLogger("dev.sluice");

        private final Formatter formatter = new SimpleFormatter();
        private final Thread owner = Thread.currentThread();
        private Trace trace;

        void attach() {
            synchronized (LOGGER) {
                LOGGER.setUseParentHandlers(false);
                LOGGER.addHandler(this);
            }
        }

        void detach() {
            synchronized (LOGGER) {
                LOGGER.removeHandler(this);
                LOGGER.setUseParentHandlers(LOGGER.getHandlers().length == 0);
            }
        }

        @Override
        public void publish(final LogRecord record) {
            if (trace != null && Thread.currentThread() == owner) {
                trace.add("log", formatter.formatMessage(record));
            }
        }

        @Override
        public void flush() {
        }

        @Override
        public void close() {
        }
    }
}
