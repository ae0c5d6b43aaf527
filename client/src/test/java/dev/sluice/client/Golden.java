package dev.sluice.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The golden frames of the protocol: what other programs have written, or accepted. */
final class Golden {
    private static final Path VECTORS = Path.of("../protocol/src/test/resources/vectors");
    /** Of the version byte in a body that begins as every known encoder writes it. */
    private static final int VERSION_OFFSET = 12;

    private Golden() {
    }

    /** A frame of generation 1 by its name. */
    static byte[] old(final String name) throws IOException {
        return find("generation-1.json", name);
    }

    /** A frame of generation 7 by its name. */
    static byte[] frame(final String name) throws IOException {
        return find("generation-7.json", name);
    }

    /** A frame that says it is of another generation. */
    static byte[] withVersion(final byte[] frame, final int version) {
        final byte[] copy = frame.clone();
        copy[VERSION_OFFSET] = (byte) version;
        return copy;
    }

    static int version(final byte[] frame) {
        return frame[VERSION_OFFSET];
    }

    private static byte[] find(final String file, final String name) throws IOException {
        final Matcher matcher = Pattern.compile("\"name\": \"" + Pattern.quote(name) + "\",\\s*\"hex\": \"([0-9a-f]*)\"")
            .matcher(Files.readString(VECTORS.resolve(file)));
        if (!matcher.find()) {
            throw new AssertionError("no such frame: " + name);
        }
        return Wire.hex(matcher.group(1));
    }
}
