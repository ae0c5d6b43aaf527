package dev.sluice.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The manual page of a command, in roff with the macros of man(7), made from the model that its arguments are parsed by. */
final class ManPage {
    private static final String SECTION = "1";
    /** More than any synopsis is long, in characters. */
    private static final int SYNOPSIS_WIDTH = 16 * 1024;

    private final CommandSpec command;
    private final StringBuilder roff = new StringBuilder();

    ManPage(final CommandSpec command) {
        this.command = command;
    }

    String text() {
        final String title = command.qualifiedName("-");
        macro("TH", title.toUpperCase(Locale.ROOT), SECTION, "", version(), "Sluice");
        // No hyphens and no padding: what is shown may be copied.
        roff.append(".nh\n.ad l\n");
        macro("SH", "NAME");
        line(title + " \\- " + escape(summary(command)));
        macro("SH", "SYNOPSIS");
        line(escape(synopsis()));
        macro("SH", "DESCRIPTION");
        paragraphs(command.usageMessage().description());
        paragraphs(command.usageMessage().footer());
        parameters();
        options();
        commands();
        exitCodes();
        seeAlso();
        return roff.toString();
    }

    private String version() {
        final String[] version = command.root().version();
        return version.length == 0 ? "" : version[0];
    }

    /** The first sentence of a command's description, as NAME wants it: without its period. */
    private static String summary(final CommandSpec of) {
        final String first = of.usageMessage().description().length == 0 ? of.name() : plain(of.usageMessage().description()[0]);
        final int end = first.indexOf(". ");
        final String sentence = end < 0 ? first : first.substring(0, end);
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    /** In one line: where help wraps its lines, it also does so within words, behind a colon. */
    private String synopsis() {
        final UsageMessageSpec usage = command.usageMessage();
        final int width = usage.width();
        try {
            usage.width(SYNOPSIS_WIDTH);
            return new Help(command, Help.defaultColorScheme(Help.Ansi.OFF)).synopsis(0).replaceAll("\\s+", " ").strip();
        } finally {
            usage.width(width);
        }
    }

    private void parameters() {
        final List<PositionalParamSpec> all = command.positionalParameters().stream().filter(parameter -> !parameter.hidden()).toList();
        if (!all.isEmpty()) {
            macro("SH", "PARAMETERS");
            all.forEach(parameter -> entry("\\fI" + escape(parameter.paramLabel()) + "\\fR", parameter.description()));
        }
    }

    private void options() {
        macro("SH", "OPTIONS");
        for (final OptionSpec option : command.options()) {
            if (!option.hidden()) {
                final List<String> names = new ArrayList<>();
                for (final String name : option.names()) {
                    names.add("\\fB" + escape(name) + "\\fR" + value(option, name));
                }
                entry(String.join(", ", names), option.description());
            }
        }
    }

    private static String value(final OptionSpec option, final String name) {
        if (option.arity().max() == 0) {
            return "";
        }
        final String value = (name.startsWith("--") ? "=" : " ") + "\\fI" + escape(option.paramLabel()) + "\\fR";
        return option.arity().min() == 0 ? "[" + value + "]" : value;
    }

    private void commands() {
        if (command.subcommands().isEmpty()) {
            return;
        }
        macro("SH", "COMMANDS");
        command.subcommands().forEach((name, known) ->
            entry("\\fB" + escape(name) + "\\fR", known.getCommandSpec().usageMessage().description()));
    }

    private void exitCodes() {
        final Map<String, String> codes = command.usageMessage().exitCodeList();
        if (!codes.isEmpty()) {
            macro("SH", "EXIT STATUS");
            codes.forEach((code, meaning) -> entry("\\fB" + escape(code.strip()) + "\\fR", meaning));
        }
    }

    private void seeAlso() {
        macro("SH", "SEE ALSO");
        final CommandLine parent = command.parent() == null ? null : command.parent().commandLine();
        final List<String> pages = new ArrayList<>();
        if (parent != null) {
            pages.add(reference(parent.getCommandSpec()));
        }
        command.subcommands().values().forEach(known -> pages.add(reference(known.getCommandSpec())));
        line(String.join(", ", pages));
    }

    private static String reference(final CommandSpec known) {
        return "\\fB" + escape(known.qualifiedName("-")) + "\\fR(" + SECTION + ")";
    }

    private void entry(final String term, final String... description) {
        macro("TP");
        line(term);
        for (final String part : description) {
            line(escape(plain(part).strip()));
        }
    }

    private void paragraphs(final String... texts) {
        for (final String text : texts) {
            for (final String paragraph : plain(text).split("\n")) {
                if (!paragraph.isBlank()) {
                    macro("PP");
                    line(escape(paragraph.strip()));
                }
            }
        }
    }

    /** A text of the model as its help shows it, with {@code %n} and {@code %%} resolved. */
    private static String plain(final String text) {
        return text.contains("%") ? String.format(text) : text;
    }

    private void macro(final String name, final String... arguments) {
        roff.append('.').append(name);
        Arrays.stream(arguments).forEach(argument -> roff.append(" \"").append(escape(argument).replace("\"", "\\(dq")).append('"'));
        roff.append('\n');
    }

    /** A line of text; one that begins like a macro is none. */
    private void line(final String text) {
        if (!text.isEmpty()) {
            roff.append(text.startsWith(".") || text.startsWith("'") ? "\\&" : "").append(text).append('\n');
        }
    }

    private static String escape(final String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
            .replace("`", "\\(ga");
    }
}
