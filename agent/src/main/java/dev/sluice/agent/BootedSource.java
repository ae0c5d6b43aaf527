package dev.sluice.agent;

import dev.sluice.port.Port;
import dev.sluice.port.PortSource;
import java.io.IOException;

/** The port on which a guest has been booted, and then those of its source. One owner thread. */
final class BootedSource implements PortSource {
    private static final int TO_BE_TRIED = -1;

    private final PortSource source;
    private Port booted;

    /**
     * A source that gives out a port first.
     *
     * @param source the rest; closed with this
     * @param booted the first; closed with this unless it has been given out
     */
    BootedSource(final PortSource source, final Port booted) {
        this.source = source;
        this.booted = booted;
    }

    @Override
    public int fd() {
        return booted == null ? source.fd() : TO_BE_TRIED;
    }

    @Override
    public Port tryOpen() throws IOException {
        if (booted == null) {
            return source.tryOpen();
        }
        final Port port = booted;
        booted = null;
        return port;
    }

    @Override
    public String obstacle() {
        return source.obstacle();
    }

    @Override
    public boolean restore() throws IOException {
        return booted == null && source.restore();
    }

    @Override
    public void close() throws IOException {
        if (booted != null) {
            booted.close();
            booted = null;
        }
        source.close();
    }
}
