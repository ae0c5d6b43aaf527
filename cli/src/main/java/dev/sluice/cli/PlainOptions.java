package dev.sluice.cli;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/**
 * Reads a command line that is nothing but well-formed options of one command, into the fields that declare them. For a program that is to
 * stay small: the parser of command lines is 5 MiB of a process that idles. Whatever is not plain, such as a request for help or a mistake,
 * is left to that parser, which knows what to say.
 *
 * <p>Known are options of the types String, boolean, Integer, Path and enum, and those with a converter of their own.
 */
final class PlainOptions {
    private static final String NO_DEFAULT = "_NULL_";
    private static final String UNSET = "__no_default_value__";

    private final Object command;
    private final Map<String, Field> fields = new HashMap<>();
    private final Set<Field> missing = new HashSet<>();

    private PlainOptions(final Object command) {
        this.command = command;
    }

    /**
     * Sets the fields of a command.
     *
     * @param command what declares options, new; of no use when this fails
     * @param arguments its command line
     * @return whether the whole command line was understood
     */
    static boolean read(final Object command, final String... arguments) {
        try {
            final PlainOptions options = new PlainOptions(command);
            return options.declare() && options.readAll(arguments) && options.missing.isEmpty();
        } catch (final Exception e) {
            // Of a converter: the parser calls it once more, and says what is wrong.
            return false;
        }
    }

    private boolean declare() throws Exception {
        for (final Field field : command.getClass().getDeclaredFields()) {
            if (field.getAnnotations().length == 0) {
                continue;
            }
            final Option option = field.getAnnotation(Option.class);
            if (option == null || option.arity().length() + option.split().length() > 0) {
                return false;
            }
            field.setAccessible(true);
            Arrays.stream(option.names()).forEach(name -> fields.put(name, field));
            if (option.required()) {
                missing.add(field);
            }
            final String value = option.defaultValue();
            if (!UNSET.equals(value) && !NO_DEFAULT.equals(value) && !set(field, option, value)) {
                return false;
            }
        }
        return true;
    }

    private boolean readAll(final String... arguments) throws Exception {
        final Set<Field> seen = new HashSet<>();
        for (int i = 0; i < arguments.length; i++) {
            final int separator = arguments[i].indexOf('=');
            final Field field = fields.get(separator < 0 ? arguments[i] : arguments[i].substring(0, separator));
            if (field == null || !seen.add(field)) {
                return false;
            }
            final String value;
            if (separator >= 0) {
                value = arguments[i].substring(separator + 1);
            } else if (field.getType() == boolean.class) {
                value = "true";
            } else if (i + 1 < arguments.length && !fields.containsKey(arguments[i + 1])) {
                i++;
                value = arguments[i];
            } else {
                return false;
            }
            if (!set(field, field.getAnnotation(Option.class), value)) {
                return false;
            }
            missing.remove(field);
        }
        return true;
    }

    private boolean set(final Field field, final Option option, final String value) throws Exception {
        final Class<?> type = field.getType();
        if (option.converter().length > 0) {
            final ITypeConverter<?> converter = option.converter()[0].getDeclaredConstructor().newInstance();
            field.set(command, converter.convert(value));
        } else if (type == String.class) {
            field.set(command, value);
        } else if (type == boolean.class && ("true".equals(value) || "false".equals(value))) {
            field.setBoolean(command, Boolean.parseBoolean(value));
        } else if (type == Integer.class || type == int.class) {
            field.set(command, Integer.valueOf(value));
        } else if (type == Path.class) {
            field.set(command, Path.of(value));
        } else if (type.isEnum()) {
            field.set(command, enumConstant(type, value));
        } else {
            return false;
        }
        return true;
    }

    private static Object enumConstant(final Class<?> type, final String name) {
        final String wanted = name.toUpperCase(Locale.ROOT);
        return Arrays.stream(type.getEnumConstants()).filter(constant -> constant.toString().toUpperCase(Locale.ROOT).equals(wanted))
            .findFirst().orElseThrow();
    }
}
