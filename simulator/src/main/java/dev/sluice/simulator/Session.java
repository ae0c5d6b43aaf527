package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimRandom;

/** A session as the world knows it: what its client opened, how far its guest is, what its client has seen of it. */
final class Session {
    /** Sessions without a window. */
    static final int UNLIMITED = 0;

    private final Connection connection;
    private final int id;
    private final FrameKind opener;
    private final int window;

    /** Bytes of data frames that the guest may still send. */
    private int credit;
    /** Bytes of data frames that the client has received and not yet granted anew. */
    private int consumed;
    /** Data frames that the guest will send yet. */
    private int dataLeft;
    private boolean started;
    /** The program does not end by itself. */
    private boolean endless;
    /** The program says a lot. */
    private boolean flood;
    private boolean killed;
    private boolean reachedGuest;
    private boolean endedByGuest;
    private int terminalsSeen;
    /** What its program writes; null for what is no program. */
    private final Output[] outputs;
    private final boolean tty;
    /** Frames of it were left out, as those of a session that cannot be recorded are. */
    private boolean unrecorded;

    Session(final Connection connection, final int id, final FrameKind opener, final int window, final SimRandom random) {
        this.connection = connection;
        this.id = id;
        this.opener = opener;
        this.window = window;
        this.credit = window;
        this.outputs = opener == FrameKind.EXEC_REQUEST ? new Output[] {new Output(random), new Output(random)} : null;
        this.tty = outputs != null && random.chance(4);
    }

    /** @return what its program writes to standard output (0) or error (1) */
    Output output(final int stream) {
        return outputs[stream];
    }

    boolean isProgram() {
        return outputs != null;
    }

    /** @return whether its program has a terminal, which has one output */
    boolean hasTerminal() {
        return tty;
    }

    boolean isUnrecorded() {
        return unrecorded;
    }

    void leaveUnrecorded() {
        unrecorded = true;
    }

    Connection connection() {
        return connection;
    }

    int generation() {
        return connection.epoch().generation();
    }

    int id() {
        return id;
    }

    FrameKind opener() {
        return opener;
    }

    int window() {
        return window;
    }

    int credit() {
        return window == UNLIMITED ? Integer.MAX_VALUE : credit;
    }

    void spend(final int bytes) {
        credit -= bytes;
    }

    void granted(final int bytes) {
        credit += bytes;
    }

    void consume(final int bytes) {
        consumed += bytes;
    }

    /** How much the client grants now: nothing until half the window is used up. */
    int grantDue() {
        return window != UNLIMITED && terminalsSeen == 0 && consumed >= Math.max(1, window / 2) ? consumed : 0;
    }

    void grantSent() {
        consumed = 0;
    }

    int dataLeft() {
        return dataLeft;
    }

    void dataLeft(final int frames) {
        dataLeft = frames;
    }

    boolean started() {
        return started;
    }

    void start() {
        started = true;
    }

    boolean endless() {
        return endless;
    }

    void endless(final boolean value) {
        endless = value;
    }

    boolean floods() {
        return flood;
    }

    void flood() {
        flood = true;
    }

    boolean killed() {
        return killed;
    }

    void kill() {
        killed = true;
    }

    boolean hasReachedGuest() {
        return reachedGuest;
    }

    void reachGuest() {
        reachedGuest = true;
    }

    boolean endedByGuest() {
        return endedByGuest;
    }

    void endByGuest() {
        endedByGuest = true;
    }

    int terminalsSeen() {
        return terminalsSeen;
    }

    void seeTerminal() {
        if (terminalsSeen++ == 0) {
            connection.sessionEnded();
        }
    }

    @Override
    public String toString() {
        return "session[" + Integer.toUnsignedString(id) + " " + opener + " of " + connection + "]";
    }
}
