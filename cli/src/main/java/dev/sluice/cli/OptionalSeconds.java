package dev.sluice.cli;

import java.util.Stack;
import java.util.regex.Pattern;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Takes what follows an option for its number of seconds only if it is a number: so {@code --watch FILE} is no error. Needs a field of type
 * {@code String}, which is empty when no number was given.
 */
final class OptionalSeconds implements IParameterConsumer {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,3})?");

    @Override
    public void consumeParameters(final Stack<String> arguments, final ArgSpec option, final CommandSpec command) {
        final boolean given = !arguments.isEmpty() && NUMBER.matcher(arguments.peek()).matches();
        option.setValue(given ? arguments.pop() : "");
    }
}
