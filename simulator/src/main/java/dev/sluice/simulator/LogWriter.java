package dev.sluice.simulator;

import java.util.function.BooleanSupplier;

/**
 * The relay's thread that writes the exec log: it gets its turns from the world, and is away for as long as the disk takes over a call, or
 * for good.
 */
final class LogWriter extends Actor {
    private static final long NOT_REFUSED = -1;

    private final World world;
    private BooleanSupplier pass;
    private long busyUntilNs;
    private long refusedSinceTurn = NOT_REFUSED;
    private boolean everRefused;

    LogWriter(final World world) {
        this.world = world;
    }

    /** The relay has said what has to be called. */
    void passes(final BooleanSupplier value) {
        pass = value;
    }

    @Override
    String name() {
        return "log writer";
    }

    @Override
    boolean step() {
        final boolean hangs = world.scenario().log().hangs() && world.hasBegun() && world.phase() != World.Phase.ENDING;
        if (pass == null || hangs || world.nowNs() < busyUntilNs) {
            return false;
        }
        final long calls = world.disk().calls();
        final long refusals = world.disk().refusals();
        final boolean progress = world.kernel().runWriter(pass);
        busyUntilNs = world.nowNs() + world.kernel().takeWriterNs();
        dueNs(busyUntilNs);
        if (world.disk().refusals() > refusals) {
            everRefused = true;
            if (refusedSinceTurn == NOT_REFUSED) {
                refusedSinceTurn = world.kernel().turns();
                world.ledger().saw("disk refusals");
            }
        } else if (world.disk().calls() > calls) {
            refusedSinceTurn = NOT_REFUSED;
        }
        return progress;
    }

    /** @return how many turns of its loop the relay has begun since it could know that the disk takes nothing; 0 while it takes all */
    long turnsRefused() {
        return refusedSinceTurn == NOT_REFUSED ? 0 : world.kernel().turns() - refusedSinceTurn;
    }

    /** @return whether the disk has ever refused a call */
    boolean everRefused() {
        return everRefused;
    }
}
