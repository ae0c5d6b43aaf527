package dev.sluice.agent;

import org.agrona.collections.Int2ObjectHashMap;

/**
 * Who has how much of the memory for data that waits to be written, so that one client whose disk hangs leaves the others some: each may
 * have so much of what the others have not that an eighth of that stays free. A client is known by its band of ids.
 *
 * <p>Whoever has its share is slowed down, with everybody else, while its disk gets on; when nothing of it has been written for a while,
 * what it sends beyond is refused instead.
 *
 * <p>Pure state. One owner thread.
 */
final class WriteShares {
    /** Longer than a disk takes for a job; the port may be left unread for so long. */
    static final long PATIENCE_NS = 1_000_000_000;

    private final Int2ObjectHashMap<Share> byBand = new Int2ObjectHashMap<>();
    private final long limit;
    private long used;

    /** What one client has. */
    private static final class Share {
        private long used;
        private int jobs;
        private long progressNs;
    }

    /**
     * Nobody has any.
     *
     * @param limit bytes for all together
     */
    WriteShares(final long limit) {
        this.limit = limit;
    }

    private Share share(final int band) {
        Share share = byBand.get(band);
        if (share == null) {
            share = new Share();
            byBand.put(band, share);
        }
        return share;
    }

    private void forget(final int band, final Share share) {
        if (share.used == 0 && share.jobs == 0) {
            byBand.remove(band);
        }
    }

    /** Memory has been taken for a client's data. */
    void took(final int band, final long bytes) {
        share(band).used += bytes;
        used += bytes;
    }

    /** Memory is free again. */
    void gaveBack(final int band, final long bytes) {
        final Share share = share(band);
        share.used -= bytes;
        used -= bytes;
        forget(band, share);
    }

    /** Something is to be written. */
    void jobBegan(final int band, final long nowNs) {
        final Share share = share(band);
        if (share.jobs++ == 0) {
            share.progressNs = nowNs;
        }
    }

    /** It has been written, or the disk said why not. */
    void jobEnded(final int band, final long nowNs) {
        share(band).progressNs = nowNs;
        jobCancelled(band);
    }

    /** It will not be written. */
    void jobCancelled(final int band) {
        final Share share = share(band);
        share.jobs--;
        forget(band, share);
    }

    /** @return bytes that a client has */
    long used(final int band) {
        final Share share = byBand.get(band);
        return share == null ? 0 : share.used;
    }

    /** @return whether a client has as much as it may have while others have what they have */
    boolean isUsedUp(final int band) {
        final Share share = byBand.get(band);
        return share != null && isUsedUp(share);
    }

    private boolean isUsedUp(final Share share) {
        final long left = limit - (used - share.used);
        return share.used >= left - left / 8;
    }

    /** @return whether something of a client's has waited so long to be written without anything of it having been written */
    boolean hangs(final int band, final long nowNs, final long patienceNs) {
        final Share share = byBand.get(band);
        return share != null && hangs(share, nowNs, patienceNs);
    }

    private static boolean hangs(final Share share, final long nowNs, final long patienceNs) {
        return share.jobs > 0 && nowNs - share.progressNs >= patienceNs;
    }

    /** @return whether a client that has its share will soon have less, so that it is worth waiting for */
    boolean isWorthWaiting(final long nowNs) {
        for (final Share share : byBand.values()) {
            if (isUsedUp(share) && !hangs(share, nowNs, PATIENCE_NS)) {
                return true;
            }
        }
        return false;
    }
}
