package dev.sluice.cli;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Lines on their way to somebody who may not read them: a daemon thread writes them, in their order, and whoever has something to say does
 * not wait. What there is no room for is left out and counted, and told where it would have been as soon as there is room. The thread is
 * there while there are lines to write.
 *
 * <p>Any thread.
 */
final class LineQueue {
    private final int capacity;
    private final Consumer<String> out;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    /** Of the lines that wait, and of the one that is being written. */
    private int characters;
    private long omitted;
    private boolean writing;
    private boolean held;

    /**
     * Makes an empty queue.
     *
     * @param capacity characters that may wait; a line that is longer waits alone
     * @param out writes a line, and may block
     */
    LineQueue(final int capacity, final Consumer<String> out) {
        this.capacity = capacity;
        this.out = out;
    }

    /** Has a line written when its turn comes, or leaves it out when too many wait. */
    synchronized void add(final String line) {
        if (characters > 0 && characters + line.length() > capacity) {
            omitted++;
            return;
        }
        tellOmitted();
        append(line);
        startWriter();
    }

    /** Keeps lines from being written, until {@link #release}. */
    synchronized void hold() {
        held = true;
    }

    /** Has lines written again, those first that came meanwhile. */
    synchronized void release() {
        held = false;
        if (!lines.isEmpty()) {
            startWriter();
        }
    }

    private void append(final String line) {
        lines.add(line);
        characters += line.length();
    }

    private void startWriter() {
        if (writing || held) {
            return;
        }
        try {
            Thread.ofPlatform().daemon().name("sluice-diagnostics").start(this::run);
            writing = true;
        } catch (final OutOfMemoryError e) {
            // There is no thread to be had now. The next line tries again; whoever serves others goes on.
            writing = false;
        }
    }

    private void tellOmitted() {
        if (omitted > 0) {
            append(omitted + " lines were left out here: nobody read them");
            omitted = 0;
        }
    }

    /** Waits until everything is written, or the time is over. Not to be cut short by interruption, which is kept for the caller. */
    synchronized void await(final Duration limit) {
        final long beganNs = System.nanoTime();
        boolean interrupted = false;
        for (long leftNs = limit.toNanos(); writing && leftNs > 0; leftNs = limit.toNanos() - (System.nanoTime() - beganNs)) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, leftNs);
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        for (String line = take(); line != null; line = take()) {
            out.accept(line);
            written(line);
        }
    }

    /** {@return the next line, or null when there is none, and then the thread ends} */
    private synchronized String take() {
        if (lines.isEmpty()) {
            tellOmitted();
        }
        if (lines.isEmpty() || held) {
            writing = false;
            notifyAll();
            return null;
        }
        return lines.poll();
    }

    private synchronized void written(final String line) {
        characters -= line.length();
    }
}
