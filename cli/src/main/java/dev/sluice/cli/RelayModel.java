package dev.sluice.cli;

import dev.sluice.relay.RelayOutcome;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;

/** Completes the relay command from the relay's own tables: an option for each limit, an exit code for each outcome. */
final class RelayModel implements IModelTransformer {
    @Override
    public CommandSpec transform(final CommandSpec spec) {
        final Map<String, String> exitCodes = new LinkedHashMap<>();
        for (final RelayOutcome outcome : RelayOutcome.values()) {
            exitCodes.put(String.format("%4d", outcome.exitCode()), outcome.description());
        }
        exitCodes.put(String.format("%4d", ExitCode.SLUICE_FAILED), "it failed, or was called wrongly");
        spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(exitCodes);
        return new RelayLimitOptions().transform(spec);
    }
}
