package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.util.List;

/**
 * A program to start.
 *
 * @param serial of the process that waits for it
 * @param command as requested: a path, or a name to look for
 * @param arguments without the program's own name
 * @param environment of the program
 * @param directory to start it in, or null for the agent's own
 */
record ExecOrder(long serial, ByteString command, List<ByteString> arguments, ChildEnvironment environment, ByteString directory) {
}
