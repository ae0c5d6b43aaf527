package dev.sluice.agent;

import dev.sluice.port.Port;
import dev.sluice.port.PortReader;
import dev.sluice.port.PortSource;
import dev.sluice.port.PortWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Ports that hand out and take bytes in small pieces, and every other time nothing, as devices do. */
final class PiecewiseSource implements PortSource {
    private final PortSource source;
    private final int readLength;
    private final int writeLength;

    PiecewiseSource(final PortSource source, final int readLength, final int writeLength) {
        this.source = source;
        this.readLength = readLength;
        this.writeLength = writeLength;
    }

    @Override
    public int fd() {
        return source.fd();
    }

    @Override
    public Port tryOpen() throws IOException {
        final Port port = source.tryOpen();
        return port == null ? null : new PiecewisePort(port);
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    private final class PiecewisePort implements Port {
        private final Port port;
        private final Pieces reader = new Pieces();
        private boolean refuse;
        private boolean refused;

        private PiecewisePort(final Port port) {
            this.port = port;
        }

        @Override
        public int fd() {
            return port.fd();
        }

        @Override
        public PortReader reader() {
            return reader;
        }

        @Override
        public PortWriter writer() {
            return new PortWriter() {
                @Override
                public int write(final MemorySegment memory, final long offset, final int length) {
                    refuse = !refuse;
                    refused = refuse;
                    return refused ? 0 : port.writer().write(memory, offset, Math.min(length, writeLength));
                }

                @Override
                public void flush() {
                    port.writer().flush();
                }

                @Override
                public int unread() {
                    return port.writer().unread();
                }
            };
        }

        @Override
        public int prepareToSleep(final boolean wantRead, final boolean wantWrite) {
            return wantWrite && refused ? WORK_NOW : port.prepareToSleep(wantRead, wantWrite);
        }

        @Override
        public void onReady(final int events) {
            port.onReady(events);
        }

        @Override
        public boolean isPeerGone() {
            return port.isPeerGone();
        }

        @Override
        public String detail() {
            return port.detail();
        }

        @Override
        public void close() {
            port.close();
        }

        private final class Pieces implements PortReader {
            @Override
            public int poll() {
                return port.reader().poll();
            }

            @Override
            public MemorySegment memory() {
                return port.reader().memory();
            }

            @Override
            public long offset() {
                return port.reader().offset();
            }

            @Override
            public int length() {
                return Math.min(readLength, port.reader().length());
            }

            @Override
            public void advance(final int bytes) {
                port.reader().advance(bytes);
            }

            @Override
            public void release() {
                port.reader().release();
            }
        }
    }
}
