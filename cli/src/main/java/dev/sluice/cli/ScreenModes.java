package dev.sluice.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * What a program has changed of the terminal's screen and not changed back, found in its output: the alternate screen, a hidden cursor,
 * reports of the mouse, bracketed paste and the like. A program that is cut off while it has them leaves them to who comes next.
 *
 * <p>Source: ECMA-48 (control sequences) and "XTerm Control Sequences" (private modes, DECSET and DECRST). Not thread safe.
 */
final class ScreenModes {
    /** Modes that a terminal has not set at first: application cursor keys, alternate screens, mouse, focus, paste. */
    private static final Set<Integer> SET_BY_PROGRAMS =
        Set.of(1, 9, 47, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004);
    /** Modes that it has set at first. */
    private static final int CURSOR_SHOWN = 25;
    private static final Set<Integer> ALTERNATE_SCREENS = Set.of(47, 1047, 1049);
    private static final int ESCAPE = 0x1B;
    /** No mode has so many digits. */
    private static final int LARGEST = 99_999;

    private final Deque<Integer> changed = new ArrayDeque<>();
    private final Deque<Integer> parameters = new ArrayDeque<>();
    private State state = State.TEXT;
    private int parameter;
    private boolean applicationKeypad;
    private boolean inLine;

    private enum State { TEXT, ESCAPED, CONTROL, PRIVATE }

    /** Looks at output, which may be cut anywhere. */
    void follow(final byte[] output, final int length) {
        for (int i = 0; i < length; i++) {
            follow(output[i]);
        }
        inLine = length > 0 ? output[length - 1] != '\n' : inLine;
    }

    /**
     * What sets everything back, the last change first; empty when there is nothing to.
     *
     * @param nextLine whether something is to be written that is not to continue the program's last line
     */
    byte[] leave(final boolean nextLine) {
        final StringBuilder sequence = new StringBuilder();
        for (final int mode : changed) {
            if (ALTERNATE_SCREENS.contains(mode)) {
                // The part of the screen that scrolls is not that screen's own. Moves the cursor, which is set back with the screen.
                sequence.append("\033[r");
            }
            sequence.append("\033[?").append(mode).append(mode == CURSOR_SHOWN ? 'h' : 'l');
        }
        if (applicationKeypad) {
            sequence.append("\033>");
        }
        if (!sequence.isEmpty()) {
            sequence.append("\033[m");
        } else if (nextLine && inLine) {
            sequence.append("\r\n");
        }
        return sequence.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private void follow(final byte next) {
        if (next == ESCAPE) {
            state = State.ESCAPED;
            return;
        }
        switch (state) {
            case ESCAPED -> escaped(next);
            case CONTROL -> state = next == '?' ? State.PRIVATE : State.TEXT;
            case PRIVATE -> inPrivate(next);
            default -> {
                // Text.
            }
        }
    }

    private void escaped(final byte next) {
        state = next == '[' ? State.CONTROL : State.TEXT;
        parameters.clear();
        parameter = 0;
        switch (next) {
            case '=' -> applicationKeypad = true;
            case '>' -> applicationKeypad = false;
            case 'c' -> {
                // A full reset.
                changed.clear();
                applicationKeypad = false;
            }
            default -> {
                // Nothing that lasts.
            }
        }
    }

    private void inPrivate(final byte next) {
        if (next >= '0' && next <= '9') {
            parameter = Math.min(LARGEST, parameter * 10 + next - '0');
            return;
        }
        if (parameters.size() < SET_BY_PROGRAMS.size()) {
            parameters.add(parameter);
        }
        parameter = 0;
        if (next == ';') {
            return;
        }
        state = State.TEXT;
        if (next == 'h' || next == 'l') {
            parameters.forEach(mode -> note(mode, next == 'h'));
        }
    }

    private void note(final int mode, final boolean set) {
        if (mode == CURSOR_SHOWN || SET_BY_PROGRAMS.contains(mode)) {
            changed.remove(mode);
            if (set != (mode == CURSOR_SHOWN)) {
                changed.addFirst(mode);
            }
        }
    }
}
