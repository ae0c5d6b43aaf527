package dev.sluice.cli;

import dev.sluice.relay.RelayLimit;
import java.time.Duration;
import java.util.OptionalLong;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time as every option takes it: {@code 250ms}, {@code 30s}, {@code 5m}, {@code 2h}; a plain number means seconds. */
final class TimeConverter implements ITypeConverter<Duration> {
    private static final Duration MOST = Duration.ofDays(365);

    @Override
    public Duration convert(final String text) {
        final OptionalLong nanos = RelayLimit.Unit.TIME.parse(text, MOST.toNanos());
        if (nanos.isEmpty()) {
            throw new TypeConversionException(RelayLimit.Unit.TIME.refusal(text, "0 to " + format(MOST)));
        }
        return Duration.ofNanos(nanos.getAsLong());
    }

    /** Writes a time as it is read here. */
    static String format(final Duration time) {
        return RelayLimit.Unit.TIME.format(time.toNanos());
    }
}
