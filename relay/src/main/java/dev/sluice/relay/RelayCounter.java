package dev.sluice.relay;

import java.util.Locale;

/**
 * What a relay counts and measures. This table is the one place that knows: the counters file, {@code ./sluice stat}, the metrics page and
 * the documentation are made from it.
 *
 * <p>A reader of {@link RelayCounters} may be any thread and sees values that lag a little.
 */
public enum RelayCounter {
    /** Connections accepted. */
    CLIENTS_ACCEPTED("clients accepted"),
    /** Connections closed at once because every range was taken. */
    CLIENTS_REFUSED_FULL("clients refused: no free range"),
    /** Connections closed at once because their user may not connect. */
    CLIENTS_REFUSED_ACCESS("clients refused: not allowed"),
    /** Clients that waited for a guest until the ready deadline. */
    CLIENTS_WAITED_IN_VAIN("clients closed: no guest in time"),
    /** Times accepting was paused because descriptors or ranges of ids ran out. */
    ACCEPTS_PAUSED("accepting paused: no descriptors or ids"),
    /** Times the socket of a listener was gone from its path and was made again. */
    LISTENERS_RESTORED("listening sockets made again"),
    /** Clients closed because a frame's length was below the minimum. */
    CLIENT_FRAMES_TOO_SHORT("client frames too short"),
    /** Clients closed because a frame's length was above the maximum. */
    CLIENT_FRAMES_TOO_LONG("client frames too long"),
    /** Clients closed because a frame's id was outside their range. */
    CLIENT_FRAMES_FOREIGN_ID("client frames with a foreign id"),
    /** Clients closed because a frame with id 0 was no shutdown, or a shutdown had another id. */
    CLIENT_FRAMES_BAD_CONTROL("client control frames refused"),
    /** Clients closed because they started a program when too many sessions were open for the relay to see to its end. */
    CLIENT_SESSIONS_TOO_MANY("clients with too many sessions"),
    /** Clients closed because they sent core.shutdown and may not. */
    SHUTDOWNS_REFUSED("shutdowns refused"),
    /** Incomplete frames discarded because their client left. */
    CLIENT_FRAMES_CUT("client frames cut by their client's end"),
    /** Clients closed because a frame they had begun made no progress until its deadline, or too little while others waited. */
    CLIENT_FRAMES_STALLED("client frames stalled"),
    /** Clients closed because they did not read while others waited. */
    CLIENTS_EVICTED_SLOW("clients evicted: not reading"),
    /** Times the guest was left unread because the client at the head of the line had no room. */
    HEAD_OF_LINE_BLOCKS("head of line blocks"),
    /** Frames forwarded from clients to the guest. */
    FRAMES_TO_GUEST("frames to guest"),
    /** Bytes forwarded from clients to the guest. */
    BYTES_TO_GUEST("bytes to guest"),
    /** Frames forwarded from the guest to clients. */
    FRAMES_TO_CLIENTS("frames to clients"),
    /** Bytes of frames forwarded from the guest to clients. */
    BYTES_TO_CLIENTS("bytes to clients"),
    /** Guest frames for ids that no client holds, dropped. */
    GUEST_FRAMES_FOR_NOBODY("guest frames for nobody"),
    /** Guest frames for a client that left and whose sessions had not ended, dropped. */
    GUEST_FRAMES_QUARANTINED("guest frames for clients that left"),
    /** Guest frames of sessions that the relay ended because their output could not be recorded, dropped. */
    GUEST_FRAMES_NOT_RECORDED("guest frames not recorded"),
    /** Guest frames with id 0 that the relay had no use for, dropped. */
    GUEST_CONTROL_DROPPED("guest control frames dropped"),
    /** Guest frames that came before core.ready, dropped. */
    GUEST_FRAMES_BEFORE_READY("guest frames before ready"),
    /** Guest transports ended because a frame's length was out of bounds. */
    GUEST_FRAMING_BROKEN("guest framing broken"),
    /** Guest transports ended because the shared ring was broken. */
    GUEST_RING_BROKEN("guest ring broken"),
    /** Times the relay did not run for more than a second; its deadlines were put off by that. */
    TIMES_NOT_RUN("times the relay did not run"),
    /** Guests given up because they took nothing for the stall deadline although something waited for them. */
    GUESTS_STALLED("guests stalled"),
    /** Guests given up because they did not become ready. */
    GUESTS_NEVER_READY("guests never ready"),
    /** Times the guest was told the time. */
    CLOCK_SYNCS("clock syncs"),
    /** Guests that became ready. */
    GUESTS_READY("guests ready"),
    /** Guests lost, for whatever reason. */
    GUESTS_LOST("guests lost"),
    /** Sessions that clients opened. */
    SESSIONS_OPENED("sessions opened"),
    /** Sessions that the guest ended with a terminal frame. */
    SESSIONS_ENDED("sessions ended by the guest"),
    /** Sessions that the relay ended with a terminal frame of its own because the guest was lost. */
    SESSIONS_FAILED("sessions failed by the relay"),
    /** Sessions opened beyond the number that is tracked for one client; they are routed but not cleaned up. */
    SESSIONS_UNTRACKED("sessions not tracked"),
    /** Kill signals sent to the guest for sessions of clients that left. */
    SESSIONS_KILLED("sessions killed after their client left"),
    /** Ranges given back although sessions had not ended, because the quarantine's deadline had passed. */
    QUARANTINES_EXPIRED("quarantines expired"),
    /** System calls that failed in a way that ended a client's connection. */
    CLIENT_IO_ERRORS("client connection errors"),
    /** Lines of the log left out because there were too many of their kind. */
    LOG_LINES_OMITTED("log lines left out"),
    /** Lines written to the exec log. */
    EXEC_LOG_LINES("exec log lines"),
    /** Bytes written to the exec log. */
    EXEC_LOG_BYTES("exec log bytes"),
    /** Lines written to the exec log that mark a gap. */
    EXEC_LOG_GAPS("exec log gaps"),
    /** Bytes of programs' output that are missing in the exec log because it could not keep up. */
    EXEC_LOG_BYTES_BEHIND("exec log bytes lost: behind"),
    /** Bytes of programs' output that are missing in the exec log because they could not be written. */
    EXEC_LOG_BYTES_FAILED("exec log bytes lost: not written"),
    /** Bytes of programs' output that are missing in the exec log because their session has used up its quota. */
    EXEC_LOG_BYTES_OVER_QUOTA("exec log bytes lost: over quota"),
    /** Times that the exec log could not be written. */
    EXEC_LOG_ERRORS("exec log errors"),
    /** Times that an incomplete line was cut off the end of the exec log. */
    EXEC_LOG_REPAIRED("exec log repairs"),
    /** Times that the exec log was rotated. */
    EXEC_LOG_ROTATIONS("exec log rotations"),
    /** Times that the exec log was opened again because its file had been renamed or removed. */
    EXEC_LOG_REOPENED("exec log reopened"),
    /** Sessions that the relay ended because their output could not be recorded. */
    EXEC_LOG_SESSIONS_ENDED("sessions ended: not recorded"),

    /** Clients connected now, those that wait for their handshake or for their last bytes included. */
    CLIENTS_CONNECTED(Kind.GAUGE, "clients connected"),
    /** Ranges of ids that wait for the sessions of a client that left. */
    RANGES_QUARANTINED(Kind.GAUGE, "id ranges in quarantine"),
    /** Sessions that have begun and not ended, also those of clients that left; those beyond the number tracked are not in it. */
    SESSIONS_OPEN(Kind.GAUGE, "sessions open"),
    /** 1 while a guest is ready, else 0. */
    GUEST_READY(Kind.GAUGE, "guest ready"),
    /** Bytes of whole frames in the relay's memory that the guest has not taken yet. */
    GUEST_WAITING_BYTES(Kind.GAUGE, "bytes waiting for the guest");

    /** What a number does over time. */
    public enum Kind {
        /** Counts: only grows while the relay lives. */
        COUNTER(1, "counter", "_total"),
        /** Measures: goes up and down. Brought up to date when the relay goes to sleep, and every 20 ms while it does not. */
        GAUGE(2, "gauge", "");

        private final int typeId;
        private final String metricType;
        private final String suffix;

        Kind(final int typeId, final String metricType, final String suffix) {
            this.typeId = typeId;
            this.metricType = metricType;
            this.suffix = suffix;
        }

        /** {@return what stands for this kind in a counters file} */
        public int typeId() {
            return typeId;
        }

        /** {@return what the Prometheus text format calls this kind} */
        public String metricType() {
            return metricType;
        }
    }

    private static final String METRIC_PREFIX = "sluice_relay_";

    private final Kind kind;
    private final String label;
    private final String metricName;

    RelayCounter(final String label) {
        this(Kind.COUNTER, label);
    }

    RelayCounter(final Kind kind, final String label) {
        this.kind = kind;
        this.label = label;
        this.metricName = metricName(kind, name());
    }

    private static String metricName(final Kind kind, final String name) {
        return METRIC_PREFIX + name.toLowerCase(Locale.ROOT) + kind.suffix;
    }

    /** {@return whether this counts or measures} */
    public Kind kind() {
        return kind;
    }

    /** {@return its name on the metrics page, such as {@code sluice_relay_clients_accepted_total}} */
    public String metricName() {
        return metricName;
    }

    /** {@return what is counted, in words} */
    public String label() {
        return label;
    }
}
