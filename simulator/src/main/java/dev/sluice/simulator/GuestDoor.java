package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimKernel;
import dev.sluice.simulator.kernel.SimRandom;
import dev.sluice.simulator.kernel.SimSocket;

/** How a guest comes to its console: it connects, or waits to be connected to. */
final class GuestDoor {
    private final SimKernel kernel;
    private final Transport transport;
    private final String path;
    private final Scenario scenario;
    private final SimRandom random;
    private final SimSocket listener;
    private SimSocket handOver;

    GuestDoor(final SimKernel kernel, final Scenario scenario, final String path, final SimRandom random) {
        this.kernel = kernel;
        this.transport = scenario.transport();
        this.path = path;
        this.scenario = scenario;
        this.random = random;
        this.listener = transport == Transport.UNIX ? kernel.listen(path) : null;
    }

    /** @return the port, or null when the relay is not there */
    GuestChannel tryOpen() {
        return switch (transport) {
            case UNIX -> {
                final SimSocket socket = listener.accept();
                yield socket == null ? null : new StreamGuestChannel(socket);
            }
            case UNIX_LISTEN -> {
                final SimSocket socket = connect();
                yield socket == null ? null : new StreamGuestChannel(socket);
            }
            case RING -> ring();
        };
    }

    private SimSocket connect() {
        kernel.sendCapacity(buffer(scenario.relayBufferMost()));
        return kernel.connect(path, buffer(scenario.worldBufferMost()));
    }

    private int buffer(final int most) {
        return (int) random.spread(Math.max(1, most / 4), most);
    }

    private GuestChannel ring() {
        if (handOver == null) {
            handOver = connect();
        }
        if (handOver == null) {
            return null;
        }
        final GuestChannel ring = RingGuestChannel.receive(handOver, random);
        if (ring != null || !handOver.isOpen()) {
            handOver = null;
        }
        return ring;
    }
}
