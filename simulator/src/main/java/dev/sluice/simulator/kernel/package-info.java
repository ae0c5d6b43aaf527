/**
 * A kernel in memory behind {@link dev.sluice.ffi.Syscalls}: sockets, epoll, event counters and shared memory that behave as Linux has
 * them, with virtual time and seeded faults. Everything runs on one thread; whoever else lives in the simulated world runs inside the
 * calls.
 */
package dev.sluice.simulator.kernel;
