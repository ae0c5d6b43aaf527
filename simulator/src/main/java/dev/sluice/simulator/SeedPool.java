package dev.sluice.simulator;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Seeds run by several threads, each with a world of its own. What comes out does not depend on how many there are: seeds are handed out in
 * order, and once enough have failed those before them are run to their end, so that the failures reported are those of the lowest seeds.
 *
 * <p>Thread safe.
 */
final class SeedPool {
    private final Transport transport;
    private final PrintStream live;
    private final Map<String, Long> seen = new TreeMap<>();
    private final long first;
    private final int seeds;
    private int taken;
    private int finished;
    private long calls;
    private long virtualNs;
    private final TreeMap<Long, SeedRunner.SeedFailure> failures = new TreeMap<>();
    private final int mostFailures;
    private Throwable accident;

    /**
     * @param first seed
     * @param seeds how many, each by one more than the one before
     * @param transport of the guest's console, or null to draw it from each seed
     * @param mostFailures after so many no more are begun, at least 1
     * @param live where every line of a trace is printed as it comes, or null
     */
    SeedPool(
        final long first, final int seeds, final Transport transport, final int mostFailures, final PrintStream live) {
        this.mostFailures = mostFailures;
        this.first = first;
        this.seeds = seeds;
        this.transport = transport;
        this.live = live;
    }

    /**
     * Runs the seeds. To be called once.
     *
     * @param jobs how many threads, at least 1
     * @param progress called again and again, from the calling thread
     * @param everyMillis how often
     * @return the failures of the lowest seeds that fail, in their order
     */
    List<SeedRunner.SeedFailure> run(final int jobs, final Runnable progress, final long everyMillis) throws InterruptedException {
        final List<Thread> threads = new ArrayList<>();
        for (int job = 1; job <= jobs; job++) {
            threads.add(Thread.ofPlatform().name("seeds-" + job).start(this::work));
        }
        for (final Thread thread : threads) {
            while (thread.isAlive()) {
                thread.join(everyMillis);
                progress.run();
            }
        }
        synchronized (this) {
            if (accident != null) {
                throw new IllegalStateException("the simulator cannot go on", accident);
            }
            return failures.values().stream().limit(mostFailures).toList();
        }
    }

    private void work() {
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, live)) {
            for (int index = take(); index >= 0; index = take()) {
                try {
                    add(runner.run(Scenario.draw(first + index, transport)));
                } catch (final SeedRunner.SeedFailure e) {
                    fail(e);
                }
            }
        } catch (final IOException | RuntimeException | Error e) {
            giveUp(e);
        }
    }

    private synchronized int take() {
        return taken < seeds && failures.size() < mostFailures && accident == null ? taken++ : -1;
    }

    private synchronized void add(final Report report) {
        finished++;
        calls += report.calls();
        virtualNs += report.elapsedNs();
        report.seen().forEach((what, times) -> seen.merge(what, times, Long::sum));
    }

    private synchronized void fail(final SeedRunner.SeedFailure e) {
        failures.put(e.seed() - first, e);
    }

    private synchronized void giveUp(final Throwable e) {
        accident = e;
    }

    synchronized int finished() {
        return finished;
    }

    /** @return system calls of all relays */
    synchronized long calls() {
        return calls;
    }

    /** @return simulated time of all runs */
    synchronized long virtualNs() {
        return virtualNs;
    }

    /** @return what was seen how often, in all runs; of a pool whose threads have ended */
    synchronized Map<String, Long> seen() {
        return seen;
    }
}
