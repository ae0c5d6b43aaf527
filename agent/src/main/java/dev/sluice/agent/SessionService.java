package dev.sluice.agent;

import dev.sluice.protocol.MessageType;

/**
 * One concern of the agent that has sessions: programs, files, connections. {@link SessionServices} brings it what concerns all sessions,
 * its own frames come through {@link FrameDispatcher}. On the loop's thread.
 */
interface SessionService extends FrameService {
    /** Has the frames of its sessions handed to this service. */
    void register(FrameDispatcher dispatcher);

    /** @return whether a session has that id */
    boolean hasSession(int id);

    /** @return whether there are no sessions */
    boolean isEmpty();

    /**
     * Takes what the peer grants a session of this service.
     *
     * @param id of the session
     * @param stream of {@link dev.sluice.protocol.WindowFrame}
     * @param bytes on the wire
     */
    void grant(int id, int stream, long bytes);

    /** @return whether epoll events of that kind, of {@link EventToken}, are this service's */
    boolean ownsEvents(int kind);

    /** Epoll has reported one of a session's descriptors. */
    void onEvent(long token, int events);

    /**
     * Does what the time has come for.
     *
     * @return nanoseconds until the next time, {@link Long#MAX_VALUE} when there is none
     */
    long onTime();

    /**
     * Does what the time has come for, of what has its time whether the port takes anything or not.
     *
     * @param nowNs monotonic time
     * @return nanoseconds until the next time, {@link Long#MAX_VALUE} when there is none
     */
    default long onRealTime(final long nowNs) {
        return Long.MAX_VALUE;
    }

    /** @return whether what has arrived has to shrink before any more frames are read */
    boolean isCongested();

    /**
     * For whom frames are left unread, when that is a single program or connection that does not take its input: it is given so long.
     *
     * @return who that is, or null
     */
    default InputSink congested() {
        return null;
    }

    /**
     * A frame of one of its sessions could not be served, and the client is not told: the only answer there is would end the session for
     * it. A session that cannot do without what was in it has to say so in its own terms.
     *
     * @param id of the session, which is there
     * @param type of the frame, null when not even that could be read; none that begins a session
     * @param reason what was wrong, for people
     */
    default void onBadFrame(final int id, final MessageType type, final String reason) {
    }

    /** Notes in the counters how many sessions there are now. */
    void countSessions();

    /** @return whether something still goes its way that was promised to a session which is over by now */
    default boolean isDelivering() {
        return false;
    }

    /** Begins nothing any more. */
    void refuseNew();

    /**
     * A client has left: nobody takes what its sessions have to say.
     *
     * @param idStart first id of the client, unsigned
     * @param idEnd id behind its last
     */
    void abandon(long idStart, long idEnd);

    /**
     * The host has gone, and another one may come: its sessions must not meet any of these. What was to be sent has been forgotten already.
     */
    default void detachAll() {
        destroyAll();
    }

    /** Ends all sessions at once; nobody is told. */
    void destroyAll();
}
