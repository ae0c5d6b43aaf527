package dev.sluice.fuzz;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.CborDescriptor;
import dev.sluice.protocol.CborReader;
import dev.sluice.protocol.CborWriter;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Any CBOR item as objects, made and written by the codec under test. What the codec has no method for (tags, floats, simple values) is
 * kept as the bytes it stepped over.
 */
sealed interface CborTree {
    /** An integer: the argument of its head, and whether it is negative (-1 - argument). */
    record Int(boolean negative, long argument) implements CborTree {
    }

    /** A byte string, or a text string, whatever its bytes. */
    record Bytes(boolean text, ByteString value) implements CborTree {
    }

    /** An array. */
    record Array(List<CborTree> items) implements CborTree {
    }

    /** A map: keys and values in turn. */
    record Pairs(List<CborTree> keysAndValues) implements CborTree {
    }

    /** True or false. */
    record Bool(boolean value) implements CborTree {
    }

    /** Null. */
    record Null() implements CborTree {
    }

    /** Anything else, as it stands. */
    record Raw(ByteString item) implements CborTree {
    }

    /** Raised for what is nested deeper than the codec steps over. */
    final class TooDeepException extends Exception {
        private static final long serialVersionUID = 1L;

        TooDeepException() {
            super("nested deeper than " + CborReader.MAX_DEPTH, null, false, false);
        }
    }

    /** Reads the next item with the method for its type. */
    static CborTree read(final CborReader reader, final MemorySegment memory, final int depth) throws ProtocolException, TooDeepException {
        switch (reader.peekMajor()) {
            case CborDescriptor.UNSIGNED -> {
                return new Int(false, reader.readUint64());
            }
            case CborDescriptor.NEGATIVE -> {
                return readNegative(reader, memory);
            }
            case CborDescriptor.BYTES -> {
                return new Bytes(false, reader.readByteString());
            }
            case CborDescriptor.TEXT -> {
                reader.readText();
                return new Bytes(true, ByteString.copyOf(reader.sliceMemory(), reader.sliceOffset(), reader.sliceLength()));
            }
            case CborDescriptor.ARRAY -> {
                return new Array(readItems(reader, memory, reader.readArrayHead(), 1, depth));
            }
            case CborDescriptor.MAP -> {
                return new Pairs(readItems(reader, memory, reader.readMapHead(), 2, depth));
            }
            default -> {
                return readSimple(reader, memory);
            }
        }
    }

    private static List<CborTree> readItems(
        final CborReader reader, final MemorySegment memory, final long count, final int each, final int depth)
        throws ProtocolException, TooDeepException {
        if (depth == CborReader.MAX_DEPTH && count != 0) {
            throw new TooDeepException();
        }
        final List<CborTree> items = new ArrayList<>();
        while (reader.hasNext(count, items.size() / each)) {
            for (int i = 0; i < each; i++) {
                items.add(read(reader, memory, depth + 1));
            }
        }
        return items;
    }

    /** The reader has no method for negative numbers beyond 64 bits with sign, but steps over them. */
    private static CborTree readNegative(final CborReader reader, final MemorySegment memory) throws ProtocolException {
        final long start = reader.position();
        reader.skip();
        final long argument;
        final CborReader signed = new CborReader().wrap(memory, start, (int) (reader.position() - start));
        try {
            argument = ~signed.readInt64();
        } catch (final ProtocolException e) {
            return new Raw(ByteString.copyOf(memory, start, (int) (reader.position() - start)));
        }
        Promise.same(0, signed.remaining(), "bytes behind a negative number");
        return new Int(true, argument);
    }

    private static CborTree readSimple(final CborReader reader, final MemorySegment memory) throws ProtocolException {
        if (reader.tryReadNull()) {
            return new Null();
        }
        final int first = memory.get(ValueLayout.JAVA_BYTE, reader.position()) & 0xFF;
        if (first == CborDescriptor.TRUE || first == CborDescriptor.FALSE) {
            return new Bool(reader.readBoolean());
        }
        final long start = reader.position();
        reader.skip();
        return new Raw(ByteString.copyOf(memory, start, (int) (reader.position() - start)));
    }

    /** {@return whether the codec has methods to write the item with all that is in it} */
    static boolean isWritable(final CborTree item) {
        return switch (item) {
            case Bytes bytes -> !bytes.text() || bytes.value().isUtf8();
            case Array array -> array.items().stream().allMatch(CborTree::isWritable);
            case Pairs pairs -> pairs.keysAndValues().stream().allMatch(CborTree::isWritable);
            case Raw raw -> false;
            default -> true;
        };
    }

    /** Writes an item that {@link #isWritable}. */
    static void write(final CborWriter writer, final CborTree item) {
        switch (item) {
            case Int number -> {
                if (number.negative()) {
                    writer.writeSigned(~number.argument());
                } else {
                    writer.writeUnsigned(number.argument());
                }
            }
            case Bytes bytes -> {
                if (bytes.text()) {
                    writer.writeName(bytes.value());
                } else {
                    writer.writeBytes(bytes.value());
                }
            }
            case Array array -> {
                writer.writeArrayHead(array.items().size());
                array.items().forEach(child -> write(writer, child));
            }
            case Pairs pairs -> {
                writer.writeMapHead(pairs.keysAndValues().size() / 2);
                pairs.keysAndValues().forEach(child -> write(writer, child));
            }
            case Bool bool -> writer.writeBoolean(bool.value());
            case Null nothing -> writer.writeNull();
            case Raw raw -> throw new IllegalArgumentException("not writable: " + raw);
        }
    }
}
