package dev.sluice.cli;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a moment: {@code 2026-05-03T12:00:00Z}, with any offset, or how long ago it was, such as {@code 5m}. */
final class MomentConverter implements ITypeConverter<Instant> {
    @Override
    public Instant convert(final String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (final DateTimeParseException notAbsolute) {
            try {
                return Instant.now().minus(new TimeConverter().convert(text));
            } catch (final TypeConversionException notRelative) {
                throw new TypeConversionException("'" + text + "' is no time: write 2026-05-03T12:00:00Z, or 5m for five minutes ago");
            }
        }
    }
}
