package dev.sluice.relay;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** The lines a relay logs while this is open. */
final class LogCapture implements AutoCloseable {
    private final Logger logger = Logger.getLogger(Relay.class.getName());
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(final LogRecord line) {
            lines.add(formatter.formatMessage(line));
        }

        @Override
        public void flush() {
            // Lines are kept as they come.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    };

    LogCapture() {
        logger.addHandler(handler);
    }

    /** {@return the lines so far that contain a text} */
    List<String> linesWith(final String text) {
        return lines.stream().filter(line -> line.contains(text)).toList();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
