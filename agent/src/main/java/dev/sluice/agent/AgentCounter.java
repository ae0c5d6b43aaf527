package dev.sluice.agent;

/** What an agent counts. Counts only grow; a reader of {@link AgentCounters} may be any thread and sees values that lag a little. */
public enum AgentCounter {
    /** Ports opened, one for each host that came. */
    PORTS_OPENED("ports opened"),
    /** Ports lost: closed by their host, failed, or given up because of what came in. */
    PORTS_LOST("ports lost"),
    /** Ports given up because a frame's length was out of bounds. */
    FRAMING_BROKEN("ports given up: framing broken"),
    /** Frames that came in. */
    FRAMES_IN("frames in"),
    /** Frames that went out. */
    FRAMES_OUT("frames out"),
    /** Bytes of frames that went out. */
    BYTES_OUT("bytes out"),
    /** Frames whose body could not be decoded, refused. */
    FRAMES_UNDECODABLE("frames undecodable"),
    /** Frames with other flags than those of their type, refused. */
    FRAMES_BAD_FLAGS("frames with wrong flags"),
    /** Frames of a type that this agent does not know, refused. */
    FRAMES_UNKNOWN_TYPE("frames of unknown type"),
    /** Frames of a type that only an agent sends, or that nobody serves, refused. */
    FRAMES_UNSERVED("frames of a type not served"),
    /** Frames refused without a word, as there is nobody to be told: see {@link Refusals}. */
    REFUSALS_UNTOLD("refusals untold"),
    /** Orders of the relay that mean nothing to this agent, ignored. */
    ORDERS_IGNORED("orders ignored"),
    /** Frames in that are a sign of activity: all but core.ping, core.touch, core.clock.sync and those with wrong flags. */
    ACTIVE_FRAMES_IN("active frames in"),
    /** Frames out that are no sign of activity: answers to core.ping and core.touch, and core.error. */
    IDLE_FRAMES_OUT("idle frames out"),
    /** Times a client has touched the agent to keep it from being found idle. */
    TOUCHES("touches"),
    /** Frames for a session that does not exist or has ended, ignored. */
    FRAMES_FOR_NOBODY("frames for no session"),
    /** Requests for an id whose session has not ended, ignored: an answer would end that session for its client. */
    REQUESTS_ID_IN_USE("requests for an id in use"),
    /** Requests that were to start a program. */
    SESSIONS_REQUESTED("sessions requested"),
    /** Programs started. */
    SESSIONS_STARTED("sessions started"),
    /** Programs that could not be started. */
    SESSIONS_FAILED("sessions failed to start"),
    /** Programs that ended and whose session has been told so. */
    SESSIONS_ENDED("sessions ended"),
    /** Sessions ended although something still held their pipes, or before all output had been read. */
    SESSIONS_TRUNCATED("sessions truncated"),
    /** Sessions killed because their client or their host had gone. */
    SESSIONS_ABANDONED("sessions abandoned"),
    /** Programs whose host has gone and that were let run on for a while. */
    SESSIONS_DETACHED("sessions without a host"),
    /** Connections asked for. */
    CONNECTIONS_REQUESTED("connections requested"),
    /** Connections made. */
    CONNECTIONS_MADE("connections made"),
    /** Connections that could not be made, or failed. */
    CONNECTIONS_FAILED("connections failed"),
    /** Connections that ended in order, or were closed by their client. */
    CONNECTIONS_ENDED("connections ended"),
    /** Bytes that connections have carried, both ways. */
    CONNECTION_BYTES("connection bytes"),
    /** Environment entries without a name or without "=", dropped. */
    ENVIRONMENT_DROPPED("environment entries dropped"),
    /** Bytes of input that came after the input's end or the program's, ignored. */
    STDIN_LATE_BYTES("input bytes too late"),
    /** Bytes of input that the program could not be given because it had closed its input. */
    STDIN_BROKEN_BYTES("input bytes for a closed pipe"),
    /** Bytes of input beyond what the peer may send or this agent keeps, refused. */
    STDIN_REFUSED_BYTES("input bytes refused"),
    /** Times the port was left unread because a program or connection did not take what a peer without windows sent it. */
    STDIN_STALLS("stalls: input not being read"),
    /** Times output had to wait because the port was full. */
    PORT_FULL("times the port was full"),
    /** Processes adopted from sessions that had lost their parent, reaped. */
    ORPHANS_REAPED("orphans reaped"),
    /** Requests about files. */
    FILE_REQUESTS("file requests"),
    /** Requests about files that were refused without being begun. */
    FILE_REQUESTS_FAILED("file requests refused"),
    /** Requests about files whose client or host had gone before they were answered. */
    FILE_REQUESTS_ABANDONED("file requests abandoned"),
    /** Requests about files that were given up because a file system, or all threads for them, hung. */
    FILE_STALLS("file requests given up: file system hangs"),
    /** System calls that failed where that ended no more than one session. */
    SESSION_IO_ERRORS("session i/o errors"),
    /** Programs whose session has not ended: a level. */
    EXEC_SESSIONS("programs now"),
    /** Those of them whose host has gone: a level. */
    EXEC_DETACHED("programs without a host now"),
    /** Programs whose session has ended and that have not, though they were killed: they hang in the kernel. A level. */
    EXEC_KILL_PENDING("killed programs that have not ended now"),
    /** Requests about files that have not ended: a level. */
    FILE_SESSIONS("file requests now"),
    /** Connections that have not ended: a level. */
    CONNECTIONS("connections now"),
    /** Bytes that programs have written and that have been sent. */
    EXEC_OUTPUT_BYTES("program output bytes"),
    /** Bytes that programs have written for a host that has gone, dropped. */
    EXEC_OUTPUT_DROPPED_BYTES("program output bytes dropped"),
    /** Bytes of files, both ways. */
    FILE_BYTES("file bytes"),
    /** Times the guest's clock has been set to the host's. */
    CLOCK_STEPS("times the clock was set"),
    /** Times the guest's clock could not be set. */
    CLOCK_FAILURES("times the clock could not be set"),
    /** Heartbeats written. */
    HEARTBEATS("heartbeats"),
    /** Heartbeats that could not be written. */
    HEARTBEATS_MISSED("heartbeats missed");

    private final String label;

    AgentCounter(final String label) {
        this.label = label;
    }

    /**
     * What is counted.
     *
     * @return a few words
     */
    public String label() {
        return label;
    }
}
