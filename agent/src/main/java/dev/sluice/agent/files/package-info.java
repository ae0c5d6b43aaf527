/**
 * Files as the agent serves them, without anything of its loop: names are resolved, operations done and descriptors kept here, on whatever
 * platform thread calls. Everything may block for as long as a file system does.
 *
 * <p>Internal to the agent, and public only because packages cannot share otherwise: may change at any time.
 */
package dev.sluice.agent.files;
