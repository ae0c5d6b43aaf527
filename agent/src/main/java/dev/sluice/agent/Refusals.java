package dev.sluice.agent;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.CoreError.Kind;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.TcpFailed;

/**
 * What a frame gets that cannot be served: of unknown type, with wrong flags, undecodable, or of a type that is not for an agent.
 *
 * <table>
 * <caption>By id and sender</caption>
 * <tr><td>id 0</td><td>nothing: there is no client behind it</td></tr>
 * <tr><td>id of a session, request</td><td>nothing: an answer would end the session that is there</td></tr>
 * <tr><td>id of a session, anything else</td><td>{@link SessionService#onBadFrame}: core.error has the flags of a terminal frame, so it is
 * never sent to a session that goes on. Where bytes of a stream are lost, the session says so itself</td></tr>
 * <tr><td>no session, sender of generation 5 or later, or not known</td><td>core.error</td></tr>
 * <tr><td>no session, older sender, request</td><td>the failure that its type has: exec.failed, fs.response, tcp.failed</td></tr>
 * <tr><td>no session, older sender, anything else</td><td>nothing: it cannot decode core.error, and would end its connection</td></tr>
 * </table>
 *
 * <p>The generation is what the frame says, its sender's; whether that one has read which generation this agent announces does not matter.
 * Source: relay protocol, generation 7, sections 0 (items 3, 4, 7), 5.2 and 5.11.
 *
 * <p>One owner thread.
 */
final class Refusals {
    /** Reasons are quoted up to this length, so that every answer fits in {@link Outlet#REPLY_ROOM}. */
    private static final int MAX_QUOTED = 256;

    private final AgentCounters counters;
    private final Answers answers;
    private final SessionServices sessions;

    /**
     * Refuses in the name of an agent.
     *
     * @param counters of the agent
     * @param answers takes what is to be sent
     * @param sessions that are not to be ended by it
     */
    Refusals(final AgentCounters counters, final Answers answers, final SessionServices sessions) {
        this.counters = counters;
        this.answers = answers;
        this.sessions = sessions;
    }

    /** The body is no envelope; of what generation its sender is, is not known. */
    void malformed(final int id, final ProtocolException reason) {
        final String message = "decode envelope: " + quoted(reason.getMessage());
        if (isSilent(id, null)) {
            tellSession(id, null, message);
            return;
        }
        answers.add(id, new CoreError(Kind.MALFORMED_MESSAGE, message, null));
    }

    /** The flags are not those of the type. */
    void badFlags(final int id, final int flags, final Envelope envelope) {
        final String type = envelope.typeName().toString();
        refuse(id, envelope, Kind.INVALID_FLAGS, "invalid flags for " + type + ": got " + flags + ", expected " + envelope.type().flags());
    }

    /** The payload cannot be decoded. */
    void badPayload(final int id, final Envelope envelope, final ProtocolException reason) {
        refuse(id, envelope, Kind.INVALID_PAYLOAD, "decode payload for " + envelope.typeName() + ": " + quoted(reason.getMessage()));
    }

    /** The type is not known, or only an agent sends it. */
    void unserved(final int id, final Envelope envelope) {
        final String why = envelope.type() == null ? "not known to this agent" : "no agent takes this";
        refuse(id, envelope, Kind.UNSUPPORTED_MESSAGE_TYPE, "unsupported message type " + envelope.typeName() + ": " + why);
    }

    /** The relay says this, in the session that is its own, and no client. */
    void notForClients(final int id, final Envelope envelope) {
        refuse(id, envelope, Kind.INVALID_SESSION, envelope.typeName() + ": only in session 0");
    }

    private void refuse(final int id, final Envelope envelope, final Kind kind, final String message) {
        if (isSilent(id, envelope.type())) {
            if (kind == Kind.INVALID_FLAGS || kind == Kind.INVALID_PAYLOAD) {
                tellSession(id, envelope.type(), message);
            }
            return;
        }
        if (envelope.version() >= MessageType.ERROR.introducedIn()) {
            answers.add(id, new CoreError(kind, message, envelope.typeName().toString()));
            return;
        }
        final Message failure = typedFailure(envelope.type(), message);
        if (failure == null) {
            counters.increment(AgentCounter.REFUSALS_UNTOLD);
        } else {
            answers.add(id, failure);
        }
    }

    /** @return whether nothing is to be said in answer */
    private boolean isSilent(final int id, final MessageType type) {
        if (id != 0 && !sessions.hasSession(id)) {
            return false;
        }
        final boolean request = type != null && type.startsSession();
        counters.increment(request ? AgentCounter.REQUESTS_ID_IN_USE : AgentCounter.REFUSALS_UNTOLD);
        return true;
    }

    private void tellSession(final int id, final MessageType type, final String message) {
        if (id != 0 && (type == null || !type.startsSession())) {
            sessions.onBadFrame(id, type, message);
        }
    }

    private static Message typedFailure(final MessageType type, final String message) {
        return switch (type) {
            case EXEC_REQUEST -> ExecFailures.of(ExecFailed.Kind.BAD_ARGS, ExecFailures.STAGE_REQUEST, message);
            case FS_REQUEST -> new FsResponse(false, message, null);
            case TCP_CONNECT -> new TcpFailed(message);
            case null, default -> null;
        };
    }

    private static String quoted(final String text) {
        return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
    }
}
