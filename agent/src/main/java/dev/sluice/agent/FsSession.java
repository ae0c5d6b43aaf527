package dev.sluice.agent;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One request about files, from its arrival to its one answer. An answer that fits is sent before data of others, a longer one in pieces,
 * as data.
 *
 * <p>One owner thread. Jobs on other threads hand their results to the mailbox, and touch nothing of a session.
 */
abstract class FsSession extends Outlet {
    private final FsService service;
    private final int id;
    private final int band;
    private byte[] response;
    private int responseSent;
    private ClientThreads.Job job;
    private Runnable whenCancelled;
    private long waitingSinceNs;
    private boolean over;

    FsSession(final FsService service, final int id) {
        this.service = service;
        this.id = id;
        this.band = FsHandles.bandOf(id);
    }

    final FsService service() {
        return service;
    }

    final int id() {
        return id;
    }

    final int band() {
        return band;
    }

    /** @return whether the answer is settled */
    final boolean isOver() {
        return over;
    }

    // Jobs.

    /**
     * Has the pool do something that ends with mail for {@link #jobDone}.
     *
     * @param task what to do
     * @param ifCancelled what to do, on the loop's thread, should the task never be begun
     */
    final void submit(final Runnable task, final Runnable ifCancelled) {
        waitingSinceNs = service.nowNs();
        whenCancelled = ifCancelled;
        job = service.pool().submit(band, task);
    }

    /** The job that was submitted last has ended. */
    final void jobDone() {
        job = null;
        whenCancelled = null;
    }

    final boolean hasJob() {
        return job != null;
    }

    /** @return when the present job was submitted, or the session last got on otherwise */
    final long waitingSinceNs() {
        return waitingSinceNs;
    }

    /** Takes the job back if it has not begun. @return whether there is none any more */
    final boolean cancelJob() {
        if (job != null && job.cancel()) {
            final Runnable action = whenCancelled;
            jobDone();
            action.run();
        }
        return job == null;
    }

    /** Ends it where nobody is told. */
    final void abandon() {
        over = true;
        cancelJob();
        release();
    }

    // The answer.

    /** Settles the answer; whatever comes later is ignored. */
    final void respond(final byte[] frame) {
        if (!over) {
            over = true;
            response = frame.length <= REPLY_ROOM || service.reserveAnswer(frame.length)
                ? frame : FsAnswers.error(id, "too much waits to be sent: use OpenDir and ReadDir");
            wantResponse();
        }
    }

    /** The answer may be sent if all else has been. */
    final void wantResponse() {
        if (responseDue()) {
            if (isLong()) {
                service.output().wantData(this);
            } else {
                service.output().wantReply(this);
            }
        }
    }

    private boolean isLong() {
        return response.length > REPLY_ROOM;
    }

    private boolean responseDue() {
        return response != null && responseSent < response.length && !hasUnsentData();
    }

    /** @return whether there is data that has to go before the answer */
    boolean hasUnsentData() {
        return false;
    }

    /** Encodes an answer other than the last. @return length of the frame, 0 when none is due */
    int writeInterim(final MemorySegment memory, final long offset) {
        return 0;
    }

    @Override
    final int writeReply(final MemorySegment memory, final long offset) {
        final int interim = writeInterim(memory, offset);
        if (interim > 0) {
            return interim;
        }
        if (!responseDue() || isLong()) {
            return 0;
        }
        return writeResponse(memory, offset, response.length);
    }

    private int writeResponse(final MemorySegment memory, final long offset, final int room) {
        final int length = Math.min(room, response.length - responseSent);
        MemorySegment.copy(response, responseSent, memory, ValueLayout.JAVA_BYTE, offset, length);
        responseSent += length;
        if (responseSent == response.length) {
            if (isLong()) {
                service.releaseAnswer(response.length);
            }
            service.ended(this);
        }
        return length;
    }

    @Override
    int writeData(final MemorySegment memory, final long offset) {
        return responseDue() && isLong() ? writeResponse(memory, offset, PortOutput.DATA_LENGTH) : 0;
    }

    @Override
    boolean isMidFrame() {
        return responseSent > 0 && responseSent < response.length;
    }

    @Override
    boolean hasData() {
        return responseDue() && isLong();
    }

    // What concerns streams alone.

    /** The peer may be sent more. */
    void grant(final int stream, final long bytes) {
    }

    /** Lets go of what is held, as far as no job has it. The answer has been settled. */
    abstract void release();
}
