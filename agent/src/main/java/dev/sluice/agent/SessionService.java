package dev.sluice.agent;

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

    /** @return whether what has arrived has to shrink before any more frames are read */
    boolean isCongested();

    /** Begins nothing any more. */
    void refuseNew();

    /**
     * A client has left: nobody takes what its sessions have to say.
     *
     * @param idStart first id of the client, unsigned
     * @param idEnd id behind its last
     */
    void abandon(long idStart, long idEnd);

    /** Ends all sessions at once; nobody is told. */
    void destroyAll();
}
