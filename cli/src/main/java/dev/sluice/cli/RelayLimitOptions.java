package dev.sluice.cli;

import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayLimit;
import picocli.CommandLine;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Gives a command an option for each of a relay's limits, as their table has them. */
final class RelayLimitOptions implements IModelTransformer {
    private static final String EXEC_LOG_PREFIX = "--exec-log-";

    @Override
    public CommandSpec transform(final CommandSpec spec) {
        for (final RelayLimit limit : RelayLimit.values()) {
            spec.addOption(OptionSpec.builder("--" + limit.option())
                .type(String.class)
                .paramLabel(limit.unit().name())
                .description(description(limit))
                .build());
        }
        return spec;
    }

    /** Hands over what the command line set. */
    static void apply(final CommandLine commandLine, final RelayContext context) {
        for (final RelayLimit limit : RelayLimit.values()) {
            final String text = commandLine.getParseResult().matchedOptionValue("--" + limit.option(), null);
            if (text != null) {
                try {
                    context.limit(limit, limit.parse(RawArguments.text(text)));
                } catch (final IllegalArgumentException e) {
                    throw new ParameterException(commandLine, "--" + e.getMessage(), e);
                }
            }
        }
    }

    /** Refuses options of the exec log where there is none. */
    static void checkWithoutExecLog(final CommandLine commandLine) {
        for (final RelayLimit limit : RelayLimit.values()) {
            final String option = "--" + limit.option();
            if (option.startsWith(EXEC_LOG_PREFIX) && commandLine.getParseResult().hasMatchedOption(option)) {
                throw new ParameterException(commandLine, option + " needs --exec-log");
            }
        }
    }

    private static String description(final RelayLimit limit) {
        final String text = limit.description();
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ". Default: " + limit.format(limit.defaultValue()) + ".";
    }
}
