package dev.sluice.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Reads a command line that is nothing but well-formed options of one command, into the fields that declare them. For a program that is to
 * stay small: the parser of command lines is 5 MiB of a process that idles. Whatever is not plain, such as a request for help or a mistake,
 * is left to that parser, which knows what to say.
 *
 * <p>Known are options of the types String, boolean, Integer, Path and enum, those with a converter of their own, and those of parts
 * ({@code @Mixin}).
 */
final class PlainOptions {
    private static final String NO_DEFAULT = "_NULL_";
    private static final String UNSET = "__no_default_value__";

    /** An option, and the object that declares it: the command or a part of it. */
    private record Target(Object owner, Field field, Option option) {
    }

    private final Map<String, Target> targets = new HashMap<>();
    private final Set<Target> missing = new HashSet<>();

    private PlainOptions() {
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
            final PlainOptions options = new PlainOptions();
            return options.declare(command) && options.readAll(arguments) && options.missing.isEmpty();
        } catch (final Exception e) {
            // Of a converter: the parser calls it once more, and says what is wrong.
            return false;
        }
    }

    private boolean declare(final Object owner) throws Exception {
        for (final Field field : owner.getClass().getDeclaredFields()) {
            if (field.getAnnotations().length > 0 && !declare(owner, field)) {
                return false;
            }
        }
        return true;
    }

    private boolean declare(final Object owner, final Field field) throws Exception {
        field.setAccessible(true);
        if (field.isAnnotationPresent(Mixin.class)) {
            if (field.get(owner) == null) {
                final Constructor<?> constructor = field.getType().getDeclaredConstructor();
                constructor.setAccessible(true);
                field.set(owner, constructor.newInstance());
            }
            return declare(field.get(owner));
        }
        final Option option = field.getAnnotation(Option.class);
        if (option == null || option.arity().length() + option.split().length() > 0) {
            return false;
        }
        final Target target = new Target(owner, field, option);
        Arrays.stream(option.names()).forEach(name -> targets.put(name, target));
        if (option.required()) {
            missing.add(target);
        }
        final String value = option.defaultValue();
        return UNSET.equals(value) || NO_DEFAULT.equals(value) || set(target, value);
    }

    private boolean readAll(final String... arguments) throws Exception {
        final Set<Target> seen = new HashSet<>();
        for (int i = 0; i < arguments.length; i++) {
            final int separator = arguments[i].indexOf('=');
            final Target target = targets.get(separator < 0 ? arguments[i] : arguments[i].substring(0, separator));
            if (target == null || !seen.add(target)) {
                return false;
            }
            final String value;
            if (separator >= 0) {
                value = arguments[i].substring(separator + 1);
            } else if (target.field.getType() == boolean.class) {
                value = "true";
            } else if (i + 1 < arguments.length && !targets.containsKey(arguments[i + 1])) {
                i++;
                value = arguments[i];
            } else {
                return false;
            }
            if (!set(target, value)) {
                return false;
            }
            missing.remove(target);
        }
        return true;
    }

    private static boolean set(final Target target, final String value) throws Exception {
        final Field field = target.field;
        final Class<?> type = field.getType();
        if (target.option.converter().length > 0) {
            final Constructor<?> constructor = target.option.converter()[0].getDeclaredConstructor();
            constructor.setAccessible(true);
            field.set(target.owner, ((ITypeConverter<?>) constructor.newInstance()).convert(value));
        } else if (type == String.class) {
            field.set(target.owner, value);
        } else if (type == boolean.class && ("true".equals(value) || "false".equals(value))) {
            field.setBoolean(target.owner, Boolean.parseBoolean(value));
        } else if (type == Integer.class || type == int.class) {
            field.set(target.owner, Integer.valueOf(value));
        } else if (type == Path.class) {
            field.set(target.owner, Path.of(value));
        } else if (type.isEnum()) {
            field.set(target.owner, enumConstant(type, value));
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
