package dev.sluice.cli;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;

/**
 * The keys that end an interactive session from this side, found in what is typed. Keys that may be the beginning of them are held back
 * until the next tells. Not thread safe.
 */
final class DetachKeys {
    /** What the customary key is written as. */
    static final String DEFAULT = "ctrl-]";
    private static final String CONTROL = "ctrl-";
    /** What control makes of a letter or sign: its lowest five bits. */
    private static final int CONTROL_MASK = 0x1F;
    private static final String CONTROLLABLE = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

    private final byte[] keys;
    private int matched;

    private DetachKeys(final byte... keys) {
        this.keys = keys;
    }

    /**
     * Reads keys as docker has them: a list of single characters and of {@code ctrl-} and a letter or one of {@code @[\]^_}, separated by
     * commas. An empty list has no keys, which nobody can type.
     *
     * @throws IllegalArgumentException saying what of the text is no key
     */
    static DetachKeys parse(final String text) {
        final ByteArrayOutputStream keys = new ByteArrayOutputStream();
        if (!text.isEmpty()) {
            for (final String key : text.split(",", -1)) {
                keys.write(parseKey(key));
            }
        }
        return new DetachKeys(keys.toByteArray());
    }

    private static int parseKey(final String key) {
        final String lower = key.toLowerCase(Locale.ROOT);
        if (lower.startsWith(CONTROL) && lower.length() == CONTROL.length() + 1
            && CONTROLLABLE.indexOf(lower.charAt(CONTROL.length())) >= 0) {
            return lower.charAt(CONTROL.length()) & CONTROL_MASK;
        }
        if (key.length() == 1 && key.charAt(0) < 0x7F && key.charAt(0) > ' ') {
            return key.charAt(0);
        }
        throw new IllegalArgumentException(
            "'" + key + "' (allowed: a character, or ctrl- and one of a-z @ [ \\ ] ^ _; several with commas)");
    }

    /**
     * Takes what was typed.
     *
     * @return what of it, and of what was held back before, is the program's; null when the keys were complete, and nothing is
     */
    byte[] pass(final byte[] typed, final int length) {
        if (keys.length == 0) {
            return Arrays.copyOf(typed, length);
        }
        final ByteArrayOutputStream passed = new ByteArrayOutputStream(length + keys.length);
        for (int i = 0; i < length; i++) {
            passed.write(keys, 0, fallBack(typed[i]));
            if (typed[i] == keys[matched]) {
                matched++;
                if (matched == keys.length) {
                    return null;
                }
            } else {
                passed.write(typed[i]);
            }
        }
        return passed.toByteArray();
    }

    /** Gives up as little of what is matched as the next key makes necessary; returns how many keys that is. */
    private int fallBack(final byte next) {
        final int before = matched;
        while (matched > 0 && (keys[matched] != next || !endsWithKeys(before, matched))) {
            matched--;
        }
        return before - matched;
    }

    /** Tells whether the last so many of the first keys are the first so many. */
    private boolean endsWithKeys(final int of, final int length) {
        return Arrays.equals(keys, of - length, of, keys, 0, length);
    }
}
