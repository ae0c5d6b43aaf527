package dev.sluice.relay;

import dev.sluice.execlog.LogSource;

/** An exec session that the log follows: its number there, and what the log has yet to be told of it. One owner thread. */
final class LoggedSession {
    private static final long UNKNOWN = -1;

    private final long number;
    private final int id;
    private final LogSource output;
    private final LogCredit credit;
    private final long[] lost = new long[LogCredit.STREAMS];
    private final long[] lostCredit = new long[LogCredit.STREAMS];
    private final long[] over = new long[LogCredit.STREAMS];
    private final long[] overTold = new long[LogCredit.STREAMS];
    private long quotaLeft;
    private boolean ended;
    private boolean due;
    private boolean condemned;
    private boolean withheld;
    private boolean endTold;
    private boolean spoken;
    private boolean requestSent;
    private long emptiedBefore = UNKNOWN;
    private boolean inLog;
    private boolean holding;
    private boolean grantDue;
    private final long[] grants = new long[LogCredit.STREAMS];

    /**
     * @param credit null for a session without windows
     * @param quota how many bytes are recorded of both streams together
     */
    LoggedSession(final long number, final int id, final boolean tty, final LogCredit credit, final long quota) {
        this.number = number;
        this.id = id;
        this.output = tty ? LogSource.OUTPUT : LogSource.STDOUT;
        this.credit = credit;
        this.quotaLeft = quota;
    }

    long number() {
        return number;
    }

    int id() {
        return id;
    }

    LogCredit credit() {
        return credit;
    }

    /** {@return the source of a stream: 0 for standard output or a terminal's, 1 for standard error} */
    int source(final int stream) {
        return (stream == 0 ? output : LogSource.STDERR).ordinal();
    }

    int what(final int stream) {
        return ExecLogRecord.what(source(stream), credit == null ? ExecLogRecord.NO_SLOT : credit.slot());
    }

    void lose(final int stream, final long bytes, final long wireBytes) {
        lost[stream] += bytes;
        lostCredit[stream] += wireBytes;
    }

    /** {@return how many more bytes are recorded} */
    long quotaLeft() {
        return quotaLeft;
    }

    void recorded(final int bytes) {
        quotaLeft -= bytes;
        inLog = true;
    }

    /** Bytes of a stream are beyond the quota. */
    void exceed(final int stream, final long bytes) {
        over[stream] += bytes;
    }

    /** {@return whether the log is to be told what is beyond the quota: at once, then whenever it has doubled, and at the end} */
    private boolean isOverDue(final int stream) {
        return over[stream] > (ended ? 0 : overTold[stream]);
    }

    /** {@return whether the log has to be told of missing bytes before anything else} */
    boolean hasLost() {
        return (lost[0] | lost[1] | lostCredit[0] | lostCredit[1]) != 0 || isOverDue(0) || isOverDue(1);
    }

    /** {@return whether that is about bytes, and not about credit alone} */
    boolean hasLostBytes() {
        return (lost[0] | lost[1]) != 0;
    }

    /** Tells the log what it has to be told. @return false when there is no room for all of it */
    boolean settle(final ExecLogRing ring, final long epochMs) {
        for (int stream = 0; stream < LogCredit.STREAMS; stream++) {
            while (lost[stream] > 0 || lostCredit[stream] > 0) {
                final int credited = (int) Math.min(Integer.MAX_VALUE, lostCredit[stream]);
                if (!ring.publishGap(ExecLogRecord.GAP, number, epochMs, what(stream), lost[stream], credited)) {
                    return false;
                }
                lost[stream] = 0;
                lostCredit[stream] -= credited;
            }
            if (isOverDue(stream)) {
                if (!ring.publishGap(ExecLogRecord.OVER_QUOTA, number, epochMs, what(stream), over[stream], 0)) {
                    return false;
                }
                overTold[stream] += over[stream];
                over[stream] = 0;
            }
        }
        return !ended || !inLog || ring.publish(ExecLogRecord.END, number, epochMs, what(0));
    }

    /**
     * Hands over to another what the log has to be told of this one.
     *
     * @return false when that cannot be: some of it is in the log, which has to learn that it has ended
     */
    boolean foldInto(final LoggedSession other) {
        if (inLog) {
            return false;
        }
        for (int stream = 0; stream < LogCredit.STREAMS; stream++) {
            other.lost[stream] += lost[stream];
            other.over[stream] += over[stream];
        }
        return true;
    }

    /** {@return whether it has a terminal} */
    boolean isTerminal() {
        return output == LogSource.OUTPUT;
    }

    void end() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    boolean isDue() {
        return due;
    }

    void due(final boolean value) {
        due = value;
    }

    /** {@return whether the relay ends this session because its output cannot be recorded} */
    boolean isCondemned() {
        return condemned;
    }

    void condemn() {
        condemned = true;
    }

    /** {@return whether the guest has been given the request, or it never will be} @param input of the session's client */
    boolean isRequestSent(final ClientInput input) {
        if (!requestSent) {
            if (emptiedBefore == UNKNOWN) {
                emptiedBefore = input.emptied();
            }
            requestSent = spoken || input.run().isEmpty() || input.emptied() != emptiedBefore;
        }
        return requestSent;
    }

    /** {@return whether frames of it were kept from its client, its guest's own terminal frame perhaps among them} */
    boolean isWithheld() {
        return withheld;
    }

    void withhold() {
        withheld = true;
    }

    /** {@return whether its client has been sent its end, although its guest has not} */
    boolean isEndTold() {
        return endTold;
    }

    void endTold() {
        endTold = true;
    }

    /** The guest has said something in this session: it knows it, and takes grants for it. */
    void spoken() {
        spoken = true;
    }

    /** {@return whether it is in the list of those whose grants wait for the log} */
    boolean isHolding() {
        return holding;
    }

    void holding(final boolean value) {
        holding = value;
    }

    /** {@return whether the client has granted more than was forwarded} */
    boolean holdsBack() {
        return !ended && (credit.holdsBack(0) || credit.holdsBack(1));
    }

    /** Adds to the grants that are to be sent what the log has made room for. @return whether there are any */
    boolean releaseGrants(final LogCreditTable credits) {
        for (int stream = 0; spoken && !ended && stream < LogCredit.STREAMS; stream++) {
            grants[stream] += credits.release(credit, stream);
        }
        return grants[0] > 0 || grants[1] > 0;
    }

    /** {@return whether the guest is about to be granted something} */
    boolean isGrantDue() {
        return grantDue;
    }

    void grantDue(final boolean value) {
        grantDue = value;
    }

    /** {@return how much is to be granted now on a stream; that is taken to be sent} */
    long takeGrant(final int stream, final long most) {
        final long grant = ended ? 0 : Math.min(most, grants[stream]);
        grants[stream] = ended ? 0 : grants[stream] - grant;
        return grant;
    }
}
