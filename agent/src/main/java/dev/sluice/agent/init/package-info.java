/**
 * What a guest's first process has to do beside serving: making a machine of a kernel and a root file system, as
 * {@code core.bootstrap} says,
 * and ending it. One class a duty; {@code dev.sluice.agent.GuestBoot} has the order.
 */
package dev.sluice.agent.init;
