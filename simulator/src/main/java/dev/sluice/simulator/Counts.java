package dev.sluice.simulator;

import dev.sluice.relay.RelayCounter;
import dev.sluice.relay.RelayCounters;
import dev.sluice.simulator.kernel.SimulationFailure;

/** Whether the relay's counters account for everything that the world has seen. */
final class Counts {
    private final Ledger ledger;
    private final SimGuest guest;
    private final RelayCounters counters;
    private final boolean settled;

    Counts(final Scenario scenario, final World world, final RelayCounters counters) {
        this.ledger = world.ledger();
        this.guest = world.guest();
        this.counters = counters;
        settled = scenario.guest().faithful() && !scenario.log().failsClosed() && guest.portsEnded() == 0
            && scenario.ending() == Scenario.Ending.ORDERED;
    }

    /** To be called when the guest has read what was on its way. */
    void check() {
        for (final RelayCounter counter : RelayCounter.values()) {
            ledger.saw("relay: " + counter.label(), counters.get(counter));
        }
        atMost(guest.hasLied() ? 0 : sum(
            RelayCounter.FRAMES_TO_CLIENTS, RelayCounter.GUEST_FRAMES_FOR_NOBODY, RelayCounter.GUEST_FRAMES_QUARANTINED,
            RelayCounter.GUEST_FRAMES_NOT_RECORDED, RelayCounter.GUEST_CONTROL_DROPPED, RelayCounter.GUEST_FRAMES_BEFORE_READY,
            RelayCounter.GUESTS_READY),
            ledger.count("frames begun by guests"), "frames taken from the guest");
        atMost(sum(RelayCounter.CLIENTS_ACCEPTED, RelayCounter.CLIENTS_REFUSED_FULL), ledger.count("connections"), "connections");
        atMost(guest.hasLied() ? 0 : sum(RelayCounter.GUESTS_LOST),
            guest.portsEnded() + guest.restarts() + (ledger.isStopping() ? 1 : 0), "guests lost");
        atMost(violations(), ledger.count("violations"), "violations");
        atMost(ledger.count("connections evicted"), sum(RelayCounter.CLIENTS_EVICTED_SLOW), "clients evicted");
        if (settled) {
            checkExactly();
        }
    }

    /** One guest from the beginning to the end, and everything has settled: nothing may be missing. */
    private void checkExactly() {
        same(sum(RelayCounter.FRAMES_TO_CLIENTS, RelayCounter.GUEST_FRAMES_FOR_NOBODY, RelayCounter.GUEST_FRAMES_QUARANTINED,
            RelayCounter.GUEST_FRAMES_NOT_RECORDED, RelayCounter.GUEST_CONTROL_DROPPED, RelayCounter.GUEST_FRAMES_BEFORE_READY,
            RelayCounter.GUESTS_READY),
            ledger.count("frames written by guests"), "frames taken from the guest");
        same(sum(RelayCounter.FRAMES_TO_GUEST), ledger.count("frames received by guests"), "frames to the guest");
        same(sum(RelayCounter.BYTES_TO_GUEST), ledger.count("bytes arrived at guests"), "bytes to the guest");
        same(sum(RelayCounter.SESSIONS_KILLED), ledger.count("kills received by guests"), "sessions killed");
        same(sum(RelayCounter.SESSIONS_OPENED), ledger.count("sessions arrived at guests"), "sessions opened");
        same(sum(RelayCounter.GUESTS_READY), 1, "guests ready");
        same(sum(RelayCounter.GUESTS_LOST), 0, "guests lost");
        same(sum(RelayCounter.SESSIONS_FAILED), 0, "sessions failed by the relay");
        same(sum(RelayCounter.CLIENT_IO_ERRORS), 0, "errors on clients' connections");
    }

    private long violations() {
        return sum(RelayCounter.CLIENT_FRAMES_TOO_SHORT, RelayCounter.CLIENT_FRAMES_TOO_LONG, RelayCounter.CLIENT_FRAMES_FOREIGN_ID,
            RelayCounter.CLIENT_FRAMES_BAD_CONTROL);
    }

    private long sum(final RelayCounter... which) {
        long sum = 0;
        for (final RelayCounter counter : which) {
            sum += counters.get(counter);
        }
        return sum;
    }

    private static void same(final long counted, final long seen, final String what) {
        SimulationFailure.unless(counted == seen, () -> "counters do not account for " + what + ": counted=" + counted + " seen=" + seen);
    }

    private static void atMost(final long counted, final long seen, final String what) {
        SimulationFailure.unless(counted <= seen, () -> "more " + what + " than there were: counted=" + counted + " seen=" + seen);
    }
}
