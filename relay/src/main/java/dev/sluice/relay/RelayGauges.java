package dev.sluice.relay;

/** Brings the gauges among a relay's counters up to date, from those who know. One owner thread, the loop's. No allocation. */
final class RelayGauges {
    private final RelayCounters counters;
    private final ClientTable clients;
    private final RangeTable ranges;
    private final GuestLink guest;
    private final Upstream upstream;
    private final ExecLogTap tap;

    RelayGauges(
        final RelayCounters counters, final ClientTable clients, final RangeTable ranges, final GuestLink guest, final Upstream upstream,
        final ExecLogTap tap) {
        this.counters = counters;
        this.clients = clients;
        this.ranges = ranges;
        this.guest = guest;
        this.upstream = upstream;
        this.tap = tap;
    }

    /** Costs some stores, and a look at every range when something waits for the guest: for ticks and sleeps, not for every pass. */
    void publish() {
        counters.set(RelayCounter.CLIENTS_CONNECTED, clients.connected());
        counters.set(RelayCounter.RANGES_QUARANTINED, ranges.quarantinedCount());
        counters.set(RelayCounter.SESSIONS_OPEN, ranges.sessionsOpen());
        counters.set(RelayCounter.GUEST_READY, guest.isReady() && guest.hasPort() ? 1 : 0);
        if (tap != null) {
            tap.publishCounts();
        }
        counters.set(RelayCounter.GUEST_WAITING_BYTES, upstream.isIdle() ? 0 : waitingBytes());
    }

    private long waitingBytes() {
        long bytes = 0;
        for (int range = 0; range < RangeTable.RANGES; range++) {
            final ClientConnection client = clients.byRange(range);
            bytes += client == null ? 0 : client.input().run().length();
        }
        return bytes;
    }
}
