package dev.sluice.port;

import java.io.Closeable;

/**
 * One open console port: a byte stream in each direction to the peer at its other end, never blocking.
 *
 * <p><b>Waiting.</b> The owner's epoll loop watches {@link #fd()}, level triggered, first for EPOLLIN. Before it sleeps it calls
 * {@link #prepareToSleep}, which announces to a ring's peer that a wake-up is wanted, looks once more, and says either what to wait for or
 * that there is work now. After the wait, whatever ended it, the owner calls {@link #onReady}.
 *
 * <p><b>Threads.</b> One owner thread calls everything. <b>Ownership.</b> The port owns its descriptors and mappings; {@link #close}
 * releases them, after which no span handed out by {@link #reader()} may be touched.
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
     * Flushes, announces what this side is about to sleep for and looks once more.
     *
     * @param wantRead whether unread bytes from the peer, or its end, should end the sleep
     * @param wantWrite whether new room towards the peer should end the sleep; pass true only after a write was cut short
     * @return the event mask to register for {@link #fd()}, or {@link #WORK_NOW}. To be compared with {@code ==}: a mask may be 0 (hang-ups
     *     only) and may be negative (EPOLLET, set while a hang-up that is known already would end every wait). The registration is changed
     *     only when the mask differs from the one registered: changing it to the same mask reports a known hang-up anew.
     */
    int prepareToSleep(boolean wantRead, boolean wantWrite);

    /**
     * Takes note of the end of a wait; drains wake-ups, makes no other system call.
     *
     * @param events what epoll reported for {@link #fd()}, 0 when the wait ended for another reason
     */
    void onReady(int events);

    /**
     * Tells of the peer's end apart from what can be read: an owner that leaves the port unread for a while, and so does not come to the
     * end of its bytes, learns of it by the {@link #onReady} that follows any {@link #prepareToSleep}. Once true it stays so.
     *
     * @return whether the peer is known to have closed its end or died: nothing comes but what it has sent already, and then
     *     {@link PortStatus#CLOSED}. Of a console, only after a byte has been exchanged.
     */
    boolean isPeerGone();

    /** {@return why the port ended or broke, for logs; an empty string while it is sound} */
    String detail();

    /** Releases descriptors and mappings. Idempotent; does not throw. */
    @Override
    void close();
}
