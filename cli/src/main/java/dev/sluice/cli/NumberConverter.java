package dev.sluice.cli;

import dev.sluice.relay.RelayLimit;
import java.util.OptionalLong;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a whole number that has a least value; the parser makes one of the classes below, which say which. */
class NumberConverter implements ITypeConverter<Long> {
    private final long least;

    NumberConverter(final long least) {
        this.least = least;
    }

    @Override
    public final Long convert(final String text) {
        final OptionalLong number = RelayLimit.Unit.COUNT.parse(text, Long.MAX_VALUE);
        if (number.isEmpty() || number.getAsLong() < least) {
            throw new TypeConversionException(RelayLimit.Unit.COUNT.refusal(text, least + " and up"));
        }
        return number.getAsLong();
    }

    /** A number that may be 0. */
    static final class FromZero extends NumberConverter {
        FromZero() {
            super(0);
        }
    }

    /** A number that counts from 1 on. */
    static final class FromOne extends NumberConverter {
        FromOne() {
            super(1);
        }
    }
}
