package dev.sluice.simulator;

import dev.sluice.simulator.kernel.DefectiveKernel;
import dev.sluice.simulator.kernel.DefectiveKernel.Defect;
import java.io.IOException;
import java.util.Locale;

/**
 * What it costs to find each canary: the figures by which the sizes of scenarios are chosen. Prints a line for each defect. Run from the
 * simulator's folder, as tests are:
 *
 * <pre>
 *   CanaryTable [FOUND [CPU_SECONDS [NAME...]]]
 * </pre>
 *
 * <p>Seeds are run from 1 on until the defect has been found FOUND times, or for CPU_SECONDS. Time is that of the thread that runs seeds.
 */
public final class CanaryTable {
    private static final int SEEDS_MOST = 10_000;
    private static final int FOUND_DEFAULT = 10;
    private static final int SECONDS_DEFAULT = 20;

    private CanaryTable() {
    }

    /**
     * Prints the table.
     *
     * @param args as described above
     * @throws Exception if a defect cannot be made
     */
    public static void main(final String[] args) throws Exception {
        final int found = args.length > 0 ? Integer.parseInt(args[0]) : FOUND_DEFAULT;
        final int seconds = args.length > 1 ? Integer.parseInt(args[1]) : SECONDS_DEFAULT;
        System.out.printf("%-40s %8s %8s %8s %10s %10s%n", "defect", "first", "found", "seeds", "seeds each", "cpu ms each");
        for (final Defect defect : Defect.values()) {
            if (wanted(args, defect.name())) {
                print(defect.name(), kernelRates(defect, found, seconds));
            }
        }
        for (final RelayDefect defect : RelayDefect.values()) {
            if (wanted(args, defect.name())) {
                try (DefectiveRelay relay = new DefectiveRelay(defect)) {
                    print(defect.name(), relay.rates(SEEDS_MOST, found, seconds));
                }
            }
        }
    }

    private static boolean wanted(final String[] args, final String name) {
        for (int i = 2; i < args.length; i++) {
            if (name.contains(args[i])) {
                return true;
            }
        }
        return args.length <= 2;
    }

    private static long[] kernelRates(final Defect defect, final int found, final int seconds) throws IOException {
        try (SeedRunner runner = new SeedRunner(
            (clock, random, trace, world) -> new DefectiveKernel(defect, clock, random, trace, world, world.disk()), null)) {
            return DefectiveRelay.Seeds.rates(runner, SEEDS_MOST, found, seconds);
        }
    }

    private static void print(final String name, final long[] rates) {
        final double found = rates[1];
        System.out.printf(Locale.ROOT, "%-40s %8d %8d %8d %10.1f %10.1f%n",
            name, rates[0], rates[1], rates[2], rates[2] / found, rates[3] / 1e6 / found);
    }
}
