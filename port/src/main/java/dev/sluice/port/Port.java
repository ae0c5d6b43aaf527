package dev.sluice.port;

import java.io.Closeable;

/**
 * One open console port: a byte stream in each direction to the peer at its other end, never blocking.
 *
 * <p><b>Waiting.</b> The owner's epoll loop watches {@link #fd()}. Before it sleeps it calls {@link #prepareToSleep}, which announces to a
 * ring's peer that a wake-up is wanted, looks once more, and says either which epoll events to wait for or that there is work now.
 * After the wait it hands what epoll reported to {@link #onReady}.
 *
 * <p><b>Threads.</b> One owner thread calls everything. <b>Ownership.</b> The port owns its descriptors and mappings; {@link #close} releases
 * them, after which no span handed out by {@link #reader()} may be touched.
 */
public interface Port extends Closeable {
    /** Result of {@link #prepareToSleep}: do not sleep, there is work now. */
    int WORK_NOW = -1;

    /** {@return the descriptor to register with epoll; constant for the life of the port} */
    int fd();

    /** {@return the bytes that come from the peer; always the same object} */
    PortReader reader();

    /** {@return the bytes that go to the peer; always the same object} */
    PortWriter writer();

    /**
     * Announces what this side is about to sleep for and looks once more.
     *
     * @param wantRead whether new bytes from the peer should end the sleep
     * @param wantWrite whether new room towards the peer should end the sleep; pass true only after a write was cut short
     * @return the epoll events to wait for on {@link #fd()} (possibly 0: hang-ups only), or {@link #WORK_NOW}
     */
    int prepareToSleep(boolean wantRead, boolean wantWrite);

    /**
     * Takes note of what epoll reported for {@link #fd()}; drains wake-ups, makes no other system call.
     *
     * @param events the reported epoll events, 0 when the wait ended for another reason
     */
    void onReady(int events);

    /** Releases descriptors and mappings. Idempotent; does not throw. */
    @Override
    void close();
}
