package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimSocket;

/** A console that is a stream socket, such as QEMU's. */
final class StreamGuestChannel implements GuestChannel {
    private final SimSocket socket;

    StreamGuestChannel(final SimSocket socket) {
        this.socket = socket;
    }

    @Override
    public int read(final byte[] target) {
        return socket.receive(target, 0, READ_MOST);
    }

    @Override
    public int write(final byte[] source, final int offset, final int length) {
        return socket.send(source, offset, length);
    }

    @Override
    public boolean isDrained() {
        return socket.receivedBytes() == 0 && socket.paidBytes() == 0;
    }

    @Override
    public boolean isServed() {
        return socket.isHeard();
    }

    @Override
    public void close() {
        socket.close();
    }
}
