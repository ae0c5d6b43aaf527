/**
 * A deterministic simulation of whole relays: the shipped classes run unmodified on {@link dev.sluice.simulator.kernel.SimKernel}, among
 * clients and guests that come, go, stall, die and misbehave as one seed says, and everything that passes is checked byte by byte.
 *
 * <p>A run has two phases: in the first, faults are on and only safety is checked; in the second they are off, everybody behaves, and
 * everything has to settle within five simulated seconds. {@link dev.sluice.simulator.Main} runs seeds from the command line.
 */
package dev.sluice.simulator;
