package dev.sluice.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the number of a user or group: 32 bits without a sign, of which the highest value stands for nobody. */
final class AccountIdConverter implements ITypeConverter<Integer> {
    private static final long HIGHEST = (1L << Integer.SIZE) - 2;

    @Override
    public Integer convert(final String text) {
        if (text.matches("[0-9]{1,10}") && Long.parseLong(text) <= HIGHEST) {
            return (int) Long.parseLong(text);
        }
        throw new TypeConversionException("'" + text + "' is no number of a user or group (allowed: 0 to " + HIGHEST + ")");
    }
}
