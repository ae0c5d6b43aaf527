package dev.sluice.relay;

import dev.sluice.vsock.PeerCredentials;

/**
 * One connected client: its descriptor, its range once it has one, its two buffers, and where it is in its life.
 *
 * <pre>
 *   AWAITING_READY ──guest ready──► OPEN ──relay ends it──► ENDING ──flushed or deadline──► CLOSED
 *          └───────────────────────────┴──────client gone, violation, evicted────────────────►┘
 * </pre>
 *
 * <p>State only; {@link ClientTable} moves it along and does the system calls. One owner thread.
 */
final class ClientConnection {
    /** Where a connection is in its life. */
    enum State { AWAITING_READY, OPEN, ENDING, CLOSED }

    private final int range;
    private final int fd;
    private final ListenAddress.Form form;
    private final PeerCredentials peer;
    private final int place;
    private final ClientInput input;
    private final ClientOutput output;
    private final ClientSpans spans = new ClientSpans();
    private final ClientAdmission admission;
    private final HoldUps holdUps = new HoldUps();
    private State state = State.AWAITING_READY;

    /** The kernel may have bytes from the client, or its end: set by an epoll edge, cleared by a read that finds nothing. */
    private boolean readable = true;
    /** Nothing more comes from the client. */
    private boolean inputEnded;
    /** Nothing more can be written to the client. */
    private boolean outputEnded;
    /** The socket was full at the last write; no write is tried until epoll says EPOLLOUT. */
    private boolean awaitingWritable;
    /** Whether epoll has been asked for EPOLLOUT. */
    private boolean watchingWritable;
    /** Whether this connection is in the queue of turns. */
    private boolean queued;
    /** Whether this connection is in the list of those with bytes to write in this pass. */
    private boolean dirty;
    /** Whether this connection waits for an assembly buffer. */
    private boolean awaitingAssembly;
    /** Whether the range was given back; happens once, after the connection is closed. */
    private boolean released;
    /** When the relay gives up on what this connection waits for; meaning depends on the state. */
    private long deadlineNs;
    /** When the incomplete frame last grew. */
    private long frameProgressNs;
    /** When the assembly buffer was taken that is held, if one is. */
    private long assemblyBegunNs;

    ClientConnection(
        final int range, final int fd, final ListenAddress.Form form, final PeerCredentials peer, final RelayMemory memory,
        final ClientAdmission admission) {
        this.range = range;
        this.fd = fd;
        this.form = form;
        this.peer = peer;
        this.place = memory.take();
        this.input = new ClientInput(memory.input(place));
        this.output = new ClientOutput(memory.output(place));
        this.admission = admission;
    }

    int range() {
        return range;
    }

    int fd() {
        return fd;
    }

    /** {@return the handshake it is given} */
    ListenAddress.Form form() {
        return form;
    }

    /** {@return where its buffers are; given back when nothing of it is on its way to the guest any more} */
    int place() {
        return place;
    }

    ClientInput input() {
        return input;
    }

    ClientOutput output() {
        return output;
    }

    /** {@return what is to be written behind {@link #output} in this pass} */
    ClientSpans spans() {
        return spans;
    }

    ClientAdmission admission() {
        return admission;
    }

    HoldUps holdUps() {
        return holdUps;
    }

    State state() {
        return state;
    }

    void state(final State newState) {
        state = newState;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean readable() {
        return readable;
    }

    void readable(final boolean value) {
        readable = value;
    }

    boolean inputEnded() {
        return inputEnded;
    }

    void endInput() {
        inputEnded = true;
        readable = false;
    }

    boolean outputEnded() {
        return outputEnded;
    }

    void endOutput() {
        outputEnded = true;
        awaitingWritable = false;
        output.discard();
    }

    boolean awaitingWritable() {
        return awaitingWritable;
    }

    void awaitingWritable(final boolean value) {
        awaitingWritable = value;
    }

    boolean watchingWritable() {
        return watchingWritable;
    }

    void watchingWritable(final boolean value) {
        watchingWritable = value;
    }

    boolean queued() {
        return queued;
    }

    void queued(final boolean value) {
        queued = value;
    }

    boolean dirty() {
        return dirty;
    }

    void dirty(final boolean value) {
        dirty = value;
    }

    boolean awaitingAssembly() {
        return awaitingAssembly;
    }

    void awaitingAssembly(final boolean value) {
        awaitingAssembly = value;
    }

    boolean released() {
        return released;
    }

    void released(final boolean value) {
        released = value;
    }

    long deadlineNs() {
        return deadlineNs;
    }

    void deadlineNs(final long value) {
        deadlineNs = value;
    }

    long frameProgressNs() {
        return frameProgressNs;
    }

    void frameProgressNs(final long value) {
        frameProgressNs = value;
    }

    long assemblyBegunNs() {
        return assemblyBegunNs;
    }

    void assemblyBegunNs(final long value) {
        assemblyBegunNs = value;
    }

    /** {@return whether there is anything to do in a turn: frames the guest has not taken, also of a closed client, or bytes to read} */
    boolean wantsTurn() {
        return !input.run().isEmpty() || isOpen() && readable && !awaitingAssembly;
    }

    @Override
    public String toString() {
        return "client[range=" + range + " pid=" + peer.pid() + " uid=" + peer.uid() + "]";
    }
}
