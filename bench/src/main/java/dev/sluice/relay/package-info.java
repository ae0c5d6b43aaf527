/** Benchmarks of what the relay keeps to itself: in the relay's own package, to reach it. */
package dev.sluice.relay;
