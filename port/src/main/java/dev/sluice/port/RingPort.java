package dev.sluice.port;

import dev.sluice.ring.RingChannel;
import dev.sluice.ring.RingReader;
import java.lang.foreign.MemorySegment;

/** A port over a shared-memory ring; the status codes of {@link RingChannel} are those of {@link PortStatus}. */
public final class RingPort implements Port {
    private final RingChannel channel;
    private final RingReader spans;
    private final Input input = new Input();
    private final Output output = new Output();

    /**
     * Wraps one end of a ring.
     *
     * @param channel becomes the port's
     */
    public RingPort(final RingChannel channel) {
        this.channel = channel;
        this.spans = channel.reader();
    }

    @Override
    public int fd() {
        return channel.fd();
    }

    @Override
    public PortReader reader() {
        return input;
    }

    @Override
    public PortWriter writer() {
        return output;
    }

    @Override
    public int prepareToSleep(final boolean wantRead, final boolean wantWrite) {
        return channel.prepareToSleep(wantRead, wantWrite) ? channel.eventsToAwait() : WORK_NOW;
    }

    @Override
    public void onReady(final int events) {
        channel.onReady(events);
    }

    @Override
    public boolean isPeerGone() {
        return channel.isPeerGone();
    }

    @Override
    public String detail() {
        return channel.detail();
    }

    /** {@return the ring underneath, for its counters} */
    public RingChannel channel() {
        return channel;
    }

    @Override
    public void close() {
        channel.close();
    }

    private final class Input implements PortReader {
        @Override
        public int poll() {
            return channel.poll();
        }

        @Override
        public MemorySegment memory() {
            return spans.memory();
        }

        @Override
        public long offset() {
            return spans.offset();
        }

        @Override
        public int length() {
            return spans.length();
        }

        @Override
        public void advance(final int bytes) {
            spans.advance(bytes);
        }

        @Override
        public void release() {
            channel.release();
        }
    }

    private final class Output implements PortWriter {
        @Override
        public int write(final MemorySegment memory, final long offset, final int length) {
            return channel.write(memory, offset, length);
        }

        @Override
        public void flush() {
            channel.flush();
        }

        @Override
        public int unread() {
            return channel.unread();
        }
    }
}
