package dev.sluice.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The golden frames of the protocol: what other programs have written, or accepted. */
final class Vectors {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One frame. */
    record Vector(String file, String name, byte[] frame, String type, int id, int flags, int version, JsonNode payload) {
        MemorySegment memory() {
            return MemorySegment.ofArray(frame.clone());
        }

        int bodyLength() {
            return frame.length - FrameDescriptor.HEADER_LENGTH;
        }

        Envelope envelope() throws ProtocolException {
            return new Envelope().wrap(memory(), FrameDescriptor.BODY_OFFSET, bodyLength());
        }

        /** Whether the payload has the shape that file operations had before handles. */
        boolean legacyFiles() {
            return file.startsWith("generation-1");
        }

        @Override
        public String toString() {
            return file + ": " + name;
        }
    }

    private Vectors() {
    }

    static Stream<Vector> all() {
        return Stream.of("generation-1.json", "generation-7.json").flatMap(Vectors::load);
    }

    static Vector named(final String name) {
        return all().filter(vector -> vector.name().equals(name)).findFirst().orElseThrow();
    }

    /** All frames, one behind the other. */
    static byte[] stream() {
        final List<byte[]> frames = new ArrayList<>();
        all().forEach(vector -> frames.add(vector.frame()));
        final byte[] stream = new byte[frames.stream().mapToInt(frame -> frame.length).sum()];
        int at = 0;
        for (final byte[] frame : frames) {
            System.arraycopy(frame, 0, stream, at, frame.length);
            at += frame.length;
        }
        return stream;
    }

    private static Stream<Vector> load(final String file) {
        try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + file)) {
            final List<Vector> vectors = new ArrayList<>();
            for (final JsonNode node : JSON.readTree(in)) {
                vectors.add(new Vector(
                    file,
                    node.get("name").asText(),
                    HexFormat.of().parseHex(node.get("hex").asText()),
                    node.get("type").asText(),
                    node.get("id").asInt(),
                    node.get("flags").asInt(),
                    node.get("v").asInt(),
                    node.get("payload_json")));
            }
            return vectors.stream();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
