package dev.sluice.cli;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.LegacyFsRequest;
import dev.sluice.protocol.LegacyFsResponse;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** One line for each part of a capture, as text or as a JSON object. Nothing in it controls a terminal. */
final class FrameLines {
    private static final String[] FLAG_NAMES = {"terminal", "start", "shutdown", "bulk"};

    private final boolean json;
    private final CborNotation notation;
    private final Envelope envelope = new Envelope();

    /**
     * A writer of lines.
     *
     * @param json      whether JSON is wanted
     * @param dataLimit bytes of each byte string that are shown
     */
    FrameLines(final boolean json, final long dataLimit) {
        this.json = json;
        this.notation = new CborNotation(json, dataLimit);
    }

    /** A line, and whether what it shows is as it should be. */
    record Line(String text, boolean sound) {
    }

    Line of(final Capture.Item item) {
        return switch (item) {
            case Capture.Greeting greeting -> new Line(of(greeting), true);
            case Capture.Frame frame -> of(frame);
            case Capture.Fault fault -> new Line(json
                ? "{\"offset\":" + fault.offset() + ",\"fault\":" + JsonText.quoted(fault.message()) + "}"
                : begin(fault.offset()) + fault.message(), false);
        };
    }

    private String of(final Capture.Greeting greeting) {
        final long first = greeting.range().start();
        final long last = greeting.range().endExclusive() - 1;
        return json
            ? "{\"offset\":" + greeting.offset() + ",\"length\":" + greeting.length() + ",\"handshake\":{\"first_id\":" + first
                + ",\"last_id\":" + last + "}}"
            : begin(greeting.offset()) + "handshake of " + greeting.length() + " bytes: ids " + first + " to " + last;
    }

    private Line of(final Capture.Frame frame) {
        final Body body = body(frame);
        if (json) {
            return new Line("{\"offset\":" + frame.offset() + ",\"length\":" + frame.length()
                + ",\"id\":" + Integer.toUnsignedString(frame.id())
                + ",\"flags\":[" + String.join(",", flags(frame.flags()).stream().map(JsonText::quoted).toList()) + "]"
                + (body.type == null ? "" : ",\"type\":" + JsonText.quoted(body.type) + ",\"to\":" + JsonText.quoted(body.receiver)
                    + ",\"generation\":" + body.generation)
                + ",\"payload\":" + body.payload + (body.cut ? ",\"cut\":true" : "")
                + (body.problem == null ? "" : ",\"problem\":" + JsonText.quoted(body.problem)) + "}", body.problem == null);
        }
        return new Line(begin(frame.offset()) + arrow(body.receiver) + " id " + Integer.toUnsignedString(frame.id())
            + (frame.flags() == 0 ? "" : " " + String.join("+", flags(frame.flags())))
            + (body.type == null ? " " : " " + TerminalText.line(body.type) + " v" + body.generation + " ") + frame.length() + " bytes"
            + (body.payload.isEmpty() ? "" : " " + body.payload)
            + (body.problem == null ? "" : "  problem: " + TerminalText.line(body.problem)), body.problem == null);
    }

    private static String begin(final long offset) {
        return String.format("%-9d ", offset);
    }

    private static String arrow(final String receiver) {
        return switch (receiver) {
            case "guest" -> "->";
            case "host" -> "<-";
            default -> "--";
        };
    }

    /** What could be learned of a body; without a type when it is no envelope. */
    private record Body(String type, String receiver, int generation, String payload, boolean cut, String problem) {
    }

    private Body body(final Capture.Frame frame) {
        final MemorySegment memory = MemorySegment.ofArray(frame.body());
        try {
            envelope.wrap(memory, 0, frame.body().length);
        } catch (final ProtocolException e) {
            return new Body(null, "", 0, notation.bytes(frame.body()), false, "no envelope: " + e.getMessage());
        }
        String payload;
        boolean cut = false;
        String problem = null;
        try {
            payload = envelope.payloadLength() == 0 ? json ? "null" : ""
                : notation.write(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength());
            cut = envelope.payloadLength() > 0 && notation.isCut();
            problem = problem(frame);
        } catch (final ProtocolException e) {
            payload = notation.bytes(envelope.payloadMemory().asSlice(envelope.payloadOffset(), envelope.payloadLength())
                .toArray(ValueLayout.JAVA_BYTE));
            problem = "the payload is no CBOR item: " + e.getMessage();
        }
        return new Body(envelope.typeName().toString(), receiver(envelope.type()), envelope.version(), payload, cut, problem);
    }

    /** Says what a receiver would hold against a frame, or returns null. */
    private String problem(final Capture.Frame frame) {
        final MessageType type = envelope.type();
        if (type == null) {
            return "no such message type";
        }
        try {
            decode(type);
        } catch (final ProtocolException e) {
            return e.getMessage();
        }
        return frame.flags() == type.flags() ? null
            : "flags are those of no " + type.wireName() + ", which has "
                + (type.flags() == 0 ? "none" : String.join("+", flags(type.flags())));
    }

    private void decode(final MessageType type) throws ProtocolException {
        try {
            Frames.decode(envelope);
        } catch (final ProtocolException e) {
            // Files were spoken of differently before release 0.5.0, with nothing to tell that by.
            switch (type) {
                case FS_REQUEST -> LegacyFsRequest.decode(envelope);
                case FS_RESPONSE -> LegacyFsResponse.decode(envelope);
                default -> throw e;
            }
        }
    }

    private static String receiver(final MessageType type) {
        if (type == null) {
            return "unknown";
        }
        return switch (type.direction()) {
            case HOST_TO_GUEST -> "guest";
            case GUEST_TO_HOST -> "host";
            case BOTH -> "either";
        };
    }

    private static List<String> flags(final int flags) {
        final List<String> names = new ArrayList<>();
        for (int bit = 0; bit < FLAG_NAMES.length; bit++) {
            if ((flags & 1 << bit) != 0) {
                names.add(FLAG_NAMES[bit]);
            }
        }
        final int unknown = flags >>> FLAG_NAMES.length << FLAG_NAMES.length;
        if (unknown != 0) {
            names.add(String.format("0x%02x", unknown));
        }
        return names;
    }
}
