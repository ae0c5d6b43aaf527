package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A limit of a program's resource.
 *
 * @param name the resource, as setrlimit(2) has it without RLIMIT_, in lower case
 * @param soft what holds at first, unsigned
 * @param hard up to which the program may raise it, unsigned
 */
record ResourceLimit(String name, long soft, long hard) {
    /** Resources of Linux: all there are. */
    static final List<String> NAMES = List.of("as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile",
        "nproc", "rss", "rtprio", "rttime", "sigpending", "stack");
    private static final String UNLIMITED = "unlimited";

    /** Reads {@code NAME=SOFT[:HARD]}. */
    static final class Converter implements ITypeConverter<ResourceLimit> {
        @Override
        public ResourceLimit convert(final String text) {
            final int nameEnd = text.indexOf('=');
            final String name = text.substring(0, Math.max(nameEnd, 0)).toLowerCase(Locale.ROOT);
            if (!NAMES.contains(name)) {
                throw refusal(text, "a resource: " + String.join(", ", NAMES));
            }
            final String values = text.substring(nameEnd + 1);
            final int colon = values.indexOf(':');
            final long soft = number(text, colon < 0 ? values : values.substring(0, colon));
            final long hard = colon < 0 ? soft : number(text, values.substring(colon + 1));
            if (Long.compareUnsigned(soft, hard) > 0) {
                throw refusal(text, "a soft limit that is not above the hard one");
            }
            return new ResourceLimit(name, soft, hard);
        }

        private static long number(final String text, final String number) {
            try {
                return UNLIMITED.equals(number) || "-1".equals(number) ? ExecOptions.NO_LIMIT : Long.parseUnsignedLong(number);
            } catch (final NumberFormatException e) {
                throw refusal(text, "numbers, or " + UNLIMITED);
            }
        }

        private static TypeConversionException refusal(final String text, final String allowed) {
            return new TypeConversionException("'" + RawArguments.text(text) + "' (NAME=SOFT[:HARD], allowed: " + allowed + ")");
        }
    }
}
