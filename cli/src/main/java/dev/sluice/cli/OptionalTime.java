package dev.sluice.cli;

import java.util.Stack;
import java.util.regex.Pattern;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Takes what follows an option for its time only if it looks like one: so {@code --watch FILE} is no error. Needs a field of type
 * {@code String}, which is empty when no time was given, and may have one in it that {@link TimeConverter} does not understand.
 */
final class OptionalTime implements IParameterConsumer {
    private static final Pattern TIME = Pattern.compile("[0-9][0-9.]*[a-zA-Z]{0,2}");

    @Override
    public void consumeParameters(final Stack<String> arguments, final ArgSpec option, final CommandSpec command) {
        final boolean given = !arguments.isEmpty() && TIME.matcher(arguments.peek()).matches();
        option.setValue(given ? arguments.pop() : "");
    }
}
