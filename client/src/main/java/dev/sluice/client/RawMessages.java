package dev.sluice.client;

import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.IdGrid;
import java.time.Duration;

/**
 * Messages that the caller encodes and decodes: for types that this library does not know. Ids are chosen here, never one that is in use.
 * Nothing is looked into, and what the sandbox's agent is too old for is sent all the same. Thread safe.
 *
 * <p>A body's v is the caller's to choose: 7 for everybody, or 1 for agents of before 0.5.
 */
public final class RawMessages {
    private final Link link;

    RawMessages(final Link link) {
        this.link = link;
    }

    /**
     * Sends a message and waits for the first that comes back. If that is not the last of its session, the rest is dropped as it comes.
     *
     * @param flags bits of the frame's header, 0 to 255
     * @param body  the frame's body, at most 4 MiB less 5 bytes
     * @param time  how long to wait at most
     * @return the answer; an agent's {@code core.error} too
     * @throws DeadlineExceededException when there was no answer in time
     * @throws ConnectionLostException   when the connection was lost
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted
     * @throws IllegalArgumentException  when flags or body cannot be
     */
    public RawMessage request(final int flags, final byte[] body, final Duration time) throws SandboxException, InterruptedException {
        final Deadline deadline = Deadline.after(time);
        final RawQueue queue = open(flags, body, deadline).handler();
        try {
            return queue.take(deadline, Outcome.UNKNOWN).orElseThrow();
        } finally {
            queue.discard();
        }
    }

    /**
     * Sends a message that begins a session of several.
     *
     * @param flags bits of the frame's header, 0 to 255
     * @param body  the frame's body, at most 4 MiB less 5 bytes
     * @param time  how long to wait at most until it is on its way
     * @return the session, to be received from until its end, or closed
     * @throws DeadlineExceededException when there was no room in time; nothing was sent
     * @throws ConnectionLostException   when the connection was lost
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted; nothing was sent
     * @throws IllegalArgumentException  when flags or body cannot be
     */
    public RawStream stream(final int flags, final byte[] body, final Duration time) throws SandboxException, InterruptedException {
        return new RawStream(open(flags, body, Deadline.after(time)));
    }

    /**
     * Sends a message for which nothing is awaited, and returns when it has left this process: it arrives even if the client is closed
     * then.
     *
     * @param id    of a session of this client that has not ended, or 0 with the shutdown flag alone; relays close a connection that sends
     *              others
     * @param flags bits of the frame's header, 0 to 255
     * @param body  the frame's body, at most 4 MiB less 5 bytes
     * @param time  how long to wait at most
     * @throws DeadlineExceededException when it did not leave in time
     * @throws ConnectionLostException   when the connection was lost
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted
     * @throws IllegalArgumentException  when id, flags or body cannot be
     */
    public void send(final int id, final int flags, final byte[] body, final Duration time) throws SandboxException, InterruptedException {
        final RawFrame frame = new RawFrame(id, flags, body);
        final boolean shutdown = (flags & FrameDescriptor.FLAG_SHUTDOWN) != 0;
        if (id == IdGrid.CONTROL_ID ? !shutdown : shutdown || !link.sessions().owns(id)) {
            throw new IllegalArgumentException("no id of this client: id=" + Integer.toUnsignedString(id) + " flags=" + flags);
        }
        final Deadline deadline = Deadline.after(time);
        final long position =
            link.sendBuffer().send(frame.length(), frame, () -> shutdown || link.sessions().find(id) != null, deadline);
        if (position == SendBuffer.NOT_QUEUED) {
            throw new IllegalArgumentException("no session of this client: id=" + Integer.toUnsignedString(id));
        }
        link.sendBuffer().flush(position, deadline);
    }

    private OpenedSession<RawQueue> open(final int flags, final byte[] body, final Deadline deadline)
        throws SandboxException, InterruptedException {
        // Refused before anything is entered.
        final RawFrame checked = new RawFrame(IdGrid.CONTROL_ID, flags, body);
        if ((flags & FrameDescriptor.FLAG_SHUTDOWN) != 0) {
            throw new IllegalArgumentException("the shutdown flag belongs to id 0: flags=" + flags);
        }
        return link.open((session, window) -> new RawQueue(), session -> {
            final RawFrame frame = new RawFrame(session.id(), checked.flags(), checked.body());
            session.sendRequest(frame.length(), frame, deadline);
        }, deadline);
    }
}
