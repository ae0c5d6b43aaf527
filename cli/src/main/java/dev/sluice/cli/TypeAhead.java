package dev.sluice.cli;

import java.io.ByteArrayOutputStream;

/**
 * What has been typed and not been taken by the program yet: whoever reads the terminal goes on looking for the detach keys while the
 * program takes nothing. Nothing is lost: at {@link #CAPACITY} the terminal is left unread. For one thread that puts and one that takes.
 */
final class TypeAhead {
    /** In bytes: more than anybody types, and than most people paste, into a program that does not look. */
    static final int CAPACITY = 1024 * 1024;

    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    /** Bytes taken last, which are under way until the next are asked for. */
    private int taken;
    private boolean ended;
    private boolean discarding;

    /** Adds what was typed, as soon as there is room. @param typed no more than {@link #CAPACITY} */
    synchronized void put(final byte[] typed) throws InterruptedException {
        while (!discarding && waiting.size() + taken + typed.length > CAPACITY) {
            wait();
        }
        if (!discarding) {
            waiting.writeBytes(typed);
            notifyAll();
        }
    }

    /** Waits for something typed. @return all that is there, or null when nothing will be any more */
    synchronized byte[] take() throws InterruptedException {
        taken = 0;
        notifyAll();
        while (waiting.size() == 0 && !ended) {
            wait();
        }
        if (waiting.size() == 0) {
            return null;
        }
        final byte[] all = waiting.toByteArray();
        waiting.reset();
        taken = all.length;
        return all;
    }

    /** Nothing more is typed; what is there can still be taken. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Nobody takes anything any more: what is put from now on is for the looks at it alone. */
    synchronized void discard() {
        discarding = true;
        waiting.reset();
        notifyAll();
    }
}
