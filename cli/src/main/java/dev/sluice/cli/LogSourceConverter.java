package dev.sluice.cli;

import dev.sluice.execlog.LogSource;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the sources of a log's lines as they are written there. */
final class LogSourceConverter implements ITypeConverter<LogSource> {
    @Override
    public LogSource convert(final String text) {
        final LogSource source = LogSource.ofText(text.toLowerCase(Locale.ROOT));
        if (source == null) {
            throw new TypeConversionException("'" + text + "' is no source (allowed: stdout, stderr, output, system)");
        }
        return source;
    }
}
