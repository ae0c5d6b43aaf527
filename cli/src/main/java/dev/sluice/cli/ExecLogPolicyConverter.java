package dev.sluice.cli;

import dev.sluice.relay.ExecLogPolicy;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code gap} and {@code fail-closed}. */
final class ExecLogPolicyConverter implements ITypeConverter<ExecLogPolicy> {
    @Override
    public ExecLogPolicy convert(final String text) {
        for (final ExecLogPolicy policy : ExecLogPolicy.values()) {
            if (policy.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(text.toLowerCase(Locale.ROOT))) {
                return policy;
            }
        }
        throw new TypeConversionException("'" + text + "' is no policy (allowed: gap, fail-closed)");
    }
}
