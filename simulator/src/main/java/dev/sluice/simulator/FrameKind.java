package dev.sluice.simulator;

/** The frames that the inhabitants of the simulated world send. Types and flags as the relay protocol has them, section 1.3. */
enum FrameKind {
    EXEC_REQUEST("core.exec.request", Flags.START),
    FS_REQUEST("core.fs.request", Flags.START),
    TCP_CONNECT("core.tcp.connect", Flags.START),
    /** A session of a type that nobody knows yet. */
    FUTURE_REQUEST("core.future.request", Flags.START),
    /** A session whose first frame cannot be read at all. */
    RAW_REQUEST(null, Flags.START),
    STDIN("core.exec.stdin", 0),
    SIGNAL("core.exec.signal", 0),
    WINDOW("sluice.window", 0),
    SHUTDOWN("core.shutdown", Flags.SHUTDOWN),
    STARTED("core.exec.started", 0),
    STDOUT("core.exec.stdout", 0),
    STDERR("core.exec.stderr", 0),
    EXITED("core.exec.exited", Flags.TERMINAL),
    FS_DATA("core.fs.data", 0),
    FS_RESPONSE("core.fs.response", Flags.TERMINAL),
    TCP_DATA("core.tcp.data", 0),
    TCP_CLOSED("core.tcp.closed", Flags.TERMINAL),
    /** Bytes that are no message, in whatever direction. */
    RAW(null, 0),
    RAW_END(null, Flags.TERMINAL),
    READY("core.ready", 0),
    /** A frame for the relay that it has no use for. */
    CONTROL("core.clock.sync", 0),
    /** A frame of the guest for an id that it made up. */
    STRAY(null, 0);

    /** Bits of the flags byte. */
    static final class Flags {
        static final int TERMINAL = 1;
        static final int START = 2;
        static final int SHUTDOWN = 4;

        private Flags() {
        }
    }

    private final String type;
    private final int flags;

    FrameKind(final String type, final int flags) {
        this.type = type;
        this.flags = flags;
    }

    /** @return the message type on the wire, or null for a body that is no envelope */
    String type() {
        return type;
    }

    int flags() {
        return flags;
    }

    boolean opens() {
        return flags == Flags.START;
    }

    /** @return whether it is what a program writes */
    boolean isOutput() {
        return this == STDOUT || this == STDERR;
    }

    /** The frame that carries data of a session opened by this kind; a program has two. */
    FrameKind data() {
        return switch (this) {
            case EXEC_REQUEST -> STDOUT;
            case FS_REQUEST -> FS_DATA;
            case TCP_CONNECT -> TCP_DATA;
            default -> RAW;
        };
    }

    /** The frame that ends a session opened by this kind. */
    FrameKind end() {
        return switch (this) {
            case EXEC_REQUEST -> EXITED;
            case FS_REQUEST -> FS_RESPONSE;
            case TCP_CONNECT -> TCP_CLOSED;
            default -> RAW_END;
        };
    }
}
