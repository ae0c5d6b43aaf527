package dev.sluice.agent;

import dev.sluice.agent.files.FileException;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.FsResponseData;
import dev.sluice.protocol.ProtocolException;

/** Encoding of core.fs.response. Any number of threads. */
final class FsAnswers {
    private FsAnswers() {
    }

    static byte[] ok(final int id, final FsResponseData data) {
        return encode(id, new FsResponse(true, null, data));
    }

    static byte[] error(final int id, final String text) {
        return encode(id, new FsResponse(false, text, null));
    }

    /** Does the work and encodes how it went. */
    static byte[] encode(final int id, final String step, final FsCall.Work work) {
        try {
            return Frames.encode(AgentProtocol.GENERATION, id, new FsResponse(true, null, work.run()));
        } catch (final FileException e) {
            return error(id, step == null ? e.getMessage() : e.during(step).getMessage());
        } catch (final ProtocolException e) {
            return error(id, (step == null ? "" : step + ": ") + "too much for one answer: use OpenDir and ReadDir");
        } catch (final RuntimeException | Error e) {
            // A mistake in here, or memory that is short, must cost its session, not the thread and the session's peace.
            return error(id, "agent error: " + e);
        }
    }

    private static byte[] encode(final int id, final FsResponse response) {
        try {
            return Frames.encode(AgentProtocol.GENERATION, id, response);
        } catch (final ProtocolException e) {
            throw new IllegalStateException("answer too long: id=" + Integer.toUnsignedString(id), e);
        }
    }
}
