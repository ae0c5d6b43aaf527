package dev.sluice.cli;

import dev.sluice.vsock.UnixAddress;
import java.nio.file.Path;

/** How a sandbox is named on the command line: by the path of its relay's socket. */
final class SandboxSocket {
    private SandboxSocket() {
    }

    /**
     * Reads the path.
     *
     * @param option   the option or operand it was given with, for messages
     * @param argument what was given
     * @throws IllegalArgumentException naming both when it cannot be the path of a socket
     */
    static Path path(final String option, final String argument) {
        final String place = RawArguments.path(option, argument);
        if (place.matches("(range|offset|unix):.*")) {
            throw new IllegalArgumentException(
                option + ": '" + place + "': a plain path is wanted: " + place.replaceFirst("[a-z]+:", ""));
        }
        return new UnixAddress(place).toPath();
    }
}
