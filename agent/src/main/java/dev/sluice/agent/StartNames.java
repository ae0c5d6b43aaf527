package dev.sluice.agent;

import java.security.SecureRandom;
import java.util.LinkedHashSet;

/**
 * Names of the threads on which programs are started, and so of their children until the exec: one that is the agent's own, by which a
 * {@link Guardian} knows children that are held when the agent is killed, and a part that nobody can foresee. As long as the kernel keeps
 * names. Any thread.
 */
final class StartNames {
    /** Characters of the part that names of one agent have in common. */
    static final int PREFIX_LENGTH = 8;

    private static final int RADIX = 36;
    private static final int DIGITS = 6;
    /** So many are remembered; many more than there can be starts at once. */
    private static final int RECENT = 1024;

    private final String prefix;
    private final SecureRandom random = new SecureRandom();
    private final LinkedHashSet<String> recent = new LinkedHashSet<>();

    StartNames(final String prefix) {
        if (prefix.length() != PREFIX_LENGTH) {
            throw new IllegalArgumentException("prefix: " + prefix);
        }
        this.prefix = prefix;
    }

    /** @return a name of 15 characters that no other start has now */
    synchronized String next() {
        String name = random();
        while (!recent.add(name)) {
            name = random();
        }
        if (recent.size() > RECENT) {
            recent.removeFirst();
        }
        return name;
    }

    private String random() {
        final StringBuilder name = new StringBuilder(prefix).append('-');
        for (int i = 0; i < DIGITS; i++) {
            name.append(Character.forDigit(random.nextInt(RADIX), RADIX));
        }
        return name.toString();
    }
}
