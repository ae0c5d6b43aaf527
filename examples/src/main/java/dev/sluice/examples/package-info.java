/** Small programs that use sandboxes, one file each. */
package dev.sluice.examples;
