package dev.sluice.agent;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import java.lang.foreign.MemorySegment;

/**
 * What the parts of the loop share; all of it is touched by the loop's thread alone, {@code posix} and {@code guardian} apart.
 *
 * @param posix the calls
 * @param epoll what is watched
 * @param output what goes to the host
 * @param stdinMemory where input waits
 * @param counters of the agent
 * @param remains where killed programs end
 * @param guardian that ends the programs should the agent be killed, or null
 * @param scratch eight bytes of native memory for whoever needs them during a call
 * @param context the options
 */
record LoopResources(
    Posix posix, Epoll epoll, PortOutput output, StdinMemory stdinMemory, AgentCounters counters, Remains remains,
    Guardian guardian, MemorySegment scratch, AgentContext context) {
}
