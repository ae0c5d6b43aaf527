package dev.sluice.protocol;

import static dev.sluice.protocol.Direction.BOTH;
import static dev.sluice.protocol.Direction.GUEST_TO_HOST;
import static dev.sluice.protocol.Direction.HOST_TO_GUEST;
import static dev.sluice.protocol.FrameDescriptor.FLAG_SESSION_START;
import static dev.sluice.protocol.FrameDescriptor.FLAG_SHUTDOWN;
import static dev.sluice.protocol.FrameDescriptor.FLAG_TERMINAL;

import java.lang.foreign.MemorySegment;

/**
 * The types of messages: the 32 of generation 7, and this implementation's own {@link #WINDOW}.
 *
 * <p>Source: relay protocol, generation 7, section 3. The introducing generation is what a sender compares with its peer's; it is a rule of
 * the protocol, not history: {@code core.fs.*} exists in generation 1 too, with payloads of another shape, and counts from 2 on.
 */
public enum MessageType {
    /** The agent is up: {@link Ready}. Id 0. */
    READY("core.ready", GUEST_TO_HOST, 0, 1),
    /** The agent has resolved its default user: {@link InitResolved}. Id 0. */
    INIT_RESOLVED("core.init.resolved", GUEST_TO_HOST, 0, 1),
    /** Answer to {@link #INIT_RESOLVED}: {@link EmptyMessage}. Id 0. */
    INIT_ACK("core.init.ack", HOST_TO_GUEST, 0, 1),
    /** Ends the guest: {@link Shutdown}. Id 0. */
    SHUTDOWN("core.shutdown", HOST_TO_GUEST, FLAG_SHUTDOWN, 1),
    /** A client of the relay has gone: {@link ClientDisconnected}. Id 0. */
    CLIENT_DISCONNECTED("core.relay.client.disconnected", HOST_TO_GUEST, 0, 1),
    /** The host's clock: {@link ClockSync}. Id 0. */
    CLOCK_SYNC("core.clock.sync", HOST_TO_GUEST, 0, 1),
    /** Asks whether the agent answers: {@link EmptyMessage}. */
    PING("core.ping", HOST_TO_GUEST, 0, 6),
    /** Answer to {@link #PING}: {@link EmptyMessage}. */
    PONG("core.pong", GUEST_TO_HOST, FLAG_TERMINAL, 6),
    /** Counts as activity: {@link EmptyMessage}. */
    TOUCH("core.touch", HOST_TO_GUEST, 0, 6),
    /** Answer to {@link #TOUCH}: {@link Touched}. */
    TOUCHED("core.touched", GUEST_TO_HOST, FLAG_TERMINAL, 6),
    /** A frame was refused: {@link CoreError}. */
    ERROR("core.error", GUEST_TO_HOST, FLAG_TERMINAL, 5),
    /** Starts a program: {@link ExecRequest}. */
    EXEC_REQUEST("core.exec.request", HOST_TO_GUEST, FLAG_SESSION_START, 1),
    /** The program runs: {@link ExecStarted}. */
    EXEC_STARTED("core.exec.started", GUEST_TO_HOST, 0, 1),
    /** Input of a program, none at its end: {@link DataFrame}. */
    EXEC_STDIN("core.exec.stdin", HOST_TO_GUEST, 0, 1),
    /** Input could not be written to the program: {@link ExecStdinError}. The session goes on. */
    EXEC_STDIN_ERROR("core.exec.stdin.error", GUEST_TO_HOST, 0, 1),
    /** Output of a program, or all output of a terminal: {@link DataFrame}. */
    EXEC_STDOUT("core.exec.stdout", GUEST_TO_HOST, 0, 1),
    /** Error output of a program: {@link DataFrame}. */
    EXEC_STDERR("core.exec.stderr", GUEST_TO_HOST, 0, 1),
    /** The program has ended: {@link ExecExited}. */
    EXEC_EXITED("core.exec.exited", GUEST_TO_HOST, FLAG_TERMINAL, 1),
    /** The program could not be started: {@link ExecFailed}. */
    EXEC_FAILED("core.exec.failed", GUEST_TO_HOST, FLAG_TERMINAL, 1),
    /** The terminal has another size: {@link ExecResize}. */
    EXEC_RESIZE("core.exec.resize", HOST_TO_GUEST, 0, 1),
    /** Signals the program: {@link ExecSignal}. */
    EXEC_SIGNAL("core.exec.signal", HOST_TO_GUEST, 0, 1),
    /** Something to do in the guest's file system: {@link FsRequest}, or {@link LegacyFsRequest} before release 0.5.0. */
    FS_REQUEST("core.fs.request", HOST_TO_GUEST, FLAG_SESSION_START, 2),
    /** How that went: {@link FsResponse}, or {@link LegacyFsResponse} before release 0.5.0. */
    FS_RESPONSE("core.fs.response", GUEST_TO_HOST, FLAG_TERMINAL, 2),
    /** Content of a file, none at the end of a write: {@link DataFrame}. */
    FS_DATA("core.fs.data", BOTH, 0, 2),
    /** Connects to a port from inside the guest: {@link TcpConnect}. */
    TCP_CONNECT("core.tcp.connect", HOST_TO_GUEST, FLAG_SESSION_START, 4),
    /** The connection stands: {@link EmptyMessage}. */
    TCP_CONNECTED("core.tcp.connected", GUEST_TO_HOST, 0, 4),
    /** Bytes of a connection: {@link DataFrame}. */
    TCP_DATA("core.tcp.data", BOTH, 0, 4),
    /** The sender's half of the connection has ended: {@link EmptyMessage}. */
    TCP_EOF("core.tcp.eof", BOTH, 0, 4),
    /** Ends the connection: {@link EmptyMessage}. */
    TCP_CLOSE("core.tcp.close", HOST_TO_GUEST, 0, 4),
    /** The connection has ended: {@link EmptyMessage}. */
    TCP_CLOSED("core.tcp.closed", GUEST_TO_HOST, FLAG_TERMINAL, 4),
    /** The connection failed: {@link TcpFailed}. */
    TCP_FAILED("core.tcp.failed", GUEST_TO_HOST, FLAG_TERMINAL, 4),
    /** What the guest is to be: {@link GuestBootstrap}. Id 0. */
    BOOTSTRAP("core.bootstrap", HOST_TO_GUEST, 0, 7),
    /**
     * Grants more bytes of a stream: {@link WindowFrame}. Not part of the protocol's generations; sent only to a peer that has announced
     * {@code sluice_window} itself.
     */
    WINDOW("sluice.window", BOTH, 0, 1);

    private final String wireName;
    private final ByteString wireBytes;
    private final Direction direction;
    private final int flags;
    private final int introducedIn;

    MessageType(final String wireName, final Direction direction, final int flags, final int introducedIn) {
        this.wireName = wireName;
        this.wireBytes = ByteString.of(wireName);
        this.direction = direction;
        this.flags = flags;
        this.introducedIn = introducedIn;
    }

    /**
     * The type's name on the wire.
     *
     * @return the text of the envelope's "t"
     */
    public String wireName() {
        return wireName;
    }

    /**
     * The type's name on the wire, as bytes.
     *
     * @return the ASCII bytes of {@link #wireName}
     */
    public ByteString wireBytes() {
        return wireBytes;
    }

    /**
     * Which way messages of this type go.
     *
     * @return the direction
     */
    public Direction direction() {
        return direction;
    }

    /**
     * The flags that a frame of this type has, exactly.
     *
     * @return bits as in {@link FrameDescriptor}
     */
    public int flags() {
        return flags;
    }

    /**
     * The first generation that has this type.
     *
     * @return 1 to 7; 1 for {@link #WINDOW}, which generations do not govern
     */
    public int introducedIn() {
        return introducedIn;
    }

    /**
     * Tells whether messages of this type carry bytes of a stream and nothing else.
     *
     * @return true for those that {@link DataFrame} encodes
     */
    public boolean carriesData() {
        return switch (this) {
            case EXEC_STDIN, EXEC_STDOUT, EXEC_STDERR, FS_DATA, TCP_DATA -> true;
            default -> false;
        };
    }

    /**
     * Tells whether a message of this type ends its session.
     *
     * @return true when its flags say so
     */
    public boolean isTerminal() {
        return (flags & FLAG_TERMINAL) != 0;
    }

    /**
     * Tells whether a message of this type begins a session.
     *
     * @return true when its flags say so
     */
    public boolean startsSession() {
        return (flags & FLAG_SESSION_START) != 0;
    }

    /**
     * Tells the type of a frame from its body, without decoding more than is needed for that and without judging the rest.
     *
     * <p>The form that every known encoder writes is recognised by comparing a few words; nothing is allocated then. Any other form is
     * walked through, which may allocate a small object.
     *
     * @param memory     where the body lies
     * @param bodyOffset where it starts, in bytes
     * @param bodyLength how long it is, in bytes; a part of a body will do when its type is in it
     * @return the type; null when the body is undecodable up to its type, or the type is unknown ({@link Envelope} tells these apart)
     */
    public static MessageType recognise(final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        final long name = EnvelopePrefix.typeName(memory, bodyOffset, bodyLength);
        if (name != EnvelopePrefix.NOT_COMMON) {
            return MessageTypeTable.find(memory, bodyOffset + EnvelopePrefix.offset(name), EnvelopePrefix.length(name));
        }
        return EnvelopePrefix.walkToType(memory, bodyOffset, bodyLength);
    }

    /**
     * Finds a type by its name.
     *
     * @param memory where the name lies
     * @param offset where it starts, in bytes
     * @param length how long it is, in bytes
     * @return the type, or null when there is none of that name
     */
    public static MessageType ofWireName(final MemorySegment memory, final long offset, final int length) {
        return MessageTypeTable.find(memory, offset, length);
    }
}
