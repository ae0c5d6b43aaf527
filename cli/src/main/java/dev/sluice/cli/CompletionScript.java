package dev.sluice.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A shell function that completes command lines, made from the model that they are parsed by. Commands, options, values with a fixed choice
 * and names of files are completed; nothing behind the name of a program, which is the sandbox's.
 */
final class CompletionScript {
    /** Labels of values that name files. */
    private static final Pattern FILE_LABEL = Pattern.compile("\\b(PATH|FILE|DIR|SOCKET|SRC|DST)\\b");

    private static final String HEAD = """
        # Completion for sluice, printed by: sluice completion

        """;

    /** What zsh needs to understand the rest. */
    private static final String ZSH_HEAD = """
        autoload -U +X compinit && compinit
        autoload -U +X bashcompinit && bashcompinit

        """;

    /** Finds the command on the line, and how many of its parameters come before the word that is completed; "end": no more options. */
    private static final String BEGIN = """
        _sluice() {
            local current="${COMP_WORDS[COMP_CWORD]}" previous="" command="" commands="" options="" valued="" choices="" files=""
            local program="" state="" word="" skip="" parameters=0 index=1
            COMPREPLY=()
            if [ "$COMP_CWORD" -gt 0 ]; then
                previous="${COMP_WORDS[COMP_CWORD-1]}"
            fi
            # Where shells split at the sign, --option=value is three words.
            if [ "$current" = "=" ]; then
                current=""
            elif [ "$previous" = "=" ] && [ "$COMP_CWORD" -gt 1 ]; then
                previous="${COMP_WORDS[COMP_CWORD-2]}"
            fi
            _sluice_model
            while [ "$index" -lt "$COMP_CWORD" ]; do
                word="${COMP_WORDS[index]}"
                index=$((index + 1))
                if [ "$word" = "=" ]; then
                    skip=1
                elif [ -n "$skip" ]; then
                    skip=""
                elif [ "$state" = end ]; then
                    parameters=$((parameters + 1))
                elif [ "$word" = "--" ]; then
                    state=end
                else
                    case "$word" in
                    -*)
                        case " $valued " in
                        *" $word "*) [ "${COMP_WORDS[index]}" = "=" ] || skip=1 ;;
                        esac ;;
                    *)
                        if [ -z "$command" ]; then
                            command="$word"
                            _sluice_model
                        else
                            parameters=$((parameters + 1))
                            [ -z "$program" ] || state=end
                        fi ;;
                    esac
                fi
            done
            # What follows the name of a program is the sandbox's.
            if [ -n "$program" ] && { [ "$state" = end ] || [ "$parameters" -gt 0 ]; }; then
                compopt +o default 2> /dev/null
                return 0
            fi
            _sluice_value && return 0
            case "$current" in
            -*) [ "$state" = end ] || COMPREPLY=( $(compgen -W "$options" -- "$current") ) ;;
            *)
                if [ -z "$command" ]; then
                    COMPREPLY=( $(compgen -W "$commands" -- "$current") )
                elif [ -n "$choices" ]; then
                    COMPREPLY=( $(compgen -W "$choices" -- "$current") )
                elif [ -n "$files" ]; then
                    _sluice_files
                fi ;;
            esac
            return 0
        }

        _sluice_files() {
            local IFS='
        '
            compopt -o filenames 2> /dev/null
            COMPREPLY=( $(compgen -f -- "$current") )
        }

        """;

    private static final String END = """

        complete -F _sluice sluice ./sluice
        """;

    private CompletionScript() {
    }

    /** {@return the script for bash} */
    static String bash(final CommandSpec root) {
        return HEAD + BEGIN + model(root) + values(root) + END;
    }

    /** {@return the script for zsh, which understands bash's when told to} */
    static String zsh(final CommandSpec root) {
        return HEAD + ZSH_HEAD + BEGIN + model(root) + values(root) + END;
    }

    /** Sets what there is to complete for the command found so far. */
    private static String model(final CommandSpec root) {
        final StringBuilder script = new StringBuilder("_sluice_model() {\n    case \"$command\" in\n");
        appendModel(script, "\"\"", root);
        root.subcommands().forEach((name, command) -> appendModel(script, name, command.getCommandSpec()));
        return script.append("    *) options=\"\" valued=\"\" choices=\"\" files=\"\" program=\"\" ;;\n    esac\n}\n\n").toString();
    }

    private static void appendModel(final StringBuilder script, final String pattern, final CommandSpec command) {
        final List<OptionSpec> options = command.options().stream().filter(option -> !option.hidden()).toList();
        script.append("    ").append(pattern).append(")\n");
        append(script, "commands", String.join(" ", command.subcommands().keySet()));
        append(script, "options", names(options));
        append(script, "valued", names(options.stream().filter(option -> option.arity().min() > 0).toList()));
        final List<String> choices = new ArrayList<>();
        boolean files = false;
        boolean program = false;
        for (final PositionalParamSpec parameter : command.positionalParameters()) {
            choices.addAll(choices(parameter));
            files |= namesFiles(parameter);
            program |= command.parser().stopAtPositional() && parameter.paramLabel().startsWith("COMMAND");
        }
        append(script, "choices", String.join(" ", choices));
        append(script, "files", files ? "1" : "");
        append(script, "program", program ? "1" : "");
        script.append("        ;;\n");
    }

    private static void append(final StringBuilder script, final String variable, final String value) {
        script.append("        ").append(variable).append("=\"").append(value).append("\"\n");
    }

    /** Completes the value of the option before, if it has one. */
    private static String values(final CommandSpec root) {
        final StringBuilder script = new StringBuilder("_sluice_value() {\n    case \"$command $previous\" in\n");
        appendValues(script, "", root);
        root.subcommands().forEach((name, command) -> appendValues(script, name, command.getCommandSpec()));
        return script.append("    *) return 1 ;;\n    esac\n    return 0\n}\n").toString();
    }

    private static void appendValues(final StringBuilder script, final String name, final CommandSpec command) {
        for (final OptionSpec option : command.options()) {
            if (!option.hidden() && option.arity().min() > 0) {
                final String patterns = List.of(option.names()).stream().map(known -> "\"" + name + " " + known + "\"")
                    .collect(Collectors.joining("|"));
                final List<String> choices = choices(option);
                script.append("    ").append(patterns).append(") ").append(namesFiles(option) ? "_sluice_files"
                    : "COMPREPLY=( $(compgen -W \"" + String.join(" ", choices) + "\" -- \"$current\") )").append(" ;;\n");
            }
        }
    }

    private static String names(final List<OptionSpec> options) {
        return options.stream().flatMap(option -> List.of(option.names()).stream()).collect(Collectors.joining(" "));
    }

    private static List<String> choices(final ArgSpec argument) {
        final List<String> choices = new ArrayList<>();
        if (argument.completionCandidates() != null) {
            argument.completionCandidates().forEach(choices::add);
        }
        return choices;
    }

    private static boolean namesFiles(final ArgSpec argument) {
        return FILE_LABEL.matcher(argument.paramLabel()).find();
    }
}
