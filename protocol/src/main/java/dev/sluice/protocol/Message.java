package dev.sluice.protocol;

/**
 * A decoded message: what is inside a frame besides its id. Immutable records, equal by value.
 *
 * <p>Fields are written in the protocol's own order and always all of them, unless a component says that it is left out when empty. When
 * reading, keys may come in any order, unknown ones are ignored, and a field that may be absent may be null too.
 */
public sealed interface Message
    permits GuestBootstrap, Ready, InitResolved, Shutdown, ClientDisconnected, ClockSync, Touched, CoreError, EmptyMessage, DataMessage,
    WindowGrant, ExecRequest, ExecStarted, ExecStdinError, ExecExited, ExecFailed, ExecResize, ExecSignal,
    FsRequest, FsResponse, LegacyFsRequest, LegacyFsResponse, TcpConnect, TcpFailed {

    /**
     * Type of the message, which decides its frame's flags.
     *
     * @return the type
     */
    MessageType type();

    /**
     * Writes the payload, the content of the envelope's p. Writes the same each time it is called.
     *
     * @param writer where to
     * @throws IndexOutOfBoundsException when there is no room
     */
    void writePayload(CborWriter writer);
}
