/** The ring's fuzz target: in the ring's own package, because rings that start at any position are not for everybody. */
package dev.sluice.ring;
