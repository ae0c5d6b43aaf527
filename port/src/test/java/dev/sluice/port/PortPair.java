package dev.sluice.port;

import dev.sluice.ffi.Posix;
import java.io.Closeable;
import java.io.IOException;

/** The two ends of a port, each with an owner. */
final class PortPair implements AutoCloseable {
    final PortOwner host;
    final PortOwner guest;
    private final Closeable more;

    PortPair(final Posix posix, final Port host, final Port guest, final Closeable more) throws IOException {
        this.more = more;
        this.host = new PortOwner(posix, host);
        this.guest = new PortOwner(posix, guest);
    }

    @Override
    public void close() throws IOException {
        host.close();
        guest.close();
        more.close();
    }
}
