package dev.sluice.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@link DetachKeys}. */
final class DetachKeysConverter implements ITypeConverter<DetachKeys> {
    @Override
    public DetachKeys convert(final String text) {
        try {
            return DetachKeys.parse(RawArguments.text(text));
        } catch (final IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
