package dev.sluice.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.text.MessageFormat;
import java.util.Arrays;
import java.util.MissingResourceException;
import java.util.ResourceBundle;

/**
 * Where loggers end in a command: one line each on standard error, from a level on that the command chooses. What others log, the JDK among
 * them, is details that nobody asked for unless it is {@link Level#INFO} or more. Found by the JDK as a service.
 */
public final class CommandLog extends System.LoggerFinder {
    private static final String OWN = "dev.sluice.";

    private static volatile Level threshold = Level.WARNING;

    /** Creates the finder; the JDK does. */
    public CommandLog() {
    }

    /** Says from which level on messages are printed. */
    static void printFrom(final Level level) {
        threshold = level;
    }

    @Override
    public Logger getLogger(final String name, final Module module) {
        return new LineLogger(name);
    }

    private record LineLogger(String name) implements Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(final Level level) {
            return level != Level.OFF && level.getSeverity() >= threshold.getSeverity()
                && (name.startsWith(OWN) || level.getSeverity() >= Level.INFO.getSeverity());
        }

        @Override
        public void log(final Level level, final ResourceBundle bundle, final String message, final Throwable thrown) {
            print(level, translated(bundle, message) + (thrown == null ? "" : ": " + thrown));
        }

        @Override
        public void log(final Level level, final ResourceBundle bundle, final String format, final Object... parameters) {
            if (isLoggable(level)) {
                final String pattern = translated(bundle, format);
                print(level, parameters == null || parameters.length == 0 ? pattern : MessageFormat.format(pattern, plain(parameters)));
            }
        }

        /** Numbers as they are: the pattern's way would group their digits, which makes a process id or a count hard to use. */
        private static Object[] plain(final Object... parameters) {
            return Arrays.stream(parameters).map(parameter -> parameter instanceof Number ? parameter.toString() : parameter).toArray();
        }

        private void print(final Level level, final String message) {
            if (isLoggable(level)) {
                Diagnostics.log(message);
            }
        }

        private static String translated(final ResourceBundle bundle, final String key) {
            try {
                return bundle == null ? key : bundle.getString(key);
            } catch (final MissingResourceException e) {
                return key;
            }
        }
    }
}
