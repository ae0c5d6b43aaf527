package dev.sluice.cli;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.CborDescriptor;
import dev.sluice.protocol.CborReader;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/**
 * CBOR as text, whatever it holds: for people much as the diagnostic notation of RFC 8949 has it, for programs as JSON. Nothing in the
 * input makes the text long: items are counted, byte strings cut.
 */
final class CborNotation {
    /** Items of one message that are written. */
    static final int MAX_ITEMS = 1024;
    /** Bytes of a text string that are written for people. */
    private static final int MAX_TEXT = 4096;

    private final boolean json;
    private final long dataLimit;
    private final CborReader reader = new CborReader();
    private final StringBuilder text = new StringBuilder();
    private MemorySegment memory;
    private int itemsLeft;

    /**
     * A writer.
     *
     * @param json      whether JSON is wanted
     * @param dataLimit bytes of each byte string that are written
     */
    CborNotation(final boolean json, final long dataLimit) {
        this.json = json;
        this.dataLimit = dataLimit;
    }

    /**
     * Writes an item that fills a place.
     *
     * @throws ProtocolException when there is no item, it is not whole, nested too deep, or something follows it
     */
    String write(final MemorySegment in, final long offset, final int length) throws ProtocolException {
        memory = in;
        reader.wrap(in, offset, length);
        text.setLength(0);
        itemsLeft = MAX_ITEMS;
        writeItem(0);
        if (itemsLeft > 0 && reader.remaining() > 0) {
            throw new ProtocolException(ProtocolException.Reason.MALFORMED, "", reader.position(),
                reader.remaining() + " bytes follow what should be all");
        }
        return text.toString();
    }

    /** Tells whether items were left out the last time, because there were more than {@link #MAX_ITEMS}. */
    boolean isCut() {
        return itemsLeft <= 0;
    }

    /** Bytes as this notation has them. */
    String bytes(final byte[] all) {
        final int shown = (int) Math.min(all.length, dataLimit);
        final byte[] part = Arrays.copyOf(all, shown);
        if (json) {
            return "{\"length\":" + all.length + ",\"base64\":\"" + Base64.getEncoder().encodeToString(part) + "\"}";
        }
        final String quoted = shown == 0 && all.length > 0 ? "" : escaped(part);
        return quoted + (shown == all.length ? "" : (quoted.isEmpty() ? "" : "... ") + "(" + all.length + " bytes)");
    }

    private void writeItem(final int depth) throws ProtocolException {
        itemsLeft--;
        switch (reader.peekMajor()) {
            case CborDescriptor.UNSIGNED -> text.append(Long.toUnsignedString(reader.readUint64()));
            case CborDescriptor.NEGATIVE -> text.append(reader.readInt64());
            case CborDescriptor.BYTES -> text.append(bytes(reader.readByteString().toByteArray()));
            case CborDescriptor.TEXT -> text.append(text(reader.readName()));
            case CborDescriptor.ARRAY -> writeArray(depth);
            case CborDescriptor.MAP -> writeMap(depth);
            default -> writeOther();
        }
    }

    private void writeArray(final int depth) throws ProtocolException {
        final long start = reader.position();
        final long count = reader.readArrayHead();
        checkDepth(depth, start);
        text.append('[');
        for (long i = 0; reader.hasNext(count, i); i++) {
            if (itemsLeft <= 0) {
                text.append(json ? "" : i == 0 ? "..." : ", ...");
                break;
            }
            text.append(i == 0 ? "" : separator());
            writeItem(depth + 1);
        }
        text.append(']');
    }

    private void writeMap(final int depth) throws ProtocolException {
        final long start = reader.position();
        final long count = reader.readMapHead();
        checkDepth(depth, start);
        text.append('{');
        for (long i = 0; reader.hasNext(count, i); i++) {
            if (itemsLeft <= 0) {
                text.append(json ? "" : i == 0 ? "..." : ", ...");
                break;
            }
            text.append(i == 0 ? "" : separator());
            writeKey();
            text.append(json ? ":" : ": ");
            writeItem(depth + 1);
        }
        text.append('}');
    }

    private String separator() {
        return json ? "," : ", ";
    }

    /** Keys of all messages are names; any other is written as its bytes. */
    private void writeKey() throws ProtocolException {
        if (reader.peekMajor() == CborDescriptor.TEXT) {
            final ByteString key = reader.readName();
            text.append(!json && isName(key) ? key.toString() : text(key));
        } else {
            text.append(JsonText.quoted(rawItem()));
        }
    }

    private static boolean isName(final ByteString key) {
        for (int i = 0; i < key.length(); i++) {
            final int character = key.byteAt(i);
            if (!(character >= 'a' && character <= 'z' || character >= 'A' && character <= 'Z' || character >= '0' && character <= '9'
                || character == '_')) {
                return false;
            }
        }
        return !key.isEmpty();
    }

    private String text(final ByteString string) {
        if (json) {
            return JsonText.quoted(string.toString());
        }
        if (!string.isUtf8() || string.length() > MAX_TEXT) {
            return bytes(string.toByteArray());
        }
        return JsonText.quoted(string.toString());
    }

    /** Simple values that messages have are words; tags, floats and the rest are shown as their bytes. */
    private void writeOther() throws ProtocolException {
        final int initial = memory.get(ValueLayout.JAVA_BYTE, reader.position()) & 0xFF;
        if (initial == CborDescriptor.TRUE || initial == CborDescriptor.FALSE) {
            text.append(reader.readBoolean());
        } else if (!reader.tryReadNull()) {
            final String raw = rawItem();
            text.append(json ? JsonText.quoted(raw) : raw);
        } else {
            text.append("null");
        }
    }

    private String rawItem() throws ProtocolException {
        final long start = reader.position();
        reader.skip();
        final ByteString raw = ByteString.copyOf(memory, start, (int) Math.min(reader.position() - start, MAX_TEXT));
        return "cbor'" + HexFormat.of().formatHex(raw.toByteArray()) + (raw.length() < reader.position() - start ? "..." : "") + "'";
    }

    private static void checkDepth(final int depth, final long offset) throws ProtocolException {
        if (depth == CborReader.MAX_DEPTH) {
            throw new ProtocolException(ProtocolException.Reason.TOO_DEEP, "", offset, "nested deeper than " + CborReader.MAX_DEPTH);
        }
    }

    /** Bytes in quotation marks; what is not printable ASCII as in C. */
    private static String escaped(final byte[] bytes) {
        final StringBuilder quoted = new StringBuilder("\"");
        for (final byte value : bytes) {
            switch (value) {
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '"', '\\' -> quoted.append('\\').append((char) value);
                default -> {
                    if (value >= ' ' && value < 0x7F) {
                        quoted.append((char) value);
                    } else {
                        quoted.append(String.format(Locale.ROOT, "\\x%02x", value & 0xFF));
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
