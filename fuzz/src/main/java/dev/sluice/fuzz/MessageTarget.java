package dev.sluice.fuzz;

import static dev.sluice.fuzz.Promise.check;
import static dev.sluice.fuzz.Promise.same;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.CborDescriptor;
import dev.sluice.protocol.CborWriter;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.LegacyFsRequest;
import dev.sluice.protocol.LegacyFsResponse;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowGrant;
import dev.sluice.protocol.WindowPayload;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The body of a frame: the envelope and every type of message. Whatever is there decodes or is the typed exception; what decodes is written
 * again and decodes to the same; the flyweights for frequent messages agree with their records.
 *
 * <p>Input: a byte that chooses a type, then its payload, around which an envelope is put; or another byte, then a whole body.
 */
public final class MessageTarget {
    private static final MessageType[] TYPES = MessageType.values();
    private static final int LEGACY_REQUEST = TYPES.length;
    private static final int LEGACY_RESPONSE = TYPES.length + 1;
    private static final int MAX_INPUT = 8192;
    private static final int MAX_GENERATION = 23;
    private static final int SOME_ID = 7;

    private static final Envelope ENVELOPE = new Envelope();
    private static final Envelope WRITTEN_ENVELOPE = new Envelope();
    private static final DataPayload DATA = new DataPayload();
    private static final WindowPayload WINDOW = new WindowPayload();
    private static final CborWriter WRITER = new CborWriter();

    /** Decodes the payload of an envelope. */
    private interface Decoder {
        Message decode(Envelope envelope) throws ProtocolException;
    }

    private MessageTarget() {
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(MessageTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param input the input
     */
    public static void fuzzerTestOneInput(final byte[] input) {
        if (input.length == 0 || input.length > MAX_INPUT) {
            return;
        }
        final int selector = input[0] & 0xFF;
        if (selector < TYPES.length) {
            decode(body(TYPES[selector], input), Frames::decode);
        } else if (selector == LEGACY_REQUEST) {
            decode(body(MessageType.FS_REQUEST, input), LegacyFsRequest::decode);
        } else if (selector == LEGACY_RESPONSE) {
            decode(body(MessageType.FS_RESPONSE, input), LegacyFsResponse::decode);
        } else {
            decode(Arrays.copyOfRange(input, 1, input.length), Frames::decode);
        }
    }

    /** A body with the input's bytes behind the first as payload. */
    private static byte[] body(final MessageType type, final byte[] input) {
        final int payload = input.length - 1;
        writeEnvelope(WRITER.measure(), type, payload);
        final byte[] body = new byte[(int) WRITER.written() + payload];
        writeEnvelope(WRITER.wrap(MemorySegment.ofArray(body), 0, body.length), type, payload);
        System.arraycopy(input, 1, body, (int) WRITER.written(), payload);
        return body;
    }

    private static void writeEnvelope(final CborWriter writer, final MessageType type, final int payloadLength) {
        writer.writeMapHead(3);
        writer.writeText("v");
        writer.writeUnsigned(1);
        writer.writeText("t");
        writer.writeText(type.wireName());
        writer.writeText("p");
        writer.writeHead(CborDescriptor.BYTES, payloadLength);
    }

    private static void decode(final byte[] body, final Decoder decoder) {
        final MemorySegment memory = MemorySegment.ofArray(body);
        final MessageType recognised = MessageType.recognise(memory, 0, body.length);
        try {
            ENVELOPE.wrap(memory, 0, body.length);
        } catch (final ProtocolException e) {
            checkError(e, body.length);
            return;
        }
        check(recognised == ENVELOPE.type(), "what is recognised is what is decoded");
        check(ENVELOPE.version() >= 0 && ENVELOPE.version() <= 0xFF, "version");
        check(ENVELOPE.type() != null || ENVELOPE.typeName().length() <= 128, "of an unknown name so many bytes are kept");
        check(ENVELOPE.payloadLength() >= 0
            && ENVELOPE.payloadOffset() + ENVELOPE.payloadLength() <= ENVELOPE.payloadMemory().byteSize(), "payload within its memory");
        Message message = null;
        try {
            message = decoder.decode(ENVELOPE);
        } catch (final ProtocolException e) {
            check(ENVELOPE.type() == null || e.offset() <= ENVELOPE.payloadMemory().byteSize(), "place of the error");
        }
        checkFlyweights(message);
        if (message != null) {
            check(message.type() == ENVELOPE.type(), "type of the message");
            checkRoundTrip(message, decoder);
        }
    }

    private static void checkError(final ProtocolException e, final int length) {
        check(e.offset() >= 0 && e.offset() <= length, "place of the error");
        check(e.getMessage() != null && e.reason() != null && e.field() != null, "the typed exception says what is wrong");
    }

    private static void checkFlyweights(final Message message) {
        final MessageType type = ENVELOPE.type();
        if (type == null) {
            return;
        }
        if (type.carriesData()) {
            try {
                DATA.wrap(ENVELOPE);
                check(message instanceof DataMessage data && data.data().equals(
                    ByteString.copyOf(DATA.dataMemory(), DATA.dataOffset(), DATA.dataLength())), "data flyweight against its record");
            } catch (final ProtocolException e) {
                check(message == null, "data flyweight refuses what its record takes");
            }
        } else if (type == MessageType.WINDOW) {
            try {
                WINDOW.wrap(ENVELOPE);
                check(message instanceof WindowGrant grant && grant.stream() == WINDOW.stream() && grant.bytes() == WINDOW.bytes(),
                    "window flyweight against its record");
            } catch (final ProtocolException e) {
                check(message == null, "window flyweight refuses what its record takes");
            }
        }
    }

    private static void checkRoundTrip(final Message message, final Decoder decoder) {
        try {
            final int generation = Math.clamp(ENVELOPE.version(), 1, MAX_GENERATION);
            final byte[] frame = Frames.encode(generation, SOME_ID, message);
            same(Frames.frameLength(message), frame.length, "length of the frame");
            final MemorySegment memory = MemorySegment.ofArray(frame);
            same(frame.length, FrameDescriptor.LENGTH_PREFIX + FrameDescriptor.length(memory, 0), "length field");
            same(SOME_ID, FrameDescriptor.id(memory, 0), "id");
            same(message.type().flags(), FrameDescriptor.flags(memory, 0), "flags");
            WRITTEN_ENVELOPE.wrap(memory, FrameDescriptor.BODY_OFFSET, frame.length - FrameDescriptor.HEADER_LENGTH);
            same(generation, WRITTEN_ENVELOPE.version(), "generation");
            check(WRITTEN_ENVELOPE.type() == message.type(), "type");
            final Message again = decoder.decode(WRITTEN_ENVELOPE);
            check(message.equals(again) && message.hashCode() == again.hashCode(), "what was written decodes to the same");
            check(Arrays.equals(frame, Frames.encode(generation, SOME_ID, again)), "written again it is the same bytes");
        } catch (final ProtocolException e) {
            throw new AssertionError("what was decoded cannot be written and decoded again: " + message, e);
        }
    }
}
