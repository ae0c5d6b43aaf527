package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.protocol.FsResponseData;

/** A request that one piece of work on another thread answers. One owner thread. */
final class FsCall extends FsSession {
    private volatile boolean abandoned;

    /** The work, which may block. */
    @FunctionalInterface
    interface Work {
        /** @return what the answer brings, or null for nothing */
        FsResponseData run() throws FileException;
    }

    FsCall(final FsService service, final int id) {
        super(service, id);
    }

    /**
     * Begins.
     *
     * @param step what failures are put down to, or null when the work says that itself
     * @param work what to do
     * @param onDone told afterwards, on the loop's thread
     */
    void start(final String step, final Work work, final Runnable onDone) {
        submit(() -> {
            final byte[] frame = FsAnswers.encode(id(), step, work);
            service().deliver(() -> {
                jobDone();
                onDone.run();
                respond(frame);
            });
        }, onDone);
    }

    /** @return whether nobody wants the result any more; asked by the work, on its own thread */
    boolean isAbandoned() {
        return abandoned;
    }

    @Override
    void release() {
        abandoned = true;
    }
}
