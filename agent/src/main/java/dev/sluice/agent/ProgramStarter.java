package dev.sluice.agent;

import java.util.function.Consumer;

/** Has programs started elsewhere, for the loop, which does not wait. */
interface ProgramStarter {
    /**
     * Starts a program.
     *
     * @param order what to start
     * @param onLaunch takes the result, on the loop's thread
     */
    void submit(ExecOrder order, Consumer<Launch> onLaunch);

    /**
     * Nobody waits for a start any more. Should it come to an end, the result is told as if somebody did.
     *
     * @param serial of the order
     */
    void giveUp(long serial);
}
