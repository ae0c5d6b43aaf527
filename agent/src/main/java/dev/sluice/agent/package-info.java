/**
 * The guest agent: runs programs for the clients of a relay.
 *
 * <p>{@link dev.sluice.agent.Agent} is what programs embed. Inside, one loop thread owns everything: the port, the sessions, the children's
 * pipes and the timers. What a session does next is decided by state machines without clock or I/O; the edges around them read, write and
 * spawn. Only spawning, which blocks until the new program's exec, happens on other threads.
 */
package dev.sluice.agent;
