/** For tests, of Sluice and of what is built on it: a double of the system calls that injects faults and counts. Nothing else uses it. */
package dev.sluice.ffi.fault;
