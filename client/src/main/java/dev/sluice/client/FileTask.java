package dev.sluice.client;

import dev.sluice.protocol.ByteString;

/**
 * What is being done with which file, for messages.
 *
 * @param operation a word or two
 * @param path      the file
 */
record FileTask(String operation, ByteString path) {
    @Override
    public String toString() {
        return operation + " " + path;
    }
}
